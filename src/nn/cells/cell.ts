import type { IndexTensor, Kernels, Tensor, WeightGradient } from '../../tensor/index.ts';
import type { ParameterSet } from '../parameters.ts';
import { CELLS, type CellKind, type CellPlace } from './kinds.ts';

/** What enters a layer: categories as indices, and a dense part; row t * B + b is step t of sequence b. */
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

/** What a layer is made with. Without `gradients`, where gradients are added, it only runs forward. */
export type CellArguments = [
  kernels: Kernels,
  /** Which layer of the stack, for the names of its parameters. */
  index: CellPlace,
  shape: SequenceShape,
  input: LayerInput,
  parameters: ParameterSet,
  gradients?: ParameterSet,
];

/**
 * One recurrent layer over whole sequences, forward and back through time. What all cells have in common stands here: the
 * product of the input, which is one for all steps; the states, which are kept for the way back; and where gradients arrive.
 * Each cell adds what happens in a step.
 */
export abstract class Cell {
  /** What the input gives for every gate and step, [T, B, K * H]; later what the cell makes of it, and on the way back dL/dz. */
  readonly gates: Tensor;
  /** Each state, [T + 1, B, H], the outputs h first; slot 0 is the state before the first step. */
  readonly states: readonly Tensor[];
  /** Outputs, [T + 1, B, H]. */
  readonly h: Tensor;
  /** The outputs of steps 1 to T as a matrix [T * B, H]. */
  readonly output: Tensor;
  /** dL/dh of every step, [T, B, H]: what the layers above write, plus what came back through time. */
  readonly dh?: Tensor;
  /** `dh` as a matrix [T * B, H]. */
  readonly dOutput?: Tensor;

  /** What the names of its parameters begin with: `lstm.0`. */
  readonly layer: string;
  protected readonly kernels: Kernels;
  /** The outputs that entered each step, [T * B, H]. */
  protected readonly previous: Tensor;
  /** Whether the state before the first step is zero: its product need not be formed then. */
  protected fromZero = true;
  readonly #input: LayerInput;
  readonly #weights: InputTensors;
  readonly #gradients?: InputTensors;
  /** `gates` as a matrix [T * B, K * H]. */
  protected readonly allGates: Tensor;
  readonly #first: readonly Tensor[];
  readonly #last: readonly Tensor[];

  constructor(kind: CellKind, ...[kernels, index, shape, input, parameters, gradients]: CellArguments) {
    const { arena } = kernels;
    const { batchSize: B, steps: T } = shape;
    const { prefix, gates, states } = CELLS[kind];
    const layer = `${prefix}.${index}`;
    this.layer = layer;
    this.kernels = kernels;
    this.#input = input;
    this.#weights = inputTensors(parameters, layer, input);
    const columns = this.#weights.bias.size;
    const H = columns / gates.length;
    this.gates = arena.tensor([T, B, columns]);
    this.states = states.map(() => arena.tensor([T + 1, B, H]));
    this.h = this.states[0];
    this.output = this.h.slice(1, T + 1).reshape([T * B, H]);
    this.previous = this.h.slice(0, T).reshape([T * B, H]);
    this.allGates = this.gates.reshape([T * B, columns]);
    this.#first = this.states.map((state) => state.row(0));
    this.#last = this.states.map((state) => state.row(T));
    if (gradients) {
      this.#gradients = inputTensors(gradients, layer, input);
      this.dh = arena.tensor([T, B, H]);
      this.dOutput = this.dh.reshape([T * B, H]);
    }
  }

  /** Runs all steps from the states in slot 0. */
  abstract forward(): void;

  /**
   * Back through time from `dh`, which holds dL/dh as the layers above see it. Adds to the gradients of the layer's
   * parameters and to the inputs' gradients; overwrites `gates` with dL/dz and adds to `dh` what comes back through time.
   */
  abstract backward(): void;

