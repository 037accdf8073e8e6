import fc from 'fast-check';

import { dimension } from './generators.ts';

/**
 * Where the kernels in `src/tensor/simd/assembly` change their ways: rows of tiles (1 to 6), vectors of 4 numbers and pairs of 8, rows of a
 * shallow product's block (12), columns of a panel and rows of a transposed one (16), rows of a block (132, wide 264; 128 is the power of two
 * beside it), depth of a block (256), its columns (512).
 */
const BORDERS = [1, 2, 3, 4, 5, 6, 8, 12, 16, 128, 132, 256];

/** All sizes from 1 to `most` at a border, beside one, or at or beside the sum of two, the smallest first. */
export function borderSizes(most: number): number[] {
  const sums = BORDERS.flatMap((border) => [border, ...BORDERS.map((other) => border + other)]);
  const sizes = new Set(sums.flatMap((sum) => [sum - 1, sum, sum + 1]).filter((size) => size >= 1 && size <= most));
  return [...sizes].sort((a, b) => a - b);
}

/**
 * Sizes that have been wrong, or would be first: a block of rows and one or two more (a strip of the weight gradient once reached from
 * one block into the next), whole blocks, two of them, and the depth and the columns of a block.
 */
export const NOTORIOUS = [127, 129, 131, 132, 133, 134, 138, 139, 140, 255, 257, 258, 264, 265, 266, 511, 513, 529];

/** The longest axis of what is judged in plain loops. */
const LONGEST = 400;

/**
 * Sizes of `count` axes, one of which is long and ends around a border: what is judged must be small. Shrinks towards 1.
 * @param longest of the long axis
 */
export function sizes(count: number, longest = LONGEST): fc.Arbitrary<number[]> {
  const long = fc.constantFrom(...borderSizes(longest));
  return fc.oneof(
    ...Array.from({ length: count }, (_, which) =>
      fc.tuple(...Array.from({ length: count }, (_, axis) => (axis === which ? long : dimension))),
    ),
  );
}

/** One size, for what looks at numbers and not at axes. */
export const anySize: fc.Arbitrary<number> = sizes(1).map(([size]) => size);

/** Calls `check` with every notorious size for every one of `count` axes, the others as they are in `beside`. */
export function atNotoriousSizes(beside: readonly number[], check: (...sizes: number[]) => void): void {
  for (const size of NOTORIOUS) {
    for (let axis = 0; axis < beside.length; axis++) check(...beside.with(axis, size));
  }
}
