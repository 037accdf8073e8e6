// The LSTM cell and whole sequences of it. Gates stand in the order i f g o.
import { packPanels, packTransposedPanels, panelBytes, panelProduct, rowProduct } from './matmul';
import { sigmoid1, sigmoid4, tanh1, tanh4 } from './nonlinear';
import { arrayEnd, madd, VECTOR, vectorEnd } from './vector';

/** See Kernels.lstmCell. One pass a gate: V8 keeps the constants of one function in registers, not of two. */
export function lstmCell(gates: usize, cPrev: usize, c: usize, tanhC: usize, h: usize, rows: i32, hidden: i32): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++, gates += 4 * gate) {
    sigmoidRow(gates, 2 * hidden);
    tanhRow(gates + 2 * gate, hidden);
    sigmoidRow(gates + 3 * gate, hidden);
    const end = vectorEnd(gates, hidden);
    const last = arrayEnd(gates, hidden);
    let at = gates;
    for (; at < end; at += VECTOR, cPrev += VECTOR, c += VECTOR, tanhC += VECTOR, h += VECTOR) {
      const input = f32x4.mul(v128.load(at), v128.load(at + 2 * gate));
      const cell = madd(v128.load(at + gate), v128.load(cPrev), input);
      const squashed = tanh4(cell);
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
    const end = vectorEnd(gates, hidden);
    const last = arrayEnd(gates, hidden);
    let at = gates;
    let to = dGates;
    for (; at < end; at += VECTOR, to += VECTOR, cPrev += VECTOR, tanhC += VECTOR, dc += VECTOR, dh += VECTOR) {
      const i = v128.load(at);
      const f = v128.load(at + gate);
      const g = v128.load(at + 2 * gate);
      const o = v128.load(at + 3 * gate);
      const t = v128.load(tanhC);
      const out = v128.load(dh);
      const cell = madd(f32x4.mul(out, o), f32x4.sub(one, f32x4.mul(t, t)), v128.load(dc));
      v128.store(to, f32x4.mul(f32x4.mul(cell, g), f32x4.mul(i, f32x4.sub(one, i))));
      v128.store(to + gate, f32x4.mul(f32x4.mul(cell, v128.load(cPrev)), f32x4.mul(f, f32x4.sub(one, f))));
      v128.store(to + 2 * gate, f32x4.mul(f32x4.mul(cell, i), f32x4.sub(one, f32x4.mul(g, g))));
      v128.store(to + 3 * gate, f32x4.mul(f32x4.mul(out, t), f32x4.mul(o, f32x4.sub(one, o))));
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

/** See Kernels.lstmForward: the recurrent kernel is packed once for all steps, and read as it is for a single row. */
export function lstmForward(
  gates: usize,
  h: usize,
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
  const single = rows == 1;
  if (!single) packPanels(kernel, gatesRow, scratch, hidden, width);
  const tile = scratch + panelBytes(hidden, width);
  for (let t = 0; t < steps; t++, gates += 4 * state, tanhC += state) {
    if (single) rowProduct(gates, h, kernel, hidden, width);
    else panelProduct(gates, gatesRow, h, (<usize>hidden) << 2, 4, scratch, rows, hidden, width, tile);
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
      panelProduct(dh + at - state, (<usize>hidden) << 2, z, gatesRow, 4, scratch, rows, width, hidden, tile);
    }
  }
}

function sigmoidRow(at: usize, count: i32): void {
  const end = vectorEnd(at, count);
  const last = arrayEnd(at, count);
  for (; at < end; at += VECTOR) v128.store(at, sigmoid4(v128.load(at)));
  for (; at < last; at += 4) f32.store(at, sigmoid1(f32.load(at)));
}

function tanhRow(at: usize, count: i32): void {
  const end = vectorEnd(at, count);
  const last = arrayEnd(at, count);
  for (; at < end; at += VECTOR) v128.store(at, tanh4(v128.load(at)));
  for (; at < last; at += 4) f32.store(at, tanh1(f32.load(at)));
}
