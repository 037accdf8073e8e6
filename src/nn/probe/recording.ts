import { UsageError } from '../../errors.ts';
import { ShapeError, type Floats, type Kernels, type Precision } from '../../tensor/index.ts';
import type { Sequence } from '../dataset.ts';
import { GATES } from '../lstm.ts';
import type { NamedArrays } from '../parameters.ts';
import { assertSequence } from '../input-checks.ts';
import { headSize, type HeadSpec, type ModelSpec } from '../spec.ts';
import type { Ablation, Gate } from './ablation.ts';
import type { HeadReading } from './head-probe.ts';
import { lossOfNext, softmax } from './next.ts';
import { ProbedModel } from './model.ts';
import { RecordingStepper } from './recording-stepper.ts';

/** A sequence to look at: what `Sequence` holds, targets if they are known. */
export type ProbedSequence = Omit<Sequence, 'targets'> & Partial<Pick<Sequence, 'targets'>>;

/** What one layer did over a sequence. Every array is [steps * size]: unit j at step t stands at t * size + j. */
export interface LayerRecording {
  /** The units, H. */
  size: number;
  /** The pre-activations, from which i, f, o follow by σ and g by tanh. An ablated gate's are what it would have followed. */
  z: Record<Gate, Floats>;
  /** Activations of the input, forget, candidate and output gates. */
  i: Floats;
  f: Floats;
  g: Floats;
  o: Floats;
  /** The cell state after the step, its tanh, and the output. */
  c: Floats;
  tanhC: Floats;
  h: Floats;
}

/** What one head said over a sequence. Row t is said after step t and judged by what stands at t + 1. */
export interface HeadRecording {
  name: string;
  kind: HeadSpec['kind'];
  size: number;
  /** Logits or predicted numbers, [steps * size]. */
  out: Floats;
  /**
   * The class of each step that heads which read this one have read, [steps]: what came next, or the likeliest where that is
   * not known; a categorical head's only.
   */
  taken?: Int32Array;
  /** The softmax of the logits; a categorical head's only. */
  probabilities?: Floats;
  /** The probability given to the class that came next, [steps]; a categorical head's only. NaN where none is known. */
  nextProbability?: Floats;
  /**
   * The loss of each prediction, [steps]: -log p in nats, or the squared error with its positive pressure. NaN where what
   * came next is not known: at a sequence's last step, or everywhere without targets.
   */
  nextLoss: Floats;
}

/** The state between two steps: h and c of every layer, [H] each. */
export interface NetworkState {
  h: Floats[];
  c: Floats[];
}

/** What a network did over a sequence, in one run with its state carried along, batch of one, without dropout. */
export interface Recording {
  /** The steps recorded, and the position in the sequence of the first. */
  steps: number;
  first: number;
  /** The inputs of the recorded steps; targets with one more row where the sequence has one. */
  sequence: ProbedSequence;
  layers: LayerRecording[];
  heads: HeadRecording[];
  /** The state before the first recorded step and after the last. */
  initialState: NetworkState;
  finalState: NetworkState;
  /** What was held while it ran. */
  ablation: readonly Ablation[];
  /** The kernels that ran, by name. */
  kernels: string;
}

/** How a sequence is recorded. */
export interface RecordingOptions {
  /** The fastest unless given. */
  kernels?: Kernels;
  /** Where the run starts; zeros unless given. */
  initialState?: NetworkState;
  /** What is held at a value as it runs. */
  ablation?: readonly Ablation[];
  /** The steps to keep, from and up to, not including; all unless given. Those before are run, those after are not. */
  range?: readonly [from: number, to: number];
  /** Refuses recordings that would take more than this; 1 GiB unless given. */
  maximumBytes?: number;
}

const MAXIMUM_BYTES = 2 ** 30;

/**
 * Runs a model over a whole sequence, one step after the other with its state carried along, and keeps everything: gates and
 * their pre-activations, cells, outputs, what the heads said, and how probable what came next was. With the same kernels
 * the outputs are those of `Stepper`, bit for bit. Arrays have the precision of the kernels.
 *
 * @example
 * const { layers, heads } = recordSequence(spec, parameters, { length: 3, categories: [[60, 62, 64]], features: [], targets: { pitch: [60, 62, 64] } });
 * const unit = 5;
 * console.log('forget gate of unit 5 at step 2:', layers[0].f[2 * layers[0].size + unit]);
 * console.log('surprise at the second note:', heads[0].nextLoss[0]);
 *
 * @throws ShapeError when the sequence or the parameters do not fit the architecture
 * @throws UsageError when the range is empty, an ablation makes no sense, or the recording would be too large
 * @throws InputError when a class does not exist, or a number is not finite
 */
export function recordSequence(
  spec: ModelSpec,
  parameters: NamedArrays,
  sequence: ProbedSequence,
  options: RecordingOptions = {},
): Recording {
  return recordModel(new ProbedModel(spec, parameters, options.kernels), sequence, options);
}

