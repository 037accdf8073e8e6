import { UsageError } from '../../errors.ts';
import type { Floats, Kernels, Tensor } from '../../tensor/index.ts';
import type { NamedArrays } from '../parameters.ts';
import type { ModelSpec } from '../spec.ts';
import { BackwardPass } from './backward-pass.ts';
import { sliceRows, type CellSequence } from './cells/probe-cell.ts';
import { HeadProbe, type HeadReading } from './head-probe.ts';
import { InputAttribution, inputNames } from './input-attribution.ts';
import { ProbedModel } from './model.ts';
import { resolvePrediction, valueGradient, valueOf, type Prediction, type ResolvedPrediction } from './prediction.ts';
import { denseAtZero, gaussLegendre } from './quadrature.ts';
import type { Recording } from './recorded.ts';
import { assertWindow, type Attribution } from './saliency.ts';

/** Integrated gradients of one prediction, with the proof that they add up. */
export interface IntegratedAttribution extends Attribution {
  /** What the network would say had nothing come in within the window: all features zero, all one-hot vectors zero. */
  baseline: number;
  /**
   * How far the sum of the attributions is from `value - baseline`, which it would equal if the integral were exact, as a part
   * of that difference (of a thousandth of all attributions' magnitudes where the difference is smaller than that).
   */
  completenessError: number;
  /** Points of the path at which the gradient was taken. */
  points: number;
}

/** The path from baseline to input, and how finely it is divided. */
export interface IntegratedGradientsOptions {
  /** The fastest unless given. */
  kernels?: Kernels;
  /** How many steps to look back at most, the step of the prediction included; 32 unless given. */
  window?: number;
  /** The path gets more points until the completeness error is below this; 0.01 unless given. */
  tolerance?: number;
  /** The most points; 510 unless given. What was reached by then is given back, with its error. */
  maximumPoints?: number;
}

/** How many points of a path run side by side; the path's two ends take two of the first. */
const ROWS = 32;

/**
 * Integrated gradients (Sundararajan, Taly and Yan 2017): inputs times the mean of their gradients along the straight line
 * from nothing to the inputs as they are, x_k ∫ dF(αx)/dx_k dα. The baseline is zero for every feature and the zero vector
 * for every one-hot input; the state before the window is taken as it was, at every point of the path. Unlike gradient x
 * input the attributions add up: to what the network says less what it would say had nothing come in.
 *
 * @example
 * const told = integratedGradients(spec, parameters, recording, { head: 'pitch', step: 99 });
 * const sum = told.attributions.reduce((a, b) => a + b, 0);
 * console.log(`${sum.toFixed(3)} of ${(told.value - told.baseline).toFixed(3)}, off by ${told.completenessError}`);
 *
 * @throws UsageError when the head, the step, the class or an option make no sense
 */
export function integratedGradients(
  spec: ModelSpec,
  parameters: NamedArrays,
  recording: Recording,
  prediction: Prediction,
  { kernels, window, ...options }: IntegratedGradientsOptions = {},
): IntegratedAttribution {
  const model = new ProbedModel(spec, parameters, kernels);
  return new IntegratedGradientsProbe(model, recording, window).prediction(prediction, options);
}

/** Integrated gradients of one recording, for who asks again and again: its buffers are laid out once. */
export class IntegratedGradientsProbe {
  readonly window: number;
  readonly #model: ProbedModel;
  readonly #recording: Recording;
  readonly #inputs: InputAttribution;
  readonly #pass: BackwardPass;
  /** Every layer on the paths, which are the sequences of a batch; of the last steps when the window is shorter. */
  readonly #layers: CellSequence[];
  /** What the inputs add to the first layer's pre-activations at each step, [T, K * H]. */
  readonly #projected: Tensor;
  /** The integral of dL/d(input) of the first layer at each step, [T, K * H]. */
  readonly #integral: Tensor;
  readonly #alphas: Tensor;
  readonly #weights: Tensor;
  readonly #heads: HeadProbe[];
  readonly #outs: Tensor[];
  readonly #dOuts: Tensor[];

