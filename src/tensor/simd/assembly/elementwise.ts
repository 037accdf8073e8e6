// Operations that look at one number, or one row, at a time.
import { arrayEnd, madd, PAIR, pairEnd, storePair, storeTwoPairs, sumLanes, VECTOR, vectorEnd } from './vector';

export function fill(out: usize, count: i32, value: f32): void {
  const v = f32x4.splat(value);
  const pairs = pairEnd(out, count);
  const end = vectorEnd(out, count);
  const last = arrayEnd(out, count);
  for (; out < pairs; out += PAIR) storePair(out, v, v);
  for (; out < end; out += VECTOR) v128.store(out, v);
  for (; out < last; out += 4) f32.store(out, value);
}

/** out += a */
export function add(out: usize, a: usize, count: i32): void {
  const pairs = pairEnd(out, count);
  const end = vectorEnd(out, count);
  const last = arrayEnd(out, count);
  for (; out < pairs; out += PAIR, a += PAIR) {
    storePair(out, f32x4.add(v128.load(out), v128.load(a)), f32x4.add(v128.load(out, 16), v128.load(a, 16)));
  }
  for (; out < end; out += VECTOR, a += VECTOR) v128.store(out, f32x4.add(v128.load(out), v128.load(a)));
  for (; out < last; out += 4, a += 4) f32.store(out, f32.load(out) + f32.load(a));
}

/** out *= factor */
export function scale(out: usize, count: i32, factor: f32): void {
  const v = f32x4.splat(factor);
  const pairs = pairEnd(out, count);
  const end = vectorEnd(out, count);
  const last = arrayEnd(out, count);
  for (; out < pairs; out += PAIR) storePair(out, f32x4.mul(v128.load(out), v), f32x4.mul(v128.load(out, 16), v));
  for (; out < end; out += VECTOR) v128.store(out, f32x4.mul(v128.load(out), v));
  for (; out < last; out += 4) f32.store(out, f32.load(out) * factor);
}

/** The sum of squares in double precision. */
export function sumOfSquares(a: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = low;
  const end = vectorEnd(a, count);
  const last = arrayEnd(a, count);
  for (; a < end; a += VECTOR) {
    const v = v128.load(a);
    const x = f64x2.promote_low_f32x4(v);
    const y = f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 1));
    low = f64x2.add(low, f64x2.mul(x, x));
    high = f64x2.add(high, f64x2.mul(y, y));
  }
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  sum += f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1);
  for (; a < last; a += 4) sum += <f64>f32.load(a) * <f64>f32.load(a);
  return sum;
}

/** out = a ∘ mask */
export function dropout(out: usize, a: usize, mask: usize, count: i32): void {
  const pairs = pairEnd(out, count);
  const end = vectorEnd(out, count);
  const last = arrayEnd(out, count);
  for (; out < pairs; out += PAIR, a += PAIR, mask += PAIR) {
    storePair(out, f32x4.mul(v128.load(a), v128.load(mask)), f32x4.mul(v128.load(a, 16), v128.load(mask, 16)));
  }
  for (; out < end; out += VECTOR, a += VECTOR, mask += VECTOR) {
    v128.store(out, f32x4.mul(v128.load(a), v128.load(mask)));
  }
  for (; out < last; out += 4, a += 4, mask += 4) f32.store(out, f32.load(a) * f32.load(mask));
}

/** da += dOut ∘ mask */
export function dropoutBackward(da: usize, dOut: usize, mask: usize, count: i32): void {
  const pairs = pairEnd(da, count);
  const end = vectorEnd(da, count);
  const last = arrayEnd(da, count);
  for (; da < pairs; da += PAIR, dOut += PAIR, mask += PAIR) {
    const lower = madd(v128.load(dOut), v128.load(mask), v128.load(da));
    const upper = madd(v128.load(dOut, 16), v128.load(mask, 16), v128.load(da, 16));
    storePair(da, lower, upper);
  }
  for (; da < end; da += VECTOR, dOut += VECTOR, mask += VECTOR) {
    v128.store(da, madd(v128.load(dOut), v128.load(mask), v128.load(da)));
  }
  for (; da < last; da += 4, dOut += 4, mask += 4) f32.store(da, f32.load(da) + f32.load(dOut) * f32.load(mask));
}

/** out = max(a, 0) */
export function relu(out: usize, a: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const pairs = pairEnd(out, count);
  const end = vectorEnd(out, count);
  const last = arrayEnd(out, count);
  for (; out < pairs; out += PAIR, a += PAIR) {
    storePair(out, f32x4.max(v128.load(a), zero), f32x4.max(v128.load(a, 16), zero));
  }
  for (; out < end; out += VECTOR, a += VECTOR) v128.store(out, f32x4.max(v128.load(a), zero));
  for (; out < last; out += 4, a += 4) f32.store(out, max<f32>(f32.load(a), 0));
}