/** `recordSequence` for a model that is in place already. */
export function recordModel(
  model: ProbedModel,
  sequence: ProbedSequence,
  options: Omit<RecordingOptions, 'kernels'> = {},
): Recording {
  const { spec, kernels } = model;
  const { ablation = [], range = [0, sequence.length], maximumBytes = MAXIMUM_BYTES } = options;
  const [from, to] = range;
  assertRecordable(spec, sequence, from, to);
  assertSize(spec, to - from, kernels.arena.precision, maximumBytes);
  const stepper = new RecordingStepper(model, ablation, options.initialState);
  for (let t = 0; t < from; t++) stepper.step(sequence, t);
  const initialState = stepper.state();
  const recording = emptyRecording(spec, kernels.arena.precision, to - from);
  for (let t = from; t < to; t++) {
    stepper.step(sequence, t, recording.layers, t - from);
    recording.heads.forEach(({ out, size, taken }, head) => {
      out.set(stepper.output(head), (t - from) * size);
      if (taken) taken[t - from] = stepper.taken(head);
    });
  }
  judge(spec, recording.heads, sequence, from, to);
  const sliced = sliceSequence(spec, sequence, from, to);
  const run = { first: from, ablation, kernels: kernels.name, initialState, finalState: stepper.state() };
  return { steps: to - from, sequence: sliced, ...recording, ...run };
}

/** New numbers of a precision, all zero. */
export function newFloats(precision: Precision, length: number): Floats {
  return precision === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

function emptyRecording(spec: ModelSpec, precision: Precision, steps: number): Pick<Recording, 'layers' | 'heads'> {
  const H = spec.lstm.hiddenSize;
  const floats = (width: number): Floats => newFloats(precision, steps * width);
  const gates = (): Record<Gate, Floats> => ({ i: floats(H), f: floats(H), g: floats(H), o: floats(H) });
  const layer = (): LayerRecording => {
    return { size: H, z: gates(), ...gates(), c: floats(H), tanhC: floats(H), h: floats(H) };
  };
  return {
    layers: Array.from({ length: spec.lstm.layers }, layer),
    heads: spec.heads.map((head): HeadRecording => {
      const size = headSize(head);
      const { name, kind } = head;
      const common = { name, kind, size, out: floats(size), nextLoss: floats(1).fill(NaN) };
      if (kind === 'scalar') return common;
      return {
        ...common,
        taken: new Int32Array(steps),
        probabilities: floats(size),
        nextProbability: floats(1).fill(NaN),
      };
    }),
  };
}

/** Fills in probabilities and losses from the outputs. */
function judge(spec: ModelSpec, heads: HeadRecording[], sequence: ProbedSequence, from: number, to: number): void {
  heads.forEach(({ name, size, out, probabilities, nextProbability, nextLoss }, index) => {
    if (probabilities) softmax(probabilities, out, size);
    const targets = sequence.targets?.[name];
    if (!targets) return;
    for (let t = from; t < Math.min(to, sequence.length - 1); t++) {
      const at = t - from;
      nextLoss[at] = lossOfNext(spec.heads[index], out.subarray(at * size, (at + 1) * size), targets[t + 1]);
      if (nextProbability) nextProbability[at] = probabilities![at * size + targets[t + 1]];
    }
  });
}

function sliceSequence(spec: ModelSpec, sequence: ProbedSequence, from: number, to: number): ProbedSequence {
  const F = spec.inputs.features.length;
  const { categories, features, targets } = sequence;
  const copy = (source: ArrayLike<number>, start: number, end: number): Float64Array =>
    Float64Array.from({ length: end - start }, (_, at) => source[start + at]);
  const end = Math.min(to + 1, sequence.length);
  return {
    length: to - from,
    categories: categories.map((classes) => Int32Array.from(copy(classes, from, to))),
    features: copy(features, from * F, to * F),
    ...(targets && {
      targets: Object.fromEntries(Object.entries(targets).map(([name, values]) => [name, copy(values, from, end)])),
    }),
  };
}

function assertRecordable(spec: ModelSpec, sequence: ProbedSequence, from: number, to: number): void {
  const { length, categories } = sequence;
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= length)) {
    throw new UsageError(`recording: expected steps from 0 up to ${length}, at least one, got ${from} to ${to}.`);
  }
  const { inputs } = spec;
  if (categories.length !== inputs.categories.length) {
    throw new ShapeError(`recording: expected ${inputs.categories.length} categories, got ${categories.length}.`);
  }
  assertSequence(spec, sequence, 'the sequence');
}

function assertSize(spec: ModelSpec, steps: number, precision: Precision, maximumBytes: number): void {
  const { layers, hiddenSize } = spec.lstm;
  const heads = spec.heads.reduce((sum, head) => sum + 2 * headSize(head) + 2, 0);
  const bytes = steps * (layers * hiddenSize * (2 * GATES.length + 3) + heads) * (precision === 'float32' ? 4 : 8);
  if (bytes > maximumBytes) {
    const most = Math.floor((maximumBytes / bytes) * steps);
    throw new UsageError(
      `recording: ${steps} steps of this model take ${Math.ceil(bytes / 1e6)} MB, the limit is ` +
        `${Math.floor(maximumBytes / 1e6)} MB; record a range of at most ${most} steps.`,
    );
  }
}

/** What head number `head` of a model read at steps `from` up to, not including, `to` of a recording. */
export function readingOf(
  { heads: weights }: ProbedModel,
  recording: Recording,
  head: number,
  from: number,
  to: number,
): HeadReading {
  const top = recording.layers[recording.layers.length - 1];
  return {
    hidden: top.h.subarray(from * top.size, to * top.size),
    classes: weights[head].reads.map((read) => recording.heads[read].taken!.subarray(from, to)),
  };
}
