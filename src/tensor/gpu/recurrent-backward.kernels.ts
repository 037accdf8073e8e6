import type { Cube, KernelThis, Matrix } from './kernel-this.ts';
import type { InputConstants, LayerConstants } from './recurrent-forward.kernels.ts';

/** What the way back through time needs to know beside the layer's sizes. */
export interface BackwardConstants extends LayerConstants {
  /** The first step that gets a gradient from above. */
  firstAbove: number;
  /** The column of the transposed kernel where the recurrent rows begin. */
  recurrentColumn: number;
}

/**
 * With dc' = e + dh ∘ bend, the gradients of the pre-activations are dz = slope ∘ dc' for i, f and g, and slope ∘ dh for o.
 * Six numbers a unit, [T, B, 6H], side by side: the slopes of i, f, g and o, bend = o (1 - tanh² c), and f itself.
 *
 *     slopeᵢ = g i (1-i)   slope_f = cPrev f (1-f)   slope_g = i (1-g²)   slopeₒ = tanh(c) o (1-o)
 *
 * @param gates [T, B, 4H], activations
 * @param history [T, B, 2H]
 */
export function gateSlopes(this: KernelThis<LayerConstants>, gates: Cube, history: Cube): number {
  const b = this.thread.y;
  const t = this.thread.z;
  const part = Math.floor((this.thread.x + 0.5) / this.constants.H);
  const j = this.thread.x - part * this.constants.H;
  const i = gates[t][b][j];
  const f = gates[t][b][this.constants.H + j];
  const g = gates[t][b][this.constants.H2 + j];
  const o = gates[t][b][this.constants.H3 + j];
  if (part === 0) return g * i * (1 - i);
  if (part === 1) {
    let before = 0;
    if (t > 0) before = history[t - 1][b][this.constants.H + j];
    return before * f * (1 - f);
  }
  if (part === 2) return i * (1 - g * g);
  if (part === 5) return f;
  let c = history[t][b][this.constants.H + j];
  if (c > 15) c = 15;
  if (c < -15) c = -15;
  const squashed = Math.tanh(c);
  if (part === 3) return squashed * o * (1 - o);
  return o * (1 - squashed * squashed);
}

/** The kernel with rows and columns exchanged, so that neighbours in the way back read neighbours: [4H, columns]. */
export function transpose(this: KernelThis<{ firstRow: number }>, pack: Cube): number {
  return pack[0][this.constants.firstRow + this.thread.x][this.thread.y];
}

/** The last step, into which nothing comes back: a block [slots, B, 2H] with dh and e = 0 side by side in slot 0. */
export function startBack(this: KernelThis<BackwardConstants>, above: Cube): number {
  if (this.thread.z > 0 || this.thread.x >= this.constants.H) {
    return 0;
  }
  return above[this.constants.T - 1 - this.constants.firstAbove][this.thread.y][this.thread.x];
}

/**
 * Step t of the way back, from step t + 1, in one launch. dz is never stored on the way: the sum over the gates forms it
 * from dh, e and the slopes. Writes, as `stepCell` does, a block [slots, B, 2H] with one more slot filled:
 *
 *     dh[t] = above[t] + dz[t+1] · Whᵀ        e[t] = dc'[t+1] ∘ f[t+1]
 *
 * @param transposed [4H, columns], see `transpose`
 * @param above [steps from firstAbove on, B, H], dL/dh as the layers above see it
 * @param from the slot of `block` that holds step t + 1
 */
export function stepBack(
  this: KernelThis<BackwardConstants>,
  transposed: Matrix,
  slopes: Cube,
  above: Cube,
  block: Cube,
  t: number,
  slot: number,
  from: number,
): number {
  const x = this.thread.x;
  const b = this.thread.y;
  const z = this.thread.z;
  if (z < slot) {
    return block[z][b][x];
  }
  if (z > slot) {
    return 0;
  }
  if (x >= this.constants.H) {
    const j = x - this.constants.H;
    const dc = block[from][b][x] + block[from][b][j] * slopes[t + 1][b][this.constants.H4 + j];
    return dc * slopes[t + 1][b][this.constants.H4 + x];
  }
  let sum = 0;
  if (t >= this.constants.firstAbove) {
    sum = above[t - this.constants.firstAbove][b][x];
  }
  for (let k = 0; k < this.constants.H; k++) {
    const dh = block[from][b][k];
    const dc = block[from][b][this.constants.H + k] + dh * slopes[t + 1][b][this.constants.H4 + k];
    sum +=
      dc *
        (slopes[t + 1][b][k] * transposed[k][this.constants.recurrentColumn + x] +
          slopes[t + 1][b][this.constants.H + k] *
            transposed[this.constants.H + k][this.constants.recurrentColumn + x] +
          slopes[t + 1][b][this.constants.H2 + k] *
            transposed[this.constants.H2 + k][this.constants.recurrentColumn + x]) +
      dh *
        slopes[t + 1][b][this.constants.H3 + k] *
        transposed[this.constants.H3 + k][this.constants.recurrentColumn + x];
  }
  return sum;
}

/**
 * dL/dz of all gates of all steps, [T, B, 4H].
 *
 * @param back [T, B, 2H], dh and e, the last step first
 */
