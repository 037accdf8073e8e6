import { UsageError } from '../../errors.ts';
import type { NoteEvent, NoteTable } from '../table.ts';
import { binOf, fitBins } from './bins.ts';
import type { BinTable } from './bins.ts';
import { PITCHES, clampSeconds, scaleLog, scalePitch, scaleVelocity, unscaleLog, unscaleVelocity } from './scale.ts';
import { parseCodecSpec } from './spec.ts';
import type { CodecSpec, TimeCoding } from './spec.ts';

/** What the network reads at each step: indices that it turns into one-hot vectors or embeddings, and numbers. */
export interface CodecInputs {
  categories: { name: string; size: number }[];
  /** Names of the numbers, in the order of the columns. */
  features: string[];
}

export type HeadName = 'pitch' | 'step' | 'duration' | 'velocity';

/** What the network predicts about the next note, one entry a head. */
export interface Head {
  name: HeadName;
  kind: 'categorical' | 'scalar';
  /** Classes; 1 for a scalar. */
  size: number;
  /** Whether a value below 0 is impossible, so that the loss presses against it (the tutorial's positive pressure). */
  positive: boolean;
}

/** A piece as numbers. The targets at t describe the note at t itself; windowing shifts them by one. */
export interface EncodedPiece {
  /** Notes. */
  length: number;
  /** One array of [length] indices for each of the codec's categorical inputs. */
  categories: Int32Array[];
  /** [length, F], row by row. */
  features: Float32Array;
  /** Per head [length]: classes (Int32Array) or scalars (Float32Array). */
  targets: Record<string, Int32Array | Float32Array>;
}

/** One value of each head: the class that was drawn, or the scalar that came out. */
export interface HeadValues {
  pitch: number;
  step: number;
  duration: number;
  velocity?: number;
}

export interface EncodeOptions {
  /** Feed the pitch back undivided, the defect of TensorFlow's tutorial, to show what it does; only with pitch `scalar`. */
  compat?: 'tutorial';
}

/** What is to be fitted: a spec without bins, and how many classes the columns coded as `bins` may have. */
export interface FitOptions extends Omit<CodecSpec, 'bins'> {
  /** @default 64 */
  stepBins?: number;
  /** @default 64 */
  durationBins?: number;
}

/** The velocity of notes from a codec that knows none, as in the tutorial. */
const DEFAULT_VELOCITY = 100;
const DEFAULT_BINS = 64;

/**
 * The one place where notes become numbers and numbers become notes. Training encodes whole pieces with it, generation
 * encodes and decodes note by note; both go through the same scalings, so they cannot disagree.
 */
export class Codec {
  readonly spec: CodecSpec;
  readonly inputs: CodecInputs;
  readonly heads: Head[];

  /** @throws UsageError when the spec has unknown keys or values, or lacks bins that it needs. */
  constructor(spec: CodecSpec) {
    this.spec = parseCodecSpec(spec);
    const { pitch, velocity } = this.spec;
    this.inputs = {
      categories: pitch === 'onehot' ? [{ name: 'pitch', size: PITCHES }] : [],
      features: [...(pitch === 'scalar' ? ['pitch'] : []), 'step', 'duration', ...(velocity ? ['velocity'] : [])],
    };
    this.heads = [
      { name: 'pitch', kind: 'categorical', size: PITCHES, positive: false },
      timeHead('step', this.spec.step, this.spec.bins?.step),
      timeHead('duration', this.spec.duration, this.spec.bins?.duration),
    ];
    if (velocity) this.heads.push({ name: 'velocity', kind: 'scalar', size: 1, positive: false });
  }

  /**
   * A codec whose bins, where it has any, are fitted on the given tables: pass the training pieces only.
   * @throws UsageError for unknown values; DataError when bins are wanted and the tables hold no notes.
   */
  static fit(tables: readonly NoteTable[], options: FitOptions): Codec {
    const { stepBins = DEFAULT_BINS, durationBins = DEFAULT_BINS, ...spec } = options;
    const bins: NonNullable<CodecSpec['bins']> = {};
    if (spec.step === 'bins') bins.step = fitBins(column(tables, 'step'), stepBins);
    if (spec.duration === 'bins') bins.duration = fitBins(column(tables, 'duration'), durationBins);
    return new Codec(Object.keys(bins).length > 0 ? { ...spec, bins } : spec);
  }

  /** Inputs and targets of every note of a piece; see {@link EncodedPiece} for the shapes. */
  encode(table: NoteTable): EncodedPiece {
    const { length } = table;
    const { categories, features } = this.inputs;
    const encoded: EncodedPiece = {
      length,
      categories: categories.map(() => new Int32Array(length)),
      features: new Float32Array(length * features.length),
      targets: {},
    };
    for (const { name, kind } of this.heads) {
      encoded.targets[name] = kind === 'categorical' ? new Int32Array(length) : new Float32Array(length);
    }
    for (let i = 0; i < length; i++) this.#encodeRow(table, i, encoded);
    return encoded;
  }

