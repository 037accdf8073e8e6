import { UsageError } from '../../errors.ts';
import type { Floats, Kernels } from '../../tensor/index.ts';
import type { Weights } from '../fold-embeddings.ts';
import type { ModelSpec } from '../spec.ts';
import { BackwardPass } from './backward-pass.ts';
import { ProbedModel } from './model.ts';
import { assertStep, headNumber, lossGradient, resolvePrediction, valueGradient, valueOf, type Prediction } from './prediction.ts'; // prettier-ignore
import { HeadProbe } from './head-probe.ts';
import type { Recording } from './recorded.ts';
import { newFloats, readingOf } from './recording.ts';
import { loadTrace, traceRows } from './trace.ts';

/** The loss of some steps of a recording. */
export interface ChosenLoss {
  /** A step, the `last` that is judged (of which it is known what came next), or the mean over `all` that are, as training has it. */
  loss: number | 'last' | 'all';
  /** One head's loss, unweighted; unless given the sum of all, each with its weight. */
  head?: string;
}

/** How a loss or a prediction depends on the states of one layer. Row t of every array is step t. */
export interface LayerGradient {
  /** The norm of dL/dh over all units, [steps]. */
  dh: Float64Array;
  /** The norm of dL/dc, [steps], where the cell has a state beside its output. */
  dc?: Float64Array;
  /** The gradients themselves, [steps * size], when they were asked for. */
  units?: { dh: Floats; dc?: Floats };
}

/** The gradient through time: dL/dh, and where there is a cell dL/dc, in full, through everything that happens at the step and after. */
export interface GradientThroughTime {
  steps: number;
  /** What was differentiated: the loss, the log-probability or the value. */
  value: number;
  layers: LayerGradient[];
}

/** Which part of a recording is looked at, and what is kept of it. */
export interface GradientThroughTimeOptions {
  /** The fastest unless given. */
  kernels?: Kernels;
  /** Whether to keep the gradient of every unit, not only norms. */
  units?: boolean;
  /**
   * Where to begin and where to end, from and up to, not including; the whole recording unless given. Losses of later steps
   * are left out, though the mean stays that over all; the norms of steps outside are 0.
   */
  steps?: readonly [from: number, to: number];
}

/**
 * How much a loss, or one prediction, depends on what each layer held at every step before: where the norms fall to nothing
 * going back, the gradient vanishes (Hochreiter 1991), and training cannot see so far.
 *
 * @example
 * const recording = recordSequence(spec, parameters, sequence);
 * const { layers } = gradientThroughTime(spec, parameters, recording, { loss: 'last' });
 * console.log('32 steps back:', layers[0].dh[recording.steps - 2 - 32] / layers[0].dh[recording.steps - 2]);
 *
 * @param of a loss, or a prediction (whose gradient says what would raise it)
 * @throws UsageError when the step, the head or the class does not exist, or what came next is not known
 */
