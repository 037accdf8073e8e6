/** Fewer means than this differ by chance alone. */
const LEAST_STRETCHES = 4;

/** 0 of nothing. */
export function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/**
 * The standard error of the mean of a series whose neighbours are alike (batch means): from the means of about as many stretches as
 * each has entries. Infinity for fewer than four stretches, of which nothing can be told.
 */
export function errorOfMean(series: readonly number[]): number {
  const length = Math.max(1, Math.floor(Math.sqrt(series.length)));
  const means = Array.from({ length: Math.floor(series.length / length) }, (_, k) =>
    meanOf(series.slice(k * length, (k + 1) * length)),
  );
  if (means.length < LEAST_STRETCHES) return Infinity;
  const mean = meanOf(means);
  const squares = means.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (means.length - 1) / means.length);
}
