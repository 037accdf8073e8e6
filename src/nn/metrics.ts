import { UsageError } from '../errors.ts';

/** The share of predictions that are what they should have been, from 0 to 1; for classes by any name. */
export function accuracy<T>(actual: ArrayLike<T>, predicted: ArrayLike<T>): number {
  return meanOver(actual, predicted.length, (at) => (predicted[at] === actual[at] ? 1 : 0));
}

/**
 * The share of rows in which the class that it was is among the `k` most probable, from 0 to 1. Of classes that are equally probable
 * half of the places are counted as before it, so that a model that knows nothing is not flattered.
 *
 * @param actual class indices, one a row
 * @param probabilities a row of probabilities, or of logits, for each
 * @throws UsageError where `k` is not a whole number of at least 1
 */
export function topAccuracy(actual: ArrayLike<number>, probabilities: ArrayLike<ArrayLike<number>>, k: number): number {
  if (!(Number.isInteger(k) && k >= 1)) throw new UsageError(`topAccuracy: expected a whole number of at least 1, got ${k}.`); // prettier-ignore
  return meanOver(actual, probabilities.length, (at) => (placesBefore(probabilities[at], actual[at]) < k ? 1 : 0));
}

/** The mean of |actual - predicted|, in the units of both. */
export function meanAbsoluteError(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  return meanOver(actual, predicted.length, (at) => Math.abs(actual[at] - predicted[at]));
}

/** How many classes come before one: those that are more probable, and half of those that are as probable. */
function placesBefore(row: ArrayLike<number>, wanted: number): number {
  let places = 0;
  for (let k = 0; k < row.length; k++) {
    if (k === wanted) continue;
    if (row[k] > row[wanted]) places++;
    else if (row[k] === row[wanted]) places += 0.5;
  }
  return places;
}

function meanOver({ length }: ArrayLike<unknown>, others: number, of: (at: number) => number): number {
  if (length !== others) throw new UsageError(`metrics: expected one prediction for each of ${length} answers, got ${others}.`); // prettier-ignore
  if (length === 0) throw new UsageError('metrics: there is nothing to take the mean of.');
  let sum = 0;
  for (let at = 0; at < length; at++) sum += of(at);
  return sum / length;
}
