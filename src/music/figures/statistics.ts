/** A list of numbers, typed or not. */
type Numbers = ArrayLike<number> & Iterable<number>;

/** The mean; NaN of none. */
export function mean(values: Numbers): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The standard deviation of the numbers themselves (not of what they are a sample of); NaN of none. */
export function deviation(values: Numbers): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - centre) ** 2)));
}

/** Pearson's correlation; NaN when either does not vary. */
export function correlation(a: Numbers, b: Numbers): number {
  const [centreA, centreB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += (a[i] - centreA) * (b[i] - centreB);
    ofA += (a[i] - centreA) ** 2;
    ofB += (b[i] - centreB) ** 2;
  }
  return both / Math.sqrt(ofA * ofB);
}

/** The entropy of the shares of some counts, in bits; NaN of none. */
export function entropy(counts: Numbers): number {
  const sum = counts.length * mean(counts);
  if (!(sum > 0)) return NaN;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / sum) * Math.log2(count / sum);
  return bits;
}

/** What is between each number and the next. */
export function differences(values: Numbers): number[] {
  return Array.from({ length: Math.max(0, values.length - 1) }, (_, i) => values[i + 1] - values[i]);
}

/** The share of the numbers for which something holds; NaN of none. */
export function shareOf(values: readonly number[], holds: (value: number) => boolean): number {
  return values.filter(holds).length / values.length;
}

/** Not Math.max(...values): a long piece would overflow the stack. -Infinity of none. */
export function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}

/** Infinity of none. */
export function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}
