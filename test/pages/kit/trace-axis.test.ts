import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logAxis, traceAxis } from '../../../src/pages/kit/trace-axis.ts';

const textsOf = (curves: (ArrayLike<number> | undefined)[]): string[] =>
  traceAxis(curves).ticks.map(({ text }) => text);

test('gates and outputs go to 1 on both sides, whatever they reach', () => {
  expect(textsOf([[0.2, 0.9], [-0.4], undefined])).toEqual(['1', '0', '−1']);
  expect(textsOf([])).toEqual(['1', '0', '−1']);
});

test('a cell goes as far as it does, in round numbers, and its three labels stand apart', () => {
  expect(textsOf([[3, -17.2]])).toEqual(['20', '0', '−20']);
  expect(textsOf([[NaN, 41]])).toEqual(['50', '0', '−50']);
});

test('all values are within, and fill half of it at least', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }), (values) => {
      const { low, high, ticks } = traceAxis([values]);
      const most = Math.max(1, ...values.map(Math.abs));
      expect(high).toBeGreaterThanOrEqual(most);
      expect(high).toBeLessThanOrEqual(2 * most * (1 + 1e-9));
      expect([low, ticks.map(({ value }) => value)]).toEqual([-high, [high, 0, -high]]);
    }),
  );
});

test('an axis of powers of ten ends at the largest, and leaves out what is nothing beside it', () => {
  const axis = logAxis([
    [0, 1e-3, NaN],
    [10, 0.1],
  ])!;
  expect([axis.low, axis.high]).toEqual([1e-3, 10]);
  expect([10, 0.1, 1e-3, 0].map((value) => axis.part(value))).toEqual([1, 0.5, 0, 0]);
  expect(logAxis([[1e-30, 1]])!.low).toBe(1e-8);
  expect(logAxis([[5]])!.part(5)).toBe(1);
  expect(logAxis([[0, -1, NaN]])).toBeUndefined();
});
