// Matrix products. A product adds a tile at a time (tiles.ts); its second factor is read in panels of 8 columns.
//
// A panel holds 8 columns of b side by side, row after row: [k][8]. Read so, the inner loop walks straight through memory;
// read from a row-major matrix of 512 columns it would jump 2 KiB a step, which is no harm for a short sum and thrice as slow
// for a long one.
import { fill } from './elementwise';
import { tile1x32, tile1x8, tile4x8, tile6x8 } from './tiles';

/** The bytes of one row of a panel. */
const PANEL_ROW: usize = 32;
/** Sums longer than this are worth packing b for. */
const PACK_FROM: i32 = 160;
/** How many rows of dOut are packed at once for a weight gradient: a panel of so many stays in the L1 cache. */
const BLOCK: i32 = 320;

/** The bytes of scratch memory that the products below need for a second factor of k rows and n columns, and m rows of out. */
export function scratchBytes(m: i32, k: i32, n: i32): usize {
  return <usize>panelColumns(n) * <usize>k * 4 + <usize>m * PANEL_ROW;
}

/** out [m, n] += a [m, k] · b [k, n]. */
export function matmul(out: usize, a: usize, b: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  if (k == 0) return;
  const row = <usize>n << 2;
  if (m < 4 || (k <= PACK_FROM && n % 8 == 0)) {
    rowMajorProduct(out, row, a, <usize>k << 2, 4, b, row, m, k, n, scratch);
  } else {
    packPanels(b, row, scratch, k, n);
    panelProduct(out, row, a, <usize>k << 2, 4, scratch, m, k, n, scratch + panelBytes(k, n));
  }
}

/** da [m, k] += dOut [m, n] · b [k, n]ᵀ. */
export function matmulBackwardA(da: usize, dOut: usize, b: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  if (n == 0) return;
  packTransposedPanels(b, <usize>n << 2, scratch, k, n);
  panelProduct(da, <usize>k << 2, dOut, <usize>n << 2, 4, scratch, m, n, k, scratch + panelBytes(n, k));
}

/** db [k, n] += a [m, k]ᵀ · dOut [m, n], a block of rows of a and dOut at a time. */
export function matmulBackwardB(db: usize, a: usize, dOut: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  const row = <usize>n << 2;
  const aRow = <usize>k << 2;
  for (let from = 0; from < m; from += BLOCK) {
    const rows = min(BLOCK, m - from);
    const left = a + <usize>from * aRow;
    const right = dOut + <usize>from * row;
    if (rows <= 64 && n % 8 == 0) {
      rowMajorProduct(db, row, left, 4, aRow, right, row, k, rows, n, scratch);
    } else {
      packPanels(right, row, scratch, rows, n);
      panelProduct(db, row, left, 4, aRow, scratch, k, rows, n, scratch + panelBytes(rows, n));
    }
  }
}

// @ts-ignore: decorator
@inline
function panelColumns(n: i32): i32 {
  return (n + 7) & ~7;
}

/** The bytes of all panels of a matrix of k rows and n columns, the last one filled up with zeros. */
// @ts-ignore: decorator
@inline
export function panelBytes(k: i32, n: i32): usize {
  return (<usize>panelColumns(n) * <usize>k) << 2;
}

/** Copies b [k, n] (rows bRow bytes apart) into panels [n / 8][k][8]. */
export function packPanels(b: usize, bRow: usize, panels: usize, k: i32, n: i32): void {
  const whole = n & ~7;
  for (let column = 0; column < whole; column += 8, b += PANEL_ROW) {
    for (let i = 0, at = b; i < k; i++, at += bRow, panels += PANEL_ROW) {
      v128.store(panels, v128.load(at));
      v128.store(panels, v128.load(at, 16), 16);
    }
  }
  if (whole == n) return;
  const left = <usize>(n - whole) << 2;
  fill(panels, k * 8, 0);
  for (let i = 0, at = b; i < k; i++, at += bRow, panels += PANEL_ROW) memory.copy(panels, at, left);
}

/** Copies the transpose of w [k, n] (rows wRow bytes apart) into panels [k / 8][n][8]. */
export function packTransposedPanels(w: usize, wRow: usize, panels: usize, k: i32, n: i32): void {
  for (let row = 0; row < k; row += 8, w += 8 * wRow) {
    const rows = min(8, k - row);
    let column = 0;
    if (rows == 8) {
      for (; column + 4 <= n; column += 4, panels += 4 * PANEL_ROW) {
        const at = w + (<usize>column << 2);
        transpose4x4(at, wRow, panels);
        transpose4x4(at + 4 * wRow, wRow, panels + 16);
      }
    }
    for (; column < n; column++, panels += PANEL_ROW) {
      const at = w + (<usize>column << 2);
      for (let r = 0; r < 8; r++) {
        f32.store(panels + (<usize>r << 2), r < rows ? f32.load(at + <usize>r * wRow) : 0);
      }
    }
  }
}

