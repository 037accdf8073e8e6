// Layer normalisation, and the LSTM cell whose cell is normalised. Means and variances are formed in double precision: a row
// far from zero would lose its variance otherwise.
import { add } from './elementwise';
import { gateGradient, sigmoidRow, tanhGradient, tanhRow } from './lstm';
import { addProductRow } from './peephole';
import { arrayEnd, madd, VECTOR, vectorEnd } from './vector';

/** Added to the variance before its root is taken. */
const EPSILON: f64 = 1e-5;

/** The lower two numbers in double precision. */
// @ts-ignore: decorator
@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** The upper two. */
// @ts-ignore: decorator
@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 1));
}

// @ts-ignore: decorator
@inline
function sumOf(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

function meanOf(a: usize, count: i32): f64 {
  const end = vectorEnd(a, count);
  const last = arrayEnd(a, count);
  let pair = f64x2.splat(0);
  for (; a < end; a += VECTOR) {
    const v = v128.load(a);
    pair = f64x2.add(pair, f64x2.add(low(v), high(v)));
  }
  let sum = sumOf(pair);
  for (; a < last; a += 4) sum += <f64>f32.load(a);
  return sum / <f64>count;
}

function varianceOf(a: usize, count: i32, mean: f64): f64 {
  const end = vectorEnd(a, count);
  const last = arrayEnd(a, count);
  const middle = f64x2.splat(mean);
  let pair = f64x2.splat(0);
  for (; a < end; a += VECTOR) {
    const v = v128.load(a);
    const x = f64x2.sub(low(v), middle);
    const y = f64x2.sub(high(v), middle);
    pair = f64x2.add(pair, f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)));
  }
  let sum = sumOf(pair);
  for (; a < last; a += 4) {
    const x = <f64>f32.load(a) - mean;
    sum += x * x;
  }
  return sum / <f64>count;
}

/** Brings a row to a mean of 0 and a variance of 1, and gives what its deviations were multiplied with. */
function normaliseRow(a: usize, count: i32): f32 {
  const mean = meanOf(a, count);
  const inverse = <f32>(1 / sqrt<f64>(varianceOf(a, count, mean) + EPSILON));
  const end = vectorEnd(a, count);
  const last = arrayEnd(a, count);
  const middle = f32x4.splat(<f32>mean);
  const factor = f32x4.splat(inverse);
  for (; a < end; a += VECTOR) v128.store(a, f32x4.mul(f32x4.sub(v128.load(a), middle), factor));
  for (; a < last; a += 4) f32.store(a, (f32.load(a) - <f32>mean) * inverse);
  return inverse;
}

/** What goes back through a row, written where it stands normalised. */
function backThroughRow(dOut: usize, gain: usize, normalised: usize, inverse: f32, count: i32): void {
  const vectors = vectorEnd(0, count);
  const last = arrayEnd(0, count);
  let sums = f64x2.splat(0);
  let alongs = sums;
  let at: usize = 0;
  for (; at < vectors; at += VECTOR) {
    const d = f32x4.mul(v128.load(dOut + at), v128.load(gain + at));
    const n = v128.load(normalised + at);
    sums = f64x2.add(sums, f64x2.add(low(d), high(d)));
    alongs = f64x2.add(alongs, f64x2.add(f64x2.mul(low(d), low(n)), f64x2.mul(high(d), high(n))));
  }
  let sum = sumOf(sums);
  let along = sumOf(alongs);
  for (; at < last; at += 4) {
    const d: f32 = f32.load(dOut + at) * f32.load(gain + at);
    sum += <f64>d;
    along += <f64>d * <f64>f32.load(normalised + at);
  }
  const mean = <f32>(sum / <f64>count);
  const minusAlong = <f32>(-along / <f64>count);
  for (at = 0; at < vectors; at += VECTOR) {
    const d = f32x4.mul(v128.load(dOut + at), v128.load(gain + at));
    const centred = f32x4.sub(d, f32x4.splat(mean));
    const rest = madd(v128.load(normalised + at), f32x4.splat(minusAlong), centred);
    v128.store(normalised + at, f32x4.mul(rest, f32x4.splat(inverse)));
  }
  for (; at < last; at += 4) {
    const d: f32 = f32.load(dOut + at) * f32.load(gain + at);
    f32.store(normalised + at, (d - mean + f32.load(normalised + at) * minusAlong) * inverse);
  }
}

/** See Kernels.layerNorm. */
export function layerNorm(out: usize, gain: usize, a: usize, inverse: usize, rows: i32, columns: i32): void {
  const width = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++, out += width, a += width, inverse += 4) {
    f32.store(inverse, normaliseRow(a, columns));
    addProductRow(out, gain, a, columns);
  }
}

