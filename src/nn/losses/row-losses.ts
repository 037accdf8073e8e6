import type { IndexTensor, Tensor } from '../../tensor/index.ts';
import { headSize, targetWidth, type HeadSpec } from '../spec.ts';
import { lossOf, type OwnLosses } from './loss-of.ts';
import type { Loss } from './loss.ts';

/** Rows of outputs, what each should have predicted, and how much it counts. */
export interface LossRows {
  /** [N, outputs]. */
  out: Tensor;
  /** [N, targets]. */
  targets: Tensor | IndexTensor;
  /** [N]; every row counts 1 unless given. */
  weights?: Tensor;
}

/**
 * Takes the loss of a head row by row, in double precision: any loss, and rows that count more, less or not at all. The
 * kernels have losses of whole matrices for what music is trained with; this is what all others run on, and the reference of those.
 */
export class RowLosses {
  readonly loss: Loss;
  readonly #values: Float64Array;
  readonly #wanted: Float64Array;
  readonly #slope: Float64Array;

  constructor(head: HeadSpec, own?: OwnLosses) {
    this.loss = lossOf(head, own);
    this.#values = new Float64Array(headSize(head));
    this.#wanted = new Float64Array(targetWidth(head));
    this.#slope = new Float64Array(headSize(head));
  }

  /** Σ weight · loss over the rows; a row of weight 0 is not looked at. */
  sum({ out, targets, weights }: LossRows): number {
    let sum = 0;
    for (let row = 0; row < out.rows; row++) {
      const weight = weights ? weights.data[row] : 1;
      if (weight !== 0) sum += weight * this.#at(row, out, targets);
    }
    return sum;
  }

  /** Writes scale · weight · dL/d(out) to every row of `dOut`. */
  gradient({ out, targets, weights }: LossRows, dOut: Tensor, scale: number): void {
    const { columns, data } = dOut;
    for (let row = 0; row < out.rows; row++) {
      const factor = scale * (weights ? weights.data[row] : 1);
      if (factor !== 0) this.#at(row, out, targets);
      for (let k = 0; k < columns; k++) data[row * columns + k] = factor === 0 ? 0 : factor * this.#slope[k];
    }
  }

  #at(row: number, out: Tensor, targets: Tensor | IndexTensor): number {
    this.#take(this.#values, out.data, row);
    this.#take(this.#wanted, targets.data, row);
    return this.loss.row(this.#values, this.#wanted, this.#slope);
  }

  #take(to: Float64Array, from: ArrayLike<number>, row: number): void {
    for (let k = 0; k < to.length; k++) to[k] = from[row * to.length + k];
  }
}