/** Writes the transpose of 4 by 4 numbers into four rows of a panel. */
// @ts-ignore: decorator
@inline
function transpose4x4(from: usize, stride: usize, to: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from + stride);
  const r2 = v128.load(from + 2 * stride);
  const r3 = v128.load(from + 3 * stride);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), PANEL_ROW);
  v128.store(to, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 2 * PANEL_ROW);
  v128.store(to, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 3 * PANEL_ROW);
}

/** out += a · b with b in panels. `tile` is scratch for the columns of a panel that is not full. */
export function panelProduct(
  out: usize,
  outRow: usize,
  a: usize,
  aRow: usize,
  aK: usize,
  panels: usize,
  m: i32,
  k: i32,
  n: i32,
  tile: usize,
): void {
  const panel = <usize>k * PANEL_ROW;
  const whole = n & ~7;
  let column = 0;
  for (; column < whole; column += 8, panels += panel, out += PANEL_ROW) {
    allRows(out, outRow, a, aRow, aK, panels, PANEL_ROW, panels + panel, m);
  }
  if (column < n) partPanel(out, outRow, a, aRow, aK, panels, PANEL_ROW, panel, m, n - column, tile);
}

/** out += a · b with b row-major. Reads past the end of a row only where another row follows. */
function rowMajorProduct(
  out: usize,
  outRow: usize,
  a: usize,
  aRow: usize,
  aK: usize,
  b: usize,
  bRow: usize,
  m: i32,
  k: i32,
  n: i32,
  scratch: usize,
): void {
  const depth = <usize>k * bRow;
  let column = 0;
  if (m < 4) {
    for (; column + 32 <= n; column += 32, b += 4 * PANEL_ROW, out += 4 * PANEL_ROW) {
      for (let r = 0; r < m; r++) tile1x32(a + <usize>r * aRow, aK, b, bRow, b + depth, out + <usize>r * outRow);
    }
  }
  for (; column + 8 <= n; column += 8, b += PANEL_ROW, out += PANEL_ROW) {
    allRows(out, outRow, a, aRow, aK, b, bRow, b + depth, m);
  }
  if (column == n) return;
  packPanels(b, bRow, scratch, k, n - column);
  const panel = <usize>k * PANEL_ROW;
  partPanel(out, outRow, a, aRow, aK, scratch, PANEL_ROW, panel, m, n - column, scratch + panel);
}

/** All rows of 8 columns: sixes, then fours, then single rows, as the build's registers allow. */
function allRows(
  out: usize,
  outRow: usize,
  a: usize,
  aRow: usize,
  aK: usize,
  b: usize,
  bK: usize,
  bEnd: usize,
  m: i32,
): void {
  let left = m;
  if (ASC_FEATURE_RELAXED_SIMD) {
    // 64 rows are 10 sixes and a four; 8 are two fours, not a six and two single rows.
    while (left >= 6 && left != 8) {
      tile6x8(a, aRow, aK, b, bK, bEnd, out, outRow);
      a += 6 * aRow;
      out += 6 * outRow;
      left -= 6;
    }
  }
  while (left >= 4) {
    tile4x8(a, aRow, aK, b, bK, bEnd, out, outRow);
    a += 4 * aRow;
    out += 4 * outRow;
    left -= 4;
  }
  for (; left > 0; left--, a += aRow, out += outRow) tile1x8(a, aK, b, bK, bEnd, out);
}

/** The last columns, fewer than 8: a whole tile into scratch, of which the columns that exist are added. */
function partPanel(
  out: usize,
  outRow: usize,
  a: usize,
  aRow: usize,
  aK: usize,
  b: usize,
  bK: usize,
  depth: usize,
  m: i32,
  columns: i32,
  tile: usize,
): void {
  fill(tile, m * 8, 0);
  allRows(tile, PANEL_ROW, a, aRow, aK, b, bK, b + depth, m);
  for (let r = 0; r < m; r++, out += outRow, tile += PANEL_ROW) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) f32.store(out + j, f32.load(out + j) + f32.load(tile + j));
  }
}
