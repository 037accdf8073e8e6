import type { Tensor } from '../../tensor/index.ts';
import { sliceRows, type CellGradients, type CellRows } from './cells/probe-cell.ts';
import type { ProbedModel } from './model.ts';

/** Looks at a layer on the way back, when its dL/dh is complete and `dc` holds what came from later steps. */
export type LayerObserver = (layer: number, gradients: CellGradients, rows: CellRows) => void;

/**
 * The way back through time one step at a time, for B rows at once that need not stand at the same step of a sequence. No
 * gradient of weights is formed: what is asked is how states and inputs matter.
 *
 * A step takes dL/dh of all layers (what later steps sent, the layers above at this step, and what the caller added to
 * `top`) and leaves dL/d(input) of every layer; then `dh` and `dc` hold what goes to the step before.
 */
export class BackwardPass {
  readonly rows: number;
  readonly #model: ProbedModel;
  readonly #layers: CellGradients[];

  constructor(model: ProbedModel, rows: number) {
    this.rows = rows;
    this.#model = model;
    this.#layers = model.layers.map(({ cell }) => cell.layoutGradients(rows));
  }

  /** dL/dh of the last layer at the step to come, [B, H]: where the gradients of heads are added. */
  get top(): Tensor {
    return this.#layers[this.#layers.length - 1].dh;
  }

  /** dL/d(input) of the first layer at the step just taken, [B, K * H]: what the inputs see. */
  get bottom(): Tensor {
    return this.#layers[0].dInput;
  }

  /** Forgets all gradients. */
  reset(): void {
    for (const { dh, dc } of this.#layers) {
      this.#model.kernels.fill(dh, 0);
      if (dc) this.#model.kernels.fill(dc, 0);
    }
  }

  /**
   * Takes rows `from` to `to` one step back through all layers.
   *
   * @param cells what each layer did at the step where each of these rows stands
   */
  step(cells: readonly CellRows[], observe?: LayerObserver, from = 0, to = this.rows): void {
    const { kernels, layers } = this.#model;
    const rows = this.#layers.map((gradients) => sliceRows(gradients, from, to));
    for (let index = layers.length - 1; index >= 0; index--) {
      observe?.(index, rows[index], cells[index]);
      layers[index].cell.backward(cells[index], rows[index]);
      if (index > 0) kernels.matmulBackwardA(rows[index - 1].dh, rows[index].dInput, layers[index].denseKernel);
    }
  }
}
