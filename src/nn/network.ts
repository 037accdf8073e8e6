import { ShapeError, type IndexTensor, type Kernels, type Random, type Tensor } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import { BidirectionalLayer, type Layer } from './bidirectional.ts';
import { Dropout } from './dropout.ts';
import { Embeddings } from './embeddings.ts';
import { Head } from './heads.ts';
import {
  assertLength,
  assertUsable,
  expectedCategory,
  expectedFeature,
  expectedTarget,
  type Expected,
} from './input-checks.ts';
import type { OwnLosses } from './losses/loss-of.ts';
import type { Cell, CellArguments, DenseInput, SequenceShape } from './cells/cell.ts';
import { createCell } from './cells/create-cell.ts';
import type { ParameterSet } from './parameters.ts';
import { Reversal } from './reversal.ts';
import { checkSequences, weighRows } from './row-weights.ts';
import { assertForward, cellOf, targetWidth, type ModelSpec } from './spec.ts';

/** What a network needs to be trained: where gradients are added, and the stream that dropout draws from. */
export interface TrainingResources {
  gradients: ParameterSet;
  dropout: Random;
}

/** How a network is used. */
export interface NetworkOptions {
  /** Without it the network runs forward only, and dropout passes everything. */
  training?: TrainingResources;
  /** Which steps the heads see; the model's own choice unless given (validation looks at the last step). */
  lossOn?: 'last' | 'all';
  /**
   * The sequences of the whole batch, when this network is laid out for a part of it: losses and gradients are then this
   * part's share of the mean over all. The network's own unless given.
   */
  wholeBatch?: number;
  /** Losses of one's own that heads name. */
  losses?: OwnLosses;
}

/**
 * A model laid out for batches of one shape: inputs with their embeddings, a stack of recurrent layers, dropout between them, and the
 * heads, with every buffer taken at once. Several networks may share one set of parameters.
 */
export class Network {
  readonly spec: ModelSpec;
  readonly shape: SequenceShape;
  /** The indices of each categorical input, [T * B], time-major. */
  readonly categories: IndexTensor[];
  /** The numbers beside them, [T * B, F], time-major. */
  readonly features: Tensor;
  /** The recurrent cells from below; those of a bidirectional layer one after the other, first the one that reads forwards. */
  readonly layers: Cell[] = [];
  /** How bidirectional layers read the batch that was loaded last. */
  readonly reversal?: Reversal;
  readonly heads: Head[];

  readonly #kernels: Kernels;
  readonly #training?: TrainingResources;
  readonly #embeddings: Embeddings;
  readonly #stack: Layer[] = [];
  readonly #inputDropouts: Dropout[] = [];
  readonly #dropouts: Dropout[] = [];
  readonly #lossOn: 'last' | 'all';
  readonly #wholeBatch: number;

  constructor(
    kernels: Kernels,
    spec: ModelSpec,
    shape: SequenceShape,
    parameters: ParameterSet,
    { training, lossOn = spec.lossOn, wholeBatch = shape.batchSize, losses }: NetworkOptions = {},
  ) {
    const rows = shape.batchSize * shape.steps;
    this.spec = spec;
    this.shape = shape;
    this.#kernels = kernels;
    this.#training = training;
    this.#lossOn = lossOn;
    this.#wholeBatch = wholeBatch;
    this.categories = spec.inputs.categories.map(() => kernels.arena.indices([rows]));
    this.features = kernels.arena.tensor([rows, spec.inputs.features.length]);
    this.#embeddings = new Embeddings(kernels, spec, this.categories, parameters, training?.gradients);
    if (spec.lstm.bidirectional) this.reversal = new Reversal(kernels.arena, shape);
    const [top, dTop] = this.#stackLayers(parameters);
    const from = lossOn === 'last' ? rows - shape.batchSize : 0;
    this.heads = [];
    const seen = top.slice(from, rows);
    const resources = training && { dHidden: dTop!.slice(from, rows), gradients: training.gradients };
    const wholeRows = ((rows - from) / shape.batchSize) * wholeBatch;
    for (const head of spec.heads) {
      const options = { training: resources, wholeRows, before: this.heads, losses };
      this.heads.push(new Head(kernels, head, seen, parameters, options));
    }
  }

