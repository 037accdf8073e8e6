import type { Floats } from '../tensor.ts';

/** σ(z) = 1 / (1 + e^-z); 0 and 1 at the ends, without overflow. */
export function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** See Kernels.lstmCell: gates [rows, 4H] in the order i f g o, pre-activations in, activations out. */
export function lstmCell(
  gates: Floats,
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
    const at = row * hidden;
    for (let j = 0; j < hidden; j++) {
      const i = sigmoid(gates[i0 + j]);
      const f = sigmoid(gates[f0 + j]);
      const g = Math.tanh(gates[g0 + j]);
      const o = sigmoid(gates[o0 + j]);
      const cell = f * cPrev[at + j] + i * g;
      const squashed = Math.tanh(cell);
      gates[i0 + j] = i;
      gates[f0 + j] = f;
      gates[g0 + j] = g;
      gates[o0 + j] = o;
      c[at + j] = cell;
      tanhC[at + j] = squashed;
      h[at + j] = o * squashed;
    }
  }
}

/** See Kernels.lstmCellBackward. `dGates` may be `gates`: each unit is read whole before it is written. */
export function lstmCellBackward(
  dGates: Floats,
  dc: Floats,
  dh: Floats,
  gates: Floats,
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
    const at = row * hidden;
    for (let j = 0; j < hidden; j++) {
      const i = gates[i0 + j];
      const f = gates[f0 + j];
      const g = gates[g0 + j];
      const o = gates[o0 + j];
      const t = tanhC[at + j];
      const dhj = dh[at + j];
      const dcj = dc[at + j] + dhj * o * (1 - t * t);
      dGates[i0 + j] = dcj * g * i * (1 - i);
      dGates[f0 + j] = dcj * cPrev[at + j] * f * (1 - f);
      dGates[g0 + j] = dcj * i * (1 - g * g);
      dGates[o0 + j] = dhj * t * o * (1 - o);
      dc[at + j] = dcj * f;
    }
  }
}
