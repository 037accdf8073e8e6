import { describe, expect, it } from 'vitest';
import { gpuWins, type GpuKnowledge } from '../../../src/nn/gpu/knowledge.ts';

const known: GpuKnowledge = {
  backend: 'gpu-webgpu',
  device: 'a GPU',
  frontier: [
    { batchSize: 32, hiddenSize: 512 },
    { batchSize: 128, hiddenSize: 256 },
  ],
};

describe('gpuWins', () => {
  it.each([
    [32, 512, true],
    [64, 511, false],
    [127, 256, false],
    [128, 256, true],
    [1000, 1000, true],
    [31, 4096, false],
    [4096, 255, false],
  ])('batches of %i, %i units: %s', (batchSize, hiddenSize, expected) => {
    expect(gpuWins(known, { batchSize, hiddenSize })).toBe(expected);
  });

  it('never where nothing was won', () => {
    expect(gpuWins({ ...known, frontier: [] }, { batchSize: 4096, hiddenSize: 4096 })).toBe(false);
  });
});
