// Vectors of four float32 numbers, and the arithmetic that all kernels share. Pointers are byte addresses.

/** The bytes of a vector. */
export const VECTOR: usize = 16;

/** a * b + c: one rounding and one instruction with relaxed SIMD, two of each without. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/** The sum of the four numbers, in a fixed order. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
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
