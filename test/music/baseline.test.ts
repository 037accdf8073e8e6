import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scalarBaseline, unigramBaseline } from '../../src/music/baseline.ts';

describe('the baseline of classes', () => {
  it('is their entropy in nats', () => {
    expect(unigramBaseline([0, 1, 2, 3], 4)).toBeCloseTo(Math.log(4), 12);
    expect(unigramBaseline([5, 5, 5], 128)).toBe(0);
    // Three quarters of one class, a quarter of another.
    expect(unigramBaseline([1, 1, 1, 7], 8)).toBeCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), 12);
  });

  it('is the cross-entropy of their frequencies, and no other distribution does better', () => {
    const cases = fc.record({
      targets: fc.array(fc.nat(5), { minLength: 1, maxLength: 40 }),
      weights: fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
    });
    fc.assert(
      fc.property(cases, ({ targets, weights }) => {
        const crossEntropy = (p: number[]) => targets.reduce((sum, k) => sum - Math.log(p[k]), 0) / targets.length;
        const frequencies = weights.map((_, k) => targets.filter((target) => target === k).length / targets.length);
        const baseline = unigramBaseline(targets, 6);
        expect(baseline).toBeCloseTo(crossEntropy(frequencies), 10);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        expect(crossEntropy(weights.map((weight) => weight / total))).toBeGreaterThanOrEqual(baseline - 1e-12);
      }),
    );
  });
});

describe('the baseline of numbers', () => {
  it('is their variance', () => {
    expect(scalarBaseline([1, 2, 3, 4])).toBe(1.25);
    expect(scalarBaseline([0, 1])).toBe(0.25);
  });

  it('is never below 0, and all but 0 when all are the same', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), fc.integer({ min: 1, max: 50 }), (value, count) => {
        const variance = scalarBaseline(Array.from({ length: count }, () => value));
        expect(variance).toBeGreaterThanOrEqual(0);
        expect(variance).toBeLessThanOrEqual(1e-24 * (1 + value * value));
      }),
    );
  });
});
