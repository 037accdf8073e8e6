import type { Kernels, Tensor } from '../../../tensor/index.ts';
import type { HeldRows } from '../ablation.ts';
import { ProbeCell, type CellGradients, type CellRows } from './probe-cell.ts';

/** The simple recurrent network, step by step; its formula stands in `cells/rnn.ts`. It has no gates: `gates` is the pre-activation. */
export class RnnProbe extends ProbeCell {
  readonly #recurrentKernel: Tensor;

  /** @param get the parameters of the layer by their names */
  constructor(kernels: Kernels, size: number, get: (part: string) => Tensor) {
    super('rnn', kernels, size, get('bias'));
    this.#recurrentKernel = get('recurrent_kernel');
  }

  forward({ gates, hPrev, h, z }: CellRows, held: readonly HeldRows[] = []): void {
    const { kernels } = this;
    kernels.matmul(gates, hPrev, this.#recurrentKernel);
    if (z) kernels.copy(z, gates);
    kernels.tanh(h, gates);
    for (const each of held) holdOutput(h, each);
  }

  backward({ h }: CellRows, { dh, dInput }: CellGradients): void {
    const { kernels } = this;
    kernels.fill(dInput, 0);
    kernels.tanhBackward(dInput, dh, h);
    kernels.fill(dh, 0);
    kernels.matmulBackwardA(dh, dInput, this.#recurrentKernel);
  }
}

/** Overwrites the outputs that are held. */
export function holdOutput({ data: h, columns: H }: Tensor, { held, from, to }: HeldRows): void {
  for (let row = from; row < to; row++) {
    for (const j of held.units) if (!Number.isNaN(held.h[j])) h[row * H + j] = held.h[j];
  }
}
