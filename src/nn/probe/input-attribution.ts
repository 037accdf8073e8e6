import type { Floats, Tensor } from '../../tensor/index.ts';
import type { ModelSpec } from '../spec.ts';
import type { ProbedModel } from './model.ts';
import type { Recording } from './recorded.ts';

/** The names of what is attributed to at each step, in order: the categorical inputs, then the features. */
export function inputNames({ inputs }: ModelSpec): string[] {
  return [...inputs.categories.map(({ name }) => name), ...inputs.features];
}

/** Where attributions are written: row r's inputs side by side from `at + r * stride` on. */
export interface AttributionPlace {
  to: Floats;
  at: number;
  stride: number;
}

/** From dL/d(input) of the first layer to the products of inputs and their gradients. */
export class InputAttribution {
  readonly #model: ProbedModel;
  readonly #sequence: Recording['sequence'];
  readonly #dFeatures: Tensor;

  /** @param rows the most rows that are attributed at once */
  constructor(model: ProbedModel, recording: Recording, rows: number) {
    this.#model = model;
    this.#sequence = recording.sequence;
    this.#dFeatures = model.kernels.arena.tensor([rows, model.spec.inputs.features.length]);
  }

  /**
   * Writes input x gradient of consecutive steps. For a categorical input that is the gradient of its one-hot vector where
   * the one stands, row `class` of the kernel times `dInput`; for a feature its number times its gradient.
   *
   * @param dInput [R, K * H]; row r belongs to step `step + r`
   */
  write(dInput: Tensor, step: number, place: AttributionPlace): void {
    this.#writeCategories(dInput, step, place);
    this.#writeFeatures(dInput, step, place);
  }

  #writeCategories(
    { data: gradient, rows, columns }: Tensor,
    step: number,
    { to, at, stride }: AttributionPlace,
  ): void {
    this.#model.layers[0].tables.forEach((table, k) => {
      const [kernel, classes] = [table.data, this.#sequence.categories[k]];
      for (let row = 0; row < rows; row++) {
        to[at + row * stride + k] = dot(gradient, row * columns, kernel, classes[step + row] * columns, columns);
      }
    });
  }

  #writeFeatures(dInput: Tensor, step: number, { to, at, stride }: AttributionPlace): void {
    const { kernels, layers } = this.#model;
    const { tables, denseKernel } = layers[0];
    const F = denseKernel.rows;
    if (F === 0) return;
    const gradient = this.#dFeatures.slice(0, dInput.rows);
    kernels.fill(gradient, 0);
    kernels.matmulBackwardA(gradient, dInput, denseKernel);
    const [dx, x] = [gradient.data, this.#sequence.features];
    for (let row = 0; row < dInput.rows; row++) {
      for (let f = 0; f < F; f++) {
        to[at + row * stride + tables.length + f] = dx[row * F + f] * x[(step + row) * F + f];
      }
    }
  }
}

/** The sum of products, in four chains, so that an addition need not wait for the one before. */
function dot(a: Floats, from: number, b: Floats, other: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const fours = count - (count % 4);
  for (let j = 0; j < fours; j += 4) {
    s0 += a[from + j] * b[other + j];
    s1 += a[from + j + 1] * b[other + j + 1];
    s2 += a[from + j + 2] * b[other + j + 2];
    s3 += a[from + j + 3] * b[other + j + 3];
  }
  for (let j = fours; j < count; j++) s0 += a[from + j] * b[other + j];
  return s0 + s1 + (s2 + s3);
}
