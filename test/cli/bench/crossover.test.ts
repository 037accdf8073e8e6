import { describe, expect, it } from 'vitest';
import type { Mode } from '../../../bench/modes.ts';
import { chooseGpu, frontierInWords } from '../../../src/cli/bench/crossover.ts';

const ours: Mode = { backend: 'simd-plain', device: 'the processor', software: true };
const played: Mode = { backend: 'gpu-webgpu', device: 'SwiftShader', software: true };
const real: Mode = { backend: 'gpu-headlessgl', device: 'a GPU', software: false };
const missing: Mode = { backend: 'gpu-webgl2', device: '', software: false, missing: 'no browser' };

describe('chooseGpu', () => {
  it('takes the first real GPU, and no other mode unless it is named', () => {
    expect(chooseGpu('gpu', [ours, played, missing, real])).toBe(real);
    expect(chooseGpu('gpu-webgpu', [ours, played, missing, real])).toBe(played);
  });

  it('says in one line why there is none', () => {
    const line = 'No GPU to be used here (gpu-webgpu: SwiftShader is no GPU but a program; gpu-webgl2: no browser).';
    expect(chooseGpu('gpu', [ours, played, missing])).toBe(line);
    expect(chooseGpu('gpu-webgl2', [missing])).toBe('webgl2 does not run here: no browser.');
    expect(() => chooseGpu('simd-plain', [ours, real])).toThrow(/gpu or gpu-MODE/);
  });
});

describe('frontierInWords', () => {
  it('names the corners only', () => {
    const frontier = [
      { batchSize: 32, hiddenSize: 512 },
      { batchSize: 64, hiddenSize: 512 },
      { batchSize: 128, hiddenSize: 256 },
    ];
    expect(frontierInWords(frontier)).toBe(
      'The GPU wins from 512 units with batches of 32, from 256 units with batches of 128 on: --backend auto takes it there.',
    );
    expect(frontierInWords([])).toMatch(/^SIMD is faster up to 1024 units and batches of 256/);
  });
});
