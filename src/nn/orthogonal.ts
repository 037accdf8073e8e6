import { HeapArena, ReferenceKernels } from '../tensor/index.ts';
import type { Floats, Kernels, Random, Shape, Tensor } from '../tensor/index.ts';
import type { Pieces } from './in-turns.ts';

/** Up to so many vectors Gram and Schmidt's process is quick, and small models keep the weights that they always had. */
export const FEW_VECTORS = 256;

/** Reflections that are applied together: as deep as half a product's inner loop, and a triangle that costs nothing. */
const BLOCK = 128;

/** Numbers of the rows that are worked on between two pieces: a tenth of a second. */
const PIECE = 2 ** 22;

/**
 * A matrix whose rows (or columns, whichever are fewer) are orthonormal (Saxe et al. 2013), every such matrix being as likely as
 * any other: the Q of the QR decomposition of a matrix of normal numbers, with the signs of R's diagonal made positive. Row-major.
 *
 * @param products the kernels, in float32, that multiply where there are more than FEW_VECTORS; plain TypeScript unless given. The last
 *   bits depend on them
 */
export function* orthogonalPieces([rows, columns]: Shape, random: Random, products?: Kernels): Pieces<Floats> {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors =
    count <= FEW_VECTORS ? gramSchmidt(count, length, random) : yield* householder(count, length, random, products);
  if (rows <= columns) return vectors;
  const values = vectors.slice();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) values[row * columns + column] = vectors[column * length + row];
  }
  return values;
}

/**
 * `count` orthonormal vectors of `length` numbers, one after the other. Gram and Schmidt's process yields just the Q that is wanted;
 * running it twice over each vector keeps it orthogonal to rounding.
 */
function gramSchmidt(count: number, length: number, random: Random): Float64Array {
  const vectors = new Float64Array(count * length);
  for (let v = 0; v < count; v++) {
    const vector = vectors.subarray(v * length, (v + 1) * length);
    for (let j = 0; j < length; j++) vector[j] = random.normal();
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < v; other++) {
        subtractProjection(vector, vectors.subarray(other * length, (other + 1) * length));
      }
    }
    const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    for (let j = 0; j < length; j++) vector[j] /= norm;
  }
  return vectors;
}

/**
 * The same by Householder's reflections. Where the matrix is of normal numbers, what is left of column k after the reflections
 * before it is a vector of normal numbers again, so that nothing need be decomposed (Stewart 1980): reflection k is drawn, on the
 * coordinates from k on, and Q = H₀ H₁ … Hₙ₋₁ times the signs. The last ones act first, so that a block of them is needed at a time, and
 * is applied as three matrix products (the compact WY form of Schreiber and Van Loan 1989):
 *
 *     H_k … H_k+b-1 = I - V T Vᵀ      T⁻¹ = the strict upper triangle of VᵀV, and |v|² / 2 on the diagonal
 *
 * To the precision of the products the vectors are orthonormal.
 */
function* householder(
  count: number,
  length: number,
  random: Random,
  kernels: Kernels = new ReferenceKernels(new HeapArena('float32')),
): Pieces<Float32Array> {
  const { arena } = kernels;
  const q = arena.tensor([count, length]);
  const v = arena.tensor([BLOCK, length]);
  const triangle = arena.tensor([BLOCK, BLOCK]);
  const rowsAtOnce = Math.max(64, Math.floor(PIECE / length));
  const [y, z] = [0, 1].map(() => arena.tensor([rowsAtOnce, BLOCK]));
  const blocks = Math.ceil(count / BLOCK);
  const work = (blocks * (blocks + 1)) / 2;
  for (let block = blocks - 1; block >= 0; block--) {
    const first = block * BLOCK;
    const size = Math.min(BLOCK, count - first);
    drawReflections(v, q, first, size, random);
    invertTriangle(kernels, triangle, v, size);
    // Block by block there is one block of rows more to work on.
    const done = ((blocks - block - 1) * (blocks - block)) / 2;
    for (let top = first; top < count; top += rowsAtOnce) {
      const bottom = Math.min(count, top + rowsAtOnce);
      reflect(kernels, q.slice(top, bottom), v, triangle, y.slice(0, bottom - top), z.slice(0, bottom - top));
      const part = (bottom - first) / (count - first);
      yield (done + (blocks - block) * part) / work;
    }
  }
  return q.data as Float32Array;
}

