import type { Cube, KernelThis, Matrix } from './kernel-this.ts';

/** The sizes of a gradient [rows, columns], and of the sums of squares that are formed of it. */
export interface NormConstants {
  rows: number;
  columns: number;
  /** The sums are [parts, sums]; each is of every `sums`-th column and of every `parts`-th row. */
  sums: number;
  parts: number;
  /** The most columns, and the most rows, that one has. */
  columnsEach: number;
  rowsEach: number;
}

/** Sums of squares of a gradient, [parts, sums], added to those of other gradients. */
export function sumSquares(this: KernelThis<NormConstants>, gradient: Matrix, others: Matrix): number {
  let sum = others[this.thread.y][this.thread.x];
  for (let n = 0; n < this.constants.columnsEach; n++) {
    const column = this.thread.x + n * this.constants.sums;
    if (column < this.constants.columns) {
      let part = 0;
      for (let r = 0; r < this.constants.rowsEach; r++) {
        const row = this.thread.y + r * this.constants.parts;
        if (row < this.constants.rows) {
          part += gradient[row][column] * gradient[row][column];
        }
      }
      sum += part;
    }
  }
  return sum;
}

/** What `sumSquares` gave, [parts, sums], in fewer numbers, [fewer]: each of every `fewer`-th column. */
export function foldSums(
  this: KernelThis<{ sums: number; parts: number; fewer: number; each: number }>,
  many: Matrix,
): number {
  let sum = 0;
  for (let n = 0; n < this.constants.each; n++) {
    const column = this.thread.x + n * this.constants.fewer;
    if (column < this.constants.sums) {
      for (let part = 0; part < this.constants.parts; part++) {
        sum += many[part][column];
      }
    }
  }
  return sum;
}

/**
 * Clips by the global norm and takes one step of Adam, in the form of `Kernels.adam`; a new pack [3, rows, columns] with
 * weights, first and second moments.
 *
 * @param squares [fewer], which add up to the square of the gradient's norm
 * @param rates [steps, 7]: the bias-corrected learning rate, ε, β₁, 1 - β₁, β₂, 1 - β₂, and the norm to which gradients
 *   are clipped, or -1
 * @param at which row of `rates` holds
 */
export function clipAndAdam(
  this: KernelThis<{ fewer: number }>,
  pack: Cube,
  gradient: Matrix,
  squares: number[],
  rates: Matrix,
  at: number,
): number {
  const x = this.thread.x;
  const y = this.thread.y;
  let g = gradient[y][x];
  if (rates[at][6] >= 0) {
    let square = 0;
    for (let n = 0; n < this.constants.fewer; n++) {
      square += squares[n];
    }
    const norm = Math.sqrt(square);
    if (norm > rates[at][6]) {
      g = g * (rates[at][6] / norm);
    }
  }
  const m = rates[at][2] * pack[1][y][x] + rates[at][3] * g;
  if (this.thread.z === 1) {
    return m;
  }
  const v = rates[at][4] * pack[2][y][x] + rates[at][5] * g * g;
  if (this.thread.z === 2) {
    return v;
  }
  return pack[0][y][x] - (rates[at][0] * m) / (Math.sqrt(v) + rates[at][1]);
}
