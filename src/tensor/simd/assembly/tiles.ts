// Tiles of a matrix product that stay in registers. All strides are in bytes.
//
// c[r][0..8) += sum over k of a[r][k] * b[k][0..8), where a[r][k] stands at a + r * aRow + k * aK, row k of b at b + k * bK
// up to bEnd, and row r of c at c + r * cRow. x86-64 gives WebAssembly 15 vector registers: 6 rows by 8 columns need 12 sums,
// 2 vectors of b and 1 of a, which suits the fused build; without fused multiply-add a product needs a register of its own,
// and 4 rows are best. The loop over k is not unrolled: V8 would hoist the loads and spill the sums.
import { madd } from './vector';

// @ts-ignore: decorator
@inline
export function tile6x8(a: usize, aRow: usize, aK: usize, b: usize, bK: usize, bEnd: usize, c: usize, cRow: usize): void {
  const c1 = c + cRow;
  const c2 = c1 + cRow;
  const c3 = c2 + cRow;
  const c4 = c3 + cRow;
  const c5 = c4 + cRow;
  let s00 = v128.load(c);
  let s01 = v128.load(c, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  let s40 = v128.load(c4);
  let s41 = v128.load(c4, 16);
  let s50 = v128.load(c5);
  let s51 = v128.load(c5, 16);
  do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a3 = a + 3 * aRow;
    let x = v128.load_splat<f32>(a);
    s00 = madd(x, b0, s00);
    s01 = madd(x, b1, s01);
    x = v128.load_splat<f32>(a + aRow);
    s10 = madd(x, b0, s10);
    s11 = madd(x, b1, s11);
    x = v128.load_splat<f32>(a + 2 * aRow);
    s20 = madd(x, b0, s20);
    s21 = madd(x, b1, s21);
    x = v128.load_splat<f32>(a3);
    s30 = madd(x, b0, s30);
    s31 = madd(x, b1, s31);
    x = v128.load_splat<f32>(a3 + aRow);
    s40 = madd(x, b0, s40);
    s41 = madd(x, b1, s41);
    x = v128.load_splat<f32>(a3 + 2 * aRow);
    s50 = madd(x, b0, s50);
    s51 = madd(x, b1, s51);
    a += aK;
    b += bK;
  } while (b < bEnd);
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
  v128.store(c4, s40);
  v128.store(c4, s41, 16);
  v128.store(c5, s50);
  v128.store(c5, s51, 16);
}

// @ts-ignore: decorator
@inline
export function tile4x8(a: usize, aRow: usize, aK: usize, b: usize, bK: usize, bEnd: usize, c: usize, cRow: usize): void {
  const c1 = c + cRow;
  const c2 = c1 + cRow;
  const c3 = c2 + cRow;
  let s00 = v128.load(c);
  let s01 = v128.load(c, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    s00 = madd(x, b0, s00);
    s01 = madd(x, b1, s01);
    x = v128.load_splat<f32>(a1);
    s10 = madd(x, b0, s10);
    s11 = madd(x, b1, s11);
    x = v128.load_splat<f32>(a2);
    s20 = madd(x, b0, s20);
    s21 = madd(x, b1, s21);
    x = v128.load_splat<f32>(a3);
    s30 = madd(x, b0, s30);
    s31 = madd(x, b1, s31);
    a += aK;
    a1 += aK;
    a2 += aK;
    a3 += aK;
    b += bK;
  } while (b < bEnd);
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

// @ts-ignore: decorator
@inline
export function tile1x8(a: usize, aK: usize, b: usize, bK: usize, bEnd: usize, c: usize): void {
  let s0 = v128.load(c);
  let s1 = v128.load(c, 16);
  do {
    const x = v128.load_splat<f32>(a);
    s0 = madd(x, v128.load(b), s0);
    s1 = madd(x, v128.load(b, 16), s1);
    a += aK;
    b += bK;
  } while (b < bEnd);
  v128.store(c, s0);
  v128.store(c, s1, 16);
}

/** One row by 32 columns that stand side by side in b: eight sums hide the latency of the additions. */
// @ts-ignore: decorator
@inline
export function tile1x32(a: usize, aK: usize, b: usize, bK: usize, bEnd: usize, c: usize): void {
  let s0 = v128.load(c);
  let s1 = v128.load(c, 16);
  let s2 = v128.load(c, 32);
  let s3 = v128.load(c, 48);
  let s4 = v128.load(c, 64);
  let s5 = v128.load(c, 80);
  let s6 = v128.load(c, 96);
  let s7 = v128.load(c, 112);
  do {
    const x = v128.load_splat<f32>(a);
    s0 = madd(x, v128.load(b), s0);
    s1 = madd(x, v128.load(b, 16), s1);
    s2 = madd(x, v128.load(b, 32), s2);
    s3 = madd(x, v128.load(b, 48), s3);
    s4 = madd(x, v128.load(b, 64), s4);
    s5 = madd(x, v128.load(b, 80), s5);
    s6 = madd(x, v128.load(b, 96), s6);
    s7 = madd(x, v128.load(b, 112), s7);
    a += aK;
    b += bK;
  } while (b < bEnd);
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
  v128.store(c, s4, 64);
  v128.store(c, s5, 80);
  v128.store(c, s6, 96);
  v128.store(c, s7, 112);
}
