import type { Floats } from '../tensor.ts';
import { lstmCell } from './lstm-cell.ts';

/** Added to the variance before its root is taken; that of PyTorch's `LayerNorm`. */
export const LAYER_NORM_EPSILON = 1e-5;

/** See Kernels.layerNorm: out and a [rows, columns], gain [columns], inverse [rows]. */
export function layerNorm(out: Floats, gain: Floats, a: Floats, inverse: Floats, rows: number, columns: number): void {
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    inverse[row] = normaliseRow(a, from, columns);
    for (let j = 0; j < columns; j++) out[from + j] += gain[j] * a[from + j];
  }
}

/** See Kernels.layerNormBackward. */
export function layerNormBackward(
  dOut: Floats,
  gain: Floats,
  dGain: Floats,
  normalised: Floats,
  inverse: Floats,
  rows: number,
  columns: number,
): void {
  addColumnSums(dGain, (at) => dOut[at] * normalised[at], rows);
  for (let row = 0; row < rows; row++) backThroughRow(dOut, gain, normalised, inverse[row], row * columns);
}

/** See Kernels.layerNormCell: gates [rows, 4H] in the order i f g o. */
export function layerNormCell(
  gates: Floats,
  gain: Floats,
  bias: Floats,
  cPrev: Floats,
  c: Floats,
  normalised: Floats,
  inverse: Floats,
  tanhC: Floats,
  h: Floats,
  rows: number,
  hidden: number,
): void {
  lstmCell(gates, cPrev, c, tanhC, h, rows, hidden);
  normalised.set(c);
  for (let at = 0; at < tanhC.length; at++) tanhC[at] = bias[at % hidden];
  layerNorm(tanhC, gain, normalised, inverse, rows, hidden);
  for (let at = 0; at < tanhC.length; at++) {
    tanhC[at] = Math.tanh(tanhC[at]);
    h[at] = gates[outputGate(at, hidden)] * tanhC[at];
  }
}

/** See Kernels.layerNormCellBackward. */
export function layerNormCellBackward(
  gates: Floats,
  gain: Floats,
  dGain: Floats,
  dBias: Floats,
  dc: Floats,
  dh: Floats,
  cPrev: Floats,
  normalised: Floats,
  inverse: Floats,
  tanhC: Floats,
  rows: number,
  hidden: number,
): void {
  for (let at = 0; at < tanhC.length; at++) {
    const place = outputGate(at, hidden);
    const [o, t] = [gates[place], tanhC[at]];
    gates[place] = dh[at] * t * o * (1 - o);
    tanhC[at] = dh[at] * o * (1 - t * t);
  }
  addColumnSums(dBias, (at) => tanhC[at], rows);
  layerNormBackward(tanhC, gain, dGain, normalised, inverse, rows, hidden);
  for (let at = 0; at < dc.length; at++) {
    const i0 = outputGate(at, hidden) - 3 * hidden;
    const [f0, g0] = [i0 + hidden, i0 + 2 * hidden];
    const [i, f, g] = [gates[i0], gates[f0], gates[g0]];
    const dcj = dc[at] + normalised[at];
    gates[i0] = dcj * g * i * (1 - i);
    gates[f0] = dcj * cPrev[at] * f * (1 - f);
    gates[g0] = dcj * i * (1 - g * g);
    dc[at] = dcj * f;
  }
}

/** Where the output gate of unit `at` (row * H + j) stands in gates [rows, 4H]. */
function outputGate(at: number, hidden: number): number {
  const j = at % hidden;
  return 4 * (at - j) + 3 * hidden + j;
}

/** Brings a row to a mean of 0 and a variance of 1. @returns what its deviations were multiplied with */
function normaliseRow(a: Floats, from: number, count: number): number {
  let sum = 0;
  for (let at = from; at < from + count; at++) sum += a[at];
  const mean = sum / count;
  let squares = 0;
  for (let at = from; at < from + count; at++) squares += (a[at] - mean) ** 2;
  const inverse = 1 / Math.sqrt(squares / count + LAYER_NORM_EPSILON);
  for (let at = from; at < from + count; at++) a[at] = (a[at] - mean) * inverse;
  return inverse;
}

/** What goes back through a row that begins at `from`, written where it stands normalised. */
function backThroughRow(dOut: Floats, gain: Floats, normalised: Floats, inverse: number, from: number): void {
  const count = gain.length;
  let [sum, along] = [0, 0];
  for (let j = 0; j < count; j++) {
    const d = dOut[from + j] * gain[j];
    sum += d;
    along += d * normalised[from + j];
  }
  for (let j = 0; j < count; j++) {
    const d = dOut[from + j] * gain[j];
    normalised[from + j] = inverse * (d - sum / count - (normalised[from + j] * along) / count);
  }
}

/** Adds to each `to[j]` the sum of `term` over all rows of its column. */
function addColumnSums(to: Floats, term: (at: number) => number, rows: number): void {
  for (let j = 0; j < to.length; j++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += term(row * to.length + j);
    to[j] += sum;
  }
}