/** See Kernels.layerNormBackward. */
export function layerNormBackward(
  dOut: usize,
  gain: usize,
  dGain: usize,
  normalised: usize,
  inverse: usize,
  rows: i32,
  columns: i32,
): void {
  const width = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++, dOut += width, normalised += width, inverse += 4) {
    addProductRow(dGain, dOut, normalised, columns);
    backThroughRow(dOut, gain, normalised, f32.load(inverse), columns);
  }
}

/** See Kernels.layerNormCell. */
export function layerNormCell(
  gates: usize,
  gain: usize,
  bias: usize,
  cPrev: usize,
  c: usize,
  normalised: usize,
  inverse: usize,
  tanhC: usize,
  h: usize,
  rows: i32,
  hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++, gates += 4 * gate, inverse += 4) {
    sigmoidRow(gates, 2 * hidden);
    tanhRow(gates + 2 * gate, hidden);
    sigmoidRow(gates + 3 * gate, hidden);
    memory.fill(c, 0, gate);
    addProductRow(c, gates, gates + 2 * gate, hidden);
    addProductRow(c, gates + gate, cPrev, hidden);
    memory.copy(normalised, c, gate);
    f32.store(inverse, normaliseRow(normalised, hidden));
    memory.copy(tanhC, bias, gate);
    addProductRow(tanhC, gain, normalised, hidden);
    tanhRow(tanhC, hidden);
    memory.fill(h, 0, gate);
    addProductRow(h, gates + 3 * gate, tanhC, hidden);
    cPrev += gate;
    c += gate;
    normalised += gate;
    tanhC += gate;
    h += gate;
  }
}

/** The output gates become dL/dz of theirs, and `tanhC` what goes back through tanh. */
function outputRowBackward(o: usize, tanhC: usize, dh: usize, hidden: i32): void {
  const end = vectorEnd(o, hidden);
  const last = arrayEnd(o, hidden);
  for (; o < end; o += VECTOR, tanhC += VECTOR, dh += VECTOR) {
    const y = v128.load(o);
    const t = v128.load(tanhC);
    const out = v128.load(dh);
    v128.store(o, gateGradient(out, t, y));
    v128.store(tanhC, tanhGradient(out, y, t));
  }
  for (; o < last; o += 4, tanhC += 4, dh += 4) {
    const y = f32.load(o);
    const t = f32.load(tanhC);
    const out = f32.load(dh);
    f32.store(o, out * t * (y * (1 - y)));
    f32.store(tanhC, out * y * (1 - t * t));
  }
}

/** The gates i, f and g become dL/dz of theirs, and `dc` dL/dcPrev. */
function cellRowBackward(at: usize, dc: usize, cPrev: usize, hidden: i32): void {
  const gate = (<usize>hidden) << 2;
  const end = vectorEnd(at, hidden);
  const last = arrayEnd(at, hidden);
  for (; at < end; at += VECTOR, dc += VECTOR, cPrev += VECTOR) {
    const i = v128.load(at);
    const f = v128.load(at + gate);
    const g = v128.load(at + 2 * gate);
    const cell = v128.load(dc);
    v128.store(at, gateGradient(cell, g, i));
    v128.store(at + gate, gateGradient(cell, v128.load(cPrev), f));
    v128.store(at + 2 * gate, tanhGradient(cell, i, g));
    v128.store(dc, f32x4.mul(cell, f));
  }
  for (; at < last; at += 4, dc += 4, cPrev += 4) {
    const i = f32.load(at);
    const f = f32.load(at + gate);
    const g = f32.load(at + 2 * gate);
    const cell = f32.load(dc);
    f32.store(at, cell * g * (i * (1 - i)));
    f32.store(at + gate, cell * f32.load(cPrev) * (f * (1 - f)));
    f32.store(at + 2 * gate, cell * i * (1 - g * g));
    f32.store(dc, cell * f);
  }
}

/** See Kernels.layerNormCellBackward. */
export function layerNormCellBackward(
  gates: usize,
  gain: usize,
  dGain: usize,
  dBias: usize,
  dc: usize,
  dh: usize,
  cPrev: usize,
  normalised: usize,
  inverse: usize,
  tanhC: usize,
  rows: i32,
  hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++, gates += 4 * gate, inverse += 4) {
    outputRowBackward(gates + 3 * gate, tanhC, dh, hidden);
    add(dBias, tanhC, hidden);
    addProductRow(dGain, tanhC, normalised, hidden);
    backThroughRow(tanhC, gain, normalised, f32.load(inverse), hidden);
    add(dc, normalised, hidden);
    cellRowBackward(gates, dc, cPrev, hidden);
    dc += gate;
    dh += gate;
    cPrev += gate;
    normalised += gate;
    tanhC += gate;
  }
}
