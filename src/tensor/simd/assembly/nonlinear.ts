// exp, sigmoid and tanh of four numbers at a time, with constants for one half of a pair (see vector.ts).
import { LOWER, madd } from './vector';

// Constants stand in memory, eight times each, as a pair of vectors reads them: V8 keeps them out of the way of the registers then.
// prettier-ignore
const TABLE = memory.data<f32>([
  88.0, 88.0, 88.0, 88.0, 88.0, 88.0, 88.0, 88.0,
  -87.0, -87.0, -87.0, -87.0, -87.0, -87.0, -87.0, -87.0,
  12582912.0, 12582912.0, 12582912.0, 12582912.0, 12582912.0, 12582912.0, 12582912.0, 12582912.0,
  1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341,
  -0.693359375, -0.693359375, -0.693359375, -0.693359375, -0.693359375, -0.693359375, -0.693359375, -0.693359375,
  2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4,
  1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4,
  1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3,
  4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2,
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1,
  5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1,
  1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0,
  2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0,
  12.0, 12.0, 12.0, 12.0, 12.0, 12.0, 12.0, 12.0,
  -12.0, -12.0, -12.0, -12.0, -12.0, -12.0, -12.0, -12.0,
], 32);

const EXP_MOST: usize = 0;
const EXP_LEAST: usize = 32;
/** 1.5 · 2^23: adding it to a small number rounds it to a whole one, which then stands in the low bits. */
const ROUNDER: usize = 64;
const LOG2_E: usize = 96;
/** -ln 2 in two parts, the first exact in few bits (Cody and Waite). */
const LN2_HIGH: usize = 128;
const LN2_LOW: usize = 160;
/** The polynomial of Cephes' expf on [-ln 2 / 2, ln 2 / 2], from the highest power. */
const EXP_5: usize = 192;
const EXP_4: usize = 224;
const EXP_3: usize = 256;
const EXP_2: usize = 288;
const EXP_1: usize = 320;
const EXP_0: usize = 352;
const ONE: usize = 384;
const TWO: usize = 416;
/** Beyond these tanh is 1 and -1 in float32. */
const TANH_MOST: usize = 448;
const TANH_LEAST: usize = 480;

/** Holds 0, which no compiler can know. */
const NOTHING = memory.data<usize>([0], 16);

/**
 * Where the constants stand. V8 reads a fixed address without a guard, and does not move such a load past a guarded one: it could
 * not join a pair. So the address must not look fixed.
 */
// @ts-ignore: decorator
@inline
export function constants(): usize {
  return TABLE + load<usize>(NOTHING);
}

/** A constant for the lower or the upper half of a pair. */
// @ts-ignore: decorator
@inline
function constant(table: usize, offset: usize, half: usize): v128 {
  return v128.load(table + (offset + half));
}

/** x / ln 2, rounded to a whole n, which stands in the low bits: `ROUNDER` + n. */
// @ts-ignore: decorator
@inline
function nearestPower(table: usize, x: v128, half: usize): v128 {
  return madd(x, constant(table, LOG2_E, half), constant(table, ROUNDER, half));
}

/** r = x - n ln 2, |r| <= ln 2 / 2. */
// @ts-ignore: decorator
@inline
function remainder(table: usize, x: v128, shifted: v128, half: usize): v128 {
  const n = f32x4.sub(shifted, constant(table, ROUNDER, half));
  return madd(n, constant(table, LN2_LOW, half), madd(n, constant(table, LN2_HIGH, half), x));
}

/** The polynomial in e^r = 1 + r + r² · tail(r). */
// @ts-ignore: decorator
@inline
function tail(table: usize, r: v128, half: usize): v128 {
  let p = madd(r, constant(table, EXP_5, half), constant(table, EXP_4, half));
  p = madd(p, r, constant(table, EXP_3, half));
  p = madd(p, r, constant(table, EXP_2, half));
  p = madd(p, r, constant(table, EXP_1, half));
  return madd(p, r, constant(table, EXP_0, half));
}

/**
 * e^x = 2^n · e^r with |r| <= ln 2 / 2. The argument is kept in [-87, 88], where 2^n is a normal number; NaN passes, since
 * pmin and pmax return their first operand then.
 */
// @ts-ignore: decorator
@inline
export function exp4(table: usize, argument: v128, half: usize): v128 {
  const x = f32x4.pmax(f32x4.pmin(argument, constant(table, EXP_MOST, half)), constant(table, EXP_LEAST, half));
  const shifted = nearestPower(table, x, half);
  const r = remainder(table, x, shifted, half);
  const p = madd(tail(table, r, half), f32x4.mul(r, r), f32x4.add(r, constant(table, ONE, half)));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function sigmoid4(table: usize, x: v128, half: usize): v128 {
  const one = constant(table, ONE, half);
  return f32x4.div(one, f32x4.add(one, exp4(table, f32x4.neg(x), half)));
}

/**
 * t / (t + 2) with t = e^2x - 1 = (2^n - 1) + 2^n (e^r - 1): near 0, where n = 0, t keeps the relative accuracy of e^r - 1, so that
 * one formula serves all x. The argument is kept where t neither overflows nor tanh differs from 1.
 */
// @ts-ignore: decorator
@inline
export function tanh4(table: usize, argument: v128, half: usize): v128 {
  const clipped = f32x4.pmax(f32x4.pmin(argument, constant(table, TANH_MOST, half)), constant(table, TANH_LEAST, half));
  const x = f32x4.add(clipped, clipped);
  const shifted = nearestPower(table, x, half);
  const r = remainder(table, x, shifted, half);
  const p = madd(tail(table, r, half), f32x4.mul(r, r), r);
  const one = constant(table, ONE, half);
  const power = i32x4.add(i32x4.shl(shifted, 23), one);
  const t = madd(power, p, f32x4.sub(power, one));
  return f32x4.div(t, f32x4.add(t, constant(table, TWO, half)));
}

/** The same of one number, for what is left behind the last whole vector: bit for bit what a lane of the vector gives. */
// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(constants(), f32x4.splat(x), LOWER), 0);
}

// @ts-ignore: decorator
@inline
export function sigmoid1(x: f32): f32 {
  return f32x4.extract_lane(sigmoid4(constants(), f32x4.splat(x), LOWER), 0);
}

// @ts-ignore: decorator
@inline
export function tanh1(x: f32): f32 {
  return f32x4.extract_lane(tanh4(constants(), f32x4.splat(x), LOWER), 0);
}
