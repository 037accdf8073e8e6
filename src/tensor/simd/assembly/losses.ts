// Losses and their gradients. The caller has checked the targets.
import { constants, exp1, exp4 } from './nonlinear';
import { arrayEnd, LOWER, madd, PAIR, pairEnd, storePair, sumLanes, UPPER, VECTOR, vectorEnd } from './vector';

/** See Kernels.softmaxCrossEntropy. The sum over the rows is formed in double precision. */
export function softmaxCrossEntropy(p: usize, logits: usize, targets: usize, rows: i32, classes: i32): f64 {
  const row = (<usize>classes) << 2;
  let loss: f64 = 0;
  for (let r = 0; r < rows; r++, p += row, logits += row, targets += 4) {
    const most = largest(logits, classes);
    const target: f32 = f32.load(logits + ((<usize>load<u32>(targets)) << 2)) - most;
    const sum = exponentials(p, logits, classes, most);
    divide(p, classes, sum);
    loss += <f64>NativeMath.log(<f64>sum) - <f64>target;
  }
  return loss;
}

/** dLogits += scale · (p - onehot(targets)) */
export function softmaxCrossEntropyBackward(
  dLogits: usize,
  p: usize,
  targets: usize,
  rows: i32,
  classes: i32,
  scale: f32,
): void {
  const row = (<usize>classes) << 2;
  const factor = f32x4.splat(scale);
  for (let r = 0; r < rows; r++, targets += 4) {
    const picked = dLogits + ((<usize>load<u32>(targets)) << 2);
    f32.store(picked, f32.load(picked) - scale);
    const next = dLogits + row;
    const pairs = pairEnd(dLogits, classes);
    const end = vectorEnd(dLogits, classes);
    for (; dLogits < pairs; dLogits += PAIR, p += PAIR) {
      const lower = madd(factor, v128.load(p), v128.load(dLogits));
      const upper = madd(factor, v128.load(p, 16), v128.load(dLogits, 16));
      storePair(dLogits, lower, upper);
    }
    for (; dLogits < end; dLogits += VECTOR, p += VECTOR) {
      v128.store(dLogits, madd(factor, v128.load(p), v128.load(dLogits)));
    }
    for (; dLogits < next; dLogits += 4, p += 4) f32.store(dLogits, f32.load(dLogits) + scale * f32.load(p));
  }
}

/** See Kernels.mseWithPositivePressure: a column of numbers, seldom long; double precision. */
export function mseWithPositivePressure(predictions: usize, targets: usize, count: i32, pressure: f64): f64 {
  let loss: f64 = 0;
  const last = arrayEnd(predictions, count);
  for (; predictions < last; predictions += 4, targets += 4) {
    const p = <f64>f32.load(predictions);
    const difference = <f64>f32.load(targets) - p;
    loss += difference * difference + (p < 0 ? -pressure * p : 0);
  }
  return loss;
}

/** dPredictions += scale · (2 (p - target) - pressure [p < 0]) */
export function mseWithPositivePressureBackward(
  dPredictions: usize,
  predictions: usize,
  targets: usize,
  count: i32,
  pressure: f64,
  scale: f64,
): void {
  const last = arrayEnd(predictions, count);
  for (; predictions < last; predictions += 4, targets += 4, dPredictions += 4) {
    const p = <f64>f32.load(predictions);
    const slope = 2 * (p - <f64>f32.load(targets)) - (p < 0 ? pressure : 0);
    f32.store(dPredictions, <f32>(<f64>f32.load(dPredictions) + scale * slope));
  }
}

/** The largest number of a row; NaN in it may be passed over here, and is found by the exponentials. */
function largest(at: usize, count: i32): f32 {
  const last = arrayEnd(at, count);
  let most = f32.load(at);
  if (count >= 4) {
    const end = vectorEnd(at, count);
    let v = v128.load(at);
    for (; at < end; at += VECTOR) v = f32x4.pmax(v, v128.load(at));
    most = max(
      max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
      max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
    );
  }
  for (; at < last; at += 4) if (f32.load(at) > most) most = f32.load(at);
  return most;
}

/** p = e^(logits - most); returns their sum. */
function exponentials(p: usize, logits: usize, count: i32, most: f32): f32 {
  const table = constants();
  const shift = f32x4.splat(most);
  let sums = f32x4.splat(0);
  const pairs = pairEnd(logits, count);
  const end = vectorEnd(logits, count);
  const last = arrayEnd(logits, count);
  for (; logits < pairs; logits += PAIR, p += PAIR) {
    const lower = exp4(table, f32x4.sub(v128.load(logits), shift), LOWER);
    const upper = exp4(table, f32x4.sub(v128.load(logits, 16), shift), UPPER);
    storePair(p, lower, upper);
    sums = f32x4.add(f32x4.add(sums, lower), upper);
  }
  for (; logits < end; logits += VECTOR, p += VECTOR) {
    const e = exp4(table, f32x4.sub(v128.load(logits), shift), LOWER);
    v128.store(p, e);
    sums = f32x4.add(sums, e);
  }
  let sum = sumLanes(sums);
  for (; logits < last; logits += 4, p += 4) {
    const e = exp1(f32.load(logits) - most);
    f32.store(p, e);
    sum += e;
  }
  return sum;
}

function divide(p: usize, count: i32, sum: f32): void {
  const divisor = f32x4.splat(sum);
  const pairs = pairEnd(p, count);
  const end = vectorEnd(p, count);
  const last = arrayEnd(p, count);
  for (; p < pairs; p += PAIR) storePair(p, f32x4.div(v128.load(p), divisor), f32x4.div(v128.load(p, 16), divisor));
  for (; p < end; p += VECTOR) v128.store(p, f32x4.div(v128.load(p), divisor));
  for (; p < last; p += 4) f32.store(p, f32.load(p) / sum);
}
