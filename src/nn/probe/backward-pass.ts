import type { Tensor } from '../../tensor/index.ts';
import type { ProbedModel } from './model.ts';
import type { CellTrace } from './trace.ts';

/** Gradients of one layer at the step that the pass has reached. */
interface LayerGradients {
  /** dL/dh, [B, H]. */
  dh: Tensor;
  /** What later steps send back into the cell, [B, H]: dL/dc less what comes through this step's output. */
  dc: Tensor;
  /** dL/dz, [B, 4H]. */
  dz: Tensor;
}

/** Looks at a layer on the way back, when its dL/dh is complete and `dc` holds what came from later steps. */
export type LayerObserver = (layer: number, gradients: { dh: Tensor; dc: Tensor }, cell: CellTrace) => void;

/**
 * The way back through time one step at a time, for B rows at once that need not stand at the same step of a sequence. No
 * gradient of weights is formed: what is asked is how states and inputs matter.
 *
 * A step takes dL/dh of all layers (what later steps sent, the layers above at this step, and what the caller added to
 * `top`) and leaves dL/dz of every layer; then `dh` and `dc` hold what goes to the step before.
 */
export class BackwardPass {
  readonly rows: number;
  readonly #model: ProbedModel;
  readonly #layers: LayerGradients[];

  constructor(model: ProbedModel, rows: number) {
    const { arena } = model.kernels;
    const H = model.spec.lstm.hiddenSize;
    this.rows = rows;
    this.#model = model;
    this.#layers = model.layers.map(() => ({
      dh: arena.tensor([rows, H]),
      dc: arena.tensor([rows, H]),
      dz: arena.tensor([rows, 4 * H]),
    }));
  }

  /** dL/dh of the last layer at the step to come, [B, H]: where the gradients of heads are added. */
  get top(): Tensor {
    return this.#layers[this.#layers.length - 1].dh;
  }

  /** dL/dz of the first layer at the step just taken, [B, 4H]: what the inputs see. */
  get bottom(): Tensor {
    return this.#layers[0].dz;
  }

  /** Forgets all gradients. */
  reset(): void {
    for (const { dh, dc } of this.#layers) {
      this.#model.kernels.fill(dh, 0);
      this.#model.kernels.fill(dc, 0);
    }
  }

  /**
   * Takes rows `from` to `to` one step back through all layers.
   *
   * @param cells the activations of each layer at the step where each of these rows stands
   */
  step(cells: CellTrace[], observe?: LayerObserver, from = 0, to = this.rows): void {
    const { kernels, layers } = this.#model;
    const rows = this.#layers.map(({ dh, dc, dz }) => ({
      dh: dh.slice(from, to),
      dc: dc.slice(from, to),
      dz: dz.slice(from, to),
    }));
    for (let index = layers.length - 1; index >= 0; index--) {
      const { dh, dc, dz } = rows[index];
      const { gates, cPrev, tanhC } = cells[index];
      observe?.(index, rows[index], cells[index]);
      kernels.lstmCellBackward(dz, dc, dh, gates, cPrev, tanhC);
      if (index > 0) kernels.matmulBackwardA(rows[index - 1].dh, dz, layers[index].denseKernel);
      kernels.fill(dh, 0);
      kernels.matmulBackwardA(dh, dz, layers[index].recurrentKernel);
    }
  }
}

/** dL/dc of one row: what came from later steps, and through this step's output, dh ∘ o ∘ (1 - tanh²c). */
export function cellGradient(
  to: { [unit: number]: number; length: number },
  row: number,
  { dh, dc }: { dh: Tensor; dc: Tensor },
  { gates, tanhC }: CellTrace,
): void {
  const H = dh.columns;
  const [out, cell, gate, squashed] = [dh.data, dc.data, gates.data, tanhC.data];
  const [at, o] = [row * H, row * 4 * H + 3 * H];
  for (let j = 0; j < H; j++) {
    const t = squashed[at + j];
    to[j] = cell[at + j] + out[at + j] * gate[o + j] * (1 - t * t);
  }
}

/**
 * Adds the norms of dL/dh and dL/dc of some rows to `sums`, in one pass: it runs for every prediction at every lag.
 *
 * @param counts whether row r counts
 */
export function addNorms(
  sums: { dh: number; dc: number },
  counts: (row: number) => boolean,
  { dh, dc }: { dh: Tensor; dc: Tensor },
  { gates, tanhC }: CellTrace,
): void {
  const H = dh.columns;
  const [out, cell, gate, squashed] = [dh.data, dc.data, gates.data, tanhC.data];
  for (let row = 0; row < dh.rows; row++) {
    if (!counts(row)) continue;
    const [at, o] = [row * H, row * 4 * H + 3 * H];
    let [ofH, ofC] = [0, 0];
    for (let j = 0; j < H; j++) {
      const t = squashed[at + j];
      const d = out[at + j];
      const total = cell[at + j] + d * gate[o + j] * (1 - t * t);
      ofH += d * d;
      ofC += total * total;
    }
    sums.dh += Math.sqrt(ofH);
    sums.dc += Math.sqrt(ofC);
  }
}
