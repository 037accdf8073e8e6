import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { dequantise, quantise } from '../../src/study/byte-matrix.ts';

const numbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 6, maxLength: 600 });

describe('quantise', () => {
  it('gives back every number within half a step', () => {
    fc.assert(
      fc.property(numbers, (given) => {
        const columns = 3;
        const rows = Math.floor(given.length / columns);
        const values = given.slice(0, rows * columns);
        const matrix = quantise(values, rows, columns);
        const bound = ((matrix.high - matrix.low) / 508) * (1 + 1e-5) + 1e-4;
        dequantise(matrix).forEach((value, k) => {
          expect(Math.abs(value - values[k])).toBeLessThanOrEqual(bound);
        });
      }),
    );
  });

  it('gives each row its own step when rows have scales', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (given, factor) => {
        const columns = Math.floor(given.length / 2);
        const values = [...given.slice(0, columns), ...given.slice(0, columns).map((value) => value * factor)];
        const matrix = quantise(values, 2, columns, { byRow: true });
        dequantise(matrix).forEach((value, k) => {
          const bound = (matrix.rowScales![Math.floor(k / columns)] / 254) * (1 + 1e-4) + 1e-30;
          expect(Math.abs(value - values[k])).toBeLessThanOrEqual(bound);
        });
      }),
    );
  });

  it('keeps what is missing, and zero of a symmetric range exactly', () => {
    const back = dequantise(quantise([NaN, -2, 0, 1, Infinity, 0.5], 2, 3, { byRow: true }));
    expect([...back].map(Number.isNaN)).toEqual([true, false, false, false, true, false]);
    expect(back[2]).toBeCloseTo(0, 10);
  });

  it('moves what is beyond the range to its end', () => {
    expect([...dequantise(quantise([-3, 0.5, 7], 1, 3, { low: 0, high: 1 }))]).toEqual([0, 0.5, 1]);
  });

  it('writes a table of equal numbers, and an empty one', () => {
    expect([...dequantise(quantise([4, 4], 1, 2))]).toEqual([4, 4]);
    expect([...dequantise(quantise([-4, -4], 1, 2))]).toEqual([-4, -4]);
    expect([...dequantise(quantise([0, 0], 1, 2, { byRow: true }))]).toEqual([0, 0]);
    expect(dequantise(quantise([], 0, 3))).toHaveLength(0);
  });

  it('refuses bytes that do not fill the table', () => {
    expect(() => dequantise({ ...quantise([1, 2], 1, 2), rows: 2 })).toThrow(DataError);
  });

  it('takes a table of half a million numbers', () => {
    const values = Float32Array.from({ length: 500_000 }, (_, k) => k);
    expect(dequantise(quantise(values, 500, 1000)).at(-1)).toBe(499_999);
  });
});
