import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential } from '../../../src/music/memory/votes.ts';

describe('the exponential of votes', () => {
  it('is that of Math to 2^-50', () => {
    const places = fc.oneof(
      fc.double({ min: -700, max: 0, noNaN: true }),
      fc.double({ min: -1, max: 0, noNaN: true }),
      // Halfway between two places of the table, where the series is longest.
      fc.integer({ min: 0, max: 60_000 }).map((k) => (-(k + 0.5) * Math.LN2) / 64),
    );
    fc.assert(
      fc.property(places, (x) => {
        expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(2 ** -50);
      }),
    );
  });

  it('is 1 at 0, nothing of what has no vote, and hides no number that is none', () => {
    expect([exponential(0), exponential(-700.1), exponential(-Infinity)]).toEqual([1, 0, 0]);
    expect(exponential(NaN)).toBeNaN();
  });
});
