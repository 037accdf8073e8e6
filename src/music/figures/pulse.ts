import { mean } from './statistics.ts';

/** A place of the train of starts, in seconds. */
const PLACE = 0.02;
/** A start reaches two places to each side. */
const SMOOTHING = [0.25, 0.5, 1, 0.5, 0.25];
/** The lags at which a pulse is looked for, in places: those below the last. */
const FIRST_LAG = 8;
const LAST_LAG = 75;
/** Places of a window, and from window to window. */
const WINDOW = 300;
const HOP = 150;

/**
 * Starts along time, smoothed, less their mean: what is correlated with itself.
 * @param onsets in rising order
 * @param last the last start of any note
 */
export function onsetTrain(onsets: readonly number[], last: number): Float64Array {
  if (onsets.length === 0) return new Float64Array(0);
  const [first] = onsets;
  const counts = new Float64Array(Math.floor((last - first) / PLACE) + 2);
  for (const onset of onsets) counts[Math.floor((onset - first) / PLACE)]++;
  const smooth = counts.map((_, at) => SMOOTHING.reduce((sum, part, k) => sum + part * (counts[at + k - 2] ?? 0), 0));
  return centred(smooth);
}

/** The highest autocorrelation of a whole train; NaN when it is shorter than the longest lag. */
export function pulse(train: Float64Array): number {
  if (train.length <= LAST_LAG + 5) return NaN;
  return highestCorrelation(train, 1e-9);
}

/** The highest autocorrelation of each window in which anything starts. */
export function localPulse(train: Float64Array): number[] {
  const found: number[] = [];
  for (let from = 0; from < train.length - WINDOW; from += HOP) {
    const highest = highestCorrelation(centred(train.slice(from, from + WINDOW)), 0);
    if (!Number.isNaN(highest)) found.push(highest);
  }
  return found;
}

/** Of the lags, the highest sum of products, as a part of that at lag 0; NaN of a train that is flat. */
function highestCorrelation(train: Float64Array, floor: number): number {
  const all = product(train, 0);
  if (!(all > 0)) return NaN;
  let highest = -Infinity;
  for (let lag = FIRST_LAG; lag < LAST_LAG; lag++) highest = Math.max(highest, product(train, lag));
  return highest / (all + floor);
}

function product(train: Float64Array, lag: number): number {
  let sum = 0;
  for (let at = lag; at < train.length; at++) sum += train[at] * train[at - lag];
  return sum;
}

function centred(train: Float64Array): Float64Array {
  const middle = mean(train);
  return train.map((value) => value - middle);
}
