/**
 * The entropy of the classes in `targets`, in nats: the mean cross-entropy of always predicting their own frequencies,
 * which no predictor that ignores the context can beat.
 */
export function unigramBaseline(targets: readonly number[], classes: number): number {
  const counts = new Float64Array(classes);
  for (const target of targets) counts[target]++;
  let entropy = 0;
  for (const count of counts) {
    const p = count / targets.length;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return entropy;
}

/** The variance of `targets`: the mean squared error of always predicting their mean. */
export function scalarBaseline(targets: readonly number[]): number {
  let sum = 0;
  for (const target of targets) sum += target;
  const mean = sum / targets.length;
  // In a second pass: the difference of two large sums would leave rounding where the targets are all but equal.
  let squares = 0;
  for (const target of targets) squares += (target - mean) ** 2;
  return squares / targets.length;
}
