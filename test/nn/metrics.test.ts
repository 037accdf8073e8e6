import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { accuracy, meanAbsoluteError, topAccuracy } from '../../src/nn/index.ts';

describe('metrics', () => {
  it('count what is right', () => {
    expect(accuracy(['a', 'b', 'c', 'a'], ['a', 'b', 'a', 'b'])).toBe(0.5);
    expect(meanAbsoluteError([1, 2, 3], Float64Array.of(2, 2, 1))).toBe(1);
    const rows = [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.6, 0.1, 0.3]]; // prettier-ignore
    expect([1, 2, 3].map((k) => topAccuracy([1, 1, 1], rows, k))).toEqual([0, 2 / 3, 1]);
  });

  it('top-k of a model that knows nothing is at most what chance gives, and of one that knows it is all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 12 }), (classes, k) => {
        const every = Array.from({ length: classes }, (_, c) => c);
        const flat = every.map(() => every.map(() => 1 / classes));
        const sure = every.map((c) => every.map((other) => (other === c ? 1 : 0)));
        expect(topAccuracy(every, sure, k)).toBe(1);
        // All classes tie: each is in the middle, so that all of them are among the first k or none is.
        expect(topAccuracy(every, flat, k)).toBe((classes - 1) / 2 < k ? 1 : 0);
      }),
    );
  });

  it('refuse what they cannot take the mean of', () => {
    expect(() => accuracy([1], [1, 2])).toThrow(/one prediction for each of 1 answers, got 2/);
    expect(() => meanAbsoluteError([], [])).toThrow(/nothing to take the mean of/);
    expect(() => topAccuracy([0], [[1]], 0)).toThrow(/whole number of at least 1, got 0/);
  });
});
