// Matrix products. A product adds a tile at a time (tiles.ts); its second factor is read in panels of 16 columns.
//
// A panel holds 16 columns of b side by side, row after row: [k][16]. Read so, the inner loop walks straight through memory.
// Read from a row-major matrix of 512 columns it would jump 2 KiB a step, and all those lines fall into two sets of the cache.
import { fill } from './elementwise';
import { tile1x16, tile2x16 } from './tiles';
import { arrayEnd, madd, VECTOR, vectorEnd } from './vector';

/** The columns of a panel, and the bytes of one of its rows. */
const PANEL: i32 = 16;
const PANEL_ROW: usize = 64;
/** How long a sum is formed before the next panel is taken: 256 rows of a panel are half of a small L1 cache. */
const DEPTH: i32 = 256;
/** Rows that all panels are taken over before the next rows: 128 rows of that depth are a quarter of a small L2 cache. */
const ROWS: i32 = 128;

/** The bytes of scratch memory for a product out [m, n] += a [m, k] · b [k, n] and its gradients. */
export function scratchBytes(m: i32, k: i32, n: i32): usize {
  return panelBytes(k, n) + <usize>m * PANEL_ROW + pairBytes(m, k);
}

/** out [m, n] += a [m, k] · b [k, n]. */
export function matmul(out: usize, a: usize, b: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  if (k == 0) return;
  const row = <usize>n << 2;
  if (m == 1) {
    rowProduct(out, a, b, k, n);
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

/**
 * db [k, n] += a [m, k]ᵀ · dOut [m, n], a block of rows of a and dOut at a time. The columns of a are packed in pairs, as the
 * tile reads them: otherwise each of its loads would come from another line of the cache.
 */
export function matmulBackwardB(db: usize, a: usize, dOut: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  const row = <usize>n << 2;
  const aRow = <usize>k << 2;
  for (let from = 0; from < m; from += DEPTH) {
    const rows = min(DEPTH, m - from);
    const left = a + <usize>from * aRow;
    const pairs = scratch + panelBytes(rows, n);
    packPanels(dOut + <usize>from * row, row, scratch, rows, n);
    packPairs(left, aRow, pairs, rows, k);
    pairProduct(db, row, pairs, scratch, k, rows, n, pairs + pairBytes(k, rows));
  }
}

/** The bytes of all panels of a matrix of k rows and n columns, the last one filled up with zeros. */
// @ts-ignore: decorator
@inline
export function panelBytes(k: i32, n: i32): usize {
  return (<usize>((n + PANEL - 1) & ~(PANEL - 1)) * <usize>k) << 2;
}

/** The bytes of the packed pairs of m columns of length k. */
// @ts-ignore: decorator
@inline
function pairBytes(m: i32, k: i32): usize {
  return (<usize>((m + 1) & ~1) * <usize>k) << 2;
}

/** Copies b [k, n] (rows bRow bytes apart) into panels [n / 16][k][16]. */
export function packPanels(b: usize, bRow: usize, panels: usize, k: i32, n: i32): void {
  const whole = n & ~(PANEL - 1);
  for (let column = 0; column < whole; column += PANEL, b += PANEL_ROW) {
    for (let i = 0, at = b; i < k; i++, at += bRow, panels += PANEL_ROW) {
      v128.store(panels, v128.load(at));
      v128.store(panels, v128.load(at, 16), 16);
      v128.store(panels, v128.load(at, 32), 32);
      v128.store(panels, v128.load(at, 48), 48);
    }
  }
  if (whole == n) return;
  const left = <usize>(n - whole) << 2;
  fill(panels, k * PANEL, 0);
  for (let i = 0, at = b; i < k; i++, at += bRow, panels += PANEL_ROW) memory.copy(panels, at, left);
}

/** Copies the transpose of w [k, n] (rows wRow bytes apart) into panels [k / 16][n][16]. */
export function packTransposedPanels(w: usize, wRow: usize, panels: usize, k: i32, n: i32): void {
  for (let row = 0; row < k; row += PANEL, w += <usize>PANEL * wRow) {
    const rows = min(PANEL, k - row);
    let column = 0;
    if (rows == PANEL) {
      for (; column + 4 <= n; column += 4, panels += 4 * PANEL_ROW) {
        const at = w + (<usize>column << 2);
        for (let q: usize = 0; q < 4; q++) transpose4x4(at + 4 * q * wRow, wRow, panels + 16 * q);
      }
    }
    for (; column < n; column++, panels += PANEL_ROW) {
      const at = w + (<usize>column << 2);
      for (let r = 0; r < PANEL; r++) {
        f32.store(panels + (<usize>r << 2), r < rows ? f32.load(at + <usize>r * wRow) : 0);
      }
    }
  }
}

/** Copies columns of a [rows, k] two by two: pairs [k / 2][rows][2]; an odd last column is paired with zeros. */
function packPairs(a: usize, aRow: usize, pairs: usize, rows: i32, k: i32): void {
  const whole = k & ~1;
  for (let column = 0; column < whole; column += 2, a += 8) {
    for (let i = 0, at = a; i < rows; i++, at += aRow, pairs += 8) i64.store(pairs, i64.load(at));
  }
  if (whole == k) return;
  for (let i = 0, at = a; i < rows; i++, at += aRow, pairs += 8) {
    f32.store(pairs, f32.load(at));
    f32.store(pairs, 0, 4);
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
  for (let from = 0; from < k; from += DEPTH) {
    const depth = <usize>min(DEPTH, k - from) * PANEL_ROW;
    const b = panels + <usize>from * PANEL_ROW;
    for (let top = 0; top < m; top += ROWS) {
      const left = a + <usize>top * aRow + <usize>from * aK;
      const rows = min(ROWS, m - top);
      allPanels(out + <usize>top * outRow, outRow, left, aRow, aK, b, depth, <usize>k * PANEL_ROW, rows, n, tile);
    }
  }
}

/** One block of rows over all panels, `panel` bytes apart, as deep as `depth` bytes. */
function allPanels(
  out: usize,
  outRow: usize,
  a: usize,
  aRow: usize,
  aK: usize,
  b: usize,
  depth: usize,
  panel: usize,
  m: i32,
  n: i32,
  tile: usize,
): void {
  let column = 0;
  for (; column + PANEL <= n; column += PANEL, b += panel, out += PANEL_ROW) {
    allRows(out, outRow, a, aRow, aK, b, b + depth, m);
  }
  if (column == n) return;
  fill(tile, m * PANEL, 0);
  allRows(tile, PANEL_ROW, a, aRow, aK, b, b + depth, m);
  addColumns(out, outRow, tile, m, n - column);
}

/** out [m, n] += a · b, a in pairs of rows and b in panels, both of depth k. */
function pairProduct(out: usize, outRow: usize, pairs: usize, panels: usize, m: i32, k: i32, n: i32, tile: usize): void {
  for (let top = 0; top < m; top += ROWS) {
    const rows = min(ROWS, m - top);
    somePairs(out + <usize>top * outRow, outRow, pairs + (<usize>top * <usize>k << 2), panels, rows, k, n, tile);
  }
}

/** One block of rows of it. */
function somePairs(out: usize, outRow: usize, pairs: usize, panels: usize, m: i32, k: i32, n: i32, tile: usize): void {
  const panel = <usize>k * PANEL_ROW;
  let column = 0;
  for (; column + PANEL <= n; column += PANEL, panels += panel, out += PANEL_ROW) {
    allPairs(out, outRow, pairs, panels, panels + panel, m, <usize>k << 3);
  }
  if (column == n) return;
  fill(tile, m * PANEL, 0);
  allPairs(tile, PANEL_ROW, pairs, panels, panels + panel, m, <usize>k << 3);
  addColumns(out, outRow, tile, m, n - column);
}

/** All rows of 16 columns, two at a time. */
function allRows(out: usize, outRow: usize, a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, m: i32): void {
  for (; m >= 2; m -= 2, a += 2 * aRow, out += 2 * outRow) tile2x16(a, aRow, aK, b, PANEL_ROW, bEnd, out, outRow);
  if (m > 0) tile1x16(a, aK, b, PANEL_ROW, bEnd, out);
}

/** The same with a packed in pairs, `pair` bytes each. */
function allPairs(out: usize, outRow: usize, a: usize, b: usize, bEnd: usize, m: i32, pair: usize): void {
  for (; m >= 2; m -= 2, a += pair, out += 2 * outRow) tile2x16(a, 4, 8, b, PANEL_ROW, bEnd, out, outRow);
  if (m > 0) tile1x16(a, 8, b, PANEL_ROW, bEnd, out);
}

/** out += the first `columns` columns of a tile of 16. */
function addColumns(out: usize, outRow: usize, tile: usize, m: i32, columns: i32): void {
  for (let r = 0; r < m; r++, out += outRow, tile += PANEL_ROW) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) f32.store(out + j, f32.load(out + j) + f32.load(tile + j));
  }
}

/**
 * A single row: out [n] += a [k] · b [k, n]. Each number of b is used once, so nothing is packed and b is read straight
 * through, four rows side by side.
 */
export function rowProduct(out: usize, a: usize, b: usize, k: i32, n: i32): void {
  const row = <usize>n << 2;
  const end = vectorEnd(out, n);
  const last = arrayEnd(out, n);
  let i = 0;
  for (; i + 4 <= k; i += 4, a += 16, b += 4 * row) {
    const x0 = v128.load_splat<f32>(a);
    const x1 = v128.load_splat<f32>(a, 4);
    const x2 = v128.load_splat<f32>(a, 8);
    const x3 = v128.load_splat<f32>(a, 12);
    let at = b;
    let c = out;
    for (; c < end; c += VECTOR, at += VECTOR) {
      let sum = madd(x0, v128.load(at), v128.load(c));
      sum = madd(x1, v128.load(at + row), sum);
      sum = madd(x2, v128.load(at + 2 * row), sum);
      v128.store(c, madd(x3, v128.load(at + 3 * row), sum));
    }
    for (; c < last; c += 4, at += 4) {
      const near = f32.load(a) * f32.load(at) + f32.load(a, 4) * f32.load(at + row);
      const far = f32.load(a, 8) * f32.load(at + 2 * row) + f32.load(a, 12) * f32.load(at + 3 * row);
      f32.store(c, f32.load(c) + (near + far));
    }
  }
  for (; i < k; i++, a += 4, b += row) {
    const x = v128.load_splat<f32>(a);
    let at = b;
    let c = out;
    for (; c < end; c += VECTOR, at += VECTOR) v128.store(c, madd(x, v128.load(at), v128.load(c)));
    for (; c < last; c += 4, at += 4) f32.store(c, f32.load(c) + f32.load(a) * f32.load(at));
  }
}
