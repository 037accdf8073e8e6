import type { Cube, KernelThis, Matrix } from './kernel-this.ts';

/**
 * The heads side by side: Q columns in all, of each head its outputs. Their pack is [3, H + 1, Q], the bias in the last row.
 * What a head is stands in `heads` [heads, 5]: first column, columns, whether it is scalar, positive pressure, and the
 * factor of its gradient (its weight divided by the rows over which its loss is a mean).
 */
export interface HeadConstants {
  B: number;
  H: number;
  /** H in fours: how many, how many units these are, and how many are left. */
  HQ: number;
  HE: number;
  HR: number;
  Q: number;
  /** How many heads, and the most columns that one has. */
  heads: number;
  widest: number;
  /** Steps that the heads see, and the first of them. */
  seen: number;
  first: number;
  /** Planes of a step in what the heads see: 2 in a history (h and c), 1 after dropout. */
  planes: number;
}

/** Logits and predictions, [seen, B, Q]; of `hidden` [T · planes, B, H] the first plane of each step. */
export function headOutputs(this: KernelThis<HeadConstants>, pack: Cube, hidden: Cube): number {
  const plane = this.constants.planes * (this.constants.first + this.thread.z);
  let sum = pack[0][this.constants.H][this.thread.x];
  for (let q = 0; q < this.constants.HQ; q++) {
    sum +=
      hidden[plane][this.thread.y][4 * q] * pack[0][4 * q][this.thread.x] +
      hidden[plane][this.thread.y][4 * q + 1] * pack[0][4 * q + 1][this.thread.x] +
      hidden[plane][this.thread.y][4 * q + 2] * pack[0][4 * q + 2][this.thread.x] +
      hidden[plane][this.thread.y][4 * q + 3] * pack[0][4 * q + 3][this.thread.x];
  }
  for (let r = 0; r < this.constants.HR; r++) {
    sum += hidden[plane][this.thread.y][this.constants.HE + r] * pack[0][this.constants.HE + r][this.thread.x];
  }
  return sum;
}

/**
 * For every row and head, [seen, B, 2 · heads]: first the logarithm of the sum of the exponentials of its logits (0 for a
 * scalar head), then its loss: cross-entropy from logits in nats, or the squared error with positive pressure.
 *
 * @param targets [rows seen of all batches, B, heads], classes as numbers
 * @param at the first row of this batch in `targets`
 */
export function rowLosses(
  this: KernelThis<HeadConstants>,
  outputs: Cube,
  targets: Cube,
  heads: Matrix,
  at: number,
): number {
  const b = this.thread.y;
  const s = this.thread.z;
  let head = this.thread.x;
  if (head >= this.constants.heads) {
    head = head - this.constants.heads;
  }
  const start = heads[head][0];
  const target = targets[at + s][b][head];
  if (heads[head][2] > 0) {
    if (this.thread.x < this.constants.heads) {
      return 0;
    }
    const p = outputs[s][b][start];
    const error = target - p;
    let loss = error * error;
    if (p < 0) {
      loss = loss - heads[head][3] * p;
    }
    return loss;
  }
  let most = outputs[s][b][start];
  for (let k = 1; k < this.constants.widest; k++) {
    if (k < heads[head][1]) {
      most = Math.max(most, outputs[s][b][start + k]);
    }
  }
  let sum = 0;
  for (let k = 0; k < this.constants.widest; k++) {
    if (k < heads[head][1]) {
      sum += Math.exp(outputs[s][b][start + k] - most);
    }
  }
  if (this.thread.x < this.constants.heads) {
    return most + Math.log(sum);
  }
  return Math.log(sum) + (most - outputs[s][b][start + target]);
}

/**
 * dL/d(outputs), [seen, B, Q]: scale · (softmax - onehot), or scale · (2 (p - target) - pressure [p < 0]).
 *
 * @param columns [Q, 1], which head each column belongs to
 * @param rows [seen, B, 2 · heads], what `rowLosses` gave
 */
export function outputGradients(
  this: KernelThis<HeadConstants>,
  outputs: Cube,
  rows: Cube,
  targets: Cube,
  heads: Matrix,
  columns: Matrix,
  at: number,
): number {
  const x = this.thread.x;
  const b = this.thread.y;
  const s = this.thread.z;
  const head = columns[x][0];
  const target = targets[at + s][b][head];
  const value = outputs[s][b][x];
  if (heads[head][2] > 0) {
    let slope = 2 * (value - target);
    if (value < 0) {
      slope = slope - heads[head][3];
    }
    return slope * heads[head][4];
  }
  let share = Math.exp(value - rows[s][b][head]);
  if (x === heads[head][0] + target) {
    share = share - 1;
  }
  return share * heads[head][4];
}

/** The gradients of all heads' kernels and biases, [H + 1, Q]; `hidden` as in `headOutputs`. */
export function headGradients(this: KernelThis<HeadConstants>, hidden: Cube, outputs: Cube): number {
  let sum = 0;
  for (let s = 0; s < this.constants.seen; s++) {
    let part = 0;
    if (this.thread.y === this.constants.H) {
      for (let b = 0; b < this.constants.B; b++) {
        part += outputs[s][b][this.thread.x];
      }
    } else {
      for (let b = 0; b < this.constants.B; b++) {
        part +=
          hidden[this.constants.planes * (this.constants.first + s)][b][this.thread.y] * outputs[s][b][this.thread.x];
      }
    }
    sum += part;
  }
  return sum;
}

/** dL/d(hidden) of the steps that the heads see, [seen, B, H]. */
export function hiddenGradients(this: KernelThis<HeadConstants>, pack: Cube, outputs: Cube): number {
  let sum = 0;
  for (let q = 0; q < this.constants.Q; q++) {
    sum += outputs[this.thread.z][this.thread.y][q] * pack[0][this.thread.x][q];
  }
  return sum;
}

/** The losses of all rows of a step added up, [seen, heads]. */
export function stepLosses(this: KernelThis<HeadConstants>, rows: Cube): number {
  let sum = 0;
  for (let b = 0; b < this.constants.B; b++) {
    sum += rows[this.thread.y][b][this.constants.heads + this.thread.x];
  }
  return sum;
}
