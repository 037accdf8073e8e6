import { lowerBound } from '../../lower-bound.ts';
import { DataError, UsageError } from '../../errors.ts';

/**
 * A partition of the seconds from 0 up into classes. Bin k holds the values x with edges[k - 1] <= x < edges[k]; the
 * first has no lower and the last no upper edge, so there is one centre more than edges.
 */
export interface BinTable {
  /** Seconds, ascending. */
  edges: number[];
  /** Seconds; what a bin decodes to: the median of the training values inside. */
  centres: number[];
}

/** More classes than this are no use to a network of this kind; a file that asks for more is broken. */
const MAX_BINS = 4096;
/** Steps below it are one chord to the ear. Notated chords have steps of exactly 0, performed ones of 0 to 30 ms. */
const CHORD_SECONDS = 0.005;
/** Beyond this quantile lie the pauses between movements: with them in the range, most bins would stand empty. */
const RANGE_QUANTILE = 0.999;
/** No bin narrower than 0.1 %: what is closer together is one rhythm and the rounding of tick times. */
const NARROWEST = 1.001;
/** The smallest time that a logarithm is taken of; MIDI files rarely resolve less. */
const FLOOR_SECONDS = 0.001;
/** Plenty for medians of at most a few thousand bins; sorting more only takes time. */
const MAX_SAMPLE = 1_000_000;

/**
 * At most `count` bins for steps or durations in seconds.
 *
 * Values below 5 ms share the first bin (when there are any). The others are divided at log-spaced places between the
 * smallest of them and the 99.9 % quantile. Each division then moves, by a quarter of a bin at most, into the widest
 * gap between values: a notated eighth that reads 0.25 here and 0.24999999999997 there is one rhythm and must not be
 * two classes. Bins that would be empty are merged with a neighbour. The centre is the (lower) median, a value that
 * occurs, so that notated rhythms decode exactly. Deterministic; the order of the values does not matter up to a
 * million of them, beyond that an evenly spaced sample stands for all.
 * @throws UsageError unless count is an integer from 2 to 4096.
 * @throws DataError when there are no values, or one is negative or not finite.
 */
export function fitBins(values: ArrayLike<number>, count: number): BinTable {
  if (!Number.isInteger(count) || count < 2 || count > MAX_BINS) {
    throw new UsageError(`bins: expected a whole number from 2 to ${MAX_BINS}, got ${count}.`);
  }
  if (values.length === 0) throw new DataError('bins: there are no notes to fit the bins on.');
  const sorted = sortedSample(values);
  const first = sorted[0];
  const last = sorted[sorted.length - 1];
  if (!(first >= 0) || !Number.isFinite(last)) {
    throw new DataError(`bins: expected finite seconds >= 0, got values from ${first} to ${last}.`);
  }
  const borders = divide(sorted, count);
  const edges: number[] = [];
  const centres: number[] = [];
  for (let k = 0; k + 1 < borders.length; k++) {
    if (k > 0) edges.push(edgeBetween(sorted[borders[k] - 1], sorted[borders[k]]));
    centres.push(sorted[(borders[k] + borders[k + 1] - 1) >> 1]);
  }
  return { edges, centres };
}

/** The class of `seconds`: how many edges are not above it (binary search). */
export function binOf(table: BinTable, seconds: number): number {
  const { edges } = table;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * A bin table from JSON that may come from anywhere; `name` is what messages call it.
 * @throws UsageError when the edges do not ascend, a centre lies outside its bin, or the lengths do not fit.
 */
export function parseBinTable(json: unknown, name: string): BinTable {
  if (typeof json !== 'object' || json === null) throw new UsageError(`${name}: expected { edges, centres }.`);
  const { edges, centres, ...rest } = json as Record<string, unknown>;
  for (const key of Object.keys(rest))
    throw new UsageError(`${name}: unknown key "${key}"; the keys are edges, centres.`);
  if (!isSecondsArray(edges) || !isSecondsArray(centres)) {
    throw new UsageError(`${name}: expected edges and centres as arrays of finite seconds >= 0.`);
  }
  if (centres.length !== edges.length + 1 || centres.length > MAX_BINS) {
    throw new UsageError(
      `${name}: expected one centre more than edges and at most ${MAX_BINS}, got ${edges.length} edges and ${centres.length} centres.`,
    );
  }
  const table = { edges: [...edges], centres: [...centres] };
  if (edges.some((edge, k) => k > 0 && edge <= edges[k - 1])) throw new UsageError(`${name}: the edges do not ascend.`);
  const stray = centres.findIndex((centre, k) => binOf(table, centre) !== k);
  if (stray >= 0) throw new UsageError(`${name}: centre ${stray} (${centres[stray]} s) lies outside its bin.`);
  return table;
}

/** Indices into `sorted` at which a bin begins, with 0 in front and the length behind; strictly ascending. */
function divide(sorted: Float64Array, count: number): number[] {
  const chord = lowerBound(sorted, CHORD_SECONDS);
  const borders = [0];
  const put = (index: number): void => {
    if (index > borders[borders.length - 1] && index < sorted.length) borders.push(index);
  };
  put(chord);
  if (chord < sorted.length) {
    const low = sorted[chord];
    const high = sorted[Math.min(sorted.length - 1, Math.floor(RANGE_QUANTILE * sorted.length))];
    const bins = Math.min(chord > 0 ? count - 1 : count, Math.floor(Math.log(high / low) / Math.log(NARROWEST)));
    const ratio = (high / low) ** (1 / bins);
    for (let k = 1; k < bins; k++) put(widestGap(sorted, low * ratio ** k, ratio ** 0.25));
  }
  borders.push(sorted.length);
  return borders;
}

/**
 * The index at which the values divide best near `place`: where value[i] / value[i - 1] is largest, among the gaps
 * that reach into [place / reach, place * reach]. `place / reach` must lie above the first value and not above the last.
 */
function widestGap(sorted: Float64Array, place: number, reach: number): number {
  const first = lowerBound(sorted, place / reach);
  const last = Math.min(sorted.length - 1, lowerBound(sorted, place * reach));
  let best = first;
  let widest = 0;
  for (let i = first; i <= last; i++) {
    const gap = sorted[i] / sorted[i - 1];
    if (gap > widest) {
      widest = gap;
      best = i;
    }
  }
  return best;
}

/** The middle of a gap on the logarithmic scale, so that unseen values go to the nearer side; below < result <= above. */
function edgeBetween(below: number, above: number): number {
  const middle = Math.sqrt(Math.max(below, FLOOR_SECONDS) * above);
  return middle > below && middle < above ? middle : above;
}

function sortedSample(values: ArrayLike<number>): Float64Array {
  const length = Math.min(values.length, MAX_SAMPLE);
  const stride = values.length / length;
  const sample = new Float64Array(length);
  for (let i = 0; i < length; i++) sample[i] = values[Math.floor(i * stride)];
  return sample.sort();
}

function isSecondsArray(value: unknown): value is number[] {
  return (
    Array.isArray(value) && value.every((entry) => typeof entry === 'number' && Number.isFinite(entry) && entry >= 0)
  );
}
