import type { Tensor } from '../../tensor/index.ts';
import { Cell, type CellArguments } from './cell.ts';

/** The gates of a cell in the order in which they stand side by side in kernels, biases and `gates`. */
export const GATES = ['i', 'f', 'g', 'o'] as const;

/**
 * A layer of LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).
 *
 * With z = x·Wx + h·Wh + b, the cell of `Kernels.lstmCell`, and all T steps kept for the way back. The input product of all
 * steps is one matrix product, and so are the gradients of both kernels; only h·Wh and its transpose go step by step.
 * Parameters: `lstm.0.kernel` [in, 4H], `recurrent_kernel` [H, 4H], `bias` [4H], gates in the order i f g o.
 */
export class LstmLayer extends Cell {
  /** Cell states, [T + 1, B, H]; slot 0 is the state before the first step. */
  readonly c: Tensor;
  /** tanh of the cell states, [T, B, H]. */
  readonly tanhC: Tensor;
  readonly #recurrentKernel: Tensor;
  readonly #gradient?: Tensor;
  readonly #dc?: Tensor;

  constructor(...args: CellArguments) {
    super('lstm', ...args);
    const [kernels, , shape, , parameters, gradients] = args;
    const { layer } = this;
    const { arena } = kernels;
    this.#recurrentKernel = parameters.get(`${layer}.recurrent_kernel`);
    this.#gradient = gradients?.get(`${layer}.recurrent_kernel`);
    this.c = this.states[1];
    this.tanhC = arena.tensor([shape.steps, ...this.h.shape.slice(1)]);
    if (gradients) this.#dc = arena.tensor(this.h.shape.slice(1));
  }

  /** Runs all steps from the state in slot 0 of `h` and `c`. Writes `gates`, `c`, `tanhC` and `h`. */
  forward(): void {
    this.projectInput();
    this.kernels.lstmForward(this.gates, this.h, this.c, this.tanhC, this.#recurrentKernel, this.fromZero);
  }

  backward(): void {
    const dc = this.#dc!;
    this.kernels.fill(dc, 0);
    this.kernels.lstmBackward(this.gates, this.dh!, dc, this.c, this.tanhC, this.#recurrentKernel);
    this.addWeightGradients(this.#gradient!);
  }
}
