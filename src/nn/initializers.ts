import type { Random, Shape } from '../tensor/index.ts';
import type { ParameterSpec } from './spec.ts';

/**
 * The values with which a parameter starts, row-major, as Keras chooses them for LSTM and Dense layers.
 *
 * @param random the stream `init`; parameters must be drawn in the order of the model's parameter list
 */
export function initialValues({ shape, initializer }: ParameterSpec, random: Random): Float64Array {
  switch (initializer) {
    case 'glorot':
      return glorotUniform(shape, random);
    case 'orthogonal':
      return orthogonal(shape, random);
    case 'forget':
      return unitForgetBias(shape[0]);
    case 'zeros':
      return new Float64Array(shape.reduce((a, b) => a * b, 1));
  }
}

/**
 * Uniform in ±√(6 / (fan-in + fan-out)) (Glorot and Bengio 2010, equation 16). Keras counts the 4H columns of an LSTM
 * kernel as its fan-out, and so does this.
 */
export function glorotUniform([fanIn, fanOut]: Shape, random: Random): Float64Array {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return Float64Array.from({ length: fanIn * fanOut }, () => (2 * random.uniform() - 1) * limit);
}

/**
 * A matrix whose rows (or columns, whichever are fewer) are orthonormal (Saxe et al. 2013): the Q of the QR decomposition
 * of a matrix of normal numbers, with the signs of R's diagonal made positive. Gram and Schmidt's process yields just that
 * Q; running it twice over each vector keeps it orthogonal to rounding.
 */
export function orthogonal([rows, columns]: Shape, random: Random): Float64Array {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors: Float64Array[] = [];
  for (let v = 0; v < count; v++) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) for (const other of vectors) subtractProjection(vector, other);
    normalise(vector);
    vectors.push(vector);
  }
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = rows <= columns ? vectors[row][column] : vectors[column][row];
    }
  }
  return values;
}

/** Zeros, and ones for the forget gate, the second quarter (Jozefowicz et al. 2015), so that memory is kept at first. */
export function unitForgetBias(size: number): Float64Array {
  return new Float64Array(size).fill(1, size / 4, size / 2);
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  let dot = 0;
  for (let j = 0; j < vector.length; j++) dot += vector[j] * unit[j];
  for (let j = 0; j < vector.length; j++) vector[j] -= dot * unit[j];
}

function normalise(vector: Float64Array): void {
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  for (let j = 0; j < vector.length; j++) vector[j] /= norm;
}
