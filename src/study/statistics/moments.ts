/** Least, largest, mean and standard deviation (of the whole, not of a sample) of some numbers. */
export interface Moments {
  min: number;
  max: number;
  mean: number;
  sd: number;
}

/** The moments of some numbers; all zero of none. */
export function momentsOf(values: ArrayLike<number>): Moments {
  const n = values.length;
  if (n === 0) return { min: 0, max: 0, mean: 0, sd: 0 };
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (let k = 0; k < n; k++) {
    const value = values[k];
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const mean = sum / n;
  let squares = 0;
  for (let k = 0; k < n; k++) squares += (values[k] - mean) ** 2;
  return { min, max, mean, sd: Math.sqrt(squares / n) };
}

/** Below this a series counts as constant: rounding of float32 is not a signal. */
const CONSTANT = 1e-6;

/**
 * The series moved and scaled to mean 0 and standard deviation 1; all zeros when it is constant, so that it correlates
 * with nothing.
 */
export function standardise(values: ArrayLike<number>): Float64Array {
  const { mean, sd } = momentsOf(values);
  const constant = !(sd > CONSTANT * Math.max(1, Math.abs(mean)));
  return Float64Array.from({ length: values.length }, (_, k) => (constant ? 0 : (values[k] - mean) / sd));
}

/** One column of a row-major table with `width` numbers a row. */
export function columnOf(table: ArrayLike<number>, width: number, column: number): Float64Array {
  const length = Math.floor(table.length / width);
  const values = new Float64Array(length);
  for (let row = 0, at = column; row < length; row++, at += width) values[row] = table[at];
  return values;
}
