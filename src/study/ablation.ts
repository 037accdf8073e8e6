import { headSize, type Ablation, type Gate, type HeadSpec, type NetworkState, type ProbedModel, type Sequence } from '../nn/index.ts'; // prettier-ignore
import { LayerAblation, type HeldRows } from '../nn/probe/ablation.ts';
import type { CellRows } from '../nn/probe/cells/probe-cell.ts';
import { HeadProbe } from '../nn/probe/head-probe.ts';
import type { IndexTensor, Tensor } from '../tensor/index.ts';

/** What one run of the model does without. */
export interface Variant extends Ablation {
  part: 'h' | Gate;
  value: number | ArrayLike<number>;
}

/** The mean loss of each head, unweighted, and the weighted sum. */
export interface VariantLoss {
  losses: number[];
  loss: number;
}

export interface AblationLosses {
  predictions: number;
  /** Of the model as it is. */
  whole: VariantLoss;
  /** In the order of the variants. */
  variants: VariantLoss[];
}

/** Notes that are run, and the first predictions of them that only bring every variant's state to where it would be. */
export interface AblationRun {
  sequence: Sequence;
  /** Where all variants start; zeros unless given. */
  state?: NetworkState;
  /** Predictions that are not judged. @default 0 */
  unjudged?: number;
}

/** Variants that run side by side: enough for the kernels, and few enough for the cache. */
const SIDE_BY_SIDE = 160;

/**
 * What a model loses on some sequences when a part of it is held at a value. All variants run side by side as the rows of one
 * batch, each with a state of its own: 128 units cost little more than a training batch of 128. What holds a unit's output
 * at zero gives the losses of a model whose weights from that unit are zero.
 *
 * @param runs with targets
 * @param onStep called after each step of each batch of variants
 */
export function ablatedLosses(
  model: ProbedModel,
  runs: readonly AblationRun[],
  variants: readonly Variant[],
  onStep?: (done: number, total: number) => void,
): AblationLosses {
  const batches = Math.max(1, Math.ceil(variants.length / SIDE_BY_SIDE));
  const size = Math.ceil(variants.length / batches);
  const steps = runs.reduce((sum, { sequence }) => sum + Math.max(0, sequence.length - 1), 0);
  const predictions = steps - runs.reduce((sum, { unjudged = 0 }) => sum + unjudged, 0);
  const sums: Float64Array[] = [];
  let whole: Float64Array | undefined;
  for (let batch = 0; batch < batches; batch++) {
    const chosen = variants.slice(batch * size, (batch + 1) * size);
    const run = new SideBySide(model, chosen);
    let done = batch * steps;
    for (const one of runs) run.add(one, () => onStep?.(++done, batches * steps));
    whole ??= run.sums(0);
    for (let row = 1; row <= chosen.length; row++) sums.push(run.sums(row));
  }
  const meanOf = (values: Float64Array): VariantLoss => {
    const losses = Array.from(values, (sum) => sum / Math.max(1, predictions));
    const loss = model.heads.reduce((sum, { spec }, k) => sum + spec.lossWeight * losses[k], 0);
    return { losses, loss };
  };
  return { predictions, whole: meanOf(whole!), variants: sums.map(meanOf) };
}

/** A head on all rows, with the classes of the heads that it reads. */
interface HeadRun {
  probe: HeadProbe;
  out: Tensor;
  told: { name: string; classes: Int32Array }[];
}

/** The model as it is in row 0, and each variant in a row of its own, all in step. */
class SideBySide {
  readonly #model: ProbedModel;
  readonly #layers: CellRows[];
  /** What the variants hold in each layer. */
  readonly #held: HeldRows[][];
  readonly #heads: HeadRun[];
  readonly #input: { features: Tensor; categories: IndexTensor[]; projected: Tensor };
  /** [rows][heads]. */
  readonly #sums: Float64Array[];

