import type { Tensor } from '../../tensor/index.ts';
import { Cell, rowsOf, type CellArguments } from './cell.ts';

/**
 * A layer of the simple recurrent network of Elman (1990), with tanh: the least that carries a state.
 *
 *     h = tanh(x·Wx + hPrev·Wh + b)
 *
 * Parameters: `rnn.0.kernel` [in, H], `recurrent_kernel` [H, H], `bias` [H]; there are no gates.
 */
export class RnnLayer extends Cell {
  readonly #recurrentKernel: Tensor;
  readonly #gradient?: Tensor;
  /** `gates`, h and dL/dh of each step. */
  readonly #z: readonly Tensor[];
  readonly #h: readonly Tensor[];
  readonly #dh: readonly Tensor[];

  constructor(...args: CellArguments) {
    super('rnn', ...args);
    const [, , , , parameters, gradients] = args;
    const { layer } = this;
    this.#recurrentKernel = parameters.get(`${layer}.recurrent_kernel`);
    this.#gradient = gradients?.get(`${layer}.recurrent_kernel`);
    this.#z = rowsOf(this.gates);
    this.#h = rowsOf(this.h);
    this.#dh = this.dh ? rowsOf(this.dh) : [];
  }

  forward(): void {
    const [z, h] = [this.#z, this.#h];
    this.projectInput();
    for (let t = 0; t < z.length; t++) {
      if (t > 0 || !this.fromZero) this.kernels.matmul(z[t], h[t], this.#recurrentKernel);
      this.kernels.tanh(h[t + 1], z[t]);
    }
  }

  backward(): void {
    const { kernels } = this;
    const [dz, h, dh] = [this.#z, this.#h, this.#dh];
    kernels.fill(this.gates, 0);
    for (let t = dz.length - 1; t >= 0; t--) {
      kernels.tanhBackward(dz[t], dh[t], h[t + 1]);
      if (t > 0) kernels.matmulBackwardA(dh[t - 1], dz[t], this.#recurrentKernel);
    }
    this.addWeightGradients(this.#gradient!);
  }
}
