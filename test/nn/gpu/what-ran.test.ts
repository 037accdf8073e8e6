import { describe, expect, it } from 'vitest';

import { describeRun, refuseFallback } from '../../../src/nn/gpu/what-ran.ts';
import type { GpuDevice } from '../../../src/tensor/gpu/device.ts';
import { GpuFallbackError } from '../../../src/tensor/gpu/errors.ts';

const on = (mode: string, adapter?: string): GpuDevice => ({ mode, adapter }) as unknown as GpuDevice;
const ran = (mode: string | null, executor: string, fallbackReason: string | null = null) => ({
  mode,
  executor,
  fallbackReason,
});

describe('what ran', () => {
  it.each([
    [on('webgpu', 'NVIDIA H100'), ran('webgpu', 'fused-encoder'), 8, 'gpu.js webgpu, NVIDIA H100, fused plan of 8 steps'],
    [on('webasm'), ran('webasm', 'fused-threaded'), 1, 'gpu.js webasm, fused plan of 1 step'],
    [on('webasm'), ran('webasm', 'fused-sync'), 2, 'gpu.js webasm, fused plan of 2 steps'],
    [on('webgl2', 'ANGLE'), ran('gpu', 'generic', 'not webasm'), 8, 'gpu.js webgl2, ANGLE, plan of 8 steps'],
    [on('cpu'), ran('cpu', 'generic', 'not webasm'), 1, 'gpu.js cpu, plan of 1 step'],
    [on('webasm'), ran('cpu', 'generic', 'no memory'), 1, 'gpu.js cpu instead of webasm, unfused plan of 1 step (no memory)'],
    [on('webgpu', 'X'), ran('webgpu', 'generic', 'too big'), 8, 'gpu.js webgpu, X, unfused plan of 8 steps (too big)'],
  ])('is said with every fallback: %#', (device, what, steps, words) => {
    expect(describeRun(device, what, steps)).toBe(words);
  }); // prettier-ignore

  it('is refused with --backend gpu when it is not what was asked for, and only then', () => {
    refuseFallback(on('webgpu'), ran('webgpu', 'fused-encoder'));
    refuseFallback(on('webgl2'), ran('gpu', 'generic', 'not webasm'));
    const refused = [
      [ran('cpu', 'generic', 'no device'), /^--backend gpu: gpu.js ran cpu instead of webgpu: no device. Use --backend gpu-webgpu/],
      [ran('webgpu', 'generic', 'too big'), /could not run the plan as a whole: too big/],
      [ran(null, 'generic'), /it gives no reason/],
    ] as const; // prettier-ignore
    for (const [what, message] of refused) {
      expect(() => {
        refuseFallback(on('webgpu'), what);
      }).toThrow(GpuFallbackError);
      expect(() => {
        refuseFallback(on('webgpu'), what);
      }).toThrow(message);
    }
  });
});
