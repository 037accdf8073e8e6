import { describe, expect, it, vi } from 'vitest';
import { benchGenerate } from '../../bench/generate.ts';
import { ceilingFor } from '../../bench/peak/peak.ts';
import { benchTrain, verifyEngine } from '../../bench/train.ts';
import { TINY } from '../../bench/timing.ts';
import { TooSlowError } from '../../bench/too-slow-error.ts';
import { VerificationError } from '../../bench/verification-error.ts';
import { REFERENCE, REFERENCE_LOSSES } from '../../bench/workload.ts';
import { SimdKernels } from '../../src/tensor/simd/kernels.ts';

const peak = { threads: 1, wide: 90, fused: 50, multiplyAdd: 40, scalar: 10 };

describe('benchTrain', () => {
  it('times steps of the reference workload and gives its losses', async () => {
    const row = await benchTrain({ backend: 'auto', threads: 1, shape: REFERENCE, steps: 4, effort: TINY, peak });
    expect(row).toMatchObject({ threads: 1, samples: 4, lossSteps: [1, 2, 5, 20], ...REFERENCE });
    expect(row.backend).toMatch(/^simd/);
    row.losses.forEach((loss, index) => {
      expect(Math.abs(loss - REFERENCE_LOSSES[index][1])).toBeLessThanOrEqual(2e-6);
    });
    expect(row.p10Ms).toBeLessThanOrEqual(row.medianMs);
    expect(row.gflops).toBeCloseTo(645.4 / row.medianMs, 0);
    const ceiling = ceilingFor(peak, row.backend);
    expect(row.fractionOfPeak).toBeCloseTo(row.gflops / ceiling, 10);
  });

  it('says how many threads ran, and names the shape', async () => {
    const shape = { batchSize: 4, seqLength: 3, hiddenSize: 8, layers: 2 };
    const row = await benchTrain({ backend: 'auto', threads: 2, shape, effort: TINY, peak });
    expect(row).toMatchObject({ threads: 2, lossSteps: [1, 2, 3] });
    expect(row.id).toMatch(/^training step, batch 4, T 3, H 8, 2 layers, simd .*, 2 threads$/);
  });

  it('refuses a shape whose steps would take longer than it may, and says how long', async () => {
    const shape = { ...REFERENCE, hiddenSize: 4096 };
    const slow = benchTrain({ backend: 'auto', threads: 1, shape, effort: TINY, longestStep: 0.001 });
    await expect(slow).rejects.toThrow(TooSlowError);
    await expect(slow).rejects.toThrow(/a step of this size would take about \d+ s/);
  });

  it('does not time kernels that are a little wrong', async () => {
    const adam = SimdKernels.prototype.adam;
    vi.spyOn(SimdKernels.prototype, 'adam').mockImplementation(function (this: SimdKernels, w, g, m, v, settings) {
      adam.call(this, w, g, m, v, { ...settings, learningRate: settings.learningRate * 1.001 });
    });
    try {
      await expect(verifyEngine({ backend: 'simd', threads: 1 })).rejects.toThrow(VerificationError);
      await expect(benchTrain({ backend: 'simd', threads: 1, shape: REFERENCE, effort: TINY, peak })).rejects.toThrow(
        /simd .* is wrong: at step 2 .* It was not timed/,
      );
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe('benchGenerate', () => {
  it('times the ways to a note', () => {
    const rows = benchGenerate({ backend: 'auto', shape: REFERENCE, effort: TINY, heapNotes: 200 });
    expect(rows.map(({ path }) => path)).toEqual(['stateful', 'window', 'with sampling']);
    for (const { microseconds, medianMs, heapBytesPerNote } of rows) {
      expect(microseconds).toBeCloseTo(medianMs * 1000, 10);
      expect(heapBytesPerNote).toBeGreaterThanOrEqual(0);
    }
  });

  it('does not time kernels that are a little wrong', () => {
    const { affine } = SimdKernels.prototype;
    vi.spyOn(SimdKernels.prototype, 'affine').mockImplementation(function (this: SimdKernels, out, row, a, b) {
      affine.call(this, out, row, a, b);
      out.data[0] += 1e-3;
    });
    try {
      expect(() => benchGenerate({ backend: 'simd', shape: REFERENCE, effort: TINY, heapNotes: 10 })).toThrow(
        VerificationError,
      );
    } finally {
      vi.restoreAllMocks();
    }
  });
});
