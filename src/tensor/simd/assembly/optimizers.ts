// The steps of the optimizers: what becomes of weights, and of what is kept beside them, given a gradient.
import { arrayEnd, madd, PAIR, pairEnd, storePair, VECTOR, vectorEnd } from './vector';

/** Every number of a is brought into [-limit, limit]. Returns 1 if any was outside of it, else 0. */
export function clip(a: usize, count: i32, limit: f32): i32 {
  const high = f32x4.splat(limit);
  const low = f32x4.splat(-limit);
  let outside = i32x4.splat(0);
  const pairs = pairEnd(a, count);
  const end = vectorEnd(a, count);
  const last = arrayEnd(a, count);
  for (; a < pairs; a += PAIR) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    outside = v128.or(outside, v128.or(f32x4.gt(f32x4.abs(x0), high), f32x4.gt(f32x4.abs(x1), high)));
    storePair(a, f32x4.max(f32x4.min(x0, high), low), f32x4.max(f32x4.min(x1, high), low));
  }
  for (; a < end; a += VECTOR) {
    const x = v128.load(a);
    outside = v128.or(outside, f32x4.gt(f32x4.abs(x), high));
    v128.store(a, f32x4.max(f32x4.min(x, high), low));
  }
  let any = v128.any_true(outside);
  for (; a < last; a += 4) {
    const x = f32.load(a);
    if (abs<f32>(x) > limit) any = true;
    f32.store(a, max<f32>(min<f32>(x, limit), -limit));
  }
  return i32(any);
}

/** w -= rate * g */
export function sgd(w: usize, g: usize, count: i32, rate: f32): void {
  const rates = f32x4.splat(-rate);
  const pairs = pairEnd(w, count);
  const end = vectorEnd(w, count);
  const last = arrayEnd(w, count);
  for (; w < pairs; w += PAIR, g += PAIR) {
    const w0 = madd(rates, v128.load(g), v128.load(w));
    const w1 = madd(rates, v128.load(g, 16), v128.load(w, 16));
    storePair(w, w0, w1);
  }
  for (; w < end; w += VECTOR, g += VECTOR) v128.store(w, madd(rates, v128.load(g), v128.load(w)));
  for (; w < last; w += 4, g += 4) f32.store(w, f32.load(w) - rate * f32.load(g));
}

/** velocity = momentum * velocity + g; w -= rate * velocity */
export function sgdMomentum(w: usize, g: usize, velocity: usize, count: i32, rate: f32, momentum: f32): void {
  const rates = f32x4.splat(-rate);
  const keep = f32x4.splat(momentum);
  const pairs = pairEnd(w, count);
  const end = vectorEnd(w, count);
  const last = arrayEnd(w, count);
  for (; w < pairs; w += PAIR, g += PAIR, velocity += PAIR) {
    const v0 = madd(keep, v128.load(velocity), v128.load(g));
    const v1 = madd(keep, v128.load(velocity, 16), v128.load(g, 16));
    const w0 = madd(rates, v0, v128.load(w));
    const w1 = madd(rates, v1, v128.load(w, 16));
    storePair(velocity, v0, v1);
    storePair(w, w0, w1);
  }
  for (; w < end; w += VECTOR, g += VECTOR, velocity += VECTOR) {
    const v = madd(keep, v128.load(velocity), v128.load(g));
    v128.store(velocity, v);
    v128.store(w, madd(rates, v, v128.load(w)));
  }
  for (; w < last; w += 4, g += 4, velocity += 4) {
    const v: f32 = momentum * f32.load(velocity) + f32.load(g);
    f32.store(velocity, v);
    f32.store(w, f32.load(w) - rate * v);
  }
}

/** velocity = momentum * velocity + g; w -= rate * (g + momentum * velocity) */
export function sgdNesterov(w: usize, g: usize, velocity: usize, count: i32, rate: f32, momentum: f32): void {
  const rates = f32x4.splat(-rate);
  const keep = f32x4.splat(momentum);
  const pairs = pairEnd(w, count);
  const end = vectorEnd(w, count);
  const last = arrayEnd(w, count);
  for (; w < pairs; w += PAIR, g += PAIR, velocity += PAIR) {
    const g0 = v128.load(g);
    const g1 = v128.load(g, 16);
    const v0 = madd(keep, v128.load(velocity), g0);
    const v1 = madd(keep, v128.load(velocity, 16), g1);
    const w0 = madd(rates, madd(keep, v0, g0), v128.load(w));
    const w1 = madd(rates, madd(keep, v1, g1), v128.load(w, 16));
    storePair(velocity, v0, v1);
    storePair(w, w0, w1);
  }
  for (; w < end; w += VECTOR, g += VECTOR, velocity += VECTOR) {
    const gradient = v128.load(g);
    const v = madd(keep, v128.load(velocity), gradient);
    v128.store(velocity, v);
    v128.store(w, madd(rates, madd(keep, v, gradient), v128.load(w)));
  }
  for (; w < last; w += 4, g += 4, velocity += 4) {
    const gradient = f32.load(g);
    const v: f32 = momentum * f32.load(velocity) + gradient;
    f32.store(velocity, v);
    f32.store(w, f32.load(w) - rate * (momentum * v + gradient));
  }
}

