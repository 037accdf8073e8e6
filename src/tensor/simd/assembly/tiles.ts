// Tiles of a matrix product that stay in registers. All strides are in bytes.
//
// c[r][0..16) = from[r][0..16) + sum over k of a[r][k] * b[k][0..16), where a[r][k] stands at a + r * aRow + k * aK, row k of b at
// b + k * 64 up to bEnd, row r of c at c + r * cRow and of `from` at from + r * fromRow: c itself, or a bias with a fromRow of 0.
// V8 has 15 vector registers for WebAssembly on x86-64.
//
// Narrow: 2 rows by 16 columns take 8 sums, 4 vectors of b and 1 of a, and leave room for the product where multiply-add is not
// fused. Eight sums are just as many as hide the latency of two units with four cycles each. Wider and taller tiles spill.
// Wide: once pairs are joined, 16 columns are two registers, and 6 rows take 12 sums, 2 of b and 1 of a: all 15 of them.
// The loop over k is not unrolled: V8 would hoist the loads and spill. Figures for other shapes: docs/simd.md.
import { madd, storeTwoPairs, WIDE } from './vector';

/** The rows of the largest tile. */
export const TILE_ROWS: i32 = WIDE ? 6 : 2;

/** The bytes of a row of b: 16 columns. */
const B_ROW: usize = 64;

/** How many of `rows` rows the next tile takes: all it can, but 7 = 4 + 3 and 8 = 4 + 4, which waste less than 6 + 1 and 6 + 2. */
// @ts-ignore: decorator
@inline
export function tileRows(rows: i32): i32 {
  return WIDE && (rows == 7 || rows == 8) ? 4 : min(rows, TILE_ROWS);
}

/** Adds a tile of `rows` rows, as many as `tileRows` gave. */
// @ts-ignore: decorator
@inline
export function addTile(
  rows: i32, a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, c: usize, cRow: usize, from: usize, fromRow: usize,
): void {
  if (WIDE) {
    if (rows == 6) tile6x16(a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
    else if (rows == 5) tile5x16(a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
    else if (rows == 4) tile4x16(a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
    else if (rows == 3) tile3x16(a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
    else if (rows == 2) tile2x16(a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
    else tile1x16(a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
  } else {
    // In place: a call would take some percent of so small a tile.
    if (rows == 2) tile(2, a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
    else tile(1, a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
  }
}

// V8 decides for a whole function whether it joins pairs: each wide tile is one of its own.
function tile6x16(
  a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, c: usize, cRow: usize, from: usize, fromRow: usize,
): void {
  tile(6, a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
}
function tile5x16(
  a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, c: usize, cRow: usize, from: usize, fromRow: usize,
): void {
  tile(5, a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
}
function tile4x16(
  a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, c: usize, cRow: usize, from: usize, fromRow: usize,
): void {
  tile(4, a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
}
function tile3x16(
  a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, c: usize, cRow: usize, from: usize, fromRow: usize,
): void {
  tile(3, a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
}
function tile2x16(
  a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, c: usize, cRow: usize, from: usize, fromRow: usize,
): void {
  tile(2, a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
}
function tile1x16(
  a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, c: usize, cRow: usize, from: usize, fromRow: usize,
): void {
  tile(1, a, aRow, aK, b, bEnd, c, cRow, from, fromRow);
}

/** The tile of all shapes: `rows` is a constant wherever this is inlined, and what lies behind a false `if` is dropped. */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, a: usize, aRow: usize, aK: usize, b: usize, bEnd: usize, c: usize, cRow: usize, from: usize, fromRow: usize,
): void {
  const f1 = from + fromRow, f2 = f1 + fromRow, f3 = f2 + fromRow, f4 = f3 + fromRow, f5 = f4 + fromRow;
  let s00 = v128.load(from), s01 = v128.load(from, 16), s02 = v128.load(from, 32), s03 = v128.load(from, 48);
  let s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  let s20 = s00, s21 = s00, s22 = s00, s23 = s00;
  let s30 = s00, s31 = s00, s32 = s00, s33 = s00;
  let s40 = s00, s41 = s00, s42 = s00, s43 = s00;
  let s50 = s00, s51 = s00, s52 = s00, s53 = s00;
  if (rows > 1) { s10 = v128.load(f1); s11 = v128.load(f1, 16); s12 = v128.load(f1, 32); s13 = v128.load(f1, 48); }
  if (rows > 2) { s20 = v128.load(f2); s21 = v128.load(f2, 16); s22 = v128.load(f2, 32); s23 = v128.load(f2, 48); }
  if (rows > 3) { s30 = v128.load(f3); s31 = v128.load(f3, 16); s32 = v128.load(f3, 32); s33 = v128.load(f3, 48); }
  if (rows > 4) { s40 = v128.load(f4); s41 = v128.load(f4, 16); s42 = v128.load(f4, 32); s43 = v128.load(f4, 48); }
  if (rows > 5) { s50 = v128.load(f5); s51 = v128.load(f5, 16); s52 = v128.load(f5, 32); s53 = v128.load(f5, 48); }
  // Rows 3 to 5 have a pointer of their own; a pointer for each row would take too many registers.
  const twoRows = aRow + aRow;
  let a3 = a + twoRows + aRow;
  do {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let x = v128.load_splat<f32>(a);
    s00 = madd(x, b0, s00); s01 = madd(x, b1, s01); s02 = madd(x, b2, s02); s03 = madd(x, b3, s03);
    if (rows > 1) {
      x = v128.load_splat<f32>(a + aRow);
      s10 = madd(x, b0, s10); s11 = madd(x, b1, s11); s12 = madd(x, b2, s12); s13 = madd(x, b3, s13);
    }
    if (rows > 2) {
      x = v128.load_splat<f32>(a + twoRows);
      s20 = madd(x, b0, s20); s21 = madd(x, b1, s21); s22 = madd(x, b2, s22); s23 = madd(x, b3, s23);
    }
    if (rows > 3) {
      x = v128.load_splat<f32>(a3);
      s30 = madd(x, b0, s30); s31 = madd(x, b1, s31); s32 = madd(x, b2, s32); s33 = madd(x, b3, s33);
    }
    if (rows > 4) {
      x = v128.load_splat<f32>(a3 + aRow);
      s40 = madd(x, b0, s40); s41 = madd(x, b1, s41); s42 = madd(x, b2, s42); s43 = madd(x, b3, s43);
    }
    if (rows > 5) {
      x = v128.load_splat<f32>(a3 + twoRows);
      s50 = madd(x, b0, s50); s51 = madd(x, b1, s51); s52 = madd(x, b2, s52); s53 = madd(x, b3, s53);
    }
    a += aK;
    a3 += aK;
    b += B_ROW;
  } while (b < bEnd);
  const c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow, c4 = c3 + cRow, c5 = c4 + cRow;
  storeTwoPairs(c, s00, s01, s02, s03);
  if (rows > 1) storeTwoPairs(c1, s10, s11, s12, s13);
  if (rows > 2) storeTwoPairs(c2, s20, s21, s22, s23);
  if (rows > 3) storeTwoPairs(c3, s30, s31, s32, s33);
  if (rows > 4) storeTwoPairs(c4, s40, s41, s42, s43);
  if (rows > 5) storeTwoPairs(c5, s50, s51, s52, s53);
}
