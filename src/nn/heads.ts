import { UsageError } from '../errors.ts';
import type { IndexTensor, Kernels, Tensor } from '../tensor/index.ts';
import type { ParameterSet } from './parameters.ts';
import { ReluLayer, type ReadClasses } from './relu-layer.ts';
import { headSize, type HeadSpec } from './spec.ts';

/**
 * A Dense layer and its loss: `out = hidden · kernel + bias + Σ table[class read]`, to which a relu layer may add, then either
 * softmax cross-entropy or the squared error with positive pressure. A head that reads others gives the distribution of its
 * class given theirs: a chain of them draws the parts of a note one after the other, each knowing those before. Losses are
 * means over the rows (nats, or squared units of the feature).
 */
export class Head {
  readonly spec: HeadSpec;
  /** Logits [N, size] or predictions [N, 1], written by `forward`. */
  readonly out: Tensor;
  /** What the rows should have been: class indices, or numbers. The caller fills them before `loss`. */
  readonly targetClasses?: IndexTensor;
  readonly targetValues?: Tensor;

  readonly #kernels: Kernels;
  readonly #wholeRows: number;
  readonly #hidden: Tensor;
  readonly #kernel: Tensor;
  readonly #bias: Tensor;
  readonly #read: readonly ReadClasses[];
  readonly #tables: Tensor[];
  readonly #relu?: ReluLayer;
  readonly #probabilities?: Tensor;
  readonly #training?: { dOut: Tensor; dHidden: Tensor; dKernel: Tensor; dBias: Tensor; dTables: Tensor[] };

  /**
   * @param hidden [N, H], what the LSTM gives
   * @param training where gradients go; without it the head only runs forward
   * @param wholeRows the rows of the whole batch, over which losses are means: N, or more when this is a part of a batch
   * @param before the heads before this one, among them those that it reads
   */
  constructor(
    kernels: Kernels,
    spec: HeadSpec,
    hidden: Tensor,
    parameters: ParameterSet,
    training?: { dHidden: Tensor; gradients: ParameterSet },
    wholeRows = hidden.rows,
    before: readonly Head[] = [],
  ) {
    const { arena } = kernels;
    const size = headSize(spec);
    this.spec = spec;
    this.#wholeRows = wholeRows;
    this.#kernels = kernels;
    this.#hidden = hidden;
    this.#kernel = parameters.get(`heads.${spec.name}.kernel`);
    this.#bias = parameters.get(`heads.${spec.name}.bias`);
    this.#read = (spec.reads ?? []).map((name) => readFrom(before, name));
    const tablesIn = (set: ParameterSet): Tensor[] =>
      this.#read.map(({ name }) => set.get(`heads.${spec.name}.from.${name}`));
    this.#tables = tablesIn(parameters);
    if (spec.hidden !== undefined) {
      this.#relu = new ReluLayer(kernels, spec.name, hidden, this.#read, parameters, training);
    }
    this.out = arena.tensor([hidden.rows, size]);
    if (spec.kind === 'categorical') {
      this.targetClasses = arena.indices([hidden.rows]);
      this.#probabilities = arena.tensor([hidden.rows, size]);
    } else {
      this.targetValues = arena.tensor([hidden.rows, 1]);
    }
    if (training) {
      this.#training = {
        dOut: arena.tensor([hidden.rows, size]),
        dHidden: training.dHidden,
        dKernel: training.gradients.get(`heads.${spec.name}.kernel`),
        dBias: training.gradients.get(`heads.${spec.name}.bias`),
        dTables: tablesIn(training.gradients),
      };
    }
  }

  /** Writes `out`. The classes of the heads that it reads must be set. */
  forward(): void {
    this.#kernels.affine(this.out, this.#bias, this.#hidden, this.#kernel);
    for (let k = 0; k < this.#tables.length; k++) {
      this.#kernels.embedding(this.out, this.#tables[k], this.#read[k].classes);
    }
    this.#relu?.forward(this.out);
  }

  /** What the relu layer gave after `forward`, where the head has one. */
  get reluOutput(): Tensor | undefined {
    return this.#relu?.output;
  }

  /** The mean loss over the rows (of a part of a batch: its share of the mean over all), unweighted. `forward` must have run and the targets must be set. */
  loss(): number {
    const { spec, out } = this;
    const sum =
      spec.kind === 'categorical'
        ? this.#kernels.softmaxCrossEntropy(this.#probabilities!, out, this.targetClasses!)
        : this.#kernels.mseWithPositivePressure(out, this.targetValues!, spec.positivePressure);
    return sum / this.#wholeRows;
  }

  /** Adds the gradient of `lossWeight` times the mean loss to `dHidden` and the head's parameters. After `loss`. */
  backward(): void {
    const kernels = this.#kernels;
    const { spec, out } = this;
    const { dOut } = this.#training!;
    const scale = spec.lossWeight / this.#wholeRows;
    kernels.fill(dOut, 0);
    if (spec.kind === 'categorical') {
      kernels.softmaxCrossEntropyBackward(dOut, this.#probabilities!, this.targetClasses!, scale);
    } else {
      kernels.mseWithPositivePressureBackward(dOut, out, this.targetValues!, spec.positivePressure, scale);
    }
    this.#backwardFrom(dOut);
  }

  #backwardFrom(dOut: Tensor): void {
    const kernels = this.#kernels;
    const { dHidden, dKernel, dBias, dTables } = this.#training!;
    const products = [{ db: dKernel, a: this.#hidden }];
    if (this.#relu) products.push({ db: this.#relu.dOut, a: this.#relu.output });
    kernels.affineBackward(dBias, dOut, products);
    dTables.forEach((table, k) => {
      kernels.embeddingBackward(table, dOut, this.#read[k].classes);
    });
    kernels.matmulBackwardA(dHidden, dOut, this.#kernel);
    this.#relu?.backward(dOut);
  }
}

function readFrom(before: readonly Head[], name: string): ReadClasses {
  const classes = before.find(({ spec }) => spec.name === name)?.targetClasses;
  if (!classes) throw new UsageError(`heads: "${name}" is read, but no categorical head of that name stands before.`);
  return { name, classes };
}