export function gateGradients(this: KernelThis<LayerConstants>, slopes: Cube, back: Cube): number {
  const x = this.thread.x;
  const b = this.thread.y;
  const t = this.thread.z;
  const r = this.constants.T - 1 - t;
  const gate = Math.floor((x + 0.5) / this.constants.H);
  const j = x - gate * this.constants.H;
  const dh = back[r][b][j];
  if (gate === 3) {
    return dh * slopes[t][b][x];
  }
  return (back[r][b][this.constants.H + j] + dh * slopes[t][b][this.constants.H4 + j]) * slopes[t][b][x];
}

/**
 * All weight gradients of the lowest layer, [rows, 4H], rows as in the pack.
 *
 * @param entries as in `projectInput`
 * @param history [T, B, 2H]
 * @param dz [T, B, 4H]
 */
export function inputLayerGradient(
  this: KernelThis<InputConstants>,
  entries: Cube,
  history: Cube,
  dz: Cube,
  at: number,
): number {
  const x = this.thread.x;
  const y = this.thread.y;
  let sum = 0;
  if (y === this.constants.biasRow) {
    for (let t = 0; t < this.constants.T; t++) {
      for (let b = 0; b < this.constants.B; b++) {
        sum += dz[t][b][x];
      }
    }
    return sum;
  }
  if (y >= this.constants.recurrentRow) {
    const j = y - this.constants.recurrentRow;
    for (let t = 1; t < this.constants.T; t++) {
      let part = 0;
      for (let q = 0; q < this.constants.BQ; q++) {
        part +=
          history[t - 1][4 * q][j] * dz[t][4 * q][x] +
          history[t - 1][4 * q + 1][j] * dz[t][4 * q + 1][x] +
          history[t - 1][4 * q + 2][j] * dz[t][4 * q + 2][x] +
          history[t - 1][4 * q + 3][j] * dz[t][4 * q + 3][x];
      }
      for (let r = 0; r < this.constants.BR; r++) {
        part += history[t - 1][this.constants.BE + r][j] * dz[t][this.constants.BE + r][x];
      }
      sum += part;
    }
    return sum;
  }
  if (y >= this.constants.featureRow) {
    const column = this.constants.categories + y - this.constants.featureRow;
    for (let t = 0; t < this.constants.T; t++) {
      for (let b = 0; b < this.constants.B; b++) {
        sum += entries[at + t][b][column] * dz[t][b][x];
      }
    }
    return sum;
  }
  for (let t = 0; t < this.constants.T; t++) {
    for (let b = 0; b < this.constants.B; b++) {
      for (let c = 0; c < this.constants.categories; c++) {
        if (entries[at + t][b][c] === y) {
          sum += dz[t][b][x];
        }
      }
    }
  }
  return sum;
}

/** All weight gradients of a layer above another, [2H + 1, 4H]; of `below` [T, B, H or more] the first H columns. */
export function upperLayerGradient(this: KernelThis<LayerConstants>, below: Cube, history: Cube, dz: Cube): number {
  const x = this.thread.x;
  const y = this.thread.y;
  let sum = 0;
  if (y === this.constants.biasRow) {
    for (let t = 0; t < this.constants.T; t++) {
      for (let b = 0; b < this.constants.B; b++) {
        sum += dz[t][b][x];
      }
    }
    return sum;
  }
  if (y >= this.constants.recurrentRow) {
    const j = y - this.constants.recurrentRow;
    for (let t = 1; t < this.constants.T; t++) {
      let part = 0;
      for (let q = 0; q < this.constants.BQ; q++) {
        part +=
          history[t - 1][4 * q][j] * dz[t][4 * q][x] +
          history[t - 1][4 * q + 1][j] * dz[t][4 * q + 1][x] +
          history[t - 1][4 * q + 2][j] * dz[t][4 * q + 2][x] +
          history[t - 1][4 * q + 3][j] * dz[t][4 * q + 3][x];
      }
      for (let r = 0; r < this.constants.BR; r++) {
        part += history[t - 1][this.constants.BE + r][j] * dz[t][this.constants.BE + r][x];
      }
      sum += part;
    }
    return sum;
  }
  for (let t = 0; t < this.constants.T; t++) {
    let part = 0;
    for (let q = 0; q < this.constants.BQ; q++) {
      part +=
        below[t][4 * q][y] * dz[t][4 * q][x] +
        below[t][4 * q + 1][y] * dz[t][4 * q + 1][x] +
        below[t][4 * q + 2][y] * dz[t][4 * q + 2][x] +
        below[t][4 * q + 3][y] * dz[t][4 * q + 3][x];
    }
    for (let r = 0; r < this.constants.BR; r++) {
      part += below[t][this.constants.BE + r][y] * dz[t][this.constants.BE + r][x];
    }
    sum += part;
  }
  return sum;
}

/** dL/d(below), [T, B, H] = dz · kernelᵀ, for the layer underneath. */
export function belowGradient(this: KernelThis<LayerConstants>, transposed: Matrix, dz: Cube): number {
  const x = this.thread.x;
  const b = this.thread.y;
  const t = this.thread.z;
  let sum = 0;
  for (let q = 0; q < this.constants.H; q++) {
    sum +=
      dz[t][b][4 * q] * transposed[4 * q][x] +
      dz[t][b][4 * q + 1] * transposed[4 * q + 1][x] +
      dz[t][b][4 * q + 2] * transposed[4 * q + 2][x] +
      dz[t][b][4 * q + 3] * transposed[4 * q + 3][x];
  }
  return sum;
}
