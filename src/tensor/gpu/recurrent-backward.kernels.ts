import type { Cube, KernelThis, Matrix } from './kernel-this.ts';
import type { LayerConstants } from './recurrent-forward.kernels.ts';

/** What the way back through time needs to know beside the layer's sizes. */
export interface BackwardConstants extends LayerConstants {
  /** The first step that gets a gradient from above. */
  firstAbove: number;
  /** The column of the transposed kernel where the recurrent rows begin. */
  recurrentColumn: number;
}

/**
 * With dc' = e + dh ∘ bend, the gradients of the pre-activations are dz = slope ∘ dc' for i, f and g, and slope ∘ dh for o.
 * Six planes a step, [6T, B, H]: the slopes of i, f, g and o, bend = o (1 - tanh² c), and f itself.
 *
 *     slopeᵢ = g i (1-i)   slope_f = cPrev f (1-f)   slope_g = i (1-g²)   slopeₒ = tanh(c) o (1-o)
 *
 * @param gates [T, B, 4H], activations
 * @param history [2T, B, H], h and c
 */
export function gateSlopes(this: KernelThis<LayerConstants>, gates: Cube, history: Cube): number {
  const t = Math.floor((this.thread.z + 0.5) / 6);
  const part = this.thread.z - 6 * t;
  const i = gates[t][this.thread.y][this.thread.x];
  const f = gates[t][this.thread.y][this.constants.H + this.thread.x];
  const g = gates[t][this.thread.y][this.constants.H2 + this.thread.x];
  const o = gates[t][this.thread.y][this.constants.H3 + this.thread.x];
  if (part === 0) return g * i * (1 - i);
  if (part === 1) {
    let before = 0;
    if (t > 0) before = history[2 * t - 1][this.thread.y][this.thread.x];
    return before * f * (1 - f);
  }
  if (part === 2) return i * (1 - g * g);
  if (part === 5) return f;
  let c = history[2 * t + 1][this.thread.y][this.thread.x];
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

/** The last step, into which nothing comes back: a block [2 · slots, B, H] with dh and e = 0 in the planes of slot 0. */
export function startBack(this: KernelThis<BackwardConstants>, above: Cube): number {
  if (this.thread.z > 0) {
    return 0;
  }
  return above[this.constants.T - 1 - this.constants.firstAbove][this.thread.y][this.thread.x];
}

/**
 * Step t of the way back, from step t + 1, in one launch. dz is never stored on the way: the sum over the gates forms it
 * from dh, e and the slopes. Writes, as `stepCell` does, a block [2 · slots, B, H] with one more slot filled:
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
  if (this.thread.z < 2 * slot) {
    return block[this.thread.z][this.thread.y][this.thread.x];
  }
  if (this.thread.z > 2 * slot + 1) {
    return 0;
  }
  if (this.thread.z > 2 * slot) {
    return (
      (block[2 * from + 1][this.thread.y][this.thread.x] +
        block[2 * from][this.thread.y][this.thread.x] * slopes[6 * t + 10][this.thread.y][this.thread.x]) *
      slopes[6 * t + 11][this.thread.y][this.thread.x]
    );
  }
  let sum = 0;
  if (t >= this.constants.firstAbove) {
    sum = above[t - this.constants.firstAbove][this.thread.y][this.thread.x];
  }
  for (let k = 0; k < this.constants.H; k++) {
    const dh = block[2 * from][this.thread.y][k];
    const dc = block[2 * from + 1][this.thread.y][k] + dh * slopes[6 * t + 10][this.thread.y][k];
    sum +=
      dc *
        (slopes[6 * t + 6][this.thread.y][k] * transposed[k][this.constants.recurrentColumn + this.thread.x] +
          slopes[6 * t + 7][this.thread.y][k] *
            transposed[this.constants.H + k][this.constants.recurrentColumn + this.thread.x] +
          slopes[6 * t + 8][this.thread.y][k] *
            transposed[this.constants.H2 + k][this.constants.recurrentColumn + this.thread.x]) +
      dh *
        slopes[6 * t + 9][this.thread.y][k] *
        transposed[this.constants.H3 + k][this.constants.recurrentColumn + this.thread.x];
  }
  return sum;
}

/**
 * dL/dz of all gates of all steps, [T, B, 4H].
 *
 * @param back [2T, B, H], dh and e, the last step first
 */
export function gateGradients(this: KernelThis<LayerConstants>, slopes: Cube, back: Cube): number {
  const gate = Math.floor((this.thread.x + 0.5) / this.constants.H);
  const j = this.thread.x - gate * this.constants.H;
  const r = 2 * (this.constants.T - 1 - this.thread.z);
  const dh = back[r][this.thread.y][j];
  const slope = slopes[6 * this.thread.z + gate][this.thread.y][j];
  if (gate === 3) {
    return dh * slope;
  }
  return (back[r + 1][this.thread.y][j] + dh * slopes[6 * this.thread.z + 4][this.thread.y][j]) * slope;
}

/** dL/d(below), [T, B, H] = dz · kernelᵀ, for the layer underneath. */
export function belowGradient(this: KernelThis<LayerConstants>, transposed: Matrix, dz: Cube): number {
  let sum = 0;
  for (let q = 0; q < this.constants.H; q++) {
    sum +=
      dz[this.thread.z][this.thread.y][4 * q] * transposed[4 * q][this.thread.x] +
      dz[this.thread.z][this.thread.y][4 * q + 1] * transposed[4 * q + 1][this.thread.x] +
      dz[this.thread.z][this.thread.y][4 * q + 2] * transposed[4 * q + 2][this.thread.x] +
      dz[this.thread.z][this.thread.y][4 * q + 3] * transposed[4 * q + 3][this.thread.x];
  }
  return sum;
}
