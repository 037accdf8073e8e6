// exp, sigmoid and tanh of four numbers at a time.
import { madd } from './vector';

// Constants stand in memory, four times each: V8 keeps them out of the way of the registers then.
// prettier-ignore
const TABLE = memory.data<f32>([
  88.0, 88.0, 88.0, 88.0,
  -87.0, -87.0, -87.0, -87.0,
  12582912.0, 12582912.0, 12582912.0, 12582912.0,
  1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341,
  -0.693359375, -0.693359375, -0.693359375, -0.693359375,
  2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4,
  1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4,
  1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3,
  4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2,
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1,
  5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1,
  1.0, 1.0, 1.0, 1.0,
  2.0, 2.0, 2.0, 2.0,
  12.0, 12.0, 12.0, 12.0,
  -12.0, -12.0, -12.0, -12.0,
], 16);

const EXP_MOST: usize = 0;
const EXP_LEAST: usize = 16;
/** 1.5 · 2^23: adding it to a small number rounds it to a whole one, which then stands in the low bits. */
const ROUNDER: usize = 32;
const LOG2_E: usize = 48;
/** -ln 2 in two parts, the first exact in few bits (Cody and Waite). */
const LN2_HIGH: usize = 64;
const LN2_LOW: usize = 80;
/** The polynomial of Cephes' expf on [-ln 2 / 2, ln 2 / 2], from the highest power. */
const EXP_5: usize = 96;
const EXP_4: usize = 112;
const EXP_3: usize = 128;
const EXP_2: usize = 144;
const EXP_1: usize = 160;
const EXP_0: usize = 176;
const ONE: usize = 192;
const TWO: usize = 208;
/** Beyond these tanh is 1 and -1 in float32. */
const TANH_MOST: usize = 224;
const TANH_LEAST: usize = 240;

// @ts-ignore: decorator
@inline
function constant(offset: usize): v128 {
  return v128.load(TABLE + offset);
}

/**
 * e^x = 2^n · e^r with |r| <= ln 2 / 2. The argument is kept in [-87, 88], where 2^n is a normal number; NaN passes, since
 * pmin and pmax return their first operand then.
 */
// @ts-ignore: decorator
@inline
export function exp4(argument: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(argument, constant(EXP_MOST)), constant(EXP_LEAST));
  const shifted = madd(x, constant(LOG2_E), constant(ROUNDER));
  const n = f32x4.sub(shifted, constant(ROUNDER));
  let r = madd(n, constant(LN2_HIGH), x);
  r = madd(n, constant(LN2_LOW), r);
  let p = madd(r, constant(EXP_5), constant(EXP_4));
  p = madd(p, r, constant(EXP_3));
  p = madd(p, r, constant(EXP_2));
  p = madd(p, r, constant(EXP_1));
  p = madd(p, r, constant(EXP_0));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, constant(ONE)));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = constant(ONE);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/**
 * t / (t + 2) with t = e^2x - 1 = (2^n - 1) + 2^n (e^r - 1): near 0, where n = 0, t keeps the relative accuracy of e^r - 1, so that
 * one formula serves all x. The argument is kept where t neither overflows nor tanh differs from 1.
 */
// @ts-ignore: decorator
@inline
export function tanh4(argument: v128): v128 {
  const half = f32x4.pmax(f32x4.pmin(argument, constant(TANH_MOST)), constant(TANH_LEAST));
  const x = f32x4.add(half, half);
  const shifted = madd(x, constant(LOG2_E), constant(ROUNDER));
  const n = f32x4.sub(shifted, constant(ROUNDER));
  let r = madd(n, constant(LN2_HIGH), x);
  r = madd(n, constant(LN2_LOW), r);
  let p = madd(r, constant(EXP_5), constant(EXP_4));
  p = madd(p, r, constant(EXP_3));
  p = madd(p, r, constant(EXP_2));
  p = madd(p, r, constant(EXP_1));
  p = madd(p, r, constant(EXP_0));
  p = madd(p, f32x4.mul(r, r), r);
  const one = constant(ONE);
  const power = i32x4.add(i32x4.shl(shifted, 23), one);
  const t = madd(power, p, f32x4.sub(power, one));
  return f32x4.div(t, f32x4.add(t, constant(TWO)));
}

/** The same of one number, for what is left behind the last whole vector: bit for bit what a lane of the vector gives. */
// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function sigmoid1(x: f32): f32 {
  return f32x4.extract_lane(sigmoid4(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
export function tanh1(x: f32): f32 {
  return f32x4.extract_lane(tanh4(f32x4.splat(x)), 0);
}
