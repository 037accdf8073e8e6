// The halves of a GRU's time step, and tanh alone. Gates stand in the order r z n.
import { gateGradient, sigmoidRow, tanhGradient, tanhRow } from './lstm';
import { add } from './elementwise';
import { arrayEnd, madd, PAIR, pairEnd, storePair, VECTOR, vectorEnd } from './vector';

/** out = tanh(a) */
export function tanh(out: usize, a: usize, count: i32): void {
  if (out != a) memory.copy(out, a, (<usize>count) << 2);
  tanhRow(out, count);
}

/** da += dOut ∘ (1 - y²) */
export function tanhBackward(da: usize, dOut: usize, y: usize, count: i32): void {
  const pairs = pairEnd(da, count);
  const end = vectorEnd(da, count);
  const last = arrayEnd(da, count);
  for (; da < pairs; da += PAIR, dOut += PAIR, y += PAIR) {
    const lower = madd(v128.load(dOut), oneMinusSquare(v128.load(y)), v128.load(da));
    const upper = madd(v128.load(dOut, 16), oneMinusSquare(v128.load(y, 16)), v128.load(da, 16));
    storePair(da, lower, upper);
  }
  for (; da < end; da += VECTOR, dOut += VECTOR, y += VECTOR) {
    v128.store(da, madd(v128.load(dOut), oneMinusSquare(v128.load(y)), v128.load(da)));
  }
  for (; da < last; da += 4, dOut += 4, y += 4) {
    const value = f32.load(y);
    f32.store(da, f32.load(da) + f32.load(dOut) * (1 - value * value));
  }
}

// @ts-ignore: decorator
@inline
function oneMinusSquare(y: v128): v128 {
  return f32x4.sub(f32x4.splat(1), f32x4.mul(y, y));
}

/** See Kernels.gruGates. */
export function gruGates(gates: usize, recurrent: usize, by: usize, product: usize, rows: i32, hidden: i32): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++, gates += 3 * gate, recurrent += 2 * gate, by += gate, product += gate) {
    add(gates, recurrent, 2 * hidden);
    sigmoidRow(gates, 2 * hidden);
    multiply(product, gates, by, hidden);
  }
}

/** out = a ∘ b */
// @ts-ignore: decorator
@inline
function multiply(out: usize, a: usize, b: usize, count: i32): void {
  const pairs = pairEnd(out, count);
  const end = vectorEnd(out, count);
  const last = arrayEnd(out, count);
  for (; out < pairs; out += PAIR, a += PAIR, b += PAIR) {
    storePair(out, f32x4.mul(v128.load(a), v128.load(b)), f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  for (; out < end; out += VECTOR, a += VECTOR, b += VECTOR) v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
  for (; out < last; out += 4, a += 4, b += 4) f32.store(out, f32.load(a) * f32.load(b));
}

/** See Kernels.gruGatesBackward. */
export function gruGatesBackward(
  gates: usize,
  dRecurrent: usize,
  dBy: usize,
  dProduct: usize,
  by: usize,
  rows: i32,
  hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++, gates += 3 * gate, dRecurrent += 2 * gate) {
    const end = vectorEnd(gates, hidden);
    const last = arrayEnd(gates, hidden);
    let at = gates;
    let to = dRecurrent;
    for (; at < end; at += VECTOR, to += VECTOR, dBy += VECTOR, dProduct += VECTOR, by += VECTOR) {
      const r = v128.load(at);
      const back = v128.load(dProduct);
      const dr = gateGradient(back, v128.load(by), r);
      v128.store(dBy, madd(back, r, v128.load(dBy)));
      v128.store(at, dr);
      v128.store(to, dr);
    }
    for (; at < last; at += 4, to += 4, dBy += 4, dProduct += 4, by += 4) {
      const r = f32.load(at);
      const back = f32.load(dProduct);
      const dr: f32 = back * f32.load(by) * (r * (1 - r));
      f32.store(dBy, f32.load(dBy) + back * r);
      f32.store(at, dr);
      f32.store(to, dr);
    }
    memory.copy(to, at, gate);
  }
}

/** See Kernels.gruOutput. */
export function gruOutput(gates: usize, candidate: usize, hPrev: usize, h: usize, rows: i32, hidden: i32): void {
  const gate = (<usize>hidden) << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++, gates += 3 * gate, candidate += gate) {
    const n = gates + 2 * gate;
    add(n, candidate, hidden);
    tanhRow(n, hidden);
    const pairs = pairEnd(gates, hidden);
    const end = vectorEnd(gates, hidden);
    const last = arrayEnd(gates, hidden);
    let at = gates;
    for (; at < pairs; at += PAIR, hPrev += PAIR, h += PAIR) {
      const z0 = v128.load(at + gate);
      const z1 = v128.load(at + gate, 16);
      const new0 = f32x4.mul(f32x4.sub(one, z0), v128.load(at + 2 * gate));
      const new1 = f32x4.mul(f32x4.sub(one, z1), v128.load(at + 2 * gate, 16));
      storePair(h, madd(z0, v128.load(hPrev), new0), madd(z1, v128.load(hPrev, 16), new1));
    }
    for (; at < end; at += VECTOR, hPrev += VECTOR, h += VECTOR) {
      const z = v128.load(at + gate);
      v128.store(h, madd(z, v128.load(hPrev), f32x4.mul(f32x4.sub(one, z), v128.load(at + 2 * gate))));
    }
    for (; at < last; at += 4, hPrev += 4, h += 4) {
      const z = f32.load(at + gate);
      f32.store(h, (1 - z) * f32.load(at + 2 * gate) + z * f32.load(hPrev));
    }
  }
}

/** See Kernels.gruOutputBackward. */
export function gruOutputBackward(
  gates: usize,
  dCandidate: usize,
  dhPrev: usize,
  dh: usize,
  hPrev: usize,
  rows: i32,
  hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++, gates += 3 * gate) {
    const end = vectorEnd(gates, hidden);
    const last = arrayEnd(gates, hidden);
    let at = gates;
    for (; at < end; at += VECTOR, dCandidate += VECTOR, dhPrev += VECTOR, dh += VECTOR, hPrev += VECTOR) {
      const z = v128.load(at + gate);
      const n = v128.load(at + 2 * gate);
      const out = v128.load(dh);
      const dn = tanhGradient(out, f32x4.sub(one, z), n);
      v128.store(at + gate, gateGradient(out, f32x4.sub(v128.load(hPrev), n), z));
      v128.store(at + 2 * gate, dn);
      v128.store(dCandidate, dn);
      v128.store(dhPrev, madd(out, z, v128.load(dhPrev)));
    }
    for (; at < last; at += 4, dCandidate += 4, dhPrev += 4, dh += 4, hPrev += 4) {
      const z = f32.load(at + gate);
      const n = f32.load(at + 2 * gate);
      const out = f32.load(dh);
      const dn: f32 = out * (1 - z) * (1 - n * n);
      f32.store(at + gate, out * (f32.load(hPrev) - n) * (z * (1 - z)));
      f32.store(at + 2 * gate, dn);
      f32.store(dCandidate, dn);
      f32.store(dhPrev, f32.load(dhPrev) + out * z);
    }
  }
}
