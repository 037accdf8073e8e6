import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundTicks } from '../../../src/pages/kit/round-ticks.ts';

const labels = (from: number, to: number, count: number, whole = false): string[] =>
  roundTicks(from, to, count, whole).map(({ label }) => label);

test('stand at round numbers, with the decimals that they need', () => {
  expect(labels(0, 10, 5)).toEqual(['0', '2', '4', '6', '8', '10']);
  expect(labels(0.1, 0.62, 5)).toEqual(['0.1', '0.2', '0.3', '0.4', '0.5', '0.6']);
  expect(labels(-1, 1, 4)).toEqual(['−1.0', '−0.5', '0.0', '0.5', '1.0']);
  expect(labels(1, 4, 12, true)).toEqual(['1', '2', '3', '4']);
  expect(labels(3, 3, 5)).toEqual([]);
});

test('lie inside, evenly, about as many as asked', () => {
  const from = fc.double({ min: -1e4, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(
      from,
      fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
      fc.integer({ min: 2, max: 20 }),
      (low, size, count) => {
        const ticks = roundTicks(low, low + size, count).map(({ value }) => value);
        expect(ticks.length).toBeGreaterThan(count / 2.5 - 1);
        expect(ticks.length).toBeLessThan(count * 2.5 + 2);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - size * 1e-6);
          expect(tick).toBeLessThanOrEqual(low + size * (1 + 1e-6));
        }
      },
    ),
  );
});
