// Matrix products. A product adds a tile at a time (tiles.ts); its second factor is read in panels of 16 columns.
//
// A panel holds 16 columns of b side by side, row after row: [k][16]. Read so, the inner loop walks straight through memory.
// Read from a row-major matrix of 512 columns it would jump 2 KiB a step, and all those lines fall into two sets of the cache.
import { dot, fill } from './elementwise';
import { addTile, TILE_ROWS, tileRows } from './tiles';
import { arrayEnd, madd, LOWER, PAIR, pairEnd, storePair, storeTwoPairs, UPPER, VECTOR, vectorEnd, WIDE } from './vector';

/** The columns of a panel, and the bytes of one of its rows. */
const PANEL: i32 = 16;
const PANEL_ROW: usize = 64;
/** How long a sum is formed before the next panel is taken: 256 rows of a panel are half of a small L1 cache. */
const DEPTH: i32 = 256;
/**
 * Rows that all panels are taken over before the next rows, whole tiles of them: of that depth a quarter of a small L2 cache. Where
 * the tiles are wide half of it, since they are through with a panel in half the time.
 */
const ROWS: i32 = WIDE ? 264 : 132;
/** The columns of a weight gradient that are added to at once: 512 rows of them are a megabyte. */
const COLUMNS: i32 = 512;
/** What counts as shallow, and the rows of a block there: so little is added to each number that it should stay in the L1 cache. */
const SHALLOW: i32 = 16;
const SHALLOW_ROWS: i32 = 12;

/** The bytes of scratch memory for a product out [m, n] += a [m, k] · b [k, n]. */
export function scratchBytes(m: i32, k: i32, n: i32): usize {
  return panelBytes(k, n) + <usize>m * PANEL_ROW;
}

/** The same for what adds a [m, k]ᵀ · dOut [m, n]: a block of dOut, and of a. */
export function gradientScratchBytes(m: i32, k: i32, n: i32): usize {
  const rows = min(m, DEPTH);
  return panelBytes(rows, min(n, COLUMNS)) + (<usize>k * <usize>rows << 2) + <usize>k * PANEL_ROW;
}

/** out [m, n] += a [m, k] · b [k, n]. */
export function matmul(out: usize, a: usize, b: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  if (k == 0) return;
  const row = <usize>n << 2;
  if (m == 1) {
    rowProduct(out, a, b, k, n);
  } else {
    packPanels(b, row, scratch, k, n);
    panelProduct(out, row, out, row, a, <usize>k << 2, 4, scratch, m, k, n, scratch + panelBytes(k, n));
  }
}

/** out [m, n] = bias [n] + a [m, k] · b [k, n], k not 0. */
export function affine(out: usize, biasAt: usize, a: usize, b: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  const row = <usize>n << 2;
  if (m == 1) {
    memory.copy(out, biasAt, row);
    rowProduct(out, a, b, k, n);
  } else {
    packPanels(b, row, scratch, k, n);
    panelProduct(out, row, biasAt, 0, a, <usize>k << 2, 4, scratch, m, k, n, scratch + panelBytes(k, n));
  }
}

/** da [m, k] += dOut [m, n] · b [k, n]ᵀ. */
export function matmulBackwardA(da: usize, dOut: usize, b: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  if (n == 0) return;
  packTransposedPanels(b, <usize>n << 2, scratch, k, n);
  panelProduct(da, <usize>k << 2, da, <usize>k << 2, dOut, <usize>n << 2, 4, scratch, m, n, k, scratch + panelBytes(n, k));
}

/** db [k, n] += a [m, k]ᵀ · dOut [m, n], a block of dOut at a time. */
export function matmulBackwardB(db: usize, a: usize, dOut: usize, m: i32, k: i32, n: i32, scratch: usize): void {
  for (let column = 0; column < n; column += COLUMNS) {
    const columns = min(COLUMNS, n - column);
    const at = <usize>column << 2;
    for (let row = 0; row < m; row += DEPTH) {
      const rows = min(DEPTH, m - row);
      packBlock(scratch, dOut + (<usize>row * <usize>n << 2) + at, n, rows, columns);
      addBlock(db + at, n, a + (<usize>row * <usize>k << 2), scratch, rows, 0, k, columns);
    }
  }
}

/** The rows of a block of dOut: as many as a sum is formed over at once. */
export function blockRows(): i32 {
  return DEPTH;
}

/** And its columns: what is added to so many columns of a gradient stays in the cache while the rows go by. */
export function blockColumns(): i32 {
  return COLUMNS;
}

/** Packs a block [rows, columns] of dOut, whose rows have n numbers, for the gradients of all that was added up to out. */
export function packBlock(scratch: usize, dOut: usize, n: i32, rows: i32, columns: i32): void {
  packPanels(dOut, <usize>n << 2, scratch, rows, columns);
}

/**
 * db [k, columns], rows of n numbers, += a [rows, k]ᵀ · the packed block, whose first `zeroRows` rows meet only zeros in a. The columns
 * of a are packed in strips, as the tiles read them: otherwise each of their loads would come from another line of the cache.
 */