  /**
   * Copies a batch into the network's inputs and, unless it has none, its targets.
   *
   * @param from the first sequence to take, when the network is laid out for a part of the batch
   * @throws ShapeError when the batch has other steps, too few sequences, or arrays of other lengths
   * @throws InputError when a class does not exist, a number is not finite, or a length or weight cannot be
   * @throws UsageError for lengths where the loss looks at the last step alone
   */
  load(batch: Batch, from = 0): void {
    const { batchSize, steps } = this.shape;
    const fits = from >= 0 && from + batchSize <= batch.size;
    if (batch.steps !== steps || !fits || batch.size !== this.#wholeBatch) {
      throw new ShapeError(
        `network: laid out for ${batchSize} of ${this.#wholeBatch} sequences of ${steps} steps, ` +
          `got ${batch.size} of ${batch.steps}, from number ${from} on.`,
      );
    }
    const { spec } = this;
    const part = { of: batch.size, from, count: batchSize };
    this.categories.forEach((to, k) => {
      copyPart(to, batch.categories[k], [expectedCategory(spec, k)], steps, part);
    });
    const features = spec.inputs.features.map((_, f) => expectedFeature(spec, f));
    if (features.length > 0) copyPart(this.features, batch.features, features, steps, part);
    const targetSteps = this.#lossOn === 'last' ? 1 : steps;
    checkSequences(batch, targetSteps);
    this.reversal?.set(batch, spec.lossOn === 'last' || batch.asked === 'ends', from);
    if (!batch.targets) return;
    for (const { spec: head, targetClasses, targetValues } of this.heads) {
      const columns = Array.from({ length: targetWidth(head) }, () => expectedTarget(head));
      copyPart((targetClasses ?? targetValues)!, batch.targets[head.name], columns, targetSteps, part);
    }
    weighRows(this.heads, batch, { steps: targetSteps, from, count: batchSize });
  }

  /** Runs the layers and the heads on what `load` left. Dropout acts when the network trains and `drop` is not false. */
  forward(drop = true): void {
    this.forwardLayers(drop);
    for (const head of this.heads) head.forward();
  }

