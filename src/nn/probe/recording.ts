import { UsageError } from '../../errors.ts';
import { ShapeError, type Floats, type Kernels, type Precision } from '../../tensor/index.ts';
import { CELLS, gatesOf, quantitiesOf, type CellKind } from '../cells/kinds.ts';
import type { NamedArrays } from '../parameters.ts';
import { assertSequence } from '../input-checks.ts';
import { cellOf, headSize, layerWidth, layerWidths, type ModelSpec } from '../spec.ts';
import type { Ablation } from './ablation.ts';
import type { HeadReading } from './head-probe.ts';
import { lossOfNext, softmax } from './next.ts';
import { ProbedModel } from './model.ts';
import {
  preActivations,
  type ProbedSequence,
  type LayerRecording,
  type HeadRecording,
  type NetworkState,
  type Recording,
} from './recorded.ts';
import { RecordingStepper } from './recording-stepper.ts';

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
 * console.log('forget gate of unit 5 at step 2:', layers[0].gates.f[2 * layers[0].size + unit]);
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
  const floats = (width: number): Floats => newFloats(precision, steps * width);
  return {
    layers: Array.from({ length: spec.lstm.layers }, (_, layer) => {
      return emptyLayer(cellOf(spec), layerWidth(spec, layer), floats);
    }),
    heads: spec.heads.map((head): HeadRecording => {
      const size = headSize(head);
      const { name, kind } = head;
      const common = { name, kind, size, out: floats(size), nextLoss: floats(1).fill(NaN) };
      if (kind !== 'categorical') return common;
      return {
        ...common,
        taken: new Int32Array(steps),
        probabilities: floats(size),
        nextProbability: floats(1).fill(NaN),
      };
    }),
  };
}

function emptyLayer(cell: CellKind, size: number, floats: (width: number) => Floats): LayerRecording {
  const each = (names: readonly string[]): Record<string, Floats> =>
    Object.fromEntries(names.map((name) => [name, floats(size)]));
  const squashed = CELLS[cell].states.includes('c') && { c: floats(size), tanhC: floats(size) };
  return { size, cell, z: each(preActivations(cell)), gates: each(gatesOf(cell)), ...squashed, h: floats(size) };
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
  const cell = cellOf(spec);
  const each = preActivations(cell).length + quantitiesOf(cell).length;
  const units = layerWidths(spec).reduce((a, b) => a + b);
  const heads = spec.heads.reduce((sum, head) => sum + 2 * headSize(head) + 2, 0);
  const bytes = steps * (units * each + heads) * (precision === 'float32' ? 4 : 8);
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