export function gradientThroughTime(
  spec: ModelSpec,
  parameters: Weights['parameters'],
  recording: Recording,
  of: ChosenLoss | Prediction,
  { kernels, units = false, steps: [from, to] = [0, recording.steps] }: GradientThroughTimeOptions = {},
): GradientThroughTime {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= recording.steps)) {
    throw new UsageError(
      `gradient: expected steps from 0 up to ${recording.steps}, at least one, got ${from} to ${to}.`,
    );
  }
  const model = new ProbedModel(spec, parameters, kernels);
  const seeds = 'loss' in of ? new LossSeeds(spec, recording, of) : new PredictionSeed(spec, recording, of);
  const trace = loadTrace(model, recording);
  const pass = new BackwardPass(model, 1);
  const dOuts = recording.heads.map(({ size }) => model.kernels.arena.tensor([1, size]));
  const heads = recording.heads.map((_, head) => new HeadProbe(model, head, 1));
  const { precision } = model.kernels.arena;
  const { steps } = recording;
  const layers = recording.layers.map(({ size, c }): LayerGradient => {
    const parts = <T>(make: () => T): { dh: T; dc?: T } => ({ dh: make(), ...(c && { dc: make() }) });
    const norms = parts(() => new Float64Array(steps));
    return units ? { ...norms, units: parts(() => newFloats(precision, steps * size)) } : norms;
  });
  for (let t = to - 1; t >= from; t--) {
    heads.forEach((probe, head) => {
      if (!seeds.write(dOuts[head].data, head, t)) return;
      probe.backward(pass.top, dOuts[head], readingOf(model, recording, head, t, t + 1));
    });
    pass.step(traceRows(trace, t, t + 1), (index, gradients, at) => {
      const { dh, dc, units: all } = layers[index];
      const { cell } = model.layers[index];
      dh[t] = norm(gradients.dh.data);
      all?.dh.set(gradients.dh.data, t * cell.size);
      if (!dc) return;
      const ofCell = new Float64Array(cell.size);
      cell.cellGradient!(ofCell, 0, at, gradients);
      dc[t] = norm(ofCell);
      all?.dc?.set(ofCell, t * cell.size);
    });
  }
  return { steps, value: seeds.value, layers };
}

/** The Euclidean length. */
export function norm(values: Floats): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

/** What enters the way back at each step. */
interface Seeds {
  readonly value: number;
  /** Writes dL/d(out) of a head at a step, if it has any, and says whether it has. */
  write(dOut: Floats, head: number, step: number): boolean;
}

class PredictionSeed implements Seeds {
  readonly value: number;
  readonly #write: Seeds['write'];

  constructor(spec: ModelSpec, recording: Recording, prediction: Prediction) {
    const { head, step, class: chosen } = resolvePrediction(spec, recording, prediction);
    const out = outputRow(recording, head, step);
    this.value = valueOf(spec.heads[head], out, chosen);
    this.#write = (dOut, at, t) => {
      if (at !== head || t !== step) return false;
      valueGradient(dOut, spec.heads[head], out, chosen);
      return true;
    };
  }

  write(dOut: Floats, head: number, step: number): boolean {
    return this.#write(dOut, head, step);
  }
}

class LossSeeds implements Seeds {
  value = 0;
  readonly #spec: ModelSpec;
  readonly #recording: Recording;
  readonly #weights: number[];
  readonly #from: number;
  readonly #to: number;

  constructor(spec: ModelSpec, recording: Recording, { loss, head }: ChosenLoss) {
    const { targets } = recording.sequence;
    if (!targets) throw new UsageError('The loss is not known: the sequence was recorded without targets.');
    // Every head has a target at each position; the last position's says nothing about a step after it.
    const judged = targets[spec.heads[0].name].length - 1;
    if (typeof loss === 'number') assertStep(recording, loss);
    if (judged < 1 || (typeof loss === 'number' && loss >= judged)) {
      throw new UsageError(`The loss is not known: the recording knows what came next after ${judged} steps only.`);
    }
    this.#spec = spec;
    this.#recording = recording;
    this.#from = loss === 'all' ? 0 : loss === 'last' ? judged - 1 : loss;
    this.#to = loss === 'all' ? judged : this.#from + 1;
    const only = head === undefined ? undefined : headNumber(spec, head);
    this.#weights = spec.heads.map(({ lossWeight }, at) => (only === undefined ? lossWeight : at === only ? 1 : 0));
  }

  write(dOut: Floats, head: number, step: number): boolean {
    if (step < this.#from || step >= this.#to || this.#weights[head] === 0) return false;
    const scale = this.#weights[head] / (this.#to - this.#from);
    const target = this.#recording.sequence.targets![this.#spec.heads[head].name][step + 1];
    const out = outputRow(this.#recording, head, step);
    this.value += scale * lossGradient(dOut, this.#spec.heads[head], out, target, scale);
    return true;
  }
}

/** What a head said after a step. */
export function outputRow({ heads }: Recording, head: number, step: number): Floats {
  const { out, size } = heads[head];
  return out.subarray(step * size, (step + 1) * size);
}
