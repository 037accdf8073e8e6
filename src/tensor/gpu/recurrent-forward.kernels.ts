import type { Cube, KernelThis } from './kernel-this.ts';

/**
 * The sizes of one LSTM layer, and the rows of its pack. A pack [3, rows, 4H] holds the weights and both moments of Adam;
 * its rows are the input's (classes first, then numbers), the recurrent ones, and the bias.
 *
 * The kernels index with `this.thread` itself: what gpu.js declares as a variable is a float, and would be converted back
 * for every number that is read. In loops it counts in whole numbers when the step is `++`.
 */
export interface LayerConstants {
  /** Steps of a sequence, sequences of a batch, hidden units. */
  T: number;
  B: number;
  H: number;
  /** 2H, 3H, 4H. */
  H2: number;
  H3: number;
  H4: number;
  /** H in fours: how many, how many units these are, and how many are left. */
  HQ: number;
  HE: number;
  HR: number;
  /** B in fours. */
  BQ: number;
  BE: number;
  BR: number;
  /** The first row of the recurrent kernel, and the row of the bias. */
  recurrentRow: number;
  biasRow: number;
  /** Planes of a step in what is below: 2 in a history (h and c), 1 after dropout. */
  planes: number;
}

/** The columns of a model's input: indices of rows of the pack, one for each category, then the features. */
export interface InputConstants extends LayerConstants {
  categories: number;
  features: number;
  /** The row of the first feature: as many as all categories have classes. */
  featureRow: number;
}

/**
 * The input's part of the pre-activations, for all steps at once: [T, B, 4H] = bias + one-hot rows + features · kernel.
 *
 * @param entries [steps of all batches, B, categories + features]; a category is the number of its row in the pack
 * @param at the first step of this batch in `entries`
 */
export function projectInput(this: KernelThis<InputConstants>, pack: Cube, entries: Cube, at: number): number {
  let sum = pack[0][this.constants.biasRow][this.thread.x];
  for (let c = 0; c < this.constants.categories; c++) {
    sum += pack[0][entries[at + this.thread.z][this.thread.y][c]][this.thread.x];
  }
  for (let f = 0; f < this.constants.features; f++) {
    sum +=
      entries[at + this.thread.z][this.thread.y][this.constants.categories + f] *
      pack[0][this.constants.featureRow + f][this.thread.x];
  }
  return sum;
}

/**
 * The same of a layer above another: [T, B, 4H] = bias + below · kernel.
 *
 * @param below [T · planes, B, H], of each step the first plane
 */
export function projectBelow(this: KernelThis<LayerConstants>, pack: Cube, below: Cube): number {
  let sum = pack[0][this.constants.biasRow][this.thread.x];
  for (let q = 0; q < this.constants.HQ; q++) {
    sum +=
      below[this.constants.planes * this.thread.z][this.thread.y][4 * q] * pack[0][4 * q][this.thread.x] +
      below[this.constants.planes * this.thread.z][this.thread.y][4 * q + 1] * pack[0][4 * q + 1][this.thread.x] +
      below[this.constants.planes * this.thread.z][this.thread.y][4 * q + 2] * pack[0][4 * q + 2][this.thread.x] +
      below[this.constants.planes * this.thread.z][this.thread.y][4 * q + 3] * pack[0][4 * q + 3][this.thread.x];
  }
  for (let r = 0; r < this.constants.HR; r++) {
    sum +=
      below[this.constants.planes * this.thread.z][this.thread.y][this.constants.HE + r] *
      pack[0][this.constants.HE + r][this.thread.x];
  }
  return sum;
}

/**
 * The first step, from a state of zeros: a block [2 · slots, B, H] with h and c in the two planes of slot 0, zeros behind.
 *
 * @param projected [T, B, 4H]
 */
export function startCell(this: KernelThis<LayerConstants>, projected: Cube): number {
  if (this.thread.z > 1) {
    return 0;
  }
  let zi = projected[0][this.thread.y][this.thread.x];
  let zg = projected[0][this.thread.y][this.constants.H2 + this.thread.x];
  let zo = projected[0][this.thread.y][this.constants.H3 + this.thread.x];
  // tanh of a large number is NaN on some drivers. A comparison with NaN is false, so that NaN stays NaN.
  if (zi > 30) zi = 30;
  if (zi < -30) zi = -30;
  if (zg > 15) zg = 15;
  if (zg < -15) zg = -15;
  if (zo > 30) zo = 30;
  if (zo < -30) zo = -30;
  const c = (0.5 + 0.5 * Math.tanh(0.5 * zi)) * Math.tanh(zg);
  if (this.thread.z > 0) {
    return c;
  }
  return (0.5 + 0.5 * Math.tanh(0.5 * zo)) * Math.tanh(c);
}

/**
 * Step t: the four gates of a unit and its cell in one launch. The result is `block` with slot `slot` filled; the slots
 * before it are copied, since a kernel can write nothing but a whole output of its own. h and c of a unit are computed by
 * two invocations, each from all four gates: what is read of h serves four sums.
 *
 * @param block [2 · slots, B, H], what the step before gave
 * @param t which step, for `projected` [T, B, 4H]
 * @param from the slot of `block` that holds the step before
 */
