// The LSTM cell and whole sequences of it. Gates stand in the order i f g o.
import { packPanels, packTransposedPanels, panelBytes, panelProduct, rowProduct } from './matmul';
import { constants, sigmoid1, sigmoid4, tanh1, tanh4 } from './nonlinear';
import { arrayEnd, LOWER, madd, PAIR, pairEnd, storePair, UPPER, VECTOR, vectorEnd } from './vector';

/** See Kernels.lstmCell. One pass a gate: V8 keeps the constants of one function in registers, not of two. */
export function lstmCell(gates: usize, cPrev: usize, c: usize, tanhC: usize, h: usize, rows: i32, hidden: i32): void {
  const table = constants();
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++, gates += 4 * gate) {
    sigmoidRow(gates, 2 * hidden);
    tanhRow(gates + 2 * gate, hidden);
    sigmoidRow(gates + 3 * gate, hidden);
    const pairs = pairEnd(gates, hidden);
    const end = vectorEnd(gates, hidden);
    const last = arrayEnd(gates, hidden);
    let at = gates;
    for (; at < pairs; at += PAIR, cPrev += PAIR, c += PAIR, tanhC += PAIR, h += PAIR) {
      const o0 = v128.load(at + 3 * gate);
      const o1 = v128.load(at + 3 * gate, 16);
      const input0 = f32x4.mul(v128.load(at), v128.load(at + 2 * gate));
      const input1 = f32x4.mul(v128.load(at, 16), v128.load(at + 2 * gate, 16));
      const cell0 = madd(v128.load(at + gate), v128.load(cPrev), input0);
      const cell1 = madd(v128.load(at + gate, 16), v128.load(cPrev, 16), input1);
      const squashed0 = tanh4(table, cell0, LOWER);
      const squashed1 = tanh4(table, cell1, UPPER);
      storePair(c, cell0, cell1);
      storePair(tanhC, squashed0, squashed1);
      storePair(h, f32x4.mul(o0, squashed0), f32x4.mul(o1, squashed1));
    }
    for (; at < end; at += VECTOR, cPrev += VECTOR, c += VECTOR, tanhC += VECTOR, h += VECTOR) {
      const input = f32x4.mul(v128.load(at), v128.load(at + 2 * gate));
      const cell = madd(v128.load(at + gate), v128.load(cPrev), input);
      const squashed = tanh4(table, cell, LOWER);
      v128.store(c, cell);
      v128.store(tanhC, squashed);
      v128.store(h, f32x4.mul(v128.load(at + 3 * gate), squashed));
    }
    for (; at < last; at += 4, cPrev += 4, c += 4, tanhC += 4, h += 4) {
      const cell: f32 = f32.load(at + gate) * f32.load(cPrev) + f32.load(at) * f32.load(at + 2 * gate);
      const squashed = tanh1(cell);
      f32.store(c, cell);
      f32.store(tanhC, squashed);
      f32.store(h, f32.load(at + 3 * gate) * squashed);
    }
  }
}

/** See Kernels.lstmCellBackward. */
export function lstmCellBackward(
  dGates: usize,
  dc: usize,
  dh: usize,
  gates: usize,
  cPrev: usize,
  tanhC: usize,
  rows: i32,
  hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++, gates += 4 * gate, dGates += 4 * gate) {
    const pairs = pairEnd(gates, hidden);
    const end = vectorEnd(gates, hidden);
    const last = arrayEnd(gates, hidden);
    let at = gates;
    let to = dGates;
    for (; at < pairs; at += PAIR, to += PAIR, cPrev += PAIR, tanhC += PAIR, dc += PAIR, dh += PAIR) {
      const i0 = v128.load(at);
      const i1 = v128.load(at, 16);
      const f0 = v128.load(at + gate);
      const f1 = v128.load(at + gate, 16);
      const g0 = v128.load(at + 2 * gate);
      const g1 = v128.load(at + 2 * gate, 16);
      const o0 = v128.load(at + 3 * gate);
      const o1 = v128.load(at + 3 * gate, 16);
      const t0 = v128.load(tanhC);
      const t1 = v128.load(tanhC, 16);
      const out0 = v128.load(dh);
      const out1 = v128.load(dh, 16);
      const before0 = v128.load(cPrev);
      const before1 = v128.load(cPrev, 16);
      const cell0 = madd(f32x4.mul(out0, o0), f32x4.sub(one, f32x4.mul(t0, t0)), v128.load(dc));
      const cell1 = madd(f32x4.mul(out1, o1), f32x4.sub(one, f32x4.mul(t1, t1)), v128.load(dc, 16));
      storePair(to, gateGradient(cell0, g0, i0), gateGradient(cell1, g1, i1));
      storePair(to + gate, gateGradient(cell0, before0, f0), gateGradient(cell1, before1, f1));
      storePair(to + 2 * gate, tanhGradient(cell0, i0, g0), tanhGradient(cell1, i1, g1));
      storePair(to + 3 * gate, gateGradient(out0, t0, o0), gateGradient(out1, t1, o1));
      storePair(dc, f32x4.mul(cell0, f0), f32x4.mul(cell1, f1));
    }
    for (; at < end; at += VECTOR, to += VECTOR, cPrev += VECTOR, tanhC += VECTOR, dc += VECTOR, dh += VECTOR) {
      const i = v128.load(at);
      const f = v128.load(at + gate);
      const g = v128.load(at + 2 * gate);
      const o = v128.load(at + 3 * gate);
      const t = v128.load(tanhC);
      const out = v128.load(dh);
      const cell = madd(f32x4.mul(out, o), f32x4.sub(one, f32x4.mul(t, t)), v128.load(dc));
      v128.store(to, gateGradient(cell, g, i));
      v128.store(to + gate, gateGradient(cell, v128.load(cPrev), f));
      v128.store(to + 2 * gate, tanhGradient(cell, i, g));
      v128.store(to + 3 * gate, gateGradient(out, t, o));
      v128.store(dc, f32x4.mul(cell, f));
    }
    for (; at < last; at += 4, to += 4, cPrev += 4, tanhC += 4, dc += 4, dh += 4) {
      const i = f32.load(at);
      const f = f32.load(at + gate);
      const g = f32.load(at + 2 * gate);
      const o = f32.load(at + 3 * gate);
      const t = f32.load(tanhC);
      const out = f32.load(dh);
      const cell: f32 = out * o * (1 - t * t) + f32.load(dc);
      f32.store(to, cell * g * (i * (1 - i)));
      f32.store(to + gate, cell * f32.load(cPrev) * (f * (1 - f)));
      f32.store(to + 2 * gate, cell * i * (1 - g * g));
      f32.store(to + 3 * gate, out * t * (o * (1 - o)));
      f32.store(dc, cell * f);
    }
  }
}

