/** The spread of some numbers. */
export interface Spread {
  count: number;
  min: number;
  /** The value that a twentieth of the numbers do not exceed. */
  p5: number;
  median: number;
  mean: number;
  p95: number;
  max: number;
}

/** The spread of some numbers, or undefined of none. */
export function spreadOf(values: ArrayLike<number>): Spread | undefined {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return undefined;
  return {
    count: sorted.length,
    min: sorted[0],
    p5: quantile(sorted, 0.05),
    median: quantile(sorted, 0.5),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p95: quantile(sorted, 0.95),
    max: sorted[sorted.length - 1],
  };
}

/**
 * The value below which a part of some numbers lies, interpolated (type 7 of Hyndman and Fan, 1996); NaN of none.
 * @param sorted in rising order
 * @param part from 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  const place = part * (sorted.length - 1);
  const below = Math.max(0, Math.floor(place));
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
