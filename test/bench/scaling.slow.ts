import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slope } from '../../bench/memory.ts';
import { benchScaling, fitExponent } from '../../bench/scaling.ts';
import { TINY } from '../../bench/timing.ts';

describe('fitExponent', () => {
  it('finds the power of a power law', () => {
    const powers = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(powers, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (power, factor) => {
        const points = [1, 2, 4, 7, 100].map((x) => [x, factor * x ** power] as const);
        expect(fitExponent(points)).toBeCloseTo(power, 8);
      }),
    );
  });

  it('has nothing to say of one point', () => {
    expect(fitExponent([[2, 3]])).toBeNaN();
  });
});

describe('slope', () => {
  it('finds the slope of a line, and none where there are no two points', () => {
    expect(slope([[0, 1], [1, 3], [2, 5]])).toBeCloseTo(2, 12); // prettier-ignore
    expect(slope([[5, 5]])).toBe(0);
  });
});

describe('benchScaling', () => {
  it('measures a step at several sizes of each axis, and fits a power to each', async () => {
    const { rows, fits } = await benchScaling({ backend: 'auto', effort: TINY, small: true });
    expect(fits.map(({ axis }) => axis)).toEqual(['hiddenSize', 'seqLength', 'batchSize', 'threads']);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    for (const { axis, memoryExponent } of fits) {
      const bytes = rows.filter((row) => row.axis === axis).map((row) => row.bytes);
      expect(bytes, axis).toEqual(bytes.toSorted((a, b) => a - b));
      if (bytes.length > 1) expect(memoryExponent, axis).toBeGreaterThan(0);
    }
  });
});