/** dL/dz of a gate y = sigmoid(z) that `factor` was multiplied with, where `back` is dL/d(product). */
// @ts-ignore: decorator
@inline
export function gateGradient(back: v128, factor: v128, y: v128): v128 {
  return f32x4.mul(f32x4.mul(back, factor), f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)));
}

/** The same of y = tanh(z). */
// @ts-ignore: decorator
@inline
export function tanhGradient(back: v128, factor: v128, y: v128): v128 {
  return f32x4.mul(f32x4.mul(back, factor), f32x4.sub(f32x4.splat(1), f32x4.mul(y, y)));
}

/**
 * See Kernels.lstmForward: the recurrent kernel is packed once for all steps, and read as it is for a single row. From a state of
 * zeros the first step needs no product.
 */
export function lstmForward(
  gates: usize,
  h: usize,
  c: usize,
  tanhC: usize,
  kernel: usize,
  steps: i32,
  rows: i32,
  hidden: i32,
  fromZero: bool,
  scratch: usize,
): void {
  const state = (<usize>rows * <usize>hidden) << 2;
  const width = hidden * 4;
  const gatesRow = (<usize>width) << 2;
  const single = rows == 1;
  if (!single) packPanels(kernel, gatesRow, scratch, hidden, width);
  const tile = scratch + panelBytes(hidden, width);
  for (let t = 0; t < steps; t++, gates += 4 * state, tanhC += state) {
    if (t > 0 || !fromZero) {
      if (single) rowProduct(gates, h, kernel, hidden, width);
      else panelProduct(gates, gatesRow, gates, gatesRow, h, (<usize>hidden) << 2, 4, scratch, rows, hidden, width, tile);
    }
    h += state;
    lstmCell(gates, c, c + state, tanhC, h, rows, hidden);
    c += state;
  }
}

/** See Kernels.lstmBackward: the transpose of the recurrent kernel is packed once for all steps. */
export function lstmBackward(
  gates: usize,
  dh: usize,
  dc: usize,
  c: usize,
  tanhC: usize,
  kernel: usize,
  steps: i32,
  rows: i32,
  hidden: i32,
  scratch: usize,
): void {
  const state = (<usize>rows * <usize>hidden) << 2;
  const width = hidden * 4;
  const gatesRow = (<usize>width) << 2;
  packTransposedPanels(kernel, gatesRow, scratch, hidden, width);
  const tile = scratch + panelBytes(width, hidden);
  for (let t = steps - 1; t >= 0; t--) {
    const at = <usize>t * state;
    const z = gates + 4 * at;
    lstmCellBackward(z, dc, dh + at, z, c + at, tanhC + at, rows, hidden);
    if (t > 0) {
      const below = dh + at - state;
      const row = (<usize>hidden) << 2;
      panelProduct(below, row, below, row, z, gatesRow, 4, scratch, rows, width, hidden, tile);
    }
  }
}

/** Numbers become their sigmoid where they stand. */
export function sigmoidRow(at: usize, count: i32): void {
  const table = constants();
  const pairs = pairEnd(at, count);
  const end = vectorEnd(at, count);
  const last = arrayEnd(at, count);
  for (; at < pairs; at += PAIR) {
    storePair(at, sigmoid4(table, v128.load(at), LOWER), sigmoid4(table, v128.load(at, 16), UPPER));
  }
  for (; at < end; at += VECTOR) v128.store(at, sigmoid4(table, v128.load(at), LOWER));
  for (; at < last; at += 4) f32.store(at, sigmoid1(f32.load(at)));
}

/** Numbers become their tanh where they stand. */
export function tanhRow(at: usize, count: i32): void {
  const table = constants();
  const pairs = pairEnd(at, count);
  const end = vectorEnd(at, count);
  const last = arrayEnd(at, count);
  for (; at < pairs; at += PAIR) {
    storePair(at, tanh4(table, v128.load(at), LOWER), tanh4(table, v128.load(at, 16), UPPER));
  }
  for (; at < end; at += VECTOR) v128.store(at, tanh4(table, v128.load(at), LOWER));
  for (; at < last; at += 4) f32.store(at, tanh1(f32.load(at)));
}
