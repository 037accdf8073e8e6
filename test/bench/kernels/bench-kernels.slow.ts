import { describe, expect, it, vi } from 'vitest';
import { benchKernels } from '../../../bench/kernels/bench-kernels.ts';
import { Contestant } from '../../../bench/kernels/contestant.ts';
import { ceilingFor } from '../../../bench/peak/peak.ts';
import { TINY } from '../../../bench/timing.ts';
import { UsageError } from '../../../src/errors.ts';

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
      const ceiling = ceilingFor(peak, backend);
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
    const open = Contestant.prototype.open;
    const sample = vi.spyOn(Contestant.prototype, 'sample');
    vi.spyOn(Contestant.prototype, 'open').mockImplementation(async function (this: Contestant, index) {
      const opened = await open.call(this, index);
      opened.outputs[0][1234] *= 1 + 1e-5;
      return opened;
    });
    try {
      await expect(benchKernels({ backend: 'simd', only: 'scale', effort: TINY, small: true })).rejects.toThrow(
        /scale 84354 on simd .* is wrong: its error is 1.0\de-5, .* times what its contract allows. It was not timed/,
      );
      expect(sample).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('says what went wrong in a thread', async () => {
    const contestant = new Contestant({ kind: 'judge' });
    try {
      await expect(contestant.open(0)).rejects.toThrow(/a judge does not compete/);
    } finally {
      await contestant.close();
    }
  });

  it('refuses a name that nothing has', async () => {
    await expect(benchKernels({ backend: 'auto', only: 'convolution', effort: TINY, small: true })).rejects.toThrow(
      UsageError,
    );
  });
});