  /** @throws UsageError when the window is no whole number above 0 */
  constructor(model: ProbedModel, recording: Recording, window = ROWS) {
    assertWindow(window);
    const { arena } = model.kernels;
    const T = Math.min(window, recording.steps);
    this.window = T;
    this.#model = model;
    this.#recording = recording;
    this.#inputs = new InputAttribution(model, recording, T);
    this.#pass = new BackwardPass(model, ROWS);
    this.#layers = model.layers.map(({ cell }) => cell.layoutSequence(T, ROWS));
    const { columns } = model.layers[0].denseKernel;
    this.#projected = arena.tensor([T, columns]);
    this.#integral = arena.tensor([T, columns]);
    this.#alphas = arena.tensor([ROWS, 1]);
    this.#weights = arena.tensor([1, ROWS]);
    this.#heads = recording.heads.map((_, head) => new HeadProbe(model, head, ROWS));
    this.#outs = recording.heads.map(({ size }) => arena.tensor([ROWS, size]));
    this.#dOuts = recording.heads.map(({ size }) => arena.tensor([ROWS, size]));
  }

  /** See `integratedGradients`. */
  prediction(
    prediction: Prediction,
    { tolerance = 0.01, maximumPoints = 510 }: Pick<IntegratedGradientsOptions, 'tolerance' | 'maximumPoints'> = {},
  ): IntegratedAttribution {
    const { spec } = this.#model;
    const resolved = resolvePrediction(spec, this.#recording, prediction);
    if (!(tolerance > 0)) throw new UsageError(`tolerance: expected a number above 0, got ${tolerance}.`);
    const window = Math.min(this.window, resolved.step + 1);
    const inputs = inputNames(spec);
    this.#project(resolved.step + 1 - window, window);
    let points = ROWS - 2;
    for (;;) {
      const [baseline, value] = this.#integrate(resolved, window, points);
      const attributions = new Float64Array(window * inputs.length);
      // Row 0 of the window is its oldest step, whose lag is the largest.
      const place = { to: attributions, at: (window - 1) * inputs.length, stride: -inputs.length };
      this.#inputs.write(this.#integral.slice(0, window), resolved.step + 1 - window, place);
      const completenessError = errorOf(attributions, value - baseline);
      const next = 2 * points + 2;
      if (completenessError < tolerance || next > maximumPoints) {
        const { class: chosen } = resolved;
        return { class: chosen, value, inputs, window, attributions, baseline, completenessError, points };
      }
      points = next;
    }
  }

  /** What the inputs of steps `start` on add to the pre-activations, without the bias. */
  #project(start: number, window: number): void {
    const { kernels, layers } = this.#model;
    const { tables, denseKernel } = layers[0];
    const { categories, features } = this.#recording.sequence;
    const { columns } = this.#projected;
    const to = this.#projected.data;
    kernels.fill(this.#projected, 0);
    const F = denseKernel.rows;
    for (let t = 0; t < window; t++) {
      const add = ({ data }: Tensor, row: number, factor: number): void => {
        for (let j = 0; j < columns; j++) to[t * columns + j] += factor * data[row * columns + j];
      };
      tables.forEach((table, k) => { add(table, categories[k][start + t], 1); }); // prettier-ignore
      for (let f = 0; f < F; f++) add(denseKernel, f, features[(start + t) * F + f]);
    }
  }

  /** Writes the integral of dL/d(input) by the rule of `points` points. @returns what is said at both ends of the path */
  #integrate(prediction: ResolvedPrediction, window: number, points: number): [baseline: number, value: number] {
    const { kernels } = this.#model;
    const even = gaussLegendre(points);
    // Normalised inputs are what they are at the end of the path almost from its beginning on.
    const rule = this.#model.layers[0].cell.kind === 'lstm-norm' ? denseAtZero(even, 4) : even;
    // The ends of the path run along, without a weight; rows that are left over are baselines.
    const alphas = [0, 1, ...rule.points];
    const weights = [0, 0, ...rule.weights];
    const ends: [number, number] = [NaN, NaN];
    kernels.fill(this.#integral, 0);
    for (let from = 0; from < alphas.length; from += ROWS) {
      for (let row = 0; row < ROWS; row++) {
        this.#alphas.data[row] = alphas[from + row] ?? 0;
        this.#weights.data[row] = weights[from + row] ?? 0;
      }
      this.#forward(prediction, window);
      if (from === 0) [ends[0], ends[1]] = [this.#value(prediction, 0), this.#value(prediction, 1)];
      this.#backward(prediction, window);
    }
    return ends;
  }

  #forward({ head, step }: ResolvedPrediction, window: number): void {
    const { kernels, layers } = this.#model;
    let below: Tensor | undefined;
    this.#layers.forEach((path, index) => {
      const { cell } = layers[index];
      const rows = sliceRows(path.rows, 0, window * ROWS);
      const states = path.states.map((state) => state.slice(0, window + 1));
      const { input } = rows;
      if (below) this.#model.project(index, input, below, []);
      else {
        kernels.bias(input, cell.inputBias);
        // αx·W at each step, for all α at once: the product of a column with a row.
        for (let t = 0; t < window; t++) {
          kernels.matmul(input.slice(t * ROWS, (t + 1) * ROWS), this.#alphas, this.#projected.slice(t, t + 1));
        }
      }
      this.#setState(index, step - window, states.map((state) => state.row(0))); // prettier-ignore
      cell.forwardSequence({ rows, states });
      below = rows.h;
    });
    this.#heads[head].forward(this.#outs[head], this.#reading(head, step, window));
  }

