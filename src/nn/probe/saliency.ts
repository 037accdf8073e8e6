import { UsageError } from '../../errors.ts';
import type { Kernels, Tensor } from '../../tensor/index.ts';
import type { NamedArrays } from '../parameters.ts';
import type { ModelSpec } from '../spec.ts';
import { BackwardPass } from './backward-pass.ts';
import { outputRow } from './gradient-through-time.ts';
import { InputAttribution, inputNames } from './input-attribution.ts';
import { ProbedModel } from './model.ts';
import { classOf, headNumber, resolvePrediction, valueGradient, valueOf, type Prediction } from './prediction.ts';
import { HeadProbe } from './head-probe.ts';
import type { Recording } from './recorded.ts';
import { readingOf } from './recording.ts';
import type { CellRows } from './cells/probe-cell.ts';
import { loadTrace, traceRows } from './trace.ts';

/** What every input of the steps before a prediction contributed to it. */
export interface Attribution {
  /** The class whose log-probability was attributed; 0 for a scalar head. */
  class: number;
  /** The log-probability or the value. */
  value: number;
  /** The names of the inputs, categories before features. */
  inputs: string[];
  /** How many steps back it looks, the step of the prediction included. */
  window: number;
  /** `[window * inputs]`: lag 0 is the step of the prediction, lag 1 the one before. Positive raises the value. */
  attributions: Float64Array;
}

/** The saliency of all predictions of a recording's steps. */
export interface SongSaliency {
  inputs: string[];
  window: number;
  /** The first step and how many. */
  first: number;
  steps: number;
  heads: HeadSaliency[];
}

/** The predictions of one head. */
export interface HeadSaliency {
  name: string;
  /** The class attributed at each step (0 for a scalar head), -1 where what came next is not known: all zeros there. */
  classes: Int32Array;
  /** The log-probability or value at each step, NaN where what came next is not known. */
  values: Float64Array;
  /** `[steps * window * inputs]`: row t, lag, input. Zero before the recording's first step. */
  attributions: Float32Array;
  /**
   * The mean norms of the gradient of a prediction in the states `lag` steps before it, for each layer: how far back the
   * network looks; `dc` where the cell has a state beside its output. Means are over the predictions whose past reaches that far; NaN where there are none.
   */
  gradient: { dh: Float64Array; dc?: Float64Array }[];
}

/** How the saliency of one prediction is computed. */
export interface SaliencyOptions {
  /** The fastest unless given. */
  kernels?: Kernels;
  /** How many steps to look back at most, the step of the prediction included; 32 unless given. */
  window?: number;
}

/** How the saliency of all predictions of a recording is computed. */
export interface SongSaliencyOptions extends SaliencyOptions {
  /** Names of heads; all unless given. */
  heads?: readonly string[];
  /** The steps whose predictions are attributed, from and up to, not including; all unless given. */
  steps?: readonly [from: number, to: number];
  /** Which class of categorical heads: what came `next` (unless given), or the `likeliest`. */
  class?: 'next' | 'likeliest';
}

/** How many predictions go back together: enough that a product is worth its packing, few enough for the second cache. */
const BLOCK = 256;
const WINDOW = 32;

/**
 * Gradient x input (Shrikumar et al. 2016) of every prediction of a song at once: what each of the last `window` notes, and
 * each input of it, did to what the network said. The state before the window is taken as it was.
 *
 * Predictions go back in blocks: at lag l prediction t looks at step t - l, so that a block of predictions needs
 * consecutive rows of the recording, whatever the lag, and no forward pass.
 *
 * A gate that is wide open or tightly shut passes no gradient, however much depended on its opening: there integrated
 * gradients see what this does not.
 *
 * @example
 * const recording = recordSequence(spec, parameters, song);
 * const { heads, inputs, window } = songSaliency(spec, parameters, recording, { window: 48 });
 * const at = (t, lag, input) => heads[0].attributions[(t * window + lag) * inputs.length + input];
 * console.log('the note before the last, its first input, for step 100:', at(100, 1, 0));
 *
 * @throws UsageError when a head, the steps or the window make no sense
 */