/**
 * Draws reflections `first` to `first + size` into the rows of `v`, as unit vectors, and begins the rows of `q` that belong to them with
 * unit vectors, signed so that R's diagonal is positive.
 */
function drawReflections(v: Tensor, q: Tensor, first: number, size: number, random: Random): void {
  const length = v.columns;
  v.data.fill(0);
  const x = new Float64Array(length);
  for (let j = 0; j < size; j++) {
    const from = first + j;
    const squares = fillNormal(x.subarray(from), random);
    const sign = x[from] < 0 ? -1 : 1;
    const norm = Math.sqrt(squares);
    const scale = 1 / Math.sqrt(2 * norm * (norm + Math.abs(x[from])));
    x[from] += sign * norm;
    const row = v.data.subarray(j * length, (j + 1) * length);
    for (let at = from; at < length; at++) row[at] = x[at] * scale;
    q.data[from * length + from] = -sign;
  }
}

/** Writes -Tᵀ to `triangle`, for the `size` reflections in the rows of `v`; zeros for the rows behind them. */
function invertTriangle(kernels: Kernels, triangle: Tensor, v: Tensor, size: number): void {
  kernels.fill(triangle, 0);
  kernels.matmulBackwardA(triangle, v, v);
  const B = triangle.columns;
  const gram = Float64Array.from(triangle.data);
  // A sum of so many squares is not precise enough in single precision: the reflections would stretch.
  for (let j = 0; j < size; j++) gram[j * B + j] = kernels.sumOfSquares(v.row(j));
  const t = new Float64Array(B * B);
  // Column by column from the right, T = the inverse of an upper triangle: t[i][j] = -Σ g[i][k] t[k][j] / g[i][i].
  for (let j = 0; j < size; j++) {
    t[j * B + j] = 2 / gram[j * B + j];
    for (let i = j - 1; i >= 0; i--) {
      let sum = 0;
      for (let k = i + 1; k <= j; k++) sum += gram[i * B + k] * t[k * B + j];
      t[i * B + j] = (-2 * sum) / gram[i * B + i];
    }
  }
  const { data } = triangle;
  for (let i = 0; i < B; i++) for (let j = 0; j < B; j++) data[i * B + j] = -t[j * B + i];
}

/** rows -= (rows · V) · Tᵀ · Vᵀ, with Vᵀ in `v` and -Tᵀ in `triangle`; `y` and `z` are overwritten. */
function reflect(kernels: Kernels, rows: Tensor, v: Tensor, triangle: Tensor, y: Tensor, z: Tensor): void {
  kernels.fill(y, 0);
  kernels.fill(z, 0);
  kernels.matmulBackwardA(y, rows, v);
  kernels.matmul(z, y, triangle);
  kernels.matmul(rows, z, v);
}

/**
 * Fills `x` with standard normal numbers, two at a time and without sines, since there are millions (Marsaglia and Bray 1964).
 * @returns the sum of their squares
 */
function fillNormal(x: Float64Array, random: Random): number {
  let squares = 0;
  for (let at = 0; at < x.length; at += 2) {
    let u: number, v: number, s: number;
    do {
      u = (random.bits() + 0.5) * 2 ** -31 - 1;
      v = (random.bits() + 0.5) * 2 ** -31 - 1;
      s = u * u + v * v;
    } while (s >= 1);
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    x[at] = u * factor;
    squares += x[at] * x[at];
    if (at + 1 === x.length) break;
    x[at + 1] = v * factor;
    squares += x[at + 1] * x[at + 1];
  }
  return squares;
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  let dot = 0;
  for (let j = 0; j < vector.length; j++) dot += vector[j] * unit[j];
  for (let j = 0; j < vector.length; j++) vector[j] -= dot * unit[j];
}
