import type { Random } from '../tensor/index.ts';
import { lowerBound } from '../lower-bound.ts';

/** Statistics are products in float32: what differs by less is equal. */
const ROUNDING = 1e-5;

/** How labels are moved against the activations: `order[k]` is the note whose label note k is given instead of its own. */
export type Permutation = Int32Array;

/**
 * The labels cut at random into pieces, these shuffled, and the whole moved round by a random shift (after the stationary
 * bootstrap of Politis and Romano, 1994). Within a piece neighbours stay neighbours; since the cuts are random, labels that
 * repeat (the place in a bar, the pitches of a figure) do not come to lie as they were, as they would after a shift by a
 * whole bar; and since all is moved round, hardly a note keeps its place.
 */
export function shuffledPieces(length: number, pieces: number, random: Random): Permutation {
  const cuts = Float64Array.from({ length: pieces - 1 }, () => Math.floor(random.uniform() * length)).sort();
  const order = random.shuffle(Uint32Array.from({ length: pieces }, (_, piece) => piece));
  const moved = new Int32Array(length);
  let at = Math.floor(random.uniform() * length);
  for (const piece of order) {
    const to = piece < cuts.length ? cuts[piece] : length;
    for (let from = piece > 0 ? cuts[piece - 1] : 0; from < to; from++) moved[at++ % length] = from;
  }
  return moved;
}

/**
 * The chance of each statistic, corrected for all of them together (the maximum statistic of Westfall and Young, 1993): the
 * part of the permutations, the song as it is counted among them, in which any statistic of any family was as large. Families
 * are put on one scale first, by mean and standard deviation of their largest statistic; so a p of 0.05 stands for one wrong
 * find in twenty tables, not in twenty numbers.
 *
 * @param observed for each family its statistics
 * @param largest for each family the largest of its statistics in each permutation
 * @returns p for each statistic of each family
 */
export function familyWiseP(observed: readonly ArrayLike<number>[], largest: readonly Float64Array[]): Float64Array[] {
  const permutations = largest[0]?.length ?? 0;
  const scales = largest.map((null_, family) => scaleOf(null_, observed[family]));
  const worst = Float64Array.from({ length: permutations }, (_, k) =>
    largest.reduce((most, null_, family) => Math.max(most, scales[family](null_[k])), -Infinity),
  ).sort();
  return observed.map((statistics, family) =>
    Float64Array.from({ length: statistics.length }, (_, k) => {
      const asLarge = permutations - lowerBound(worst, scales[family](statistics[k] - ROUNDING));
      return (1 + asLarge) / (1 + permutations);
    }),
  );
}

/** What a family's statistics are measured in: how far from what is usual for its largest one by chance. */
function scaleOf(largest: Float64Array, observed: ArrayLike<number>): (statistic: number) => number {
  const top = Array.from(observed).reduce((most, statistic) => Math.max(most, statistic), 0);
  // The song as it is counts as one of the permutations: without it the test would find too much.
  const n = largest.length + 1;
  const mean = (largest.reduce((sum, value) => sum + value, 0) + top) / n;
  const squares = largest.reduce((sum, value) => sum + (value - mean) ** 2, (top - mean) ** 2);
  const sd = Math.sqrt(squares / n);
  return (statistic) => (sd > 1e-12 ? (statistic - mean) / sd : 0);
}
