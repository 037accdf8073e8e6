import type { Random } from '../../tensor/index.ts';

/** Statistics are products in float32: what differs by less is equal. */
const ROUNDING = 1e-5;

/** How labels are moved against the activations: `order[k]` is the note whose label note k is given instead of its own. */
export type Permutation = Int32Array;

/**
 * The labels of a song moved by `shift` notes, the end going round to the beginning. Neighbours stay neighbours, so that a
 * slow unit and a slow label are as slow as before: only how they lie to each other changes.
 */
export function circularShift(length: number, shift: number): Permutation {
  return Int32Array.from({ length }, (_, k) => (k + shift) % length);
}

/**
 * The labels cut into pieces of random length and these shuffled (after the stationary bootstrap of Politis and Romano,
 * 1994): for labels that repeat, such as the place in a bar, which a shift by whole bars would leave as they are.
 *
 * @param meanLength of a piece, in notes
 */
export function shuffledPieces(length: number, meanLength: number, random: Random): Permutation {
  const pieces: [from: number, to: number][] = [];
  for (let from = 0; from < length;) {
    const size = 1 + Math.floor(-Math.log(1 - random.uniform()) * meanLength);
    pieces.push([from, Math.min(length, from + size)]);
    from += size;
  }
  random.shuffle(pieces);
  const order = new Int32Array(length);
  let at = 0;
  for (const [from, to] of pieces) for (let k = from; k < to; k++) order[at++] = k;
  return order;
}

/** Different shifts, none of them 0; all there are when there are not more than `most`. */
export function chooseShifts(length: number, most: number, random: Random): number[] {
  const all = Uint32Array.from({ length: Math.max(0, length - 1) }, (_, k) => k + 1);
  if (all.length > most) random.shuffle(all);
  return Array.from(all.subarray(0, most));
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

/** The first place in a rising array whose value is at least `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
