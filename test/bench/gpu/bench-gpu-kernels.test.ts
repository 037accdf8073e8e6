import { describe, expect, it } from 'vitest';
import { benchGpuKernels } from '../../../bench/gpu/bench-gpu-kernels.ts';
import { gpuKernelCases } from '../../../bench/gpu/kernel-cases.ts';
import { TINY } from '../../../bench/timing.ts';
import { GpuDevice } from '../../../src/nn/gpu/index.ts';

const shape = { batchSize: 3, seqLength: 4, hiddenSize: 5, layers: 1 };
const here = { device: 'the processor', software: true };

describe('benchGpuKernels', () => {
  it('times every kernel beside our own, after it was judged', async () => {
    const modes = [
      { ...here, backend: 'reference' },
      { ...here, backend: 'gpu-webasm' },
      { ...here, backend: 'gpu-webgl2', missing: 'no browser' },
    ];
    const { rows, notes } = await benchGpuKernels({ modes, shape, effort: TINY });
    expect(notes).toEqual([]);
    expect(rows.map(({ backend }) => backend)).toEqual([...Array(5).fill('reference'), ...Array(5).fill('gpu-webasm')]);
    for (const { operation, medianMs, roundings, backend, gflops } of rows) {
      expect(medianMs).toBeGreaterThan(0);
      if (operation === 'clip and Adam') expect(gflops).toBe(0);
      else expect(gflops).toBeGreaterThan(0);
      if (backend === 'gpu-webasm') expect(roundings).toBeLessThan(40);
    }
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it('does not time a kernel that is wrong', async () => {
    const kernel = GpuDevice.prototype.kernel;
    // The product without its last term.
    GpuDevice.prototype.kernel = function (this: GpuDevice, source, output, constants) {
      const { HR } = constants;
      return kernel.call(this, source, output, HR === 1 ? { ...constants, HR: 0 } : constants);
    };
    try {
      const { rows, notes } = await benchGpuKernels({ modes: [{ ...here, backend: 'gpu-cpu' }], shape, effort: TINY });
      expect(rows).toEqual([]);
      expect(notes.join()).toMatch(/gpu-cpu: input projection 12x5x20 on gpu\.js cpu is wrong.*It was not timed/);
    } finally {
      GpuDevice.prototype.kernel = kernel;
    }
  });

  it('knows what our own kernels have to do for the same', () => {
    expect(gpuKernelCases(shape).map(({ flops }) => flops)).toEqual([2400, 600, 4800, 2400, 0]);
  });
});