  constructor(model: ProbedModel, variants: readonly Variant[]) {
    const { spec, kernels } = model;
    const { arena } = kernels;
    const rows = variants.length + 1;
    this.#model = model;
    this.#layers = model.layers.map(({ cell }) => cell.layout(rows));
    this.#held = model.layers.map(({ cell }, layer) =>
      variants.flatMap((variant, k) => {
        if (variant.layer !== layer) return [];
        return { held: new LayerAblation(cell.kind, cell.size, [variant]), from: k + 1, to: k + 2 };
      }),
    );
    this.#heads = model.heads.map(({ spec: head, reads }, k) => ({
      probe: new HeadProbe(model, k, rows),
      out: arena.tensor([rows, headSize(head)]),
      told: reads.map((other) => ({ name: spec.heads[other].name, classes: new Int32Array(rows) })),
    }));
    this.#input = {
      features: arena.tensor([1, spec.inputs.features.length]),
      categories: spec.inputs.categories.map(() => arena.indices([1])),
      projected: arena.tensor([1, model.layers[0].denseKernel.columns]),
    };
    this.#sums = Array.from({ length: rows }, () => new Float64Array(spec.heads.length));
  }

  /** The sum over all predictions so far of each head's loss in one row. */
  sums(row: number): Float64Array {
    return this.#sums[row];
  }

  /** Runs a sequence, and adds the losses of its judged predictions. */
  add({ sequence, state, unjudged = 0 }: AblationRun, onStep: () => void): void {
    const { kernels, heads } = this.#model;
    this.#layers.forEach(({ h, c }, layer) => {
      kernels.fill(h, 0);
      if (c) kernels.fill(c, 0);
      if (!state) return;
      for (let row = 0; row < h.rows; row++) {
        h.data.set(state.h[layer], row * h.columns);
        c?.data.set(state.c![layer], row * c.columns);
      }
    });
    for (let t = 0; t + 1 < sequence.length; t++) {
      this.#projectInput(sequence, t);
      this.#layers.forEach((_, index) => {
        this.#stepLayer(index);
      });
      onStep();
      if (t < unjudged) continue;
      const top = this.#layers[this.#layers.length - 1].h;
      heads.forEach(({ spec }, k) => {
        const { probe, out, told } = this.#heads[k];
        // As everywhere it is judged by what came: every variant is told that of the heads before.
        for (const { name, classes } of told) classes.fill(sequence.targets[name][t + 1]);
        probe.forward(out, { hidden: top.data, classes: told.map(({ classes }) => classes) });
        const target = sequence.targets[spec.name][t + 1];
        const [numbers, width] = [out.data, out.columns];
        for (let row = 0; row < this.#sums.length; row++) {
          this.#sums[row][k] += lossOfRow(spec, numbers, row * width, target);
        }
      });
    }
  }

  /** All rows read the same note: its part of the pre-activations is computed once. */
  #projectInput({ categories, features }: Sequence, t: number): void {
    const { projected, features: row, categories: indices } = this.#input;
    const width = row.data.length;
    for (let f = 0; f < width; f++) row.data[f] = features[t * width + f];
    indices.forEach((to, k) => (to.data[0] = categories[k][t]));
    this.#model.project(0, projected, row, indices);
  }

  #stepLayer(index: number): void {
    const { kernels, layers } = this.#model;
    const { cell, denseKernel } = layers[index];
    const rows = this.#layers[index];
    kernels.copy(rows.hPrev, rows.h);
    if (rows.c) kernels.copy(rows.cPrev!, rows.c);
    if (index === 0) kernels.bias(rows.input, this.#input.projected.row(0));
    else kernels.affine(rows.input, cell.inputBias, this.#layers[index - 1].h, denseKernel);
    cell.forward(rows, this.#held[index]);
  }
}

/** The loss of one row of a head's outputs, unweighted, as in training. */
function lossOfRow(head: HeadSpec, out: ArrayLike<number>, at: number, target: number): number {
  if (head.kind === 'scalar') {
    const p = out[at];
    return (target - p) ** 2 + (p < 0 ? -head.positivePressure * p : 0);
  }
  let largest = -Infinity;
  for (let j = at; j < at + head.size; j++) if (out[j] > largest) largest = out[j];
  let sum = 0;
  for (let j = at; j < at + head.size; j++) sum += Math.exp(out[j] - largest);
  return largest + Math.log(sum) - out[at + target];
}
