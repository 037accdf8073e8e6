import type { Floats } from '../tensor.ts';
import { sigmoid } from './lstm-cell.ts';

/** See Kernels.gruGates: gates [rows, 3H] in the order r z n, of which r and z become activations. */
export function gruGates(
  gates: Floats,
  recurrent: Floats,
  by: Floats,
  product: Floats,
  rows: number,
  hidden: number,
): void {
  for (let row = 0; row < rows; row++) {
    const r0 = row * 3 * hidden;
    const u0 = row * 2 * hidden;
    for (let j = 0; j < 2 * hidden; j++) gates[r0 + j] = sigmoid(gates[r0 + j] + recurrent[u0 + j]);
    for (let j = 0; j < hidden; j++) product[row * hidden + j] = gates[r0 + j] * by[row * hidden + j];
  }
}

/** See Kernels.gruGatesBackward. */
export function gruGatesBackward(
  gates: Floats,
  dRecurrent: Floats,
  dBy: Floats,
  dProduct: Floats,
  by: Floats,
  rows: number,
  hidden: number,
): void {
  for (let row = 0; row < rows; row++) {
    const r0 = row * 3 * hidden;
    const u0 = row * 2 * hidden;
    for (let j = 0; j < hidden; j++) {
      const at = row * hidden + j;
      const r = gates[r0 + j];
      const dr = dProduct[at] * by[at] * r * (1 - r);
      dBy[at] += dProduct[at] * r;
      gates[r0 + j] = dr;
      dRecurrent[u0 + j] = dr;
      dRecurrent[u0 + hidden + j] = gates[r0 + hidden + j];
    }
  }
}

/** See Kernels.gruOutput. */
export function gruOutput(
  gates: Floats,
  candidate: Floats,
  hPrev: Floats,
  h: Floats,
  rows: number,
  hidden: number,
): void {
  for (let row = 0; row < rows; row++) {
    const z0 = row * 3 * hidden + hidden;
    const n0 = z0 + hidden;
    for (let j = 0; j < hidden; j++) {
      const at = row * hidden + j;
      const z = gates[z0 + j];
      const n = Math.tanh(gates[n0 + j] + candidate[at]);
      gates[n0 + j] = n;
      h[at] = (1 - z) * n + z * hPrev[at];
    }
  }
}

/** See Kernels.gruOutputBackward. */
export function gruOutputBackward(
  gates: Floats,
  dCandidate: Floats,
  dhPrev: Floats,
  dh: Floats,
  hPrev: Floats,
  rows: number,
  hidden: number,
): void {
  for (let row = 0; row < rows; row++) {
    const z0 = row * 3 * hidden + hidden;
    const n0 = z0 + hidden;
    for (let j = 0; j < hidden; j++) {
      const at = row * hidden + j;
      const z = gates[z0 + j];
      const n = gates[n0 + j];
      const dn = dh[at] * (1 - z) * (1 - n * n);
      gates[z0 + j] = dh[at] * (hPrev[at] - n) * z * (1 - z);
      gates[n0 + j] = dn;
      dCandidate[at] = dn;
      dhPrev[at] += dh[at] * z;
    }
  }
}