export function addBlock(
  db: usize, n: i32, a: usize, scratch: usize, rows: i32, zeroRows: i32, k: i32, columns: i32,
): void {
  if (zeroRows >= rows) return;
  const aRow = <usize>k << 2;
  const depth = rows - zeroRows;
  const left = a + <usize>zeroRows * aRow;
  const strips = scratch + panelBytes(rows, columns);
  // In the blocks that stripProduct takes: where a block ends, so do its strips.
  for (let top = 0; top < k; top += ROWS) {
    packStrips(left + (<usize>top << 2), aRow, strips + (<usize>top * <usize>depth << 2), depth, min(ROWS, k - top));
  }
  const panels = scratch + <usize>zeroRows * PANEL_ROW;
  const tile = strips + (<usize>k * <usize>depth << 2);
  stripProduct(db, <usize>n << 2, strips, panels, <usize>rows * PANEL_ROW, k, depth, columns, tile);
}

/** dBias [columns] += the sum of the rows of the packed block. */
export function addBlockRows(dBias: usize, scratch: usize, rows: i32, columns: i32): void {
  let column = 0;
  for (; column + PANEL <= columns; column += PANEL, dBias += PANEL_ROW) scratch = addPanelRows(dBias, scratch, rows);
  if (column == columns) return;
  const tile = scratch + <usize>rows * PANEL_ROW;
  fill(tile, PANEL, 0);
  copyColumns(tile, 0, dBias, 0, 1, columns - column);
  addPanelRows(tile, scratch, rows);
  copyColumns(dBias, 0, tile, 0, 1, columns - column);
}

/** Adds the rows of one panel to 16 numbers, four sums of them side by side. Returns where the panel ends. */
function addPanelRows(to: usize, panel: usize, rows: i32): usize {
  let s0 = v128.load(to), s1 = v128.load(to, 16), s2 = v128.load(to, 32), s3 = v128.load(to, 48);
  for (const end = panel + <usize>rows * PANEL_ROW; panel < end; panel += PANEL_ROW) {
    s0 = f32x4.add(s0, v128.load(panel));
    s1 = f32x4.add(s1, v128.load(panel, 16));
    s2 = f32x4.add(s2, v128.load(panel, 32));
    s3 = f32x4.add(s3, v128.load(panel, 48));
  }
  storeTwoPairs(to, s0, s1, s2, s3);
  return panel;
}

/** The bytes of all panels of a matrix of k rows and n columns, the last one filled up with zeros. */
// @ts-ignore: decorator
@inline
export function panelBytes(k: i32, n: i32): usize {
  return (<usize>((n + PANEL - 1) & ~(PANEL - 1)) * <usize>k) << 2;
}

