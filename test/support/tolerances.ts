import { expect } from 'vitest';

import type { Precision } from '../../src/tensor/index.ts';

/**
 * The unit in which bounds on rounding are given: half an ulp of 1 for float32. In float64 the judge rounds as much as the
 * judged, so that the unit is twice the half ulp there.
 */
export function roundoff(precision: Precision): number {
  return precision === 'float32' ? 2 ** -24 : 2 ** -52;
}

/** The smallest normal number: below it precision fades. */
export function smallestNormal(precision: Precision): number {
  return precision === 'float32' ? 2 ** -126 : 2 ** -1022;
}

/** What counts as nothing: exponentials that are cut off where numbers fade may leave up to four of the smallest. */
export function negligible(precision: Precision): number {
  return 4 * smallestNormal(precision);
}

/** The distance between the numbers of `precision` around `value`. */
export function ulp(value: number, precision: Precision): number {
  const digits = precision === 'float32' ? 23 : 52;
  const magnitude = Math.max(Math.abs(value), smallestNormal(precision));
  return 2 ** (Math.floor(Math.log2(magnitude)) - digits);
}

/**
 * Expects every `actual[j]` within `bound(j)` of `expected[j]`. Written so that NaN is never within a bound. The message
 * shows the worst place, which says more than the first.
 */
export function expectWithin(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: (index: number) => number,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  let worst = { at: -1, excess: 1 };
  for (let at = 0; at < actual.length; at++) {
    const difference = Math.abs(actual[at] - expected[at]);
    if (difference === 0) continue;
    const excess = difference / bound(at);
    if (!(excess <= worst.excess)) worst = { at, excess: Number.isNaN(excess) ? Infinity : excess };
  }
  const { at, excess } = worst;
  if (at >= 0) {
    expect.fail(
      `${what}[${at}]: expected ${expected[at]} ± ${bound(at)}, got ${actual[at]} (${excess} times the bound)`,
    );
  }
}

/** Expects the same numbers; 0 and -0 are the same. Much faster than toEqual on long arrays. */
export function expectSame(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expectWithin(what, actual, expected, () => 0);
}

/** The largest magnitude in `values`; 0 for none. */
export function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/** The largest difference as a part of the largest expected value: how arrays of gradients are compared. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number> & Iterable<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let error = 0;
  for (let at = 0; at < actual.length; at++) {
    const difference = Math.abs(actual[at] - expected[at]);
    // NaN compares with nothing; it must count as the worst.
    if (!(difference <= error)) error = Number.isNaN(difference) ? Infinity : difference;
  }
  const scale = largest(expected);
  return error === 0 ? 0 : error / scale;
}
