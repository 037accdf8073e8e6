import type { Kernels, Tensor } from '../../tensor/index.ts';
import type { Batch } from '../batch.ts';
import type { WindowDataset } from '../dataset.ts';
import { evenlySpaced } from '../../evenly.ts';
import { EVALUATION_BATCH } from '../evaluate.ts';
import type { SequenceShape } from '../cells/cell.ts';
import { Network } from '../network.ts';
import type { NamedArrays } from '../parameters.ts';
import type { ModelSpec } from '../spec.ts';
import { ablationsByLayer, type Ablation, type LayerAblation } from './ablation.ts';
import type { CellRows } from './cells/probe-cell.ts';
import { ProbedModel } from './model.ts';

/** What a model loses without some of its parts. All losses are means over the windows, unweighted, one for each head. */
export interface AblationLosses {
  /** The losses of the model as it is: what `evaluateDataset` gives. */
  intact: number[];
  /** The losses under each set of ablations, in the order in which they were given. */
  ablated: number[][];
  /** How many windows were looked at. */
  windows: number;
}

/** With which kernels, and over how many windows, ablations are evaluated. */
export interface AblationOptions {
  /** The fastest unless given. */
  kernels?: Kernels;
  /** Looks at no more windows than this, evenly spaced; all unless given. */
  atMost?: number;
}

/**
 * What each of some sets of ablations costs on a corpus: the loss of each head at the step after every window, each window
 * from the zero state, as validation has it.
 *
 * @example
 * const units = Array.from({ length: layerWidth(spec, 0) }, (_, unit) => [{ layer: 0, part: 'h', units: [unit] }]);
 * const { intact, ablated } = evaluateAblations(spec, parameters, windows, units, { atMost: 512 });
 * const cost = ablated.map((losses) => losses[0] - intact[0]);
 * console.log('the unit that is missed most:', cost.indexOf(Math.max(...cost)));
 *
 * @throws UsageError when an ablation makes no sense
 */
export function evaluateAblations(
  spec: ModelSpec,
  parameters: NamedArrays,
  data: WindowDataset,
  ablations: readonly (readonly Ablation[])[],
  { kernels, atMost = Infinity }: AblationOptions = {},
): AblationLosses {
  const model = new ProbedModel(spec, parameters, kernels);
  const windows = evenlySpaced(data.size, Math.min(atMost, data.size));
  const rest = windows.length % EVALUATION_BATCH;
  const sums = [[], ...ablations].map(() => spec.heads.map(() => 0));
  const run = (from: number, to: number, size: number): void => {
    const probe = new AblationProbe(model, { batchSize: size, steps: data.steps });
    const batch = data.createBatch(size, 'last');
    for (let at = from; at < to; at += size) {
      data.fill(batch, windows, at);
      probe.load(batch);
      [[], ...ablations].forEach((ablation, index) => {
        probe.losses(ablation).forEach((loss, head) => (sums[index][head] += loss * size));
      });
    }
  };
  if (rest < windows.length) run(0, windows.length - rest, EVALUATION_BATCH);
  if (rest > 0) run(windows.length - rest, windows.length, rest);
  const [intact, ...ablated] = sums.map((heads) => heads.map((sum) => sum / windows.length));
  return { intact, ablated, windows: windows.length };
}

/**
 * Runs batches of windows with parts of the network held: the losses of one batch under one set of ablations after the
 * other. Layers below the lowest that is touched are not run again.
 */
export class AblationProbe {
  readonly #model: ProbedModel;
  readonly #network: Network;
  /** Of each layer of which something was held, the buffers of a step. */
  readonly #rows: CellRows[] = [];
  /** How many layers, from the first, hold what the intact network computes for the batch. */
  #intact = 0;

  /** @param lossOn at which steps losses are taken; after the last of each window unless given, as validation has it */
  constructor(model: ProbedModel, shape: SequenceShape, lossOn: 'last' | 'all' = 'last') {
    this.#model = model;
    this.#network = new Network(model.kernels, model.spec, shape, model.parameters, { lossOn });
  }

  /** Takes a batch with its targets. @throws ShapeError when it has another size than the probe was laid out for */
  load(batch: Batch): void {
    this.#network.load(batch);
    this.#intact = 0;
  }

  /**
   * The mean loss of each head, unweighted. Without ablations that of the network as it is, bit for bit.
   * @throws UsageError when an ablation makes no sense
   */
  losses(ablation: readonly Ablation[]): number[] {
    const { layers, heads } = this.#network;
    const held = ablationsByLayer(this.#model.spec, ablation);
    const lowest = held.findIndex((layer) => layer !== undefined);
    const touched = lowest < 0 ? layers.length : lowest;
    for (let index = Math.min(this.#intact, touched); index < layers.length; index++) {
      const here = held[index];
      if (here) this.#forward(index, here);
      else layers[index].forward();
    }
    this.#intact = touched;
    for (const head of heads) head.forward();
    return this.#network.losses();
  }

  /** A layer step by step, with something held in each. The same calls as the layer's own `forward` otherwise. */
  #forward(index: number, held: LayerAblation): void {
    const { cell } = this.#model.layers[index];
    const { steps, batchSize } = this.#network.shape;
    const { gates, states } = this.#network.layers[index];
    const [h, c] = states;
    this.#project(index, gates);
    // Gates may be written where the input stands; what else a step needs is the same buffers for all.
    const rows = (this.#rows[index] ??= cell.layout(batchSize));
    for (let t = 0; t < steps; t++) {
      const input = gates.row(t);
      const step = { ...rows, input, hPrev: h.row(t), h: h.row(t + 1) };
      if (cell.gatesInPlace) step.gates = input;
      if (rows.c) [step.cPrev, step.c] = [c.row(t), c.row(t + 1)];
      cell.forward(step, [{ held, from: 0, to: batchSize }]);
    }
  }

  #project(index: number, gates: Tensor): void {
    const { categories, features, shape, layers } = this.#network;
    const input = gates.reshape([shape.steps * shape.batchSize, this.#model.layers[index].denseKernel.columns]);
    this.#model.project(index, input, index === 0 ? features : layers[index - 1].output, categories);
  }
}
