import { describe, expect, it, vi } from 'vitest';
import { benchKernels } from '../../../bench/kernels/bench-kernels.ts';
import { TINY } from '../../../bench/timing.ts';
import { UsageError } from '../../../src/errors.ts';
import { SimdKernels } from '../../../src/tensor/index.ts';

describe('benchKernels', () => {
  it('verifies and times one operation on all backends, and gpu.js beside them', async () => {
    const seen: string[] = [];
    const { rows, peak } = await benchKernels({
      backend: 'all',
      only: 'matmul 1x128x512',
      effort: TINY,
      small: true,
      onRow: ({ backend }) => seen.push(backend),
    });
    expect(seen).toEqual(rows.map(({ backend }) => backend));
    expect(seen).toEqual(expect.arrayContaining(['simd (plain)', 'reference', 'gpu.js (cpu)', 'gpu.js (webasm)']));
    for (const { operation, shape, medianMs, gflops, fractionOfPeak, backend, error, intensity } of rows) {
      expect([operation, shape]).toEqual(['matmul', '1x128x512']);
      expect(gflops).toBeCloseTo((2 * 128 * 512) / medianMs / 1e6, 8);
      const ceiling = backend.includes('relaxed') ? peak.fused! : peak.multiplyAdd;
      expect(fractionOfPeak).toBeCloseTo(gflops / ceiling, 8);
      expect(error).toBeLessThan(1e-6);
      expect(intensity).toBeLessThan(0.5);
    }
  });

  it('takes one backend alone when it is named', async () => {
    const { rows } = await benchKernels({ backend: 'reference', only: 'bias', effort: TINY, small: true });
    expect(rows.map(({ id }) => id)).toEqual(['bias 1600x512, reference', 'biasBackward 1600x512, reference']);
    expect(rows[0].gflops).toBe(0);
  });

  it('does not time an operation that is a little wrong', async () => {
    const scale = SimdKernels.prototype.scale;
    vi.spyOn(SimdKernels.prototype, 'scale').mockImplementation(function (this: SimdKernels, out, factor) {
      scale.call(this, out, factor * (1 + 1e-5));
    });
    try {
      await expect(benchKernels({ backend: 'simd', only: 'scale', effort: TINY, small: true })).rejects.toThrow(
        /scale 84354 on simd .* is wrong: its error is 1.0\de-5, .* times what its contract allows. It was not timed/,
      );
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('refuses a name that nothing has', async () => {
    await expect(benchKernels({ backend: 'auto', only: 'convolution', effort: TINY, small: true })).rejects.toThrow(
      UsageError,
    );
  });
});