  /** Runs the layers alone: who draws from heads that read each other runs the heads one by one. */
  forwardLayers(drop = true): void {
    // Loops, not closures: a generated note allocates nothing.
    this.#embeddings.forward();
    for (const dropout of this.#inputDropouts) this.#drop(dropout, drop);
    for (let index = 0; index < this.#stack.length; index++) {
      this.#stack[index].forward();
      const dropout = this.#dropouts.at(index);
      if (dropout) this.#drop(dropout, drop);
    }
  }

  #drop(dropout: Dropout, drop: boolean): void {
    if (drop) dropout.forward(this.#training!.dropout);
    else this.#kernels.copy(dropout.output, dropout.input);
  }

  /** The mean loss of each head over the rows it sees, unweighted, in the order of the heads. After `forward`. */
  losses(): number[] {
    return this.heads.map((head) => head.meanLoss());
  }

  /** Adds dL/dw to the gradients, L being the weighted sum of the losses. After `losses`; overwrites activations. */
  backward(): void {
    for (const layer of this.#stack) this.#kernels.fill(layer.dOutput!, 0);
    for (const dropout of this.#dropouts) this.#kernels.fill(dropout.dOutput, 0);
    for (const dropout of this.#inputDropouts) this.#kernels.fill(dropout.dOutput, 0);
    this.#embeddings.clearGradients();
    for (const head of this.heads) head.backward();
    for (let index = this.#stack.length - 1; index >= 0; index--) {
      this.#dropouts[index]?.backward();
      this.#stack[index].backward();
    }
    for (const dropout of this.#inputDropouts) dropout.backward();
    if (this.#training) this.#embeddings.backward();
  }

  /** Sets the state before the first step to zero. */
  resetState(): void {
    for (const layer of this.layers) layer.resetState();
  }

  /**
   * Makes the state after the last step the state before the first, so that the next `forward` goes on from it.
   * @throws UsageError when layers are bidirectional: the end of a sequence is not what comes before its beginning
   */
  carryState(): void {
    assertForward(this.spec, 'network: carried states');
    for (const layer of this.layers) layer.carryState();
  }

  /** Begins with what stands in slot 0 of the layers' states. */
  keepState(): void {
    for (const layer of this.layers) layer.keepState();
  }

  /** Which steps the heads see. */
  get lossOn(): 'last' | 'all' {
    return this.#lossOn;
  }

  #stackLayers(parameters: ParameterSet): [top: Tensor, dTop: Tensor | undefined] {
    const { inputs, lstm } = this.spec;
    const gradients = this.#training?.gradients;
    const oneHot = inputs.categories.flatMap(({ size, width }, k) =>
      width === undefined ? { indices: this.categories[k], size } : [],
    );
    let dense = this.#denseInputs();
    for (let index = 0; index < lstm.layers; index++) {
      const input = { categories: index > 0 ? [] : oneHot, dense };
      const layer = this.#createLayer([this.#kernels, index, this.shape, input, parameters, gradients]);
      this.#stack.push(layer);
      dense = [{ values: layer.output, gradient: layer.dOutput }];
      if (gradients && lstm.dropout > 0) dense = dense.map((each) => this.#dropped(each, lstm.dropout, this.#dropouts));
    }
    return [dense[0].values, dense[0].gradient];
  }

  #createLayer(given: CellArguments): Layer {
    const { reversal, spec } = this;
    if (!reversal) {
      const cell = createCell(cellOf(spec), ...given);
      this.layers.push(cell);
      return cell;
    }
    const isTop = given[1] === spec.lstm.layers - 1;
    const orders = { input: reversal.rows, output: isTop ? reversal.top : reversal.rows };
    const layer = new BidirectionalLayer(cellOf(spec), orders, ...given);
    this.layers.push(...layer.cells);
    return layer;
  }

  /** Embeddings and features as the first layer reads them. */
  #denseInputs(): DenseInput[] {
    const { features, dropout = 0 } = this.spec.inputs;
    const dense = [...this.#embeddings.inputs, ...(features.length > 0 ? [{ values: this.features }] : [])];
    if (!this.#training || dropout === 0) return dense;
    return dense.map((each) => this.#dropped(each, dropout, this.#inputDropouts));
  }

  #dropped({ values, gradient }: DenseInput, rate: number, among: Dropout[]): DenseInput {
    const dropout = new Dropout(this.#kernels, rate, values, gradient);
    among.push(dropout);
    return { values: dropout.output, gradient: dropout.dOutput };
  }
}

/**
 * Copies sequences `from` to `from + count` of `of`, for all steps, from a time-major array, when the network can take them.
 * @param columns what stands in a row, one number after the other
 */
function copyPart(
  to: Tensor | IndexTensor,
  source: ArrayLike<number> | undefined,
  columns: Expected[],
  steps: number,
  { of, from, count }: { of: number; from: number; count: number },
): void {
  const width = columns.length;
  assertLength(source, steps * of * width, columns[0]);
  const { data } = to;
  const run = count * width;
  for (let t = 0; t < steps; t++) {
    const at = (t * of + from) * width;
    assertUsable(source!, columns, of, at, at + run);
    if (count < of) for (let j = 0; j < run; j++) data[t * run + j] = source![at + j];
  }
  if (count === of) data.set(source!);
}
