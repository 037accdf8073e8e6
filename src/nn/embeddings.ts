import type { IndexTensor, Kernels, Tensor } from '../tensor/index.ts';
import type { DenseInput } from './cells/cell.ts';
import type { ParameterSet } from './parameters.ts';
import type { ModelSpec } from './spec.ts';

/** One table and the classes that are looked up in it. */
interface Lookup {
  indices: IndexTensor;
  table: Tensor;
  dTable?: Tensor;
  /** Where its rows are added. */
  into: DenseInput;
}

/**
 * The embedded inputs of a model: each class is a row of a trained table, and the rows of one position are added up, or stand
 * side by side (`inputs.combine`).
 */
export class Embeddings {
  /** What enters the first layer: one sum, or one input a table; nothing when no input is embedded. */
  readonly inputs: DenseInput[] = [];
  readonly #kernels: Kernels;
  readonly #lookups: Lookup[] = [];

  /**
   * @param categories the classes of every categorical input, [rows] each
   * @param gradients where gradients of the tables are added; without it nothing goes back
   */
  constructor(
    kernels: Kernels,
    { inputs: { categories: specs, combine } }: ModelSpec,
    categories: readonly IndexTensor[],
    parameters: ParameterSet,
    gradients?: ParameterSet,
  ) {
    const { arena } = kernels;
    this.#kernels = kernels;
    specs.forEach(({ name, width }, k) => {
      if (width === undefined) return;
      const indices = categories[k];
      if (this.inputs.length === 0 || combine === 'join') {
        const shape = [indices.size, width];
        this.inputs.push({ values: arena.tensor(shape), ...(gradients && { gradient: arena.tensor(shape) }) });
      }
      const key = `embeddings.${name}`;
      const into = this.inputs[this.inputs.length - 1];
      this.#lookups.push({ indices, table: parameters.get(key), dTable: gradients?.get(key), into });
    });
  }

  /** Looks the classes up. */
  forward(): void {
    for (const { values } of this.inputs) this.#kernels.fill(values, 0);
    for (const { indices, table, into } of this.#lookups) this.#kernels.embedding(into.values, table, indices);
  }

  /** Before a backward pass: no gradient has come back yet. */
  clearGradients(): void {
    for (const { gradient } of this.inputs) if (gradient) this.#kernels.fill(gradient, 0);
  }

  /** Adds what came back to the gradients of the tables. */
  backward(): void {
    for (const { indices, dTable, into } of this.#lookups) {
      this.#kernels.embeddingBackward(dTable!, into.gradient!, indices);
    }
  }
}
