import type { Kernels, Tensor } from '../../../tensor/index.ts';
import type { HeldRows } from '../ablation.ts';
import { holdCell } from './lstm.ts';
import { ProbeCell, sliceRows, type CellGradients, type StatefulRows } from './probe-cell.ts';

/** What a step of LSTM with layer normalisation keeps; `input` is x·W without a bias, and after the step LN of it. */
interface NormRows extends StatefulRows {
  /** hPrev·U, and after the step LN of it, [R, 4H]. */
  recurrent: Tensor;
  /** LN(c), [R, H]. */
  cell: Tensor;
  /** What the deviations of `input`, `recurrent` and `cell` were multiplied with, [R]. */
  inputInverse: Tensor;
  recurrentInverse: Tensor;
  cellInverse: Tensor;
}

/** What the way back needs. */
interface NormScratch extends CellGradients {
  /** dL/dz, [R, 4H]. */
  dz: Tensor;
  /** dL/d(hPrev·U), [R, 4H]. */
  dRecurrent: Tensor;
  /** What the kernel overwrites of `cell` and `tanhC`, [R, H]. */
  dCell: Tensor;
  dTanh: Tensor;
}

/** The LSTM with layer normalisation, step by step; its formulas stand in `cells/lstm-norm.ts`. */
export class NormProbe extends ProbeCell {
  override readonly gatesInPlace = false;
  readonly #weights: Record<
    'bias' | 'recurrentKernel' | 'inputGain' | 'recurrentGain' | 'cellGain' | 'cellBias',
    Tensor
  >;
  /** Where kernels add the gradients of gains and biases, of which nobody asks: [4H] and [H]. */
  readonly #unasked: { gates: Tensor; cell: Tensor };

