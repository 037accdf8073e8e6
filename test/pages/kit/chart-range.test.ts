import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chartRange, nearestPoint } from '../../../src/pages/kit/chart-range.ts';

test('a range holds all numbers, with some room, and is never empty', () => {
  const value = fc.oneof(fc.constant(null), fc.constant(NaN), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.array(value)), (lines) => {
      const [low, high] = chartRange(lines);
      expect(low).toBeLessThan(high);
      for (const one of lines.flat())
        if (one !== null && Number.isFinite(one)) expect(low < one && one < high).toBe(true);
    }),
  );
  expect(chartRange([[], [null, NaN]])).toEqual([0, 1]);
});

test('the nearest point of an axis', () => {
  const at = (place: number): number => nearestPoint([1, 2, 4, 8], place, (point) => 10 * point);
  expect([-5, 10, 14, 16, 29, 31, 61, 500].map(at)).toEqual([0, 0, 0, 1, 1, 2, 3, 3]);
  expect(nearestPoint([], 5, (point) => point)).toBe(-1);
  expect(nearestPoint([7], 5, (point) => point)).toBe(0);
});
