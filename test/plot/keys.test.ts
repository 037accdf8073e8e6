import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyRange, keyRows, octaveRange, rowCount } from '../../src/plot/keys.ts';

const keys = fc.array(fc.integer({ min: 0, max: 127 }), { minLength: 1 });

test('a range holds all keys, with one more on both sides and as many rows as asked, where there are keys', () => {
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 40 }), (pitch, fewest) => {
      const range = keyRange(pitch, fewest);
      expect(range.low).toBeLessThanOrEqual(Math.max(0, Math.min(...pitch) - 1));
      expect(range.high).toBeGreaterThanOrEqual(Math.min(127, Math.max(...pitch) + 1));
      expect([range.low >= 0, range.high <= 127]).toEqual([true, true]);
      if (range.low > 0 && range.high < 127) expect(rowCount(range)).toBeGreaterThanOrEqual(fewest);
    }),
  );
  expect(keyRange([])).toEqual({ low: 60, high: 72 });
});

test('a range of octaves begins with a C', () => {
  fc.assert(
    fc.property(keys, (pitch) => {
      const { low, high } = octaveRange(pitch, 24);
      expect(low % 12).toBe(0);
      expect([low <= Math.min(...pitch), high >= Math.max(...pitch)]).toEqual([true, true]);
      expect(rowCount({ low, high })).toBeGreaterThanOrEqual(20);
    }),
  );
});

test('rows stand from the top down; black keys are shaded, Cs are named', () => {
  const rows = keyRows({ low: 59, high: 61 });
  expect(rows).toEqual([
    { pitch: 61, row: 0, isBlack: true },
    { pitch: 60, row: 1, isBlack: false, name: 'C4' },
    { pitch: 59, row: 2, isBlack: false },
  ]);
});
