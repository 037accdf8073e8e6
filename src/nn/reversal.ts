import type { Arena, IndexTensor } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import type { SequenceShape } from './cells/cell.ts';

/**
 * Where each row of a batch stands when every sequence is read from its own end. What fills up a sequence stays behind it, so that
 * the cell that reads backwards begins at the last step that is real, and two reversals are none: the order is its own inverse.
 *
 * Both orders live in the arena: a thread's network is laid out over the same memory as the one that loads its batches.
 */
export class Reversal {
  /** For each row t * B + b the row that is read in its place, [T * B]. */
  readonly rows: IndexTensor;
  /**
   * For each row of the top layer's output the row of the backward cell that stands beside it, [T * B]: the one that read the same step,
   * or, where a sequence is asked for one answer at its end, the one in the same place: at the last step it has read everything.
   */
  readonly top: IndexTensor;
  readonly #shape: SequenceShape;

  constructor(arena: Arena, shape: SequenceShape) {
    const rows = shape.steps * shape.batchSize;
    this.rows = arena.indices([rows]);
    this.top = arena.indices([rows]);
    this.#shape = shape;
    this.set({}, false);
  }

  /**
   * Writes both orders for sequences of these lengths, of whole length unless given.
   *
   * @param atEnds whether one answer is asked of each sequence
   * @param from the first sequence of the batch that is here
   */
  set({ lengths }: Pick<Batch, 'lengths'>, atEnds: boolean, from = 0): void {
    const { batchSize: B, steps } = this.#shape;
    const [rows, top] = [this.rows.data, this.top.data];
    for (let b = 0; b < B; b++) {
      const length = lengths?.[from + b] ?? steps;
      for (let t = 0; t < steps; t++) {
        const row = t * B + b;
        rows[row] = t < length ? (length - 1 - t) * B + b : row;
        top[row] = atEnds ? row : rows[row];
      }
    }
  }
}
