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
    const sideBySide = Array.from({ length: 5 }, () => ['reference', 'gpu-webasm']).flat();
    expect(rows.map(({ backend }) => backend)).toEqual(sideBySide);
    for (const { operation, medianMs, roundings, backend, gflops } of rows) {
      expect(medianMs).toBeGreaterThan(0);
      if (operation === 'clip and Adam') expect(gflops).toBe(0);
      else expect(gflops).toBeGreaterThan(0);
      if (backend === 'gpu-webasm') expect(roundings).toBeLessThan(40);
    }
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it('does not time a kernel that is wrong, nor those after it', async () => {
    const kernel = GpuDevice.prototype.kernel;
    // The product without its last term.
    GpuDevice.prototype.kernel = function (this: GpuDevice, source, output, constants) {
      const { HR } = constants;
      return kernel.call(this, source, output, HR === 1 ? { ...constants, HR: 0 } : constants);
    };
    try {
      const { rows, notes } = await benchGpuKernels({ modes: [{ ...here, backend: 'gpu-cpu' }], shape, effort: TINY });
      expect(rows.map(({ operation }) => operation)).toEqual(['one recurrent step']);
      expect(notes.join()).toMatch(/gpu-cpu: input projection 12x5x20 on gpu\.js cpu is wrong.*It was not timed/);
    } finally {
      GpuDevice.prototype.kernel = kernel;
    }
  });

  it('leaves out what would take too long, and says so', async () => {
    const modes = [{ ...here, backend: 'reference' }];
    const { rows, notes } = await benchGpuKernels({ modes, shape, effort: TINY, longestMs: 0 });
    expect(rows.map(({ operation }) => operation)).toEqual(['one recurrent step', 'clip and Adam']);
    expect(notes).toHaveLength(3);
    expect(notes[0]).toMatch(/reference: input projection 12x5x20 would take about \d+ s each time/);
  });

  it('knows what our own kernels have to do for the same', () => {
    expect(gpuKernelCases(shape).map(({ flops }) => flops)).toEqual([600, 2400, 4800, 2400, 0]);
  });
});
