import type { Tensor } from '../../tensor/index.ts';
import type { ParameterSet } from '../parameters.ts';
import { Cell, rowsOf, type CellArguments } from './cell.ts';

/**
 * A layer of LSTM with layer normalisation (Ba et al. 2016, the LSTM of the supplementary material): input and state are normalised
 * apart, each over the 4H numbers of all gates, and so is the cell before tanh. What the next step sees of the cell is not.
 *
 *     z = gx ∘ LN(x·Wx) + gh ∘ LN(hPrev·Wh) + b      c = σ(z_f) ∘ cPrev + σ(zᵢ) ∘ tanh(z_g)      h = σ(z_o) ∘ tanh(gc ∘ LN(c) + bc)
 *
 * Parameters: those of the LSTM, and `lstm.0.input_gain` gx and `recurrent_gain` gh [4H], `cell_gain` gc and `cell_bias` bc [H].
 * The biases that the paper has for LN of x·Wx and of hPrev·Wh are only ever added to b, and are part of it.
 */
export class LayerNormLayer extends Cell {
  readonly #weights: NormTensors;
  /** LN of what the input gives, [T * B, 4H], and what its deviations were multiplied with, [T * B]; later dL/d(x·Wx). */
  readonly #inputPart: { normalised: Tensor; inverse: Tensor };
  /** LN of what the states give, [T * B, 4H]; later dL/d(hPrev·Wh). */
  readonly #recurrentPart: Tensor;
  readonly #steps: readonly NormStep[];
  readonly #back?: { gradients: NormTensors; dc: Tensor; dh: readonly Tensor[] };

  constructor(...args: CellArguments) {
    super('lstm-norm', ...args);
    const [kernels, , shape, , parameters, gradients] = args;
    const { layer } = this;
    const { arena } = kernels;
    const { batchSize: B, steps: T } = shape;
    const state = this.h.shape.slice(1);
    this.#weights = normTensors(parameters, layer);
    this.#inputPart = { normalised: arena.tensor(this.allGates.shape), inverse: arena.tensor([T * B]) };
    this.#recurrentPart = arena.tensor(this.allGates.shape);
    const rows = (count: number, shape: readonly number[]): Tensor[][] =>
      Array.from({ length: count }, () => rowsOf(arena.tensor([T, ...shape])));
    const [z, h, c] = [this.gates, ...this.states].map(rowsOf);
    const recurrent = rowsOf(this.#recurrentPart.reshape(this.gates.shape));
    const [inverse, cellInverse] = rows(2, [B]);
    const [cell, tanhC] = rows(2, state);
    this.#steps = z.map((_, t) => ({
      z: z[t],
      hPrev: h[t],
      h: h[t + 1],
      cPrev: c[t],
      c: c[t + 1],
      recurrent: recurrent[t],
      inverse: inverse[t],
      cell: cell[t],
      cellInverse: cellInverse[t],
      tanhC: tanhC[t],
    }));
    if (!gradients) return;
    this.#back = { gradients: normTensors(gradients, layer), dc: arena.tensor(state), dh: rowsOf(this.dh!) };
  }

  forward(): void {
    const { kernels } = this;
    const { recurrentKernel, inputGain, recurrentGain, cellGain, cellBias } = this.#weights;
    this.projectInputApart(this.#inputPart.normalised);
    kernels.layerNorm(this.allGates, inputGain, this.#inputPart.normalised, this.#inputPart.inverse);
    kernels.fill(this.#recurrentPart, 0);
    for (let t = 0; t < this.#steps.length; t++) {
      const { z, hPrev, h, cPrev, c, recurrent, inverse, cell, cellInverse, tanhC } = this.#steps[t];
      if (t > 0 || !this.fromZero) kernels.matmul(recurrent, hPrev, recurrentKernel);
      kernels.layerNorm(z, recurrentGain, recurrent, inverse);
      kernels.layerNormCell(z, cellGain, cellBias, cPrev, c, cell, cellInverse, tanhC, h);
    }
  }

  backward(): void {
    const { kernels } = this;
    const { recurrentKernel, inputGain, recurrentGain, cellGain } = this.#weights;
    const { gradients, dc, dh } = this.#back!;
    kernels.fill(dc, 0);
    for (let t = this.#steps.length - 1; t >= 0; t--) {
      const { z, cPrev, recurrent, inverse, cell, cellInverse, tanhC } = this.#steps[t];
      const { cellGain: dGain, cellBias: dBias } = gradients;
      kernels.layerNormCellBackward(z, cellGain, dGain, dBias, dc, dh[t], cPrev, cell, cellInverse, tanhC);
      kernels.layerNormBackward(z, recurrentGain, gradients.recurrentGain, recurrent, inverse);
      if (t > 0) kernels.matmulBackwardA(dh[t - 1], recurrent, recurrentKernel);
    }
    const { normalised, inverse } = this.#inputPart;
    kernels.layerNormBackward(this.allGates, inputGain, gradients.inputGain, normalised, inverse);
    kernels.matmulBackwardB(gradients.recurrentKernel, this.previous, this.#recurrentPart);
    this.addWeightGradientsApart(normalised);
  }
}

interface NormTensors {
  recurrentKernel: Tensor;
  inputGain: Tensor;
  recurrentGain: Tensor;
  cellGain: Tensor;
  cellBias: Tensor;
}

function normTensors(parameters: ParameterSet, layer: string): NormTensors {
  return {
    recurrentKernel: parameters.get(`${layer}.recurrent_kernel`),
    inputGain: parameters.get(`${layer}.input_gain`),
    recurrentGain: parameters.get(`${layer}.recurrent_gain`),
    cellGain: parameters.get(`${layer}.cell_gain`),
    cellBias: parameters.get(`${layer}.cell_bias`),
  };
}

/** What takes part in one step: `z` and `recurrent` [B, 4H], `inverse` and `cellInverse` [B], and else [B, H]. */
interface NormStep {
  z: Tensor;
  hPrev: Tensor;
  h: Tensor;
  cPrev: Tensor;
  c: Tensor;
  recurrent: Tensor;
  inverse: Tensor;
  cell: Tensor;
  cellInverse: Tensor;
  tanhC: Tensor;
}