/** Copies b [k, n] (rows bRow bytes apart) into panels [n / 16][k][16]. */
export function packPanels(b: usize, bRow: usize, panels: usize, k: i32, n: i32): void {
  const whole = n & ~(PANEL - 1);
  for (let column = 0; column < whole; column += PANEL, b += PANEL_ROW) {
    for (let i = 0, at = b; i < k; i++, at += bRow, panels += PANEL_ROW) {
      storeTwoPairs(panels, v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48));
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

/** Copies columns of a [rows, k] in strips, as many columns as a tile takes: [rows][TILE_ROWS], the last ones narrower. */
function packStrips(a: usize, aRow: usize, strips: usize, rows: i32, k: i32): void {
  while (k > 0) {
    const width = tileRows(k);
    const bytes = <usize>width << 2;
    if (width == TILE_ROWS) {
      for (let i = 0, at = a; i < rows; i++, at += aRow, strips += bytes) copyStrip(strips, at);
    } else {
      for (let i = 0, at = a; i < rows; i++, at += aRow) {
        for (let j: usize = 0; j < bytes; j += 4, strips += 4) f32.store(strips, f32.load(at + j));
      }
    }
    a += bytes;
    k -= width;
  }
}

/** Copies TILE_ROWS numbers, 6 or 2. */
// @ts-ignore: decorator
@inline
function copyStrip(to: usize, from: usize): void {
  if (TILE_ROWS == 2) {
    i64.store(to, i64.load(from));
  } else {
    const near = v128.load(from);
    const far = i64.load(from, 16);
    v128.store(to, near);
    i64.store(to, far, 16);
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

/**
 * out = from + a · b with b in panels; `from` is out itself, or a bias with a `fromRow` of 0. `tile` is scratch for the columns of
 * a panel that is not full.
 */
export function panelProduct(
  out: usize,
  outRow: usize,
  from: usize,
  fromRow: usize,
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
  const block = k <= SHALLOW ? SHALLOW_ROWS : ROWS;
  for (let first = 0; first < k; first += DEPTH) {
    const depth = <usize>min(DEPTH, k - first) * PANEL_ROW;
    const b = panels + <usize>first * PANEL_ROW;
    for (let top = 0; top < m; top += block) {
      const left = a + <usize>top * aRow + <usize>first * aK;
      const rows = min(block, m - top);
      const to = out + <usize>top * outRow;
      if (first == 0) allPanels(to, outRow, from + <usize>top * fromRow, fromRow, left, aRow, aK, b, depth, panel, rows, n, tile);
      else allPanels(to, outRow, to, outRow, left, aRow, aK, b, depth, panel, rows, n, tile);
    }
  }
}

/** One block of rows over all panels, `panel` bytes apart, as deep as `depth` bytes. */
function allPanels(
  out: usize,
  outRow: usize,
  from: usize,
  fromRow: usize,
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
  for (; column + PANEL <= n; column += PANEL, b += panel, out += PANEL_ROW, from += PANEL_ROW) {
    allRows(out, outRow, from, fromRow, a, aRow, aK, b, b + depth, m);
  }
  if (column == n) return;
  const columns = n - column;
  fill(tile, m * PANEL, 0);
  copyColumns(tile, PANEL_ROW, from, fromRow, m, columns);
  allRows(tile, PANEL_ROW, tile, PANEL_ROW, a, aRow, aK, b, b + depth, m);
  copyColumns(out, outRow, tile, PANEL_ROW, m, columns);
}

/** out [m, n] += a · b, a in strips of rows and b in panels `panel` bytes apart, both of depth k. */
function stripProduct(
  out: usize, outRow: usize, strips: usize, panels: usize, panel: usize, m: i32, k: i32, n: i32, tile: usize,
): void {
  for (let top = 0; top < m; top += ROWS) {
    const rows = min(ROWS, m - top);
    someStrips(out + <usize>top * outRow, outRow, strips + (<usize>top * <usize>k << 2), panels, panel, rows, k, n, tile);
  }
}

/** One block of rows of it. */
function someStrips(
  out: usize, outRow: usize, strips: usize, panels: usize, panel: usize, m: i32, k: i32, n: i32, tile: usize,
): void {
  const depth = <usize>k * PANEL_ROW;
  let column = 0;
  for (; column + PANEL <= n; column += PANEL, panels += panel, out += PANEL_ROW) {
    allStrips(out, outRow, strips, panels, panels + depth, m, <usize>k << 2);
  }
  if (column == n) return;
  const columns = n - column;
  fill(tile, m * PANEL, 0);
  copyColumns(tile, PANEL_ROW, out, outRow, m, columns);
  allStrips(tile, PANEL_ROW, strips, panels, panels + depth, m, <usize>k << 2);
  copyColumns(out, outRow, tile, PANEL_ROW, m, columns);
}

/** All rows of 16 columns. */
function allRows(
  out: usize, outRow: usize, from: usize, fromRow: usize, a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, m: i32,
): void {
  while (m > 0) {
    const rows = tileRows(m);
    addTile(rows, a, aRow, aK, b, bEnd, out, outRow, from, fromRow);
    a += <usize>rows * aRow;
    out += <usize>rows * outRow;
    from += <usize>rows * fromRow;
    m -= rows;
  }
}

/** The same with a packed in strips; one of its rows takes `depth` bytes. */
function allStrips(out: usize, outRow: usize, a: usize, b: usize, bEnd: usize, m: i32, depth: usize): void {
  while (m > 0) {
    const rows = tileRows(m);
    addTile(rows, a, 4, <usize>rows << 2, b, bEnd, out, outRow, out, outRow);
    a += <usize>rows * depth;
    out += <usize>rows * outRow;
    m -= rows;
  }
}

/** Copies m rows of `columns` numbers, fewer than a panel's. */
function copyColumns(to: usize, toRow: usize, from: usize, fromRow: usize, m: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  for (let r = 0; r < m; r++, to += toRow, from += fromRow) {
    for (let j: usize = 0; j < bytes; j += 4) f32.store(to + j, f32.load(from + j));
  }
}

/**
 * A single row: out [n] += a [k] · b [k, n]. Each number of b is used once, so nothing is packed and b is read straight
 * through, four rows side by side.
 */
export function rowProduct(out: usize, a: usize, b: usize, k: i32, n: i32): void {
  if (n == 1) {
    f32.store(out, f32.load(out) + dot(a, b, k));
    return;
  }
  const row = <usize>n << 2;
  const pairs = pairEnd(out, n);
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
    for (; c < pairs; c += PAIR, at += PAIR) {
      const lower = addFour(v128.load(c), x0, x1, x2, x3, at, row, LOWER);
      const upper = addFour(v128.load(c, 16), x0, x1, x2, x3, at, row, UPPER);
      storePair(c, lower, upper);
    }
    for (; c < end; c += VECTOR, at += VECTOR) v128.store(c, addFour(v128.load(c), x0, x1, x2, x3, at, row, LOWER));
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

/** sum + x0 · b[0] + x1 · b[1] + x2 · b[2] + x3 · b[3], four numbers of rows `row` bytes apart. */
// @ts-ignore: decorator
@inline
function addFour(sum: v128, x0: v128, x1: v128, x2: v128, x3: v128, b: usize, row: usize, half: usize): v128 {
  sum = madd(x0, v128.load(b + half), sum);
  sum = madd(x1, v128.load(b + row + half), sum);
  sum = madd(x2, v128.load(b + 2 * row + half), sum);
  return madd(x3, v128.load(b + 3 * row + half), sum);
}