/** square = decay * square + (1 - decay) * g²; w -= rate * g / (√square + epsilon) */
export function rmsprop(
  w: usize,
  g: usize,
  square: usize,
  count: i32,
  rate: f32,
  decay: f32,
  oneMinusDecay: f32,
  epsilon: f32,
): void {
  const keep = f32x4.splat(decay);
  const take = f32x4.splat(oneMinusDecay);
  const rates = f32x4.splat(rate);
  const epsilons = f32x4.splat(epsilon);
  const pairs = pairEnd(w, count);
  const end = vectorEnd(w, count);
  const last = arrayEnd(w, count);
  for (; w < pairs; w += PAIR, g += PAIR, square += PAIR) {
    const g0 = v128.load(g);
    const g1 = v128.load(g, 16);
    const s0 = madd(f32x4.mul(take, g0), g0, f32x4.mul(keep, v128.load(square)));
    const s1 = madd(f32x4.mul(take, g1), g1, f32x4.mul(keep, v128.load(square, 16)));
    const step0 = f32x4.div(f32x4.mul(rates, g0), f32x4.add(f32x4.sqrt(s0), epsilons));
    const step1 = f32x4.div(f32x4.mul(rates, g1), f32x4.add(f32x4.sqrt(s1), epsilons));
    const w0 = f32x4.sub(v128.load(w), step0);
    const w1 = f32x4.sub(v128.load(w, 16), step1);
    storePair(square, s0, s1);
    storePair(w, w0, w1);
  }
  for (; w < end; w += VECTOR, g += VECTOR, square += VECTOR) {
    const gradient = v128.load(g);
    const s = madd(f32x4.mul(take, gradient), gradient, f32x4.mul(keep, v128.load(square)));
    v128.store(square, s);
    const step = f32x4.div(f32x4.mul(rates, gradient), f32x4.add(f32x4.sqrt(s), epsilons));
    v128.store(w, f32x4.sub(v128.load(w), step));
  }
  for (; w < last; w += 4, g += 4, square += 4) {
    const gradient = f32.load(g);
    const s: f32 = decay * f32.load(square) + oneMinusDecay * gradient * gradient;
    f32.store(square, s);
    f32.store(w, f32.load(w) - (rate * gradient) / (NativeMathf.sqrt(s) + epsilon));
  }
}

/**
 * One step of Adam; `rate` carries both bias corrections. 1 - beta is given apart: formed from a float32 beta it would have
 * lost its last digits.
 */
export function adam(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  rate: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
): void {
  const keep1 = f32x4.splat(beta1);
  const keep2 = f32x4.splat(beta2);
  const take1 = f32x4.splat(oneMinusBeta1);
  const take2 = f32x4.splat(oneMinusBeta2);
  const rates = f32x4.splat(rate);
  const epsilons = f32x4.splat(epsilon);
  const pairs = pairEnd(w, count);
  const end = vectorEnd(w, count);
  const last = arrayEnd(w, count);
  for (; w < pairs; w += PAIR, g += PAIR, m += PAIR, v += PAIR) {
    const g0 = v128.load(g);
    const g1 = v128.load(g, 16);
    const m0 = madd(take1, g0, f32x4.mul(keep1, v128.load(m)));
    const m1 = madd(take1, g1, f32x4.mul(keep1, v128.load(m, 16)));
    const v0 = madd(f32x4.mul(take2, g0), g0, f32x4.mul(keep2, v128.load(v)));
    const v1 = madd(f32x4.mul(take2, g1), g1, f32x4.mul(keep2, v128.load(v, 16)));
    const step0 = f32x4.div(f32x4.mul(rates, m0), f32x4.add(f32x4.sqrt(v0), epsilons));
    const step1 = f32x4.div(f32x4.mul(rates, m1), f32x4.add(f32x4.sqrt(v1), epsilons));
    const w0 = f32x4.sub(v128.load(w), step0);
    const w1 = f32x4.sub(v128.load(w, 16), step1);
    storePair(m, m0, m1);
    storePair(v, v0, v1);
    storePair(w, w0, w1);
  }
  for (; w < end; w += VECTOR, g += VECTOR, m += VECTOR, v += VECTOR) {
    const gradient = v128.load(g);
    const first = madd(take1, gradient, f32x4.mul(keep1, v128.load(m)));
    const second = madd(f32x4.mul(take2, gradient), gradient, f32x4.mul(keep2, v128.load(v)));
    v128.store(m, first);
    v128.store(v, second);
    const step = f32x4.div(f32x4.mul(rates, first), f32x4.add(f32x4.sqrt(second), epsilons));
    v128.store(w, f32x4.sub(v128.load(w), step));
  }
  for (; w < last; w += 4, g += 4, m += 4, v += 4) {
    const gradient = f32.load(g);
    const first: f32 = beta1 * f32.load(m) + oneMinusBeta1 * gradient;
    const second: f32 = beta2 * f32.load(v) + oneMinusBeta2 * gradient * gradient;
    f32.store(m, first);
    f32.store(v, second);
    f32.store(w, f32.load(w) - (rate * first) / (NativeMathf.sqrt(second) + epsilon));
  }
}
