import type { IndexTensor, Tensor } from '../../tensor/index.ts';
import type { ProbedModel, ReluWeights } from './model.ts';

/** What a head has read, row by row. */
export interface HeadReading {
  /** The outputs of the last layer, [rows * H]. */
  hidden: ArrayLike<number>;
  /** For each head that it reads the class of every row. */
  classes: readonly ArrayLike<number>[];
}

/** The relu layer of a head with what runs through it. */
interface ReluRun {
  weights: ReluWeights;
  /** [rows, units]. */
  output: Tensor;
  dOutput: Tensor;
  dz: Tensor;
}

/**
 * One head run and taken back for some rows at once. The same calls of the kernels as `Head`, without gradients of weights.
 */
export class HeadProbe {
  readonly #model: ProbedModel;
  readonly #head: number;
  readonly #hidden: Tensor;
  readonly #classes: IndexTensor[];
  readonly #relu?: ReluRun;

  /** @param rows the most that are run at once */
  constructor(model: ProbedModel, head: number, rows: number) {
    const { arena } = model.kernels;
    const { reads, relu } = model.heads[head];
    this.#model = model;
    this.#head = head;
    this.#hidden = arena.tensor([rows, model.spec.lstm.hiddenSize]);
    this.#classes = reads.map(() => arena.indices([rows]));
    if (!relu) return;
    const [output, dOutput, dz] = Array.from({ length: 3 }, () => arena.tensor([rows, relu.kernel.columns]));
    this.#relu = { weights: relu, output, dOutput, dz };
  }

  /** Writes what the head says of `rows` rows, from the first on: logits or numbers, [rows, size]. */
  forward(out: Tensor, reading: HeadReading): void {
    const { kernels, heads } = this.#model;
    const { bias, kernel, tables } = heads[this.#head];
    const hidden = this.#load(reading, out.rows);
    kernels.affine(out, bias, hidden, kernel);
    for (let k = 0; k < tables.length; k++) kernels.embedding(out, tables[k], this.#rows(k, out.rows));
    if (this.#relu) kernels.matmul(out, this.#activate(this.#relu, hidden), this.#relu.weights.out);
  }

  /** Adds dL/d(hidden) to `dHidden`, [rows, H], given dL/d(out) and what the head read. */
  backward(dHidden: Tensor, dOut: Tensor, reading: HeadReading): void {
    const { kernels, heads } = this.#model;
    const { rows } = dOut;
    kernels.matmulBackwardA(dHidden, dOut, heads[this.#head].kernel);
    if (!this.#relu) return;
    const output = this.#activate(this.#relu, this.#load(reading, rows));
    const { weights } = this.#relu;
    const [dOutput, dz] = [this.#relu.dOutput.slice(0, rows), this.#relu.dz.slice(0, rows)];
    kernels.fill(dOutput, 0);
    kernels.fill(dz, 0);
    kernels.matmulBackwardA(dOutput, dOut, weights.out);
    kernels.reluBackward(dz, dOutput, output);
    kernels.matmulBackwardA(dHidden, dz, weights.kernel);
  }

  #load({ hidden, classes }: HeadReading, rows: number): Tensor {
    this.#hidden.data.set(hidden);
    classes.forEach((each, k) => {
      this.#classes[k].data.set(each);
    });
    return this.#hidden.slice(0, rows);
  }

  #rows(k: number, rows: number): IndexTensor {
    const classes = this.#classes[k];
    return rows === classes.size ? classes : classes.first(rows);
  }

  #activate({ weights, output: all }: ReluRun, hidden: Tensor): Tensor {
    const { kernels } = this.#model;
    const output = all.slice(0, hidden.rows);
    kernels.affine(output, weights.bias, hidden, weights.kernel);
    weights.tables.forEach((table, k) => {
      kernels.embedding(output, table, this.#rows(k, hidden.rows));
    });
    kernels.relu(output, output);
    return output;
  }
}