export function stepCell(
  this: KernelThis<LayerConstants>,
  pack: Cube,
  projected: Cube,
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
  let zi = projected[t][this.thread.y][this.thread.x];
  let zf = projected[t][this.thread.y][this.constants.H + this.thread.x];
  let zg = projected[t][this.thread.y][this.constants.H2 + this.thread.x];
  let zo = projected[t][this.thread.y][this.constants.H3 + this.thread.x];
  for (let k = 0; k < this.constants.H; k++) {
    const h = block[2 * from][this.thread.y][k];
    zi += h * pack[0][this.constants.recurrentRow + k][this.thread.x];
    zf += h * pack[0][this.constants.recurrentRow + k][this.constants.H + this.thread.x];
    zg += h * pack[0][this.constants.recurrentRow + k][this.constants.H2 + this.thread.x];
    zo += h * pack[0][this.constants.recurrentRow + k][this.constants.H3 + this.thread.x];
  }
  if (zi > 30) zi = 30;
  if (zi < -30) zi = -30;
  if (zf > 30) zf = 30;
  if (zf < -30) zf = -30;
  if (zg > 15) zg = 15;
  if (zg < -15) zg = -15;
  if (zo > 30) zo = 30;
  if (zo < -30) zo = -30;
  const c =
    (0.5 + 0.5 * Math.tanh(0.5 * zf)) * block[2 * from + 1][this.thread.y][this.thread.x] +
    (0.5 + 0.5 * Math.tanh(0.5 * zi)) * Math.tanh(zg);
  if (this.thread.z > 2 * slot) {
    return c;
  }
  let bounded = c;
  if (bounded > 15) bounded = 15;
  if (bounded < -15) bounded = -15;
  return (0.5 + 0.5 * Math.tanh(0.5 * zo)) * Math.tanh(bounded);
}

/** How many planes each of the joined arrays holds. */
export interface JoinConstants {
  each: number;
}

/** Up to six arrays [each, rows, columns] one behind the other along the first axis. */
export function join(
  this: KernelThis<JoinConstants>,
  a0: Cube,
  a1: Cube,
  a2: Cube,
  a3: Cube,
  a4: Cube,
  a5: Cube,
): number {
  if (this.thread.z < this.constants.each) {
    return a0[this.thread.z][this.thread.y][this.thread.x];
  }
  if (this.thread.z < 2 * this.constants.each) {
    return a1[this.thread.z - this.constants.each][this.thread.y][this.thread.x];
  }
  if (this.thread.z < 3 * this.constants.each) {
    return a2[this.thread.z - 2 * this.constants.each][this.thread.y][this.thread.x];
  }
  if (this.thread.z < 4 * this.constants.each) {
    return a3[this.thread.z - 3 * this.constants.each][this.thread.y][this.thread.x];
  }
  if (this.thread.z < 5 * this.constants.each) {
    return a4[this.thread.z - 4 * this.constants.each][this.thread.y][this.thread.x];
  }
  return a5[this.thread.z - 5 * this.constants.each][this.thread.y][this.thread.x];
}

/**
 * The activations of all gates of all steps, [T, B, 4H], from the outputs that are known by now: one product with much to do
 * at once, where storing them along the way would have made every step compute more.
 *
 * @param history [2T, B, H], h and c of each step
 */
export function activateGates(this: KernelThis<LayerConstants>, pack: Cube, projected: Cube, history: Cube): number {
  let sum = projected[this.thread.z][this.thread.y][this.thread.x];
  if (this.thread.z > 0) {
    for (let q = 0; q < this.constants.HQ; q++) {
      sum +=
        history[2 * this.thread.z - 2][this.thread.y][4 * q] *
          pack[0][this.constants.recurrentRow + 4 * q][this.thread.x] +
        history[2 * this.thread.z - 2][this.thread.y][4 * q + 1] *
          pack[0][this.constants.recurrentRow + 4 * q + 1][this.thread.x] +
        history[2 * this.thread.z - 2][this.thread.y][4 * q + 2] *
          pack[0][this.constants.recurrentRow + 4 * q + 2][this.thread.x] +
        history[2 * this.thread.z - 2][this.thread.y][4 * q + 3] *
          pack[0][this.constants.recurrentRow + 4 * q + 3][this.thread.x];
    }
    for (let r = 0; r < this.constants.HR; r++) {
      sum +=
        history[2 * this.thread.z - 2][this.thread.y][this.constants.HE + r] *
        pack[0][this.constants.recurrentRow + this.constants.HE + r][this.thread.x];
    }
  }
  if (this.thread.x >= this.constants.H2 && this.thread.x < this.constants.H3) {
    if (sum > 15) sum = 15;
    if (sum < -15) sum = -15;
    return Math.tanh(sum);
  }
  if (sum > 30) sum = 30;
  if (sum < -30) sum = -30;
  return 0.5 + 0.5 * Math.tanh(0.5 * sum);
}

/**
 * `values` ∘ mask, [steps, B, H]. Forward and back.
 *
 * @param values [steps · planes, B, H], of each step the first plane
 * @param masks [steps of all batches, B, layers · H]
 * @param at the first row of `masks` that counts
 * @param column the first column of this layer in `masks`
 */
export function dropout(
  this: KernelThis<{ planes: number }>,
  values: Cube,
  masks: Cube,
  at: number,
  column: number,
): number {
  return (
    values[this.constants.planes * this.thread.z][this.thread.y][this.thread.x] *
    masks[at + this.thread.z][this.thread.y][column + this.thread.x]
  );
}