export function songSaliency(
  spec: ModelSpec,
  parameters: NamedArrays,
  recording: Recording,
  options: SongSaliencyOptions = {},
): SongSaliency {
  return new SaliencyProbe(new ProbedModel(spec, parameters, options.kernels), recording, options.window).song(options);
}

/**
 * Gradient x input of one prediction.
 *
 * @example
 * const { attributions, inputs } = saliency(spec, parameters, recording, { head: 'pitch', step: 99, class: 64 });
 * console.log('the note just heard:', inputs.map((name, k) => `${name} ${attributions[k].toFixed(3)}`).join(', '));
 *
 * @throws UsageError when the head, the step, the class or the window make no sense
 */
export function saliency(
  spec: ModelSpec,
  parameters: NamedArrays,
  recording: Recording,
  prediction: Prediction,
  { kernels, window }: SaliencyOptions = {},
): Attribution {
  return new SaliencyProbe(new ProbedModel(spec, parameters, kernels), recording, window).prediction(prediction);
}

/** Saliency of one recording, for who asks again and again: its buffers are laid out once. */
export class SaliencyProbe {
  readonly window: number;
  readonly #model: ProbedModel;
  readonly #recording: Recording;
  readonly #trace: CellRows[];
  readonly #inputs: InputAttribution;
  readonly #pass: BackwardPass;
  readonly #heads: HeadProbe[];
  readonly #dOuts: Tensor[];

  /** @throws UsageError when the window is no whole number above 0 */
  constructor(model: ProbedModel, recording: Recording, window = WINDOW) {
    assertWindow(window);
    const rows = Math.min(BLOCK, recording.steps);
    this.#model = model;
    this.#recording = recording;
    this.window = Math.min(window, recording.steps);
    this.#trace = loadTrace(model, recording);
    this.#inputs = new InputAttribution(model, recording, rows);
    this.#pass = new BackwardPass(model, rows);
    this.#heads = recording.heads.map((_, head) => new HeadProbe(model, head, rows));
    this.#dOuts = recording.heads.map(({ size }) => model.kernels.arena.tensor([rows, size]));
  }

  /** See `saliency`. */
  prediction(prediction: Prediction): Attribution {
    const { spec } = this.#model;
    const { head, step, class: chosen } = resolvePrediction(spec, this.#recording, prediction);
    const window = Math.min(this.window, step + 1);
    const inputs = inputNames(spec);
    const attributions = new Float64Array(this.window * inputs.length);
    this.#block(head, step, Int32Array.of(chosen), (lag, _, dInput) => {
      this.#inputs.write(dInput, step - lag, { to: attributions, at: lag * inputs.length, stride: 0 });
    });
    const value = valueOf(spec.heads[head], outputRow(this.#recording, head, step), chosen);
    return { class: chosen, value, inputs, window, attributions: attributions.slice(0, window * inputs.length) };
  }

  /** See `songSaliency`. */
  song(options: Omit<SongSaliencyOptions, 'kernels' | 'window'> = {}): SongSaliency {
    const { spec } = this.#model;
    const { steps: all } = this.#recording;
    const [from, to] = options.steps ?? [0, all];
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= all)) {
      throw new UsageError(`saliency: expected steps from 0 up to ${all}, at least one, got ${from} to ${to}.`);
    }
    const names = options.heads ?? spec.heads.map(({ name }) => name);
    const heads = names.map((name) => this.#head(headNumber(spec, name), from, to, options.class ?? 'next'));
    return { inputs: inputNames(spec), window: this.window, first: from, steps: to - from, heads };
  }

