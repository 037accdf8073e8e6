import type { Handle, KernelMaker } from '../../tensor/gpu/plan.ts';
import * as forwards from '../../tensor/gpu/recurrent-forward.kernels.ts';
import * as backwards from '../../tensor/gpu/recurrent-backward.kernels.ts';
import * as headKernels from '../../tensor/gpu/heads.kernels.ts';
import * as weights from '../../tensor/gpu/weight-gradients.kernels.ts';
import * as optimizer from '../../tensor/gpu/optimizer.kernels.ts';
import { JOINED, type GpuLayout, type LayerLayout } from './layout.ts';

/** The arrays of a plan, as handles while it is recorded. */
export interface ProgramInputs {
  /** One pack for each layer, and last that of the heads. */
  packs: Handle[];
  /** [steps of all batches, B, categories + features] */
  entries: Handle;
  /** [seen steps of all batches, B, heads] */
  targets: Handle;
  /** What the heads are, [heads, 5]; see `HeadConstants`. */
  heads: Handle;
}

/** What training takes beside. */
export interface TrainingInputs extends ProgramInputs {
  /** Which head each column belongs to, [Q, 1]. */
  columns: Handle;
  /** [steps, 7]; see `clipAndAdam`. */
  rates: Handle;
  /** Zeros for the sums of squares to start from. */
  zeros: Handle;
  /** [steps of all batches, B, layers · H], when there is dropout. */
  masks?: Handle;
}

/** How the sums of squares of a gradient are laid out. */
export interface NormLayout {
  sums: number;
  parts: number;
  fewer: number;
}

/** Sums of squares: so many side by side, in so many rows, folded to so few before every invocation adds them up. */
export function normLayout({ spec }: GpuLayout): NormLayout {
  const sums = 4 * spec.lstm.hiddenSize;
  return { sums, parts: 8, fewer: Math.min(32, sums) };
}

interface LayerRun {
  /** [T · planes, B, H]: what the layer above, or the heads, see. */
  output: Handle;
  /** [2T, B, H], h and c. */
  history: Handle;
  projected: Handle;
}

/** Records the kernels of a model, in the order in which they run. */
export class GpuProgram {
  readonly #maker: KernelMaker;
  readonly #layout: GpuLayout;

  constructor(maker: KernelMaker, layout: GpuLayout) {
    this.#maker = maker;
    this.#layout = layout;
  }

  /**
   * The losses of each head for every step seen, summed over the batch, [seen, heads]; without dropout.
   * @param step the number of the batch among those in the inputs
   */
  evaluate(inputs: ProgramInputs, step: number): Handle {
    const runs = this.#forward(inputs, step);
    return this.#losses(inputs, runs.at(-1)!.output, step).losses;
  }

  /**
   * One training step on the batch number `step` of those in the inputs.
   * @returns the new packs; the losses as `evaluate` gives them; numbers that add up to the square of the gradient's norm
   */
  trainStep(inputs: TrainingInputs, step: number): { packs: Handle[]; losses: Handle; squares: Handle } {
    const runs = this.#forward(inputs, step, inputs.masks);
    const { losses, gradients } = this.#backward(inputs, runs, step);
    const squares = this.#squares(gradients, inputs.zeros);
    const { fewer } = normLayout(this.#layout);
    const packs = inputs.packs.map((pack, index) => {
      const { rows, columns } = this.#layout.layers[index] ?? this.#layout.heads;
      const adam = this.#maker.kernel(optimizer.clipAndAdam, [columns, rows, 3], { fewer });
      return adam(pack, gradients[index], squares, inputs.rates, step);
    });
    return { packs, losses, squares };
  }

  #forward({ packs, entries }: ProgramInputs, step: number, masks?: Handle): LayerRun[] {
    const { layers, shape } = this.#layout;
    const runs: LayerRun[] = [];
    for (const layer of layers) {
      const { T, B, H4 } = layer.constants;
      const below = runs.at(-1);
      const projected = below
        ? this.#maker.kernel(forwards.projectBelow, [H4, B, T], layer.constants)(packs[layer.index], below.output)
        : this.#maker.kernel(forwards.projectInput, [H4, B, T], layer.constants)(packs[0], entries, step * T);
      const history = this.#runSteps(layer, packs[layer.index], projected);
      const output = masks
        ? this.#drop(history, masks, step * shape.steps, layer.index, { steps: T, planes: 2 })
        : history;
      runs.push({ projected, history, output });
    }
    return runs;
  }

