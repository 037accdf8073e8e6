import type { Floats } from '../tensor.ts';

/** A matrix as a walk over an array: element [row, column] stands at `row * rowStride + column * columnStride`. */
export interface Strided {
  data: Floats;
  rowStride: number;
  columnStride: number;
}

/**
 * `out[m, n] += Σₖ a[m, k] · b[k, n]`, where `out` is row-major and the factors may be transposed by their strides. Sums
 * are kept in registers, a tile of 4 rows by 2 columns at a time: each number loaded is used two or four times, and the
 * eight sums do not wait for one another. What does not fill a tile is added one row at a time.
 */
export function addProduct(out: Floats, m: number, n: number, k: number, a: Strided, b: Strided): void {
  const tiledRows = m - (m % 4);
  const tiledColumns = n - (n % 2);
  for (let row = 0; row < tiledRows; row += 4) addTileRow(out, row, tiledColumns, n, k, a, b);
  for (let row = tiledRows; row < m; row++) addRow(out, row, 0, n, k, a, b);
  if (tiledColumns < n) for (let row = 0; row < tiledRows; row++) addRow(out, row, tiledColumns, n, k, a, b);
}

/** Rows `row` to `row + 3` of the product, columns 0 to `columns`, an even number. */
function addTileRow(out: Floats, row: number, columns: number, n: number, k: number, a: Strided, b: Strided): void {
  const { data: x, rowStride, columnStride: xStep } = a;
  const { data: y, rowStride: yStep, columnStride: yNext } = b;
  for (let column = 0; column < columns; column += 2) {
    let s00 = 0, s01 = 0, s10 = 0, s11 = 0, s20 = 0, s21 = 0, s30 = 0, s31 = 0; // prettier-ignore
    let p0 = row * rowStride;
    let p1 = p0 + rowStride;
    let p2 = p1 + rowStride;
    let p3 = p2 + rowStride;
    let q0 = column * yNext;
    let q1 = q0 + yNext;
    for (let i = 0; i < k; i++) {
      const y0 = y[q0];
      const y1 = y[q1];
      const x0 = x[p0];
      s00 += x0 * y0;
      s01 += x0 * y1;
      const x1 = x[p1];
      s10 += x1 * y0;
      s11 += x1 * y1;
      const x2 = x[p2];
      s20 += x2 * y0;
      s21 += x2 * y1;
      const x3 = x[p3];
      s30 += x3 * y0;
      s31 += x3 * y1;
      p0 += xStep;
      p1 += xStep;
      p2 += xStep;
      p3 += xStep;
      q0 += yStep;
      q1 += yStep;
    }
    const o0 = row * n + column;
    const o1 = o0 + n;
    const o2 = o1 + n;
    const o3 = o2 + n;
    out[o0] += s00;
    out[o0 + 1] += s01;
    out[o1] += s10;
    out[o1 + 1] += s11;
    out[o2] += s20;
    out[o2 + 1] += s21;
    out[o3] += s30;
    out[o3 + 1] += s31;
  }
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