  #head(head: number, from: number, to: number, choice: 'next' | 'likeliest'): HeadSaliency {
    const { spec } = this.#model;
    const [window, width] = [this.window, inputNames(spec).length];
    const classes = new Int32Array(to - from);
    const values = new Float64Array(to - from);
    for (let t = from; t < to; t++) {
      const chosen = classOf(spec, this.#recording, head, t, choice);
      classes[t - from] = chosen ?? -1;
      values[t - from] =
        chosen === undefined ? NaN : valueOf(spec.heads[head], outputRow(this.#recording, head, t), chosen);
    }
    const attributions = new Float32Array((to - from) * window * width);
    const norms = new LagNorms(this.#model, window);
    for (let start = from; start < to; start += this.#pass.rows) {
      const block = classes.subarray(start - from, Math.min(start + this.#pass.rows, to) - from);
      const write = (lag: number, skip: number, dInput: Tensor): void => {
        const at = ((start - from + skip) * window + lag) * width;
        this.#inputs.write(dInput, start + skip - lag, { to: attributions, at, stride: window * width });
      };
      this.#block(head, start, block, write, norms);
    }
    return { name: spec.heads[head].name, classes, values, attributions, gradient: norms.means() };
  }

  /**
   * Takes the predictions of one head at consecutive steps back through the window.
   *
   * @param visit gets, for each lag, how many rows are left out at the beginning because their past does not reach so far,
   *   and dL/d(input) of the first layer for the others
   */
  #block(
    head: number,
    start: number,
    classes: Int32Array,
    visit: (lag: number, skip: number, dInput: Tensor) => void,
    norms?: LagNorms,
  ): void {
    const { heads } = this.#model;
    const rows = classes.length;
    const pass = this.#pass;
    const dOut = this.#dOuts[head].slice(0, rows);
    const { data, columns } = dOut;
    classes.forEach((chosen, row) => {
      const to = data.subarray(row * columns, (row + 1) * columns);
      if (chosen < 0) to.fill(0);
      else valueGradient(to, heads[head].spec, outputRow(this.#recording, head, start + row), chosen);
    });
    pass.reset();
    const reading = readingOf(this.#model, this.#recording, head, start, start + rows);
    this.#heads[head].backward(pass.top.slice(0, rows), dOut, reading);
    for (let lag = 0; lag < this.window; lag++) {
      const skip = Math.max(0, lag - start);
      if (skip >= rows) return;
      const cells = traceRows(this.#trace, start + skip - lag, start + rows - lag);
      pass.step(cells, norms?.observer(lag, classes.subarray(skip)), skip, rows);
      visit(lag, skip, pass.bottom.slice(skip, rows));
    }
  }
}

/** @throws UsageError unless the window is a whole number above 0 */
export function assertWindow(window: number): void {
  if (!(Number.isInteger(window) && window > 0)) {
    throw new UsageError(`window: expected a whole number of steps above 0, got ${window}.`);
  }
}

/** Adds up the norms of gradients by lag and layer. */
class LagNorms {
  readonly #model: ProbedModel;
  readonly #sums: HeadSaliency['gradient'];
  readonly #counts: Float64Array;

  constructor(model: ProbedModel, window: number) {
    const zeros = (): Float64Array => new Float64Array(window);
    this.#model = model;
    this.#sums = model.layers.map(({ cell }) => ({ dh: zeros(), ...(cell.cellGradient && { dc: zeros() }) }));
    this.#counts = zeros();
  }

  /** Observes the rows whose class is known. */
  observer(lag: number, classes: Int32Array): Parameters<BackwardPass['step']>[1] {
    classes.forEach((chosen) => (this.#counts[lag] += chosen < 0 ? 0 : 1));
    return (layer, gradients, rows) => {
      const { cell } = this.#model.layers[layer];
      const { dh, dc } = this.#sums[layer];
      const ofCell = new Float64Array(cell.size);
      const { data, columns } = gradients.dh;
      classes.forEach((chosen, row) => {
        if (chosen < 0) return;
        dh[lag] += lengthOf(data, row * columns, columns);
        if (!dc) return;
        cell.cellGradient!(ofCell, row, rows, gradients);
        dc[lag] += lengthOf(ofCell, 0, columns);
      });
    };
  }

  means(): HeadSaliency['gradient'] {
    const mean = (sums: Float64Array): Float64Array => sums.map((sum, lag) => sum / this.#counts[lag]);
    return this.#sums.map(({ dh, dc }) => ({ dh: mean(dh), ...(dc && { dc: mean(dc) }) }));
  }
}

function lengthOf(values: ArrayLike<number>, from: number, length: number): number {
  let sum = 0;
  for (let at = from; at < from + length; at++) sum += values[at] * values[at];
  return Math.sqrt(sum);
}