  /** All steps of a layer, each from the one before: [2T, B, H]. */
  #runSteps(layer: LayerLayout, pack: Handle, projected: Handle): Handle {
    const { T, B, H } = layer.constants;
    const { slots } = this.#layout;
    const start = this.#maker.kernel(forwards.startCell, [H, B, 2 * slots], layer.constants);
    const step = this.#maker.kernel(forwards.stepCell, [H, B, 2 * slots], layer.constants);
    let block = start(projected);
    const full: Handle[] = [];
    for (let t = 0; t < T; t++) {
      if (t > 0) block = step(pack, projected, block, t, t % slots, (t - 1) % slots);
      if (t % slots === slots - 1 || t === T - 1) full.push(block);
    }
    return this.#joinBlocks(full, slots, layer);
  }

  #joinBlocks(blocks: Handle[], each: number, layer: LayerLayout): Handle {
    const { T, B, H } = layer.constants;
    while (blocks.length > 1) {
      const joined: Handle[] = [];
      for (let from = 0; from < blocks.length; from += JOINED) {
        const group = blocks.slice(from, from + JOINED);
        const length = Math.min(JOINED * each, T - from * each);
        while (group.length < JOINED) group.push(group.at(-1)!);
        joined.push(this.#maker.kernel(forwards.join, [H, B, 2 * length], { each: 2 * each })(...group));
      }
      blocks = joined;
      each *= JOINED;
    }
    return blocks[0];
  }

  #drop(values: Handle, masks: Handle, at: number, layer: number, of: { steps: number; planes: number }): Handle {
    const { H, B } = this.#layout.layers[0].constants;
    return this.#maker.kernel(forwards.dropout, [H, B, of.steps], { planes: of.planes })(values, masks, at, layer * H);
  }

  #losses({ packs, targets, heads }: ProgramInputs, hidden: Handle, step: number) {
    const { constants } = this.#layout.heads;
    const { B, Q, seen, heads: count } = constants;
    const outputs = this.#maker.kernel(headKernels.headOutputs, [Q, B, seen], constants)(packs.at(-1)!, hidden);
    const row = this.#maker.kernel(headKernels.rowLosses, [2 * count, B, seen], constants);
    const rows = row(outputs, targets, heads, step * seen);
    const losses = this.#maker.kernel(headKernels.stepLosses, [count, seen], constants)(rows);
    return { outputs, rows, losses };
  }

  #backward(inputs: TrainingInputs, runs: LayerRun[], step: number): { losses: Handle; gradients: Handle[] } {
    const { layers, heads, seen, shape } = this.#layout;
    const { Q, H, B } = heads.constants;
    const at = step * shape.steps;
    const hidden = runs.at(-1)!.output;
    const { outputs, rows, losses } = this.#losses(inputs, hidden, step);
    const slope = this.#maker.kernel(headKernels.outputGradients, [Q, B, seen], heads.constants);
    const dOutputs = slope(outputs, rows, inputs.targets, inputs.heads, inputs.columns, step * seen);
    const gradients: Handle[] = Array<Handle>(layers.length + 1);
    gradients[layers.length] = this.#maker.kernel(
      headKernels.headGradients,
      [Q, H + 1],
      heads.constants,
    )(hidden, dOutputs);
    const hiddenGradients = this.#maker.kernel(headKernels.hiddenGradients, [H, B, seen], heads.constants);
    let above = hiddenGradients(inputs.packs.at(-1)!, dOutputs);
    if (inputs.masks)
      above = this.#drop(above, inputs.masks, at + heads.constants.first, layers.length - 1, {
        steps: seen,
        planes: 1,
      });
    let firstAbove = heads.constants.first;
    for (const layer of layers.toReversed()) {
      const { index } = layer;
      const { gradient, below } = this.#layerBackward(layer, inputs, runs, above, firstAbove, at);
      gradients[index] = gradient;
      if (!below) continue;
      above = inputs.masks ? this.#drop(below, inputs.masks, at, index - 1, { steps: shape.steps, planes: 1 }) : below;
      firstAbove = 0;
    }
    return { losses, gradients };
  }

  #layerBackward(
    { index, rows, columns, constants }: LayerLayout,
    { packs, entries }: TrainingInputs,
    runs: LayerRun[],
    above: Handle,
    firstAbove: number,
    at: number,
  ): { gradient: Handle; below?: Handle } {
    const { T, B, H, H2, H4, recurrentRow } = constants;
    const maker = this.#maker;
    const { projected, history } = runs[index];
    const gates = maker.kernel(forwards.activateGates, [H4, B, T], constants)(packs[index], projected, history);
    const slopes = maker.kernel(backwards.gateSlopes, [H, B, 6 * T], constants)(gates, history);
    // The lowest layer has nobody underneath who would want its gradient.
    const firstRow = index === 0 ? recurrentRow : 0;
    const transposed = maker.kernel(backwards.transpose, [index === 0 ? H : H2, H4], { firstRow })(packs[index]);
    const recurrentColumn = recurrentRow - firstRow;
    const back = this.#runBack({ ...constants, firstAbove, recurrentColumn }, { transposed, slopes, above }, index);
    const dz = maker.kernel(backwards.gateGradients, [H4, B, T], constants)(slopes, back);
    if (index === 0) {
      const gradient = maker.kernel(weights.inputLayerGradient, [columns, rows], constants);
      return { gradient: gradient(entries, history, dz, at) };
    }
    const gradient = maker.kernel(weights.upperLayerGradient, [columns, rows], constants);
    const below = maker.kernel(backwards.belowGradient, [H, B, T], constants);
    return { gradient: gradient(runs[index - 1].output, history, dz), below: below(transposed, dz) };
  }

  /** All steps of a layer backwards: [2T, B, H], the last step first. */
  #runBack(
    constants: Record<string, number>,
    { transposed, slopes, above }: { transposed: Handle; slopes: Handle; above: Handle },
    index: number,
  ): Handle {
    const { T, B, H } = constants;
    const { slots, layers } = this.#layout;
    const start = this.#maker.kernel(backwards.startBack, [H, B, 2 * slots], constants);
    const step = this.#maker.kernel(backwards.stepBack, [H, B, 2 * slots], constants);
    let block = start(above);
    const full: Handle[] = [];
    for (let r = 0; r < T; r++) {
      if (r > 0) block = step(transposed, slopes, above, block, T - 1 - r, r % slots, (r - 1) % slots);
      if (r % slots === slots - 1 || r === T - 1) full.push(block);
    }
    return this.#joinBlocks(full, slots, layers[index]);
  }

  #squares(gradients: Handle[], zeros: Handle): Handle {
    const { sums, parts, fewer } = normLayout(this.#layout);
    let many = zeros;
    gradients.forEach((gradient, index) => {
      const { rows, columns } = this.#layout.layers[index] ?? this.#layout.heads;
      const each = { columnsEach: Math.ceil(columns / sums), rowsEach: Math.ceil(rows / parts) };
      const constants = { rows, columns, sums, parts, ...each };
      many = this.#maker.kernel(optimizer.sumSquares, [sums, parts], constants)(gradient, many);
    });
    const constants = { sums, parts, fewer, each: Math.ceil(sums / fewer) };
    return this.#maker.kernel(optimizer.foldSums, [fewer], constants)(many);
  }
}
