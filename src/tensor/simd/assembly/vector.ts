// Vectors of four float32 numbers, and the arithmetic that all kernels share. Pointers are byte addresses.
//
// Loops go through memory in pairs of vectors, then in vectors, then in single numbers. V8 can join the two halves of a pair into
// one operation on eight numbers, if they are written as docs/simd.md says; where it does not, a pair is a loop unrolled once.

/** True in the build for engines that join pairs: `--use WIDE_BUILD=i32` in scripts/build-wasm.mjs. */
// @ts-ignore: a name that only the compiler's options define
export const WIDE: bool = isDefined(WIDE_BUILD);

/** The bytes of a vector, of a pair of them, and where a pair's upper half begins. */
export const VECTOR: usize = 16;
export const PAIR: usize = 32;
export const UPPER: usize = 16;
export const LOWER: usize = 0;

/** a * b + c: one rounding and one instruction with relaxed SIMD, two of each without. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/**
 * Stores a pair, the upper half first: were it the other way about, the lower half would have to be stored even if the upper one
 * lay outside of the memory, so that V8 could not store both at once.
 */
// @ts-ignore: decorator
@inline
export function storePair(at: usize, lower: v128, upper: v128): void {
  v128.store(at, upper, UPPER);
  v128.store(at, lower);
}

/** Stores two pairs, one behind the other. */
// @ts-ignore: decorator
@inline
export function storeTwoPairs(at: usize, lower0: v128, upper0: v128, lower1: v128, upper1: v128): void {
  // Offsets, not `storePair(at + PAIR, ..)`: both halves of a pair must be stored from the same address.
  v128.store(at, upper0, 16);
  v128.store(at, lower0);
  v128.store(at, upper1, 48);
  v128.store(at, lower1, 32);
}

/** The sum of the four numbers, in a fixed order. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** Where the whole pairs of an array of `count` numbers at `start` end; up to seven numbers follow. */
// @ts-ignore: decorator
@inline
export function pairEnd(start: usize, count: i32): usize {
  return start + ((<usize>count << 2) & ~(PAIR - 1));
}

/** Where the whole vectors of an array of `count` numbers at `start` end; up to three numbers follow. */
// @ts-ignore: decorator
@inline
export function vectorEnd(start: usize, count: i32): usize {
  return start + ((<usize>count << 2) & ~(VECTOR - 1));
}

/** Where an array of `count` numbers at `start` ends. */
// @ts-ignore: decorator
@inline
export function arrayEnd(start: usize, count: i32): usize {
  return start + (<usize>count << 2);
}
