import type { Cube, KernelThis } from './kernel-this.ts';
import type { InputConstants, LayerConstants } from './recurrent-forward.kernels.ts';

/**
 * All weight gradients of the lowest layer, [rows, 4H], rows as in the pack. Each step has a sum of its own, so that the
 * many small terms of single precision do not meet one large sum.
 *
 * @param entries as in `projectInput`
 * @param history [2T, B, H], h and c
 * @param dz [T, B, 4H]
 */
export function inputLayerGradient(
  this: KernelThis<InputConstants>,
  entries: Cube,
  history: Cube,
  dz: Cube,
  at: number,
): number {
  let sum = 0;
  if (this.thread.y === this.constants.biasRow) {
    for (let t = 0; t < this.constants.T; t++) {
      let part = 0;
      for (let b = 0; b < this.constants.B; b++) {
        part += dz[t][b][this.thread.x];
      }
      sum += part;
    }
    return sum;
  }
  if (this.thread.y >= this.constants.recurrentRow) {
    for (let t = 1; t < this.constants.T; t++) {
      let part = 0;
      for (let q = 0; q < this.constants.BQ; q++) {
        part +=
          history[2 * t - 2][4 * q][this.thread.y - this.constants.recurrentRow] * dz[t][4 * q][this.thread.x] +
          history[2 * t - 2][4 * q + 1][this.thread.y - this.constants.recurrentRow] * dz[t][4 * q + 1][this.thread.x] +
          history[2 * t - 2][4 * q + 2][this.thread.y - this.constants.recurrentRow] * dz[t][4 * q + 2][this.thread.x] +
          history[2 * t - 2][4 * q + 3][this.thread.y - this.constants.recurrentRow] * dz[t][4 * q + 3][this.thread.x];
      }
      for (let r = 0; r < this.constants.BR; r++) {
        part +=
          history[2 * t - 2][this.constants.BE + r][this.thread.y - this.constants.recurrentRow] *
          dz[t][this.constants.BE + r][this.thread.x];
      }
      sum += part;
    }
    return sum;
  }
  if (this.thread.y >= this.constants.featureRow) {
    for (let t = 0; t < this.constants.T; t++) {
      let part = 0;
      for (let b = 0; b < this.constants.B; b++) {
        part +=
          entries[at + t][b][this.constants.categories + this.thread.y - this.constants.featureRow] *
          dz[t][b][this.thread.x];
      }
      sum += part;
    }
    return sum;
  }
  for (let t = 0; t < this.constants.T; t++) {
    let part = 0;
    for (let b = 0; b < this.constants.B; b++) {
      for (let c = 0; c < this.constants.categories; c++) {
        if (entries[at + t][b][c] === this.thread.y) {
          part += dz[t][b][this.thread.x];
        }
      }
    }
    sum += part;
  }
  return sum;
}

/** The same of a layer above another, [2H + 1, 4H]; of `below` [T · planes, B, H] the first plane of each step. */
export function upperLayerGradient(this: KernelThis<LayerConstants>, below: Cube, history: Cube, dz: Cube): number {
  let sum = 0;
  if (this.thread.y === this.constants.biasRow) {
    for (let t = 0; t < this.constants.T; t++) {
      let part = 0;
      for (let b = 0; b < this.constants.B; b++) {
        part += dz[t][b][this.thread.x];
      }
      sum += part;
    }
    return sum;
  }
  if (this.thread.y >= this.constants.recurrentRow) {
    for (let t = 1; t < this.constants.T; t++) {
      let part = 0;
      for (let q = 0; q < this.constants.BQ; q++) {
        part +=
          history[2 * t - 2][4 * q][this.thread.y - this.constants.recurrentRow] * dz[t][4 * q][this.thread.x] +
          history[2 * t - 2][4 * q + 1][this.thread.y - this.constants.recurrentRow] * dz[t][4 * q + 1][this.thread.x] +
          history[2 * t - 2][4 * q + 2][this.thread.y - this.constants.recurrentRow] * dz[t][4 * q + 2][this.thread.x] +
          history[2 * t - 2][4 * q + 3][this.thread.y - this.constants.recurrentRow] * dz[t][4 * q + 3][this.thread.x];
      }
      for (let r = 0; r < this.constants.BR; r++) {
        part +=
          history[2 * t - 2][this.constants.BE + r][this.thread.y - this.constants.recurrentRow] *
          dz[t][this.constants.BE + r][this.thread.x];
      }
      sum += part;
    }
    return sum;
  }
  for (let t = 0; t < this.constants.T; t++) {
    let part = 0;
    for (let q = 0; q < this.constants.BQ; q++) {
      part +=
        below[this.constants.planes * t][4 * q][this.thread.y] * dz[t][4 * q][this.thread.x] +
        below[this.constants.planes * t][4 * q + 1][this.thread.y] * dz[t][4 * q + 1][this.thread.x] +
        below[this.constants.planes * t][4 * q + 2][this.thread.y] * dz[t][4 * q + 2][this.thread.x] +
        below[this.constants.planes * t][4 * q + 3][this.thread.y] * dz[t][4 * q + 3][this.thread.x];
    }
    for (let r = 0; r < this.constants.BR; r++) {
      part +=
        below[this.constants.planes * t][this.constants.BE + r][this.thread.y] *
        dz[t][this.constants.BE + r][this.thread.x];
    }
    sum += part;
  }
  return sum;
}
