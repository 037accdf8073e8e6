import type { PCA } from 'ml-pca';
import type { Kernels } from '../tensor/index.ts';
import { columnMeans, momentsOf } from './statistics/moments.ts';

/** The directions in which states vary most. */
export interface PrincipalComponents {
  /** The part of the whole variance that each component explains, falling. */
  explained: number[];
  /** [components][width], of length 1; the largest entry of each is positive, so that the sign is not left to chance. */
  directions: number[][];
  /** [components][rows]: the rows from their mean, seen along each direction. */
  coordinates: Float64Array[];
}

/** Wider tables cost the decomposition of a matrix of their width squared; they are decomposed step by step instead. */
const WIDEST = 256;
/** What the step-by-step decomposition looks at: enough rows for three directions. */
const MOST_ROWS = 1000;
/** Rows whose products are added in float32; sums of more are in double precision. */
const ROWS_AT_ONCE = 512;

/**
 * The principal components of the rows of a table, by ml-pca: of the covariance matrix, or for wide tables by NIPALS (Wold
 * 1966), which finds the first few directions alone.
 *
 * @param table [rows * width], row-major
 * @param kernels what multiplies; plain loops in double precision unless given. Its arena keeps the buffers
 * @returns as many components as there are, at most `count`; none when the rows are all the same
 */
export async function principalComponents(
  table: ArrayLike<number>,
  width: number,
  count: number,
  kernels?: Kernels,
): Promise<PrincipalComponents> {
  const rows = Math.floor(table.length / width);
  const means = columnMeans(table, width);
  const total = totalVariance(table, width, means);
  const components = Math.min(count, width, rows - 1);
  if (!(total > 1e-12) || components < 1) return { explained: [], directions: [], coordinates: [] };
  // Loaded when it is needed: it would cost every other command its start.
  const library = await import('ml-pca');
  const found =
    width <= WIDEST
      ? fromCovariance(
          library.PCA,
          kernels ? fastCovariance(table, width, means, kernels) : covarianceMatrix(table, width, means),
        )
      : fromRows(library.PCA, table, width, Math.min(components, width));
  const directions = found.slice(0, components).map(withPositivePeak);
  const coordinates = directions.map((direction) => project(table, width, means, direction));
  const explained = coordinates.map((values) => momentsOf(values).sd ** 2 / total);
  return { explained, directions, coordinates };
}

/** The covariance of every two columns (of the whole, not of a sample), [width][width]. */
export function covarianceMatrix(table: ArrayLike<number>, width: number, means: ArrayLike<number>): number[][] {
  const rows = Math.floor(table.length / width);
  const sums = new Float64Array(width * width);
  const row = new Float64Array(width);
  for (let r = 0; r < rows; r++) {
    for (let a = 0; a < width; a++) row[a] = table[r * width + a] - means[a];
    for (let a = 0; a < width; a++) {
      const factor = row[a];
      const at = a * width;
      for (let b = a; b < width; b++) sums[at + b] += factor * row[b];
    }
  }
  return Array.from({ length: width }, (_, a) =>
    Array.from({ length: width }, (_, b) => sums[Math.min(a, b) * width + Math.max(a, b)] / rows),
  );
}

/** As {@link covarianceMatrix}, with products in float32. */
export function fastCovariance(
  table: ArrayLike<number>,
  width: number,
  means: ArrayLike<number>,
  kernels: Kernels,
): number[][] {
  const rows = Math.floor(table.length / width);
  const some = kernels.arena.tensor([Math.min(ROWS_AT_ONCE, rows), width]);
  const products = kernels.arena.tensor([width, width]);
  const sums = new Float64Array(width * width);
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const block = some.slice(0, Math.min(ROWS_AT_ONCE, rows - from));
    const { data } = block;
    for (let r = 0, at = 0; r < block.rows; r++) {
      const row = (from + r) * width;
      for (let k = 0; k < width; k++) data[at++] = table[row + k] - means[k];
    }
    kernels.fill(products, 0);
    kernels.matmulBackwardB(products, block, block);
    for (let k = 0; k < sums.length; k++) sums[k] += products.data[k];
  }
  return Array.from({ length: width }, (_, a) =>
    Array.from({ length: width }, (__, b) => sums[Math.min(a, b) * width + Math.max(a, b)] / rows),
  );
}

function fromCovariance(Decomposition: typeof PCA, covariance: number[][]): number[][] {
  return rowsOf(new Decomposition(covariance, { isCovarianceMatrix: true }));
}

/** ml-pca has its directions in columns. */
function rowsOf(pca: PCA): number[][] {
  return pca.getEigenvectors().transpose().to2DArray();
}

function fromRows(Decomposition: typeof PCA, table: ArrayLike<number>, width: number, components: number): number[][] {
  const rows = Math.floor(table.length / width);
  const stride = Math.max(1, Math.ceil(rows / MOST_ROWS));
  const sample = Array.from({ length: Math.ceil(rows / stride) }, (_, k) =>
    Array.from({ length: width }, (_, column) => table[k * stride * width + column]),
  );
  const pca = new Decomposition(sample, { method: 'NIPALS', nCompNIPALS: components });
  return rowsOf(pca);
}

function totalVariance(table: ArrayLike<number>, width: number, means: ArrayLike<number>): number {
  const rows = Math.floor(table.length / width);
  let sum = 0;
  for (let k = 0; k < rows * width; k++) sum += (table[k] - means[k % width]) ** 2;
  return sum / Math.max(1, rows);
}

function withPositivePeak(direction: number[]): number[] {
  const peak = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return peak < 0 ? direction.map((value) => -value) : direction;
}

function project(
  table: ArrayLike<number>,
  width: number,
  means: ArrayLike<number>,
  direction: readonly number[],
): Float64Array {
  const rows = Math.floor(table.length / width);
  return Float64Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += (table[r * width + k] - means[k]) * direction[k];
    return sum;
  });
}
