// Tiles of a matrix product that stay in registers. All strides are in bytes.
//
// c[r][0..16) += sum over k of a[r][k] * b[k][0..16), where a[r][k] stands at a + r * aRow + k * aK, row k of b at b + k * bK
// up to bEnd, and row r of c at c + r * cRow. V8 has 15 vector registers for WebAssembly on x86-64: 2 rows by 16 columns take
// 8 sums, 4 vectors of b and 1 of a, and leave room for the product where multiply-add is not fused. Eight sums are just as
// many as hide the latency of two units with four cycles each. Wider and taller tiles spill: 6 x 8 reached half the speed
// (docs/performance.md). The loop over k is not unrolled: V8 would hoist the loads and spill too.
import { madd } from './vector';

// @ts-ignore: decorator
@inline
export function tile2x16(a: usize, aRow: usize, aK: usize, b: usize, bK: usize, bEnd: usize, c: usize, cRow: usize): void {
  const d = c + cRow;
  let s00 = v128.load(c);
  let s01 = v128.load(c, 16);
  let s02 = v128.load(c, 32);
  let s03 = v128.load(c, 48);
  let s10 = v128.load(d);
  let s11 = v128.load(d, 16);
  let s12 = v128.load(d, 32);
  let s13 = v128.load(d, 48);
  let a1 = a + aRow;
  do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    let x = v128.load_splat<f32>(a);
    s00 = madd(x, b0, s00);
    s01 = madd(x, b1, s01);
    s02 = madd(x, b2, s02);
    s03 = madd(x, b3, s03);
    x = v128.load_splat<f32>(a1);
    s10 = madd(x, b0, s10);
    s11 = madd(x, b1, s11);
    s12 = madd(x, b2, s12);
    s13 = madd(x, b3, s13);
    a += aK;
    a1 += aK;
    b += bK;
  } while (b < bEnd);
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c, s02, 32);
  v128.store(c, s03, 48);
  v128.store(d, s10);
  v128.store(d, s11, 16);
  v128.store(d, s12, 32);
  v128.store(d, s13, 48);
}

/** One row by 16 columns, for the last row of an odd number. */
// @ts-ignore: decorator
@inline
export function tile1x16(a: usize, aK: usize, b: usize, bK: usize, bEnd: usize, c: usize): void {
  let s0 = v128.load(c);
  let s1 = v128.load(c, 16);
  let s2 = v128.load(c, 32);
  let s3 = v128.load(c, 48);
  do {
    const x = v128.load_splat<f32>(a);
    s0 = madd(x, v128.load(b), s0);
    s1 = madd(x, v128.load(b, 16), s1);
    s2 = madd(x, v128.load(b, 32), s2);
    s3 = madd(x, v128.load(b, 48), s3);
    a += aK;
    b += bK;
  } while (b < bEnd);
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
}
