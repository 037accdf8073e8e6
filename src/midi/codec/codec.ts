import { UsageError } from '../../errors.ts';
import type { NoteEvent, NoteTable } from '../table.ts';
import { binOf, fitBins } from './bins.ts';
import type { BinTable } from './bins.ts';
import {
  clampSeconds,
  PITCHES,
  scaleLog,
  scalePitch,
  scaleVelocity,
  unscaleLog,
  unscaleVelocity,
  VELOCITY_CLASSES,
  velocityClass,
  velocityOfClass,
} from './scale.ts';
import { headNames, parseCodecSpec } from './spec.ts';
import type { CodecSpec, HeadName, TimeCoding } from './spec.ts';

/** What the network reads at each step: indices that it turns into one-hot vectors or embeddings, and numbers. */
export interface CodecInputs {
  categories: { name: string; size: number; width?: number }[];
  /** Names of the numbers, in the order of the columns. */
  features: string[];
}

export type { HeadName } from './spec.ts';

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

/** One number of a note as the network sees it. */
type Reading = (note: NoteEvent) => number;

const SEMITONES = 12;
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

  /** One for each of `inputs.categories`, `inputs.features` and `heads`. */
  readonly #categories: Reading[];
  readonly #features: Reading[];
  readonly #targets: Reading[];

  /** @throws UsageError when the spec has unknown keys or values, or lacks bins that it needs. */
  constructor(spec: CodecSpec) {
    this.spec = parseCodecSpec(spec);
    const heads = (this.spec.order ?? headNames(this.spec)).map((name) => headOf(name, this.spec));
    this.heads = heads.map(({ head }) => head);
    this.#targets = heads.map(({ target }) => target);
    const categories = categoriesOf(this.spec);
    const features = featuresOf(this.spec);
    this.inputs = {
      categories: categories.map(({ input }) => input),
      features: features.map(({ name }) => name),
    };
    this.#categories = categories.map(({ reading }) => reading);
    this.#features = features.map(({ reading }) => reading);
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
    const categories = this.#categories.map(() => new Int32Array(length));
    const features = new Float32Array(length * this.#features.length);
    const targets = this.heads.map(({ kind }) =>
      kind === 'categorical' ? new Int32Array(length) : new Float32Array(length),
    );
    const note: NoteEvent = { pitch: 0, step: 0, duration: 0, velocity: 0 };
    for (let i = 0, at = 0; i < length; i++) {
      note.pitch = table.pitch[i];
      note.step = table.step[i];
      note.duration = table.duration[i];
      note.velocity = table.velocity[i];
      for (let k = 0; k < categories.length; k++) categories[k][i] = this.#categories[k](note);
      for (const feature of this.#features) features[at++] = feature(note);
      for (let k = 0; k < targets.length; k++) targets[k][i] = this.#targets[k](note);
    }
    return {
      length,
      categories,
      features,
      targets: Object.fromEntries(this.heads.map(({ name }, k) => [name, targets[k]])),
    };
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
    for (let k = 0; k < this.#categories.length; k++) categories[k] = this.#categories[k](note);
    for (let k = 0; k < this.#features.length; k++) features[k] = this.#features[k](note);
    if (tutorial) features[0] = note.pitch;
  }

  /**
   * A note from one value of each head. Pitch comes back exactly, velocity to the nearest that sounds (as a class to the
   * middle of its four; 100 when the codec has no velocity), raw and log times to the precision of float32 within 0
   * (log: 1 ms) .. 1 hour, bins as their centres.
   * @throws UsageError when a class is not one of the head's, a scalar is not finite, or the velocity is missing.
   */
  decodeNote(values: HeadValues): NoteEvent {
    return {
      pitch: classOf(values.pitch, PITCHES, 'pitch'),
      step: this.secondsOf('step', values.step),
      duration: this.secondsOf('duration', values.duration),
      velocity: this.#decodeVelocity(values.velocity),
    };
  }

  /**
   * The seconds that a value of the step or duration head stands for.
   * @throws UsageError as `decodeNote` does
   */
  secondsOf(head: 'step' | 'duration', value: number): number {
    return decodeTime(value, this.spec[head], this.spec.bins?.[head], head);
  }

  /** What each head should have said of a note, in the order of the heads: written to `values`, [heads.length]. */
  valuesOf(note: NoteEvent, values: Float64Array): void {
    for (let k = 0; k < this.#targets.length; k++) values[k] = this.#targets[k](note);
  }

  #decodeVelocity(value: number | undefined): number {
    const { velocity } = this.spec;
    if (velocity === 'none') return DEFAULT_VELOCITY;
    if (velocity === 'number') return unscaleVelocity(finite(value, 'velocity'));
    return velocityOfClass(classOf(value, VELOCITY_CLASSES, 'velocity'));
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

/** A head, and what it should say of a note. */
function headOf(name: HeadName, { step, duration, velocity, bins }: CodecSpec): { head: Head; target: Reading } {
  if (name === 'pitch') return { head: categorical(name, PITCHES), target: (note) => note.pitch };
  if (name === 'step') return { head: timeHead(name, step, bins?.step), target: timeTarget(name, step, bins?.step) };
  if (name === 'duration') {
    return { head: timeHead(name, duration, bins?.duration), target: timeTarget(name, duration, bins?.duration) };
  }
  return velocity === 'classes'
    ? { head: categorical(name, VELOCITY_CLASSES), target: (note) => velocityClass(note.velocity) }
    : { head: { name, kind: 'scalar', size: 1, positive: false }, target: (note) => scaleVelocity(note.velocity) };
}

function categorical(name: HeadName, size: number): Head {
  return { name, kind: 'categorical', size, positive: false };
}

function timeHead(name: 'step' | 'duration', coding: TimeCoding, bins: BinTable | undefined): Head {
  if (coding === 'bins') return categorical(name, bins!.centres.length);
  return { name, kind: 'scalar', size: 1, positive: coding === 'raw' };
}

function timeTarget(name: 'step' | 'duration', coding: TimeCoding, bins: BinTable | undefined): Reading {
  if (coding === 'bins') return (note) => binOf(bins!, note[name]);
  return coding === 'raw' ? (note) => note[name] : (note) => scaleLog(note[name]);
}

/** What the network reads as categories: the pitch, or with an embedding all of the note. */
function categoriesOf(spec: CodecSpec): { input: CodecInputs['categories'][number]; reading: Reading }[] {
  const { embedding: width, pitch, velocity } = spec;
  if (width === undefined) {
    return pitch === 'onehot' ? [{ input: { name: 'pitch', size: PITCHES }, reading: (note) => note.pitch }] : [];
  }
  const asTarget = (name: HeadName): ReturnType<typeof categoriesOf>[number] => {
    const { head, target } = headOf(name, spec);
    return { input: { name, size: head.size, width }, reading: target };
  };
  const octaves = (note: NoteEvent): number => note.pitch % SEMITONES;
  return [
    asTarget('pitch'),
    { input: { name: 'pitchClass', size: SEMITONES, width }, reading: octaves },
    asTarget('step'),
    asTarget('duration'),
    ...(velocity === 'classes' ? [asTarget('velocity')] : []),
  ];
}

/** What it reads as numbers: with an embedding nothing. */
function featuresOf({ embedding, pitch, step, duration, velocity }: CodecSpec): { name: string; reading: Reading }[] {
  if (embedding !== undefined) return [];
  const time = (name: 'step' | 'duration', coding: TimeCoding): { name: string; reading: Reading } => ({
    name,
    reading: coding === 'raw' ? (note) => note[name] : (note) => scaleLog(note[name]),
  });
  return [
    ...(pitch === 'scalar' ? [{ name: 'pitch', reading: (note: NoteEvent) => scalePitch(note.pitch) }] : []),
    time('step', step),
    time('duration', duration),
    ...(velocity === 'none' ? [] : [{ name: 'velocity', reading: (note: NoteEvent) => scaleVelocity(note.velocity) }]),
  ];
}

function decodeTime(value: number, coding: TimeCoding, bins: BinTable | undefined, head: HeadName): number {
  if (coding === 'bins') return bins!.centres[classOf(value, bins!.centres.length, head)];
  return coding === 'raw' ? clampSeconds(finite(value, head)) : unscaleLog(finite(value, head));
}

function classOf(value: number | undefined, size: number, head: HeadName): number {
  if (value !== undefined && Number.isInteger(value) && value >= 0 && value < size) return value;
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