  /**
   * The network's inputs for one note, the same numbers as a row of `encode`: the indices into `categories`
   * [inputs.categories.length] and the numbers into `features` [inputs.features.length], from their beginnings; what
   * lies behind is left alone. Allocates nothing.
   * @throws UsageError when an array is too short, or `compat` is asked of a codec without scalar pitch.
   */
  encodeNote(note: NoteEvent, categories: Int32Array, features: Float32Array, options?: EncodeOptions): void {
    const tutorial = options?.compat === 'tutorial';
    if (tutorial) this.#refuseCompatWithoutScalarPitch();
    this.#checkRoom(categories, features);
    if (this.spec.pitch === 'onehot') categories[0] = note.pitch;
    this.#writeFeatures(note.pitch, note.step, note.duration, note.velocity, features, 0);
    if (tutorial) features[0] = note.pitch;
  }

  /**
   * A note from one value of each head. Pitch comes back exactly, velocity to the nearest that sounds (100 when the
   * codec has no velocity), raw and log times to the precision of float32 within 0 (log: 1 ms) .. 1 hour, bins as
   * their centres.
   * @throws UsageError when a class is not one of the head's, a scalar is not finite, or the velocity is missing.
   */
  decodeNote(values: HeadValues): NoteEvent {
    const { step, duration, velocity, bins } = this.spec;
    return {
      pitch: classOf(values.pitch, PITCHES, 'pitch'),
      step: decodeTime(values.step, step, bins?.step, 'step'),
      duration: decodeTime(values.duration, duration, bins?.duration, 'duration'),
      velocity: velocity ? unscaleVelocity(finite(values.velocity, 'velocity')) : DEFAULT_VELOCITY,
    };
  }

  #encodeRow(table: NoteTable, i: number, encoded: EncodedPiece): void {
    const pitch = table.pitch[i];
    const step = table.step[i];
    const duration = table.duration[i];
    const velocity = table.velocity[i];
    const { spec, inputs } = this;
    const { categories, features, targets } = encoded;
    if (spec.pitch === 'onehot') categories[0][i] = pitch;
    this.#writeFeatures(pitch, step, duration, velocity, features, i * inputs.features.length);
    targets.pitch[i] = pitch;
    targets.step[i] = timeTarget(step, spec.step, spec.bins?.step);
    targets.duration[i] = timeTarget(duration, spec.duration, spec.bins?.duration);
    if (spec.velocity) targets.velocity[i] = scaleVelocity(velocity);
  }

  /** Writes one row of features from index `at`, in the order of `inputs.features`. */
  #writeFeatures(p: number, step: number, duration: number, v: number, features: Float32Array, at: number): void {
    const { spec } = this;
    if (spec.pitch === 'scalar') features[at++] = scalePitch(p);
    features[at++] = spec.step === 'raw' ? step : scaleLog(step);
    features[at++] = spec.duration === 'raw' ? duration : scaleLog(duration);
    if (spec.velocity) features[at] = scaleVelocity(v);
  }

  #checkRoom(categories: Int32Array, features: Float32Array): void {
    const { inputs } = this;
    if (categories.length < inputs.categories.length || features.length < inputs.features.length) {
      throw new UsageError(
        `encodeNote: expected room for ${inputs.categories.length} categories and ${inputs.features.length} features ` +
          `(${inputs.features.join(', ')}), got ${categories.length} and ${features.length}.`,
      );
    }
  }

  #refuseCompatWithoutScalarPitch(): void {
    if (this.spec.pitch !== 'scalar') {
      throw new UsageError(
        `compat 'tutorial' feeds the undivided pitch back, which needs a model with pitch 'scalar'; this one has '${this.spec.pitch}'.`,
      );
    }
  }
}

function timeHead(name: 'step' | 'duration', coding: TimeCoding, bins: BinTable | undefined): Head {
  if (coding === 'bins') return { name, kind: 'categorical', size: bins!.centres.length, positive: false };
  return { name, kind: 'scalar', size: 1, positive: coding === 'raw' };
}

function timeTarget(seconds: number, coding: TimeCoding, bins: BinTable | undefined): number {
  if (coding === 'bins') return binOf(bins!, seconds);
  return coding === 'raw' ? seconds : scaleLog(seconds);
}

function decodeTime(value: number, coding: TimeCoding, bins: BinTable | undefined, head: HeadName): number {
  if (coding === 'bins') return bins!.centres[classOf(value, bins!.centres.length, head)];
  return coding === 'raw' ? clampSeconds(finite(value, head)) : unscaleLog(finite(value, head));
}

function classOf(value: number, size: number, head: HeadName): number {
  if (Number.isInteger(value) && value >= 0 && value < size) return value;
  throw new UsageError(`decodeNote: expected a class of the ${head} head, 0 to ${size - 1}, got ${value}.`);
}

function finite(value: number | undefined, head: HeadName): number {
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new UsageError(
    `decodeNote: expected a finite number from the ${head} head, got ${value}. ` +
      `NaN or infinity here means that the network's weights have diverged.`,
  );
}

function column(tables: readonly NoteTable[], name: 'step' | 'duration'): Float64Array {
  const values = new Float64Array(tables.reduce((sum, table) => sum + table.length, 0));
  let at = 0;
  for (const table of tables) {
    values.set(table[name].subarray(0, table.length), at);
    at += table.length;
  }
  return values;
}
