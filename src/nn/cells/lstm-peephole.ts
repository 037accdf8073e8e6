import type { Tensor } from '../../tensor/index.ts';
import { Cell, rowsOf, type CellArguments } from './cell.ts';

/**
 * A layer of LSTM with peepholes (Gers and Schmidhuber 2000): input and forget gate see the cell before the step, unit by unit,
 * and the output gate sees it behind.
 *
 *     i, f = σ(x·W + hPrev·U + b + p ∘ cPrev)    g = tanh(x·W + hPrev·U + b)    c = f ∘ cPrev + i ∘ g
 *     o = σ(x·W + hPrev·U + b + p ∘ c)           h = o ∘ tanh(c)
 *
 * Parameters: those of the LSTM, and `lstm.0.peephole` [3H] in the order i f o, which begins as zeros.
 */
export class PeepholeLayer extends Cell {
  readonly #recurrentKernel: Tensor;
  readonly #peephole: Tensor;
  readonly #tanhC: Tensor;
  readonly #steps: readonly PeepholeStep[];
  readonly #back?: { recurrentKernel: Tensor; peephole: Tensor; dc: Tensor; dh: readonly Tensor[] };

  constructor(...args: CellArguments) {
    super('lstm-peephole', ...args);
    const [kernels, , shape, , parameters, gradients] = args;
    const { layer } = this;
    const { arena } = kernels;
    this.#recurrentKernel = parameters.get(`${layer}.recurrent_kernel`);
    this.#peephole = parameters.get(`${layer}.peephole`);
    this.#tanhC = arena.tensor([shape.steps, ...this.h.shape.slice(1)]);
    const [z, tanhC, h, c] = [this.gates, this.#tanhC, ...this.states].map(rowsOf);
    this.#steps = z.map((_, t) => {
      return { z: z[t], hPrev: h[t], cPrev: c[t], c: c[t + 1], tanhC: tanhC[t], h: h[t + 1] };
    });
    if (!gradients) return;
    this.#back = {
      recurrentKernel: gradients.get(`${layer}.recurrent_kernel`),
      peephole: gradients.get(`${layer}.peephole`),
      dc: arena.tensor(this.h.shape.slice(1)),
      dh: rowsOf(this.dh!),
    };
  }

  forward(): void {
    this.projectInput();
    for (let t = 0; t < this.#steps.length; t++) {
      const { z, hPrev, cPrev, c, tanhC, h } = this.#steps[t];
      if (t > 0 || !this.fromZero) this.kernels.matmul(z, hPrev, this.#recurrentKernel);
      this.kernels.peepholeCell(z, this.#peephole, cPrev, c, tanhC, h);
    }
  }

  backward(): void {
    const { kernels } = this;
    const { recurrentKernel, peephole, dc, dh } = this.#back!;
    kernels.fill(dc, 0);
    for (let t = this.#steps.length - 1; t >= 0; t--) {
      const { z, cPrev, tanhC } = this.#steps[t];
      kernels.peepholeCellBackward(z, this.#peephole, dc, dh[t], cPrev, tanhC);
      if (t > 0) kernels.matmulBackwardA(dh[t - 1], z, this.#recurrentKernel);
    }
    for (const { z, cPrev, c } of this.#steps) kernels.peepholeBackward(peephole, z, cPrev, c);
    this.addWeightGradients(recurrentKernel);
  }
}

/** What takes part in one step, each [B, H], `z` [B, 4H]. */
interface PeepholeStep {
  z: Tensor;
  hPrev: Tensor;
  cPrev: Tensor;
  c: Tensor;
  tanhC: Tensor;
  h: Tensor;
}
