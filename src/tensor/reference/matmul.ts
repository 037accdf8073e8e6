import type { Floats } from '../tensor.ts';

/** A matrix as a walk over an array: element [row, column] stands at `row * rowStride + column * columnStride`. */
export interface Strided {
  data: Floats;
  rowStride: number;
  columnStride: number;
}

/** The tile: so many rows of `a` and columns of `b` at a time. */
const ROWS = 3;
const COLUMNS = 4;

/**
 * `out[m, n] += Σₖ a[m, k] · b[k, n]`, where `out` is row-major and the factors may be transposed by their strides. Sums
 * are kept in registers, a tile of 3 rows by 4 columns at a time: each number loaded is used three or four times, and the
 * twelve sums do not wait for one another. Four columns of `b` are first laid side by side in double precision, so that the
 * inner loop neither jumps nor converts. What does not fill a tile is added one row at a time.
 */
export function addProduct(out: Floats, m: number, n: number, k: number, a: Strided, b: Strided): void {
  const tiledRows = m - (m % ROWS);
  const tiledColumns = n - (n % COLUMNS);
  const panel = new Float64Array(tiledRows > 0 ? COLUMNS * k : 0);
  for (let column = 0; column < tiledColumns && tiledRows > 0; column += COLUMNS) {
    packColumns(panel, column, k, b);
    for (let row = 0; row < tiledRows; row += ROWS) addTile(out, row * n + column, n, k, a, row, panel);
  }
  for (let row = tiledRows; row < m; row++) addRow(out, row, 0, n, k, a, b);
  if (tiledColumns < n) for (let row = 0; row < tiledRows; row++) addRow(out, row, tiledColumns, n, k, a, b);
}

/** Columns `column` to `column + 3` of `b`, row after row. */
function packColumns(panel: Float64Array, column: number, k: number, { data, rowStride, columnStride }: Strided): void {
  for (let i = 0; i < k; i++) {
    const from = i * rowStride + column * columnStride;
    for (let j = 0; j < COLUMNS; j++) panel[i * COLUMNS + j] = data[from + j * columnStride];
  }
}

/** Adds the tile whose first number stands at `at` in `out`: three rows of `a` times the packed columns. */
function addTile(out: Floats, at: number, n: number, k: number, a: Strided, row: number, panel: Float64Array): void {
  const { data: x, rowStride, columnStride } = a;
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0; // prettier-ignore
  let s10 = 0, s11 = 0, s12 = 0, s13 = 0; // prettier-ignore
  let s20 = 0, s21 = 0, s22 = 0, s23 = 0; // prettier-ignore
  let p = row * rowStride;
  const end = COLUMNS * k;
  for (let q = 0; q < end; q += COLUMNS) {
    const y0 = panel[q];
    const y1 = panel[q + 1];
    const y2 = panel[q + 2];
    const y3 = panel[q + 3];
    const x0 = x[p];
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    const x1 = x[p + rowStride];
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    const x2 = x[p + 2 * rowStride];
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    p += columnStride;
  }
  addFour(out, at, s00, s01, s02, s03);
  addFour(out, at + n, s10, s11, s12, s13);
  addFour(out, at + 2 * n, s20, s21, s22, s23);
}

function addFour(out: Floats, at: number, s0: number, s1: number, s2: number, s3: number): void {
  out[at] += s0;
  out[at + 1] += s1;
  out[at + 2] += s2;
  out[at + 3] += s3;
}

/** One row of the product, columns `from` to `to`, four sums at a time. */
function addRow(out: Floats, row: number, from: number, n: number, k: number, a: Strided, b: Strided): void {
  const { data: x, rowStride, columnStride: xStep } = a;
  const { data: y, rowStride: yStep, columnStride: yNext } = b;
  let column = from;
  for (; column + 4 <= n; column += 4) {
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0; // prettier-ignore
    let p = row * rowStride;
    let q = column * yNext;
    for (let i = 0; i < k; i++) {
      const value = x[p];
      s0 += value * y[q];
      s1 += value * y[q + yNext];
      s2 += value * y[q + 2 * yNext];
      s3 += value * y[q + 3 * yNext];
      p += xStep;
      q += yStep;
    }
    const o = row * n + column;
    out[o] += s0;
    out[o + 1] += s1;
    out[o + 2] += s2;
    out[o + 3] += s3;
  }
  for (; column < n; column++) {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += x[row * rowStride + i * xStep] * y[i * yStep + column * yNext];
    out[row * n + column] += sum;
  }
}