  /** Sets the state before the first step to zero. */
  resetState(): void {
    for (const state of this.#first) this.kernels.fill(state, 0);
    this.fromZero = true;
  }

  /** Makes the state after the last step the state before the first. */
  carryState(): void {
    this.setState(...this.#last);
  }

  /** Begins with these states, [B, H] each, in the order of `states`. */
  setState(...states: readonly Tensor[]): void {
    for (let k = 0; k < states.length; k++) this.kernels.copy(this.#first[k], states[k]);
    this.keepState();
  }

  /** Begins with what stands in slot 0 of the states, whoever wrote it there. */
  keepState(): void {
    this.fromZero = false;
  }

  /** gates = bias + dense · kernel + one-hot rows, for all steps at once. */
  protected projectInput(): void {
    const { kernels } = this;
    const { denseKernels, bias } = this.#weights;
    const { dense } = this.#input;
    if (dense.length > 0) kernels.affine(this.allGates, bias, dense[0].values, denseKernels[0]);
    else kernels.bias(this.allGates, bias);
    this.#addInput(this.allGates, 1);
  }

  /** gates = bias, and apart from it `product` [T * B, K * H] = dense · kernel + one-hot rows. */
  protected projectInputApart(product: Tensor): void {
    this.kernels.bias(this.allGates, this.#weights.bias);
    this.kernels.fill(product, 0);
    this.#addInput(product, 0);
  }

  /** Adds the products of the dense inputs from number `first` on, and the one-hot rows. */
  #addInput(to: Tensor, first: number): void {
    const { kernels } = this;
    const { tables, denseKernels } = this.#weights;
    const { categories, dense } = this.#input;
    for (let k = first; k < dense.length; k++) kernels.matmul(to, dense[k].values, denseKernels[k]);
    for (let k = 0; k < tables.length; k++) kernels.embedding(to, tables[k], categories[k].indices);
  }

  /**
   * From dL/dz of all steps, which `gates` holds by now: kernel, bias, and the layer below.
   * @param recurrent the gradient of the recurrent kernel, where its product was added to the whole of `gates`
   */
  protected addWeightGradients(recurrent?: Tensor): void {
    const { kernels } = this;
    const { denseKernels, bias } = this.#gradients!;
    const { dense } = this.#input;
    const dz = this.allGates;
    const zeroRows = this.fromZero ? this.gates.shape[1] : 0;
    const products: WeightGradient[] = recurrent ? [{ db: recurrent, a: this.previous, zeroRows }] : [];
    for (const [k, { values }] of dense.entries()) products.push({ db: denseKernels[k], a: values });
    kernels.affineBackward(bias, dz, products);
    this.#addInputGradients(dz);
  }

  /** The same where the product of the input stood apart (`projectInputApart`): `dProduct` is dL/d(product). */
  protected addWeightGradientsApart(dProduct: Tensor): void {
    const { kernels } = this;
    const { denseKernels, bias } = this.#gradients!;
    kernels.biasBackward(bias, this.allGates);
    for (const [k, { values }] of this.#input.dense.entries()) {
      kernels.matmulBackwardB(denseKernels[k], values, dProduct);
    }
    this.#addInputGradients(dProduct);
  }

  /** From dL/d(product): the rows of the kernel that categories chose, and the layer below. */
  #addInputGradients(dz: Tensor): void {
    const { kernels } = this;
    const { tables } = this.#gradients!;
    const { categories, dense } = this.#input;
    for (let k = 0; k < tables.length; k++) kernels.embeddingBackward(tables[k], dz, categories[k].indices);
    for (const [k, { gradient }] of dense.entries()) {
      if (gradient) kernels.matmulBackwardA(gradient, dz, this.#weights.denseKernels[k]);
    }
  }
}

/** The time steps of a tensor, made once: a generated note makes no new views. */
export function rowsOf(tensor: Tensor): Tensor[] {
  return Array.from({ length: tensor.rows }, (_, t) => tensor.row(t));
}

interface InputTensors {
  /** For each categorical input the rows of the kernel that belong to its classes. */
  tables: Tensor[];
  /** For each dense input its rows of the kernel. */
  denseKernels: Tensor[];
  bias: Tensor;
}

function inputTensors(parameters: ParameterSet, layer: string, { categories, dense }: LayerInput): InputTensors {
  const kernel = parameters.get(`${layer}.kernel`);
  let row = 0;
  const tables = categories.map(({ size }) => kernel.slice(row, (row += size)));
  return {
    tables,
    denseKernels: dense.map(({ values }) => kernel.slice(row, (row += values.columns))),
    bias: parameters.get(`${layer}.bias`),
  };
}
