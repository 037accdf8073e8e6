import type { Cube, KernelThis } from './kernel-this.ts';

/**
 * The sizes of one LSTM layer, and the rows of its pack. A pack [3, rows, 4H] holds the weights and both moments of Adam;
 * its rows are the input's (classes first, then numbers), the recurrent ones, and the bias.
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
  const x = this.thread.x;
  const b = this.thread.y;
  const row = at + this.thread.z;
  let sum = pack[0][this.constants.biasRow][x];
  for (let c = 0; c < this.constants.categories; c++) {
    sum += pack[0][entries[row][b][c]][x];
  }
  for (let f = 0; f < this.constants.features; f++) {
    sum += entries[row][b][this.constants.categories + f] * pack[0][this.constants.featureRow + f][x];
  }
  return sum;
}

/** The same of a layer above another: [T, B, 4H] = bias + below · kernel, of `below` [T, B, H or more] the first H columns. */
export function projectBelow(this: KernelThis<LayerConstants>, pack: Cube, below: Cube): number {
  const x = this.thread.x;
  const b = this.thread.y;
  const t = this.thread.z;
  let sum = pack[0][this.constants.biasRow][x];
  for (let q = 0; q < this.constants.HQ; q++) {
    sum +=
      below[t][b][4 * q] * pack[0][4 * q][x] +
      below[t][b][4 * q + 1] * pack[0][4 * q + 1][x] +
      below[t][b][4 * q + 2] * pack[0][4 * q + 2][x] +
      below[t][b][4 * q + 3] * pack[0][4 * q + 3][x];
  }
  for (let r = 0; r < this.constants.HR; r++) {
    sum += below[t][b][this.constants.HE + r] * pack[0][this.constants.HE + r][x];
  }
  return sum;
}

/**
 * The first step, from a state of zeros: a block [slots, B, 2H] with h and c side by side in slot 0, zeros behind.
 *
 * @param projected [T, B, 4H]
 */
export function startCell(this: KernelThis<LayerConstants>, projected: Cube): number {
  if (this.thread.z > 0) {
    return 0;
  }
  const b = this.thread.y;
  let j = this.thread.x;
  if (j >= this.constants.H) {
    j = j - this.constants.H;
  }
  let zi = projected[0][b][j];
  let zg = projected[0][b][this.constants.H2 + j];
  let zo = projected[0][b][this.constants.H3 + j];
  // tanh of a large number is NaN on some drivers. A comparison with NaN is false, so that NaN stays NaN.
  if (zi > 30) zi = 30;
  if (zi < -30) zi = -30;
  if (zg > 15) zg = 15;
  if (zg < -15) zg = -15;
  if (zo > 30) zo = 30;
  if (zo < -30) zo = -30;
  const c = (0.5 + 0.5 * Math.tanh(0.5 * zi)) * Math.tanh(zg);
  if (this.thread.x >= this.constants.H) {
    return c;
  }
  return (0.5 + 0.5 * Math.tanh(0.5 * zo)) * Math.tanh(c);
}

/**
 * Step t: the four gates of a unit and its cell in one launch. The result is `block` with slot `slot` filled; the slots
 * before it are copied, since a kernel can write nothing but a whole output of its own. h and c of a unit are computed by
 * two invocations, each from all four gates: the loads of h are shared by four sums.
 *
 * @param block [slots, B, 2H], what the step before gave
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
  const x = this.thread.x;
  const b = this.thread.y;
  const z = this.thread.z;
  if (z < slot) {
    return block[z][b][x];
  }
  if (z > slot) {
    return 0;
  }
  let j = x;
  if (x >= this.constants.H) {
    j = x - this.constants.H;
  }
  let zi = projected[t][b][j];
  let zf = projected[t][b][this.constants.H + j];
  let zg = projected[t][b][this.constants.H2 + j];
  let zo = projected[t][b][this.constants.H3 + j];
  for (let k = 0; k < this.constants.H; k++) {
    const h = block[from][b][k];
    zi += h * pack[0][this.constants.recurrentRow + k][j];
    zf += h * pack[0][this.constants.recurrentRow + k][this.constants.H + j];
    zg += h * pack[0][this.constants.recurrentRow + k][this.constants.H2 + j];
    zo += h * pack[0][this.constants.recurrentRow + k][this.constants.H3 + j];
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
    (0.5 + 0.5 * Math.tanh(0.5 * zf)) * block[from][b][this.constants.H + j] +
    (0.5 + 0.5 * Math.tanh(0.5 * zi)) * Math.tanh(zg);
  if (x >= this.constants.H) {
    return c;
  }
  let bounded = c;
  if (bounded > 15) bounded = 15;
  if (bounded < -15) bounded = -15;
  return (0.5 + 0.5 * Math.tanh(0.5 * zo)) * Math.tanh(bounded);
}

/** How many steps each of the joined arrays holds. */
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
  const x = this.thread.x;
  const y = this.thread.y;
  let z = this.thread.z;
  if (z < this.constants.each) return a0[z][y][x];
  z = z - this.constants.each;
  if (z < this.constants.each) return a1[z][y][x];
  z = z - this.constants.each;
  if (z < this.constants.each) return a2[z][y][x];
  z = z - this.constants.each;
  if (z < this.constants.each) return a3[z][y][x];
  z = z - this.constants.each;
  if (z < this.constants.each) return a4[z][y][x];
  z = z - this.constants.each;
  return a5[z][y][x];
}

/**
 * The activations of all gates of all steps, [T, B, 4H], from the outputs that are known by now: one product with much to do
 * at once, where storing them along the way would have made every step compute more.
 *
 * @param history [T, B, 2H], h and c of each step
 */
export function activateGates(this: KernelThis<LayerConstants>, pack: Cube, projected: Cube, history: Cube): number {
  const x = this.thread.x;
  const b = this.thread.y;
  const t = this.thread.z;
  let sum = projected[t][b][x];
  if (t > 0) {
    for (let q = 0; q < this.constants.HQ; q++) {
      sum +=
        history[t - 1][b][4 * q] * pack[0][this.constants.recurrentRow + 4 * q][x] +
        history[t - 1][b][4 * q + 1] * pack[0][this.constants.recurrentRow + 4 * q + 1][x] +
        history[t - 1][b][4 * q + 2] * pack[0][this.constants.recurrentRow + 4 * q + 2][x] +
        history[t - 1][b][4 * q + 3] * pack[0][this.constants.recurrentRow + 4 * q + 3][x];
    }
    for (let r = 0; r < this.constants.HR; r++) {
      sum += history[t - 1][b][this.constants.HE + r] * pack[0][this.constants.recurrentRow + this.constants.HE + r][x];
    }
  }
  if (x >= this.constants.H2 && x < this.constants.H3) {
    if (sum > 15) sum = 15;
    if (sum < -15) sum = -15;
    return Math.tanh(sum);
  }
  if (sum > 30) sum = 30;
  if (sum < -30) sum = -30;
  return 0.5 + 0.5 * Math.tanh(0.5 * sum);
}

/** `values` ∘ mask, [T, B, H]; of `values` [T, B, H or more] the first H columns. Forward and back. */
export function dropout(
  this: KernelThis,
  values: Cube,
  masks: Cube,
  /** The first row of `masks` [steps of all batches, B, layers · H] that counts, and the first column of this layer. */
  at: number,
  column: number,
): number {
  return (
    values[this.thread.z][this.thread.y][this.thread.x] *
    masks[at + this.thread.z][this.thread.y][column + this.thread.x]
  );
}
