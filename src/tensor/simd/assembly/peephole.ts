// The LSTM cell whose gates see the cell. Gates stand in the order i f g o, peepholes in the order i f o.
import { gateGradient, sigmoidRow, tanhGradient, tanhRow } from './lstm';
import { arrayEnd, madd, VECTOR, vectorEnd } from './vector';

/** out += a ∘ b */
export function addProductRow(out: usize, a: usize, b: usize, count: i32): void {
  const end = vectorEnd(out, count);
  const last = arrayEnd(out, count);
  for (; out < end; out += VECTOR, a += VECTOR, b += VECTOR) {
    v128.store(out, madd(v128.load(a), v128.load(b), v128.load(out)));
  }
  for (; out < last; out += 4, a += 4, b += 4) f32.store(out, f32.load(out) + f32.load(a) * f32.load(b));
}

/** See Kernels.peepholeCell. */
export function peepholeCell(
  gates: usize,
  peephole: usize,
  cPrev: usize,
  c: usize,
  tanhC: usize,
  h: usize,
  rows: i32,
  hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++, gates += 4 * gate, cPrev += gate, c += gate, tanhC += gate, h += gate) {
    const o = gates + 3 * gate;
    addProductRow(gates, peephole, cPrev, hidden);
    addProductRow(gates + gate, peephole + gate, cPrev, hidden);
    sigmoidRow(gates, 2 * hidden);
    tanhRow(gates + 2 * gate, hidden);
    memory.fill(c, 0, gate);
    addProductRow(c, gates, gates + 2 * gate, hidden);
    addProductRow(c, gates + gate, cPrev, hidden);
    addProductRow(o, peephole + 2 * gate, c, hidden);
    sigmoidRow(o, hidden);
    memory.copy(tanhC, c, gate);
    tanhRow(tanhC, hidden);
    memory.fill(h, 0, gate);
    addProductRow(h, o, tanhC, hidden);
  }
}

/** See Kernels.peepholeCellBackward. */
export function peepholeCellBackward(
  gates: usize,
  peephole: usize,
  dc: usize,
  dh: usize,
  cPrev: usize,
  tanhC: usize,
  rows: i32,
  hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++, gates += 4 * gate) {
    const end = vectorEnd(gates, hidden);
    const last = arrayEnd(gates, hidden);
    let at = gates;
    let p = peephole;
    for (; at < end; at += VECTOR, p += VECTOR, cPrev += VECTOR, tanhC += VECTOR, dc += VECTOR, dh += VECTOR) {
      const i = v128.load(at);
      const f = v128.load(at + gate);
      const g = v128.load(at + 2 * gate);
      const o = v128.load(at + 3 * gate);
      const t = v128.load(tanhC);
      const out = v128.load(dh);
      const dzo = gateGradient(out, t, o);
      const through = madd(f32x4.mul(out, o), f32x4.sub(one, f32x4.mul(t, t)), v128.load(dc));
      const cell = madd(dzo, v128.load(p + 2 * gate), through);
      const dzi = gateGradient(cell, g, i);
      const dzf = gateGradient(cell, v128.load(cPrev), f);
      v128.store(at, dzi);
      v128.store(at + gate, dzf);
      v128.store(at + 2 * gate, tanhGradient(cell, i, g));
      v128.store(at + 3 * gate, dzo);
      v128.store(dc, madd(dzf, v128.load(p + gate), madd(dzi, v128.load(p), f32x4.mul(cell, f))));
    }
    for (; at < last; at += 4, p += 4, cPrev += 4, tanhC += 4, dc += 4, dh += 4) {
      const i = f32.load(at);
      const f = f32.load(at + gate);
      const g = f32.load(at + 2 * gate);
      const o = f32.load(at + 3 * gate);
      const t = f32.load(tanhC);
      const out = f32.load(dh);
      const dzo: f32 = out * t * (o * (1 - o));
      const cell: f32 = out * o * (1 - t * t) + f32.load(dc) + dzo * f32.load(p + 2 * gate);
      const dzi: f32 = cell * g * (i * (1 - i));
      const dzf: f32 = cell * f32.load(cPrev) * (f * (1 - f));
      f32.store(at, dzi);
      f32.store(at + gate, dzf);
      f32.store(at + 2 * gate, cell * i * (1 - g * g));
      f32.store(at + 3 * gate, dzo);
      f32.store(dc, cell * f + dzi * f32.load(p) + dzf * f32.load(p + gate));
    }
  }
}

/** See Kernels.peepholeBackward. */
export function peepholeBackward(dPeephole: usize, dGates: usize, cPrev: usize, c: usize, rows: i32, hidden: i32): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++, dGates += 4 * gate, cPrev += gate, c += gate) {
    addProductRow(dPeephole, dGates, cPrev, hidden);
    addProductRow(dPeephole + gate, dGates + gate, cPrev, hidden);
    addProductRow(dPeephole + 2 * gate, dGates + 3 * gate, c, hidden);
  }
}
