import type { Floats } from '../tensor.ts';
import { sigmoid } from './lstm-cell.ts';

/** See Kernels.peepholeCell: gates [rows, 4H] in the order i f g o, peephole [3H] in the order i f o. */
export function peepholeCell(
  gates: Floats,
  peephole: Floats,
  cPrev: Floats,
  c: Floats,
  tanhC: Floats,
  h: Floats,
  rows: number,
  hidden: number,
): void {
  for (let row = 0; row < rows; row++) {
    const i0 = row * 4 * hidden;
    const f0 = i0 + hidden;
    const g0 = f0 + hidden;
    const o0 = g0 + hidden;
    for (let j = 0; j < hidden; j++) {
      const at = row * hidden + j;
      const i = sigmoid(gates[i0 + j] + peephole[j] * cPrev[at]);
      const f = sigmoid(gates[f0 + j] + peephole[hidden + j] * cPrev[at]);
      const g = Math.tanh(gates[g0 + j]);
      const cell = f * cPrev[at] + i * g;
      const o = sigmoid(gates[o0 + j] + peephole[2 * hidden + j] * cell);
      const squashed = Math.tanh(cell);
      gates[i0 + j] = i;
      gates[f0 + j] = f;
      gates[g0 + j] = g;
      gates[o0 + j] = o;
      c[at] = cell;
      tanhC[at] = squashed;
      h[at] = o * squashed;
    }
  }
}

/** See Kernels.peepholeCellBackward. */
export function peepholeCellBackward(
  gates: Floats,
  peephole: Floats,
  dc: Floats,
  dh: Floats,
  cPrev: Floats,
  tanhC: Floats,
  rows: number,
  hidden: number,
): void {
  for (let row = 0; row < rows; row++) {
    const i0 = row * 4 * hidden;
    const f0 = i0 + hidden;
    const g0 = f0 + hidden;
    const o0 = g0 + hidden;
    for (let j = 0; j < hidden; j++) {
      const at = row * hidden + j;
      const [i, f, g, o] = [gates[i0 + j], gates[f0 + j], gates[g0 + j], gates[o0 + j]];
      const t = tanhC[at];
      const dzo = dh[at] * t * o * (1 - o);
      const dcj = dc[at] + dh[at] * o * (1 - t * t) + dzo * peephole[2 * hidden + j];
      const dzi = dcj * g * i * (1 - i);
      const dzf = dcj * cPrev[at] * f * (1 - f);
      gates[i0 + j] = dzi;
      gates[f0 + j] = dzf;
      gates[g0 + j] = dcj * i * (1 - g * g);
      gates[o0 + j] = dzo;
      dc[at] = dcj * f + dzi * peephole[j] + dzf * peephole[hidden + j];
    }
  }
}

/** See Kernels.peepholeBackward. */
export function peepholeBackward(
  dPeephole: Floats,
  dGates: Floats,
  cPrev: Floats,
  c: Floats,
  rows: number,
  hidden: number,
): void {
  for (let j = 0; j < hidden; j++) {
    let [di, df, dO] = [0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const at = row * hidden + j;
      const i = row * 4 * hidden + j;
      di += dGates[i] * cPrev[at];
      df += dGates[i + hidden] * cPrev[at];
      dO += dGates[i + 3 * hidden] * c[at];
    }
    dPeephole[j] += di;
    dPeephole[hidden + j] += df;
    dPeephole[2 * hidden + j] += dO;
  }
}
