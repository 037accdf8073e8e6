import { UsageError } from '../errors.ts';
import type { IndexTensor, Kernels, Tensor } from '../tensor/index.ts';
import type { Loss } from './losses/loss.ts';
import type { OwnLosses } from './losses/loss-of.ts';
import { RowLosses, type LossRows } from './losses/row-losses.ts';
import type { ParameterSet } from './parameters.ts';
import { ReluLayer, type ReadClasses } from './relu-layer.ts';
import { headSize, targetWidth, type HeadSpec } from './spec.ts';

/** Where a head learns, or only answers. */
export interface HeadOptions {
  /** Where gradients go; without it the head only runs forward. */
  training?: { dHidden: Tensor; gradients: ParameterSet };
  /** The rows of the whole batch, over which losses are means: those of the head, or more when this is a part of a batch. */
  wholeRows?: number;
  /** The heads before this one, among them those that it reads. */
  before?: readonly Head[];
  losses?: OwnLosses;
}

/**
 * A Dense layer and its loss: `out = hidden · kernel + bias + Σ table[class read]`, to which a relu layer may add, then the loss
 * of its kind. A head that reads others gives the distribution of its class given theirs: a chain of them draws the parts of a
 * note one after the other, each knowing those before. Losses are means over the rows that count.
 */
export class Head {
  readonly spec: HeadSpec;
  /** Logits [N, size] or predictions [N, 1], written by `forward`. */
  readonly out: Tensor;
  /** What the rows should have been: class indices, or numbers. The caller fills them before `meanLoss`. */
  readonly targetClasses?: IndexTensor;
  readonly targetValues?: Tensor;
  /** How much each row counts, [N], and what all rows of the whole batch come to, [1]: 0 where every row counts alike. */
  readonly rowWeights: Tensor;
  readonly allWeights: Tensor;
  readonly #kernels: Kernels;
  readonly #wholeRows: number;
  readonly #hidden: Tensor;
  readonly #kernel: Tensor;
  readonly #bias: Tensor;
  readonly #read: readonly ReadClasses[];
  readonly #tables: Tensor[];
  readonly #relu?: ReluLayer;
  readonly #probabilities?: Tensor;
  readonly #losses?: OwnLosses;
  #rows?: RowLosses;
  readonly #training?: { dOut: Tensor; dHidden: Tensor; dKernel: Tensor; dBias: Tensor; dTables: Tensor[] };

  /**
   * @param hidden [N, H], what the LSTM gives
   */
  constructor(
    kernels: Kernels,
    spec: HeadSpec,
    hidden: Tensor,
    parameters: ParameterSet,
    { training, wholeRows = hidden.rows, before = [], losses }: HeadOptions = {},
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
    this.#losses = losses;
    this.rowWeights = arena.tensor([hidden.rows]);
    this.allWeights = arena.tensor([1]);
    if (spec.kind === 'categorical') {
      this.targetClasses = arena.indices([hidden.rows]);
      this.#probabilities = arena.tensor([hidden.rows, size]);
    } else {
      this.targetValues = arena.tensor([hidden.rows, targetWidth(spec)]);
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
  meanLoss(): number {
    const { spec, out } = this;
    if (!this.#isPlain) return this.#rowLosses.sum(this.#lossRows) / this.#count;
    const sum =
      spec.kind === 'categorical'
        ? this.#kernels.softmaxCrossEntropy(this.#probabilities!, out, this.targetClasses!)
        : this.#kernels.mseWithPositivePressure(out, this.targetValues!, pressureOf(spec));
    return sum / this.#count;
  }

  /** Adds the gradient of `lossWeight` times the mean loss to `dHidden` and the head's parameters. After `meanLoss`. */
  backward(): void {
    const kernels = this.#kernels;
    const { spec, out } = this;
    const { dOut } = this.#training!;
    const scale = spec.lossWeight / this.#count;
    kernels.fill(dOut, 0);
    if (!this.#isPlain) this.#rowLosses.gradient(this.#lossRows, dOut, scale);
    else if (spec.kind === 'categorical') {
      kernels.softmaxCrossEntropyBackward(dOut, this.#probabilities!, this.targetClasses!, scale);
    } else {
      kernels.mseWithPositivePressureBackward(dOut, out, this.targetValues!, pressureOf(spec), scale);
    }
    this.#backwardFrom(dOut);
  }

  /** What it is trained with, row by row. */
  get loss(): Loss {
    return this.#rowLosses.loss;
  }

  /** Made when it is wanted: who only runs a model needs no loss, and may not have its own. */
  get #rowLosses(): RowLosses {
    return (this.#rows ??= new RowLosses(this.spec, this.#losses));
  }

  /** Whether there is a kernel for it: every row counts alike, and the loss is one of the two that music is trained with. */
  get #isPlain(): boolean {
    const { spec } = this;
    if (this.allWeights.data[0] !== 0) return false;
    return spec.kind === 'scalar' || (spec.kind === 'categorical' && !spec.smoothing && !spec.classWeights);
  }

  /** What the mean is taken over. */
  get #count(): number {
    return this.allWeights.data[0] || this.#wholeRows;
  }

  get #lossRows(): LossRows {
    const weights = this.allWeights.data[0] === 0 ? undefined : this.rowWeights;
    return { out: this.out, targets: (this.targetClasses ?? this.targetValues)!, weights };
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

function pressureOf(spec: HeadSpec): number {
  return spec.kind === 'scalar' ? spec.positivePressure : 0;
}
