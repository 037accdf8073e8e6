import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, equal, fraction, multiply, show, ZERO } from '../../../src/midi/notation/fraction.ts';

const fractions = fc
  .tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 999 }))
  .map(([n, d]) => fraction(n, d));
const value = ({ n, d }: { n: number; d: number }) => n / d;

describe('fractions', () => {
  it('are in lowest terms, so that equal ones look alike', () => {
    expect(fraction(6, 8)).toEqual({ n: 3, d: 4 });
    expect(fraction(0, 8)).toEqual(ZERO);
    expect([show(fraction(6, 8)), show(fraction(8, 4)), show(ZERO)]).toEqual(['3/4', '2', '0']);
  });

  it('add and multiply as numbers do', () => {
    fc.assert(
      fc.property(fractions, fractions, (a, b) => {
        expect(value(add(a, b))).toBeCloseTo(value(a) + value(b), 9);
        expect(value(multiply(a, b))).toBeCloseTo(value(a) * value(b), 9);
        expect(equal(add(a, b), add(b, a))).toBe(true);
      }),
    );
  });

  it('are exact where floating point is not', () => {
    const third = fraction(1, 3);
    expect(equal(add(add(third, third), third), fraction(1, 1))).toBe(true);
    expect(equal(fraction(1, 3), fraction(333, 1000))).toBe(false);
  });
});
