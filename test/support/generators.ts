import fc from 'fast-check';

/**
 * Numbers for tests from a generator of their own (mulberry32), so that a defect of `src/tensor/random.ts` cannot hide
 * behind the tests that would find it.
 *
 * @returns a function that gives a uniform number in [0, 1), a multiple of 2^-32, at each call
 */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` numbers, uniform in [-size, size). */
export function noise(count: number, random: () => number, size = 1): Float64Array {
  return Float64Array.from({ length: count }, () => size * (2 * random() - 1));
}

/**
 * A size of an axis: the smallest, those around the width of vectors and tiles, and anything between. Shrinks towards 1.
 */
export const dimension: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33),
  fc.integer({ min: 1, max: 40 }),
);

/** A size for what is compared with numeric differences, each number of which costs four runs. */
export const smallDimension: fc.Arbitrary<number> = fc.integer({ min: 1, max: 6 });

/** A seed for `mulberry32`. */
export const seed: fc.Arbitrary<number> = fc.nat();