  /** @param get the parameters of the layer by their names */
  constructor(kernels: Kernels, size: number, get: (part: string) => Tensor) {
    const bias = get('bias');
    // The bias is that of the sum of two norms; the product of the input has none.
    super('lstm-norm', kernels, size, kernels.arena.tensor(bias.shape));
    this.#weights = {
      bias,
      recurrentKernel: get('recurrent_kernel'),
      inputGain: get('input_gain'),
      recurrentGain: get('recurrent_gain'),
      cellGain: get('cell_gain'),
      cellBias: get('cell_bias'),
    };
    this.#unasked = { gates: kernels.arena.tensor(bias.shape), cell: kernels.arena.tensor([size]) };
  }

  forward(rows: NormRows, held: readonly HeldRows[] = []): void {
    const { kernels } = this;
    const { bias, inputGain, cellGain, cellBias } = this.#weights;
    const { input, gates, cPrev, c, tanhC, h, z, cell, inputInverse, cellInverse } = rows;
    kernels.bias(gates, bias);
    kernels.layerNorm(gates, inputGain, input, inputInverse);
    this.#addRecurrent(rows, gates);
    if (z) kernels.copy(z, gates);
    kernels.layerNormCell(gates, cellGain, cellBias, cPrev, c, cell, cellInverse, tanhC, h);
    for (const each of held) this.#hold(rows, each);
  }

  /** The three parts that are normalised, from the input's product and the states. */
  override recall(rows: NormRows): void {
    const { kernels } = this;
    const { inputGain, cellGain } = this.#weights;
    const { input, c, cell, inputInverse, cellInverse } = rows;
    const [ofGates, ofCell] = [this.tensor(input.rows, this.columns), this.tensor(input.rows)];
    kernels.layerNorm(ofGates, inputGain, input, inputInverse);
    this.#addRecurrent(rows, ofGates);
    kernels.copy(cell, c);
    kernels.layerNorm(ofCell, cellGain, cell, cellInverse);
  }

  backward(rows: NormRows, { dh, dc, dInput, dz, dRecurrent, dCell, dTanh }: NormScratch): void {
    const { kernels } = this;
    const { recurrentKernel, inputGain, recurrentGain, cellGain } = this.#weights;
    const { gates: unasked, cell: unaskedCell } = this.#unasked;
    // What the kernels overwrite are copies.
    kernels.copy(dz, rows.gates);
    kernels.copy(dCell, rows.cell);
    kernels.copy(dTanh, rows.tanhC);
    kernels.copy(dRecurrent, rows.recurrent);
    kernels.copy(dInput, rows.input);
    kernels.layerNormCellBackward(
      dz,
      cellGain,
      unaskedCell,
      unaskedCell,
      dc!,
      dh,
      rows.cPrev,
      dCell,
      rows.cellInverse,
      dTanh,
    );
    kernels.layerNormBackward(dz, recurrentGain, unasked, dRecurrent, rows.recurrentInverse);
    kernels.layerNormBackward(dz, inputGain, unasked, dInput, rows.inputInverse);
    kernels.fill(dh, 0);
    kernels.matmulBackwardA(dh, dRecurrent, recurrentKernel);
    kernels.fill(unasked, 0);
    kernels.fill(unaskedCell, 0);
  }

  /** dc + LN backward of gc ∘ dh ∘ o ∘ (1 - tanh²): what `Kernels.layerNormBackward` says of one row. */
  override cellGradient(to: Float64Array, row: number, rows: NormRows, { dh, dc }: CellGradients): void {
    const H = this.size;
    const [out, later, gate, squashed] = [dh.data, dc!.data, rows.gates.data, rows.tanhC.data];
    const [normalised, gain, inverse] = [rows.cell.data, this.#weights.cellGain.data, rows.cellInverse.data[row]];
    let [mean, along] = [0, 0];
    for (let j = 0, at = row * H; j < H; j++, at++) {
      to[j] = gain[j] * out[at] * gate[row * 4 * H + 3 * H + j] * (1 - squashed[at] * squashed[at]);
      mean += to[j] / H;
      along += (to[j] * normalised[at]) / H;
    }
    for (let j = 0, at = row * H; j < H; j++, at++) {
      to[j] = later[at] + inverse * (to[j] - mean - normalised[at] * along);
    }
  }

  protected override kept(rows: number): Record<string, Tensor> {
    const [inputInverse, recurrentInverse, cellInverse] = [0, 1, 2].map(() => this.kernels.arena.tensor([rows]));
    const [recurrent, cell] = [this.tensor(rows, this.columns), this.tensor(rows)];
    return { recurrent, cell, inputInverse, recurrentInverse, cellInverse };
  }

  protected override scratch(rows: number): Record<string, Tensor> {
    const [dz, dRecurrent] = [0, 1].map(() => this.tensor(rows, this.columns));
    return { dz, dRecurrent, dCell: this.tensor(rows), dTanh: this.tensor(rows) };
  }

  #addRecurrent({ recurrent, recurrentInverse, hPrev }: NormRows, to: Tensor): void {
    const { kernels } = this;
    kernels.fill(recurrent, 0);
    kernels.matmul(recurrent, hPrev, this.#weights.recurrentKernel);
    kernels.layerNorm(to, this.#weights.recurrentGain, recurrent, recurrentInverse);
  }

  /** Overwrites what is held. A cell that is another changes the norm of all cells of its row, and with it all their outputs. */
  #hold(rows: NormRows, { held, from, to }: HeldRows): void {
    const H = this.size;
    const [gates, cPrev, c, tanhC, h] = [rows.gates.data, rows.cPrev.data, rows.c.data, rows.tanhC.data, rows.h.data];
    let changes = false;
    for (let row = from; row < to; row++) {
      for (const j of held.units) changes = holdCell(gates, cPrev, c, row, j, held) || changes;
    }
    if (changes) this.#normaliseCell(sliceRows(rows, from, to));
    for (let at = from * H; at < to * H; at++) {
      const j = at % H;
      const o = 4 * (at - j) + 3 * H + j;
      const opens = held.gates[3 * H + j];
      if (!Number.isNaN(opens)) gates[o] = opens;
      if (changes || !Number.isNaN(opens)) h[at] = gates[o] * tanhC[at];
      if (!Number.isNaN(held.h[j])) h[at] = held.h[j];
    }
  }

  #normaliseCell({ c, cell, cellInverse, tanhC }: NormRows): void {
    const { kernels } = this;
    const { cellGain, cellBias } = this.#weights;
    kernels.copy(cell, c);
    kernels.bias(tanhC, cellBias);
    kernels.layerNorm(tanhC, cellGain, cell, cellInverse);
    kernels.tanh(tanhC, tanhC);
  }
}
