import type { IndexTensor, Kernels, Tensor, WeightGradient } from '../tensor/index.ts';
import type { ParameterSet } from './parameters.ts';

/** The gates of a cell in the order in which they stand side by side in kernels, biases and `gates`. */
export const GATES = ['i', 'f', 'g', 'o'] as const;

/** What enters an LSTM layer: categories as indices, and a dense part; row t * B + b is step t of sequence b. */
export interface LayerInput {
  /** One index a row, [T * B] each. */
  categories: { indices: IndexTensor; size: number }[];
  /** What else comes in, side by side: embeddings, features, or the outputs of the layer below. */
  dense: DenseInput[];
}

/** Numbers that enter a layer. */
export interface DenseInput {
  /** [T * B, F]. */
  values: Tensor;
  /** Where dL/d(values) is added, when somebody before this layer wants it. */
  gradient?: Tensor;
}

/** The batch and the length of the sequences for which buffers are made. */
export interface SequenceShape {
  batchSize: number;
  steps: number;
}

/**
 * One LSTM layer over whole sequences, forward and back through time.
 *
 * With z = x·Wx + h·Wh + b, the cell of `Kernels.lstmCell`, and all T steps kept for the way back. The input product of all
 * steps is one matrix product, and so are the gradients of both kernels; only h·Wh and its transpose go step by step.
 */
export class LstmLayer {
  /** Activations of the gates, [T, B, 4H]; after `backward` they hold dL/dz instead, unless the layer keeps them. */
  readonly gates: Tensor;
  /** Cell states, [T + 1, B, H]; slot 0 is the state before the first step. */
  readonly c: Tensor;
  /** tanh of the cell states, [T, B, H]. */
  readonly tanhC: Tensor;
  /** Outputs, [T + 1, B, H]; slot 0 is the output before the first step, written by `setState`, `carryState` and `resetState`. */
  readonly h: Tensor;
  /** The outputs of steps 1 to T as a matrix [T * B, H]. */
  readonly output: Tensor;
  /** dL/dh of every step, [T, B, H]: what the layers above write, plus what came back through time. */
  readonly dh?: Tensor;
  /** `dh` as a matrix [T * B, H]. */
  readonly dOutput?: Tensor;

  readonly #kernels: Kernels;
  readonly #input: LayerInput;
  readonly #weights: LayerTensors;
  readonly #gradients?: LayerTensors;
  readonly #dc?: Tensor;
  /** `gates` as a matrix [T * B, 4H], and the outputs that entered each step, [T * B, H]. */
  readonly #allGates: Tensor;
  readonly #allPrevious: Tensor;
  /** h and c before the first step, and after the last. */
  readonly #first: [h: Tensor, c: Tensor];
  /** Whether the state before the first step is zero: its product need not be formed then. */
  #fromZero = true;
  readonly #last: [h: Tensor, c: Tensor];

  /**
   * @param index which layer of the stack, for the names of its parameters
   * @param gradients where gradients are added; without it the layer only runs forward
   */
  constructor(
    kernels: Kernels,
    index: number,
    shape: SequenceShape,
    input: LayerInput,
    parameters: ParameterSet,
    gradients?: ParameterSet,
  ) {
    const { batchSize: B, steps: T } = shape;
    this.#kernels = kernels;
    this.#input = input;
    this.#weights = layerTensors(parameters, index, input);
    const H = this.#weights.recurrentKernel.rows;
    const { arena } = kernels;
    this.gates = arena.tensor([T, B, 4 * H]);
    this.c = arena.tensor([T + 1, B, H]);
    this.tanhC = arena.tensor([T, B, H]);
    this.h = arena.tensor([T + 1, B, H]);
    this.output = this.h.slice(1, T + 1).reshape([T * B, H]);
    this.#allGates = this.gates.reshape([T * B, 4 * H]);
    this.#allPrevious = this.h.slice(0, T).reshape([T * B, H]);
    this.#first = [this.h.row(0), this.c.row(0)];
    this.#last = [this.h.row(T), this.c.row(T)];
    if (gradients) {
      this.#gradients = layerTensors(gradients, index, input);
      this.dh = arena.tensor([T, B, H]);
      this.dOutput = this.dh.reshape([T * B, H]);
      this.#dc = arena.tensor([B, H]);
    }
  }

