import { expect, it } from 'vitest';
import { decimals, digits, gainPercent, percent, trueMinus } from '../../src/text/numbers.ts';

it('a minus is one sign, wherever it stands, and hyphens stay', () => {
  expect(trueMinus('from -0.5 to -.25, 1.5e-7')).toBe('from −0.5 to −.25, 1.5e−7');
  expect(trueMinus('2026-11-29, 128-bit, F-1, notes 24-31')).toBe('2026-11-29, 128-bit, F-1, notes 24-31');
  expect([-1234.5, -0.0123, 1e-9].map(digits)).toEqual(['−1,234', '−0.0123', '1.0e−9']);
});

it('decimals have a true minus, and nothing has none', () => {
  expect([0.0246, -1.3, -0.0001, null, NaN].map((value) => decimals(value))).toEqual([
    '0.025',
    '−1.300',
    '0.000',
    '–',
    '–',
  ]);
  expect(decimals(undefined, 2, '')).toBe('');
});

it('parts in a hundred have as many digits below nothing as above', () => {
  expect([0, 0.0001, 0.0123, 0.5, 1, 5.36].map(percent)).toEqual(['0 %', '<0.1 %', '1.2 %', '50 %', '100 %', '536 %']);
  expect([-0.0123, -0.5, -5.36].map(percent)).toEqual(['−1.2 %', '−50 %', '−536 %']);
});

it('a gain has a sign, and needs a baseline', () => {
  expect([gainPercent(0.5, 2), gainPercent(0.2735, 0.043), gainPercent(1, 1)]).toEqual(['+75 %', '−536 %', '0 %']);
  expect([gainPercent(1, 0), gainPercent(1, null), gainPercent(Infinity, 1)]).toEqual(['–', '–', '–']);
});
