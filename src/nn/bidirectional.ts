import type { IndexTensor, Tensor } from '../tensor/index.ts';
import type { Cell, CellArguments, DenseInput, LayerInput } from './cells/cell.ts';
import { createCell } from './cells/create-cell.ts';
import type { CellKind } from './cells/kinds.ts';

/** What a network stacks: a cell, or two of them that read in both directions. */
export interface Layer {
  /** [T * B, outputs]. */
  readonly output: Tensor;
  /** dL/d(output), which the layers above add to; `backward` may overwrite it. */
  readonly dOutput?: Tensor;
  /** Writes `output` from the input that the layer was made with. */
  forward(): void;
  /** Adds to the gradients of the parameters and of the input, from `dOutput`; `forward` must have come before. */
  backward(): void;
}

/** In which order the second cell reads the rows, and which of its rows stand beside those of the first. */
interface Orders {
  /** [T * B], its own inverse. */
  input: IndexTensor;
  /** [T * B]: a permutation. */
  output: IndexTensor;
}

/**
 * A layer of two cells (Schuster and Paliwal 1997): one reads each sequence from its beginning, the other from its end. Row by
 * row their outputs stand side by side, those of the first in front, as in PyTorch and in Keras (`merge_mode='concat'`). Parameters:
 * those of the cell, and once more with `reverse`: `lstm.0.kernel`, `lstm.0.reverse.kernel`.
 */
export class BidirectionalLayer implements Layer {
  /** The one that reads forwards, and the one that reads backwards: its step t is the t-th from the end. */
  readonly cells: readonly [Cell, Cell];
  /** [T * B, 2H]. */
  readonly output: Tensor;
  readonly dOutput?: Tensor;
  readonly #kernels: CellArguments[0];
  readonly #orders: Orders;
  /** What comes in, and the same as the second cell reads it. */
  readonly #input: LayerInput;
  readonly #reversed: LayerInput;

  constructor(kind: CellKind, orders: Orders, ...[kernels, index, shape, input, parameters, gradients]: CellArguments) {
    const { arena } = kernels;
    this.#kernels = kernels;
    this.#orders = orders;
    this.#input = input;
    this.#reversed = {
      categories: input.categories.map(({ indices, size }) => ({ indices: arena.indices(indices.shape), size })),
      dense: input.dense.map(({ values, gradient }): DenseInput => {
        return { values: arena.tensor(values.shape), ...(gradient && { gradient: arena.tensor(gradient.shape) }) };
      }),
    };
    this.cells = [
      createCell(kind, kernels, index, shape, input, parameters, gradients),
      createCell(kind, kernels, `${index as number}.reverse`, shape, this.#reversed, parameters, gradients),
    ];
    const { rows, columns } = this.cells[0].output;
    this.output = arena.tensor([rows, 2 * columns]);
    if (gradients) this.dOutput = arena.tensor(this.output.shape);
  }

  /** Runs both cells over all steps. Writes `output`. */
  forward(): void {
    const { categories, dense } = this.#input;
    const order = this.#orders.input;
    for (let k = 0; k < categories.length; k++) {
      const [to, from, rows] = [this.#reversed.categories[k].indices.data, categories[k].indices.data, order.data];
      for (let row = 0; row < to.length; row++) to[row] = from[rows[row]];
    }
    for (let k = 0; k < dense.length; k++) {
      const to = this.#reversed.dense[k].values;
      this.#kernels.fill(to, 0);
      this.#kernels.embedding(to, dense[k].values, order);
    }
    for (const cell of this.cells) cell.forward();
    this.#join();
  }

  /** Back through both cells from `dOutput`. Adds to the gradients of the parameters and of the inputs. */
  backward(): void {
    this.#split();
    const reversed = this.#reversed.dense;
    for (const { gradient } of reversed) if (gradient) this.#kernels.fill(gradient, 0);
    for (const cell of this.cells) cell.backward();
    for (let k = 0; k < reversed.length; k++) {
      const { gradient } = reversed[k];
      if (gradient) this.#kernels.embedding(this.#input.dense[k].gradient!, gradient, this.#orders.input);
    }
  }

  /** output[row] = the outputs of the first cell, then those of the second in its order. */
  #join(): void {
    const [first, second] = this.cells.map(({ output }) => output.data);
    const [{ data }, rows, H] = [this.output, this.#orders.output.data, this.output.columns / 2];
    for (let row = 0; row < rows.length; row++) {
      for (let j = 0; j < H; j++) {
        data[2 * H * row + j] = first[H * row + j];
        data[2 * H * row + H + j] = second[H * rows[row] + j];
      }
    }
  }

  /** Back from `join`: each cell's dL/dh as this layer's output gives it. */
  #split(): void {
    const [first, second] = this.cells.map(({ dOutput }) => dOutput!.data);
    const [{ data }, rows, H] = [this.dOutput!, this.#orders.output.data, this.output.columns / 2];
    for (let row = 0; row < rows.length; row++) {
      for (let j = 0; j < H; j++) {
        first[H * row + j] = data[2 * H * row + j];
        second[H * rows[row] + j] = data[2 * H * row + H + j];
      }
    }
  }
}