  /** What a head reads at the end of every path: the same classes on all of them. */
  #reading(head: number, step: number, window: number): HeadReading {
    const { heads } = this.#model;
    return {
      hidden: this.#layers[this.#layers.length - 1].states[0].row(window).data,
      classes: heads[head].reads.map((read) => new Int32Array(ROWS).fill(this.#recording.heads[read].taken![step])),
    };
  }

  /** The recorded state after step `step`, or before the first, in every row. */
  #setState(layer: number, step: number, [h, c]: readonly Tensor[]): void {
    const { layers, initialState } = this.#recording;
    const { size: H, h: allH, c: allC } = layers[layer];
    const at = (initial: Floats, recorded: Floats): Floats =>
      step < 0 ? initial : recorded.subarray(step * H, (step + 1) * H);
    const fromH = at(initialState.h[layer], allH);
    const fromC = allC && at(initialState.c![layer], allC);
    for (let row = 0; row < ROWS; row++) {
      h.data.set(fromH, row * H);
      if (fromC) c.data.set(fromC, row * H);
    }
  }

  #value({ head, class: chosen }: ResolvedPrediction, row: number): number {
    const { data, columns } = this.#outs[head];
    return valueOf(this.#model.spec.heads[head], data.subarray(row * columns, (row + 1) * columns), chosen);
  }

  #backward({ head, step, class: chosen }: ResolvedPrediction, window: number): void {
    const { kernels, heads } = this.#model;
    const pass = this.#pass;
    const [out, dOut] = [this.#outs[head], this.#dOuts[head]];
    for (let at = 0; at < out.size; at += out.columns) {
      const end = at + out.columns;
      valueGradient(dOut.data.subarray(at, end), heads[head].spec, out.data.subarray(at, end), chosen);
    }
    pass.reset();
    this.#heads[head].backward(pass.top, dOut, this.#reading(head, step, window));
    for (let t = window - 1; t >= 0; t--) {
      pass.step(this.#layers.map(({ rows }) => sliceRows(rows, t * ROWS, (t + 1) * ROWS)));
      kernels.matmul(this.#integral.slice(t, t + 1), this.#weights, pass.bottom);
    }
  }
}

function errorOf(attributions: Float64Array, difference: number): number {
  let [sum, magnitude] = [0, 0];
  for (const attribution of attributions) {
    sum += attribution;
    magnitude += Math.abs(attribution);
  }
  const off = Math.abs(sum - difference);
  return off === 0 ? 0 : off / Math.max(Math.abs(difference), magnitude / 1000);
}
