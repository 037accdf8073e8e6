import { momentsOf, columnOf } from './moments.ts';

/** Rounds of the iteration: the first two values are known to a thousandth long before. */
const ROUNDS = 24;

/**
 * The part of the variance of a table's rows that its first two principal components hold, by orthogonal iteration (the covariance is
 * never made): much quicker than the components themselves.
 * @param table [rows * width], row-major
 * @returns null for tables that do not vary, or of one column
 */
export function topVariance(table: ArrayLike<number>, width: number): number | null {
  const rows = Math.floor(table.length / width);
  if (width < 2 || rows < 3) return null;
  const centred = new Float64Array(rows * width);
  let total = 0;
  for (let column = 0; column < width; column++) {
    const { mean, sd } = momentsOf(columnOf(table, width, column));
    total += sd ** 2;
    for (let row = 0; row < rows; row++) centred[row * width + column] = table[row * width + column] - mean;
  }
  if (!(total > 1e-12)) return null;
  // Any start does that is not orthogonal to what is sought: two waves of different length.
  let [a, b]: Float64Array[] = [0.7, 1.3].map((pace) =>
    Float64Array.from({ length: width }, (_, k) => Math.cos(1 + pace * k)),
  );
  let values = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    normalise(a);
    removePart(b, a);
    normalise(b);
    const [nextA, nextB] = [a, b].map((direction) => covarianceTimes(centred, rows, direction));
    values = [dot(a, nextA), dot(b, nextB)];
    [a, b] = [nextA, nextB];
  }
  return Math.min(1, (values[0] + values[1]) / total);
}

function covarianceTimes(centred: Float64Array, rows: number, direction: Float64Array): Float64Array {
  const width = direction.length;
  const product = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    let along = 0;
    for (let k = 0; k < width; k++) along += centred[at + k] * direction[k];
    for (let k = 0; k < width; k++) product[k] += along * centred[at + k];
  }
  return product.map((value) => value / rows);
}

function removePart(vector: Float64Array, of: Float64Array): void {
  const along = dot(vector, of);
  for (let k = 0; k < vector.length; k++) vector[k] -= along * of[k];
}

function normalise(vector: Float64Array): void {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  for (let k = 0; k < vector.length; k++) vector[k] /= length;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k], 0);
}