  /** Runs all steps from the state in slot 0 of `h` and `c`. Writes `gates`, `c`, `tanhC` and `h`. */
  forward(): void {
    this.#projectInput();
    this.#kernels.lstmForward(this.gates, this.h, this.c, this.tanhC, this.#weights.recurrentKernel, this.#fromZero);
  }

  /**
   * Back through time from `dh`, which holds dL/dh as the layers above see it. Adds to the gradients of the layer's
   * parameters and to the inputs' gradients; overwrites `gates` with dL/dz and adds to `dh` what comes back through time.
   */
  backward(): void {
    const dc = this.#dc!;
    this.#kernels.fill(dc, 0);
    this.#kernels.lstmBackward(this.gates, this.dh!, dc, this.c, this.tanhC, this.#weights.recurrentKernel);
    this.#addWeightGradients();
  }

  /** Sets the state before the first step to zero. */
  resetState(): void {
    for (const state of this.#first) this.#kernels.fill(state, 0);
    this.#fromZero = true;
  }

  /** Makes the state after the last step the state before the first. */
  carryState(): void {
    this.setState(...this.#last);
  }

  /** Begins with these outputs and cell states, [B, H] each. */
  setState(h: Tensor, c: Tensor): void {
    this.#kernels.copy(this.#first[0], h);
    this.#kernels.copy(this.#first[1], c);
    this.#fromZero = false;
  }

  /** gates = bias + dense · kernel + one-hot rows, for all steps at once. */
  #projectInput(): void {
    const kernels = this.#kernels;
    const { tables, denseKernels, bias } = this.#weights;
    const { categories, dense } = this.#input;
    const all = this.#allGates;
    if (dense.length > 0) kernels.affine(all, bias, dense[0].values, denseKernels[0]);
    else kernels.bias(all, bias);
    for (let k = 1; k < dense.length; k++) kernels.matmul(all, dense[k].values, denseKernels[k]);
    for (let k = 0; k < tables.length; k++) kernels.embedding(all, tables[k], categories[k].indices);
  }

  /** From dL/dz of all steps, which `gates` holds by now: kernels, bias, and the layer below. */
  #addWeightGradients(): void {
    const kernels = this.#kernels;
    const { tables, denseKernels, recurrentKernel, bias } = this.#gradients!;
    const { categories, dense } = this.#input;
    const dz = this.#allGates;
    const zeroRows = this.#fromZero ? this.gates.shape[1] : 0;
    const products: WeightGradient[] = [{ db: recurrentKernel, a: this.#allPrevious, zeroRows }];
    for (const [k, { values }] of dense.entries()) products.push({ db: denseKernels[k], a: values });
    kernels.affineBackward(bias, dz, products);
    for (let k = 0; k < tables.length; k++) kernels.embeddingBackward(tables[k], dz, categories[k].indices);
    for (const [k, { gradient }] of dense.entries()) {
      if (gradient) kernels.matmulBackwardA(gradient, dz, this.#weights.denseKernels[k]);
    }
  }
}

interface LayerTensors {
  /** For each categorical input the rows of the kernel that belong to its classes. */
  tables: Tensor[];
  /** For each dense input its rows of the kernel. */
  denseKernels: Tensor[];
  recurrentKernel: Tensor;
  bias: Tensor;
}

function layerTensors(parameters: ParameterSet, index: number, { categories, dense }: LayerInput): LayerTensors {
  const kernel = parameters.get(`lstm.${index}.kernel`);
  let row = 0;
  const tables = categories.map(({ size }) => kernel.slice(row, (row += size)));
  return {
    tables,
    denseKernels: dense.map(({ values }) => kernel.slice(row, (row += values.columns))),
    recurrentKernel: parameters.get(`lstm.${index}.recurrent_kernel`),
    bias: parameters.get(`lstm.${index}.bias`),
  };
}
