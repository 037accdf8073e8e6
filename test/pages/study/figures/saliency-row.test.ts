import fc from 'fast-check';
import { expect, test } from 'vitest';
import { saliencyOfLags, saliencyRow, strongestLags } from '../../../../src/pages/study/figures/saliency-row.ts';

const NONE = NaN;

test('a row ends where the song had not begun', () => {
  // Two inputs, three lags; row 1 has one note before it.
  const values = Float32Array.from([NONE, NONE, NONE, NONE, NONE, NONE, 1, -3, NONE, NONE, NONE, NONE]);
  expect(saliencyRow(values, 6, 2, 0)).toBeUndefined();
  const row = saliencyRow(values, 6, 2, 1)!;
  expect(row.lags).toBe(1);
  expect([...row.byLag]).toEqual([-2]);
  expect([...row.byInput]).toEqual([1, -3]);
  expect([...row.sizeByInput]).toEqual([1, 3]);
  expect([row.largestCell, row.largestLag]).toEqual([3, 2]);
});

test('lags and inputs sum to the same', () => {
  const tables = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), { minLength: 1 });
  fc.assert(
    fc.property(tables, (table) => {
      const row = saliencyOfLags(table)!;
      const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
      expect(sum(row.byLag)).toBe(sum(row.byInput));
      expect(row.lags).toBe(table.length);
    }),
  );
});

test('the strongest notes come first, whatever their sign, and none that did nothing', () => {
  const row = saliencyOfLags([[1], [-5], [0], [3]])!;
  expect(strongestLags(row, 9)).toEqual([1, 3, 0]);
  expect(strongestLags(row, 1)).toEqual([1]);
  expect(saliencyOfLags([])).toBeUndefined();
});
