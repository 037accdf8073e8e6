import type { IndexTensor, Kernels, Tensor } from '../tensor/index.ts';
import type { ParameterSet } from './parameters.ts';

/** A head whose classes another reads. */
export interface ReadClasses {
  name: string;
  /** [N]: what the head should have said in training, what was drawn when generating. */
  classes: IndexTensor;
}

/** The weights of a head's relu layer, or their gradients. */
interface ReluTensors {
  kernel: Tensor;
  bias: Tensor;
  /** For each head that is read a row of inputs to the units for each class. */
  tables: Tensor[];
  out: Tensor;
}

/**
 * The relu layer of a head: `r = max(hidden · kernel + bias + Σ table[class read], 0)`, from which `r · out` is added to the
 * head's outputs. It is what lets a head know that two things go together, which sums of tables cannot.
 */
export class ReluLayer {
  /** r, [N, units], written by `forward`. */
  readonly output: Tensor;
  readonly #kernels: Kernels;
  readonly #hidden: Tensor;
  readonly #read: readonly ReadClasses[];
  readonly #weights: ReluTensors;
  readonly #training?: { gradients: ReluTensors; dHidden: Tensor; dOutput: Tensor; dz: Tensor };

  /** @param name of the head */
  constructor(
    kernels: Kernels,
    name: string,
    hidden: Tensor,
    read: readonly ReadClasses[],
    parameters: ParameterSet,
    training?: { dHidden: Tensor; gradients: ParameterSet },
  ) {
    const { arena } = kernels;
    this.#kernels = kernels;
    this.#hidden = hidden;
    this.#read = read;
    this.#weights = reluTensors(parameters, name, read);
    const shape = [hidden.rows, this.#weights.kernel.columns];
    this.output = arena.tensor(shape);
    if (!training) return;
    const gradients = reluTensors(training.gradients, name, read);
    this.#training = { gradients, dHidden: training.dHidden, dOutput: arena.tensor(shape), dz: arena.tensor(shape) };
  }

  /** Adds `r · out` to the outputs of the head. */
  forward(out: Tensor): void {
    const { kernel, bias, tables, out: way } = this.#weights;
    this.#kernels.affine(this.output, bias, this.#hidden, kernel);
    for (let k = 0; k < tables.length; k++) this.#kernels.embedding(this.output, tables[k], this.#read[k].classes);
    this.#kernels.relu(this.output, this.output);
    this.#kernels.matmul(out, this.output, way);
  }

  /** The gradient of the way out: the head forms it beside that of its direct path. */
  get dOut(): Tensor {
    return this.#training!.gradients.out;
  }

  /** From dL/d(outputs of the head): the gradients of kernel, bias and tables, and dL/d(hidden), to which it adds. */
  backward(dOut: Tensor): void {
    const kernels = this.#kernels;
    const { gradients, dHidden, dOutput, dz } = this.#training!;
    kernels.fill(dOutput, 0);
    kernels.fill(dz, 0);
    kernels.matmulBackwardA(dOutput, dOut, this.#weights.out);
    kernels.reluBackward(dz, dOutput, this.output);
    kernels.affineBackward(gradients.bias, dz, [{ db: gradients.kernel, a: this.#hidden }]);
    gradients.tables.forEach((table, k) => {
      kernels.embeddingBackward(table, dz, this.#read[k].classes);
    });
    kernels.matmulBackwardA(dHidden, dz, this.#weights.kernel);
  }
}

function reluTensors(set: ParameterSet, name: string, read: readonly ReadClasses[]): ReluTensors {
  const prefix = `heads.${name}.hidden`;
  return {
    kernel: set.get(`${prefix}.kernel`),
    bias: set.get(`${prefix}.bias`),
    tables: read.map((other) => set.get(`${prefix}.from.${other.name}`)),
    out: set.get(`${prefix}.out`),
  };
}