/** x ∘ [y > 0]: a product, so that NaN is not hidden. */
// @ts-ignore: decorator
@inline
function whereAbove(x: v128, y: v128): v128 {
  return f32x4.mul(x, v128.and(f32x4.splat(1), f32x4.gt(y, f32x4.splat(0))));
}

/** da += dOut ∘ [y > 0] */
export function reluBackward(da: usize, dOut: usize, y: usize, count: i32): void {
  const pairs = pairEnd(da, count);
  const end = vectorEnd(da, count);
  const last = arrayEnd(da, count);
  for (; da < pairs; da += PAIR, dOut += PAIR, y += PAIR) {
    const lower = f32x4.add(v128.load(da), whereAbove(v128.load(dOut), v128.load(y)));
    const upper = f32x4.add(v128.load(da, 16), whereAbove(v128.load(dOut, 16), v128.load(y, 16)));
    storePair(da, lower, upper);
  }
  for (; da < end; da += VECTOR, dOut += VECTOR, y += VECTOR) {
    v128.store(da, f32x4.add(v128.load(da), whereAbove(v128.load(dOut), v128.load(y))));
  }
  for (; da < last; da += 4, dOut += 4, y += 4) {
    f32.store(da, f32.load(da) + f32.load(dOut) * (f32.load(y) > 0 ? <f32>1 : <f32>0));
  }
}

/** Every row of out [rows, columns] = bias [columns]. */
export function bias(out: usize, biasAt: usize, rows: i32, columns: i32): void {
  const row = (<usize>columns) << 2;
  for (let r = 0; r < rows; r++, out += row) memory.copy(out, biasAt, row);
}

/** dBias [columns] += the sum of the rows of dOut [rows, columns]; 16 columns at a time, then 4, then 1. */
export function biasBackward(dBias: usize, dOut: usize, rows: i32, columns: i32): void {
  const stride = (<usize>columns) << 2;
  let column = 0;
  for (; column + 16 <= columns; column += 16, dBias += 64, dOut += 64) {
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let at = dOut;
    for (let r = 0; r < rows; r++, at += stride) {
      s0 = f32x4.add(s0, v128.load(at));
      s1 = f32x4.add(s1, v128.load(at, 16));
      s2 = f32x4.add(s2, v128.load(at, 32));
      s3 = f32x4.add(s3, v128.load(at, 48));
    }
    s0 = f32x4.add(v128.load(dBias), s0);
    s1 = f32x4.add(v128.load(dBias, 16), s1);
    s2 = f32x4.add(v128.load(dBias, 32), s2);
    s3 = f32x4.add(v128.load(dBias, 48), s3);
    storeTwoPairs(dBias, s0, s1, s2, s3);
  }
  for (; column < columns; column++, dBias += 4, dOut += 4) {
    let sum: f32 = 0;
    let at = dOut;
    for (let r = 0; r < rows; r++, at += stride) sum += f32.load(at);
    f32.store(dBias, f32.load(dBias) + sum);
  }
}

/** The first row whose index is not in [0, classes), or -1: the caller reports it before anything is written. */
export function firstBadIndex(indices: usize, rows: i32, classes: i32): i32 {
  for (let r = 0; r < rows; r++, indices += 4) if (load<u32>(indices) >= <u32>classes) return r;
  return -1;
}

/** out [rows, columns] += table[indices[row]]; the indices have been checked. */
export function embedding(out: usize, table: usize, indices: usize, rows: i32, columns: i32): void {
  const stride = (<usize>columns) << 2;
  for (let r = 0; r < rows; r++, out += stride, indices += 4) {
    add(out, table + <usize>load<u32>(indices) * stride, columns);
  }
}

/** dTable[indices[row]] += dOut[row], row by row; the indices have been checked. */
export function embeddingBackward(dTable: usize, dOut: usize, indices: usize, rows: i32, columns: i32): void {
  const stride = (<usize>columns) << 2;
  for (let r = 0; r < rows; r++, dOut += stride, indices += 4) {
    add(dTable + <usize>load<u32>(indices) * stride, dOut, columns);
  }
}

/** A dot product, for products with a single column. */
export function dot(a: usize, b: usize, count: i32): f32 {
  let sums = f32x4.splat(0);
  const end = vectorEnd(a, count);
  const last = arrayEnd(a, count);
  for (; a < end; a += VECTOR, b += VECTOR) sums = madd(v128.load(a), v128.load(b), sums);
  let sum = sumLanes(sums);
  for (; a < last; a += 4, b += 4) sum += f32.load(a) * f32.load(b);
  return sum;
}
