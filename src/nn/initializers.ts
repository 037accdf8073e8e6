import { sizeOf, type Floats, type Kernels, type Random, type Shape } from '../tensor/index.ts';
import { atOnce, type Pieces } from './in-turns.ts';
import { orthogonalPieces } from './orthogonal.ts';
import type { ParameterSpec } from './parameter-spec.ts';

/** Numbers drawn between two pieces: some milliseconds. */
const PIECE = 2 ** 18;

/**
 * The values with which a parameter starts, row-major, as Keras chooses them for LSTM and Dense layers.
 *
 * @param random the stream `init`; parameters must be drawn in the order of the model's parameter list
 */
export function initialValues(spec: ParameterSpec, random: Random): Floats {
  return atOnce(initialPieces(spec, random));
}

/** `initialValues` piece by piece; for `products` see `orthogonalPieces`. */
export function* initialPieces(spec: ParameterSpec, random: Random, products?: Kernels): Pieces<Floats> {
  const values = yield* ungainedPieces(spec, random, products);
  const { gain } = spec;
  return gain === undefined ? values : values.map((value: number) => gain * value);
}

function* ungainedPieces({ shape, initializer }: ParameterSpec, random: Random, products?: Kernels): Pieces<Floats> {
  switch (initializer) {
    case 'glorot':
      return yield* glorotPieces(shape, random);
    case 'orthogonal':
      return yield* orthogonalPieces(shape, random, products);
    case 'forget':
      return unitForgetBias(shape[0]);
    case 'normal':
      return yield* normalPieces(shape, random);
    case 'zeros':
      return new Float64Array(sizeOf(shape));
    case 'ones':
      return new Float64Array(sizeOf(shape)).fill(1);
  }
}

/**
 * How long a parameter takes to be made, in units of a number drawn: a product of matrices makes some hundred steps in that time,
 * Gram and Schmidt's process a few dozen.
 */
export function initialCost({ shape: [rows, columns = 1], initializer }: ParameterSpec): number {
  if (initializer === 'glorot' || initializer === 'normal') return rows * columns;
  return initializer === 'orthogonal' ? rows * columns * (1 + Math.min(rows, columns) / 80) : 0;
}

/**
 * Uniform in ±√(6 / (fan-in + fan-out)) (Glorot and Bengio 2010, equation 16). Keras counts the 4H columns of an LSTM
 * kernel as its fan-out, and so does this.
 */
export function glorotUniform(shape: Shape, random: Random): Float64Array {
  return atOnce(glorotPieces(shape, random));
}

function* glorotPieces([fanIn, fanOut]: Shape, random: Random): Pieces<Float64Array> {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  const values = new Float64Array(fanIn * fanOut);
  for (let at = 0; at < values.length; at++) {
    values[at] = (2 * random.uniform() - 1) * limit;
    if (at % PIECE === PIECE - 1) yield at / values.length;
  }
  return values;
}

/** The deviation of the numbers with which embeddings start. */
const EMBEDDING_DEVIATION = 0.15;

function* normalPieces([rows, columns]: Shape, random: Random): Pieces<Float64Array> {
  const values = new Float64Array(rows * columns);
  for (let at = 0; at < values.length; at++) {
    values[at] = EMBEDDING_DEVIATION * random.normal();
    if (at % PIECE === PIECE - 1) yield at / values.length;
  }
  return values;
}

/**
 * A matrix whose rows (or columns, whichever are fewer) are orthonormal; see `orthogonalPieces`. To about 1e-15 up to 256 of them,
 * to about 1e-6 beyond.
 */
export function orthogonal(shape: Shape, random: Random): Float64Array {
  const values = atOnce(orthogonalPieces(shape, random));
  return values instanceof Float64Array ? values : Float64Array.from(values);
}

/** Zeros, and ones for the forget gate, the second quarter (Jozefowicz et al. 2015), so that memory is kept at first. */
export function unitForgetBias(size: number): Float64Array {
  return new Float64Array(size).fill(1, size / 4, size / 2);
}
