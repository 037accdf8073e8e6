import { UsageError } from '../../errors.ts';
import { placesOf } from '../beats.ts';
import { velocityIn } from '../loudness.ts';
import type { Meter } from '../types.ts';
import type { BarPlace, NoteEvent, NoteTable } from '../table.ts';
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

/** How many marks stand around the notes of a piece, where the codec knows beginnings and ends. */
export interface Marks {
  before?: number;
  after?: number;
}

/** A piece as numbers. The targets at t describe the note at t itself; windowing shifts them by one. */
export interface EncodedPiece {
  /** Notes and marks. */
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

/** How notes become numbers, where that differs from the rule. */
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

/** No note: every number 0. */
const NO_NOTE: NoteEvent = { pitch: 0, step: 0, duration: 0, velocity: 0 };
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

  /** The class of steps that says that the piece is over; undefined for a codec that knows no end. */
  get endClass(): number | undefined {
    return this.spec.ends ? this.spec.bins!.step!.centres.length : undefined;
  }

  /**
   * Inputs and targets of every note of a piece, and of the marks around it that are asked for; see {@link EncodedPiece} for
   * the shapes. Several marks are one after the other, as silence goes on: windows of T notes then meet the beginning and the
   * end of a piece as often as any note, and a piece that is shorter than a window has its windows, too.
   * @throws UsageError for marks that the codec does not know
   */
  encode(table: NoteTable, { before: first = 0, after = 0 }: Marks = {}): EncodedPiece {
    if (first + after > 0) this.#refuseMarks();
    const length = first + table.length + after;
    const categories = this.#categories.map(() => new Int32Array(length));
    const features = new Float32Array(length * this.#features.length);
    const targets = this.heads.map(({ kind }) =>
      kind === 'categorical' ? new Int32Array(length) : new Float32Array(length),
    );
    const note: NoteEvent = { ...NO_NOTE };
    const bar: BarPlace | undefined = table.bars && { meter: table.bars.meter, place: 0 };
    if (bar) note.bar = bar;
    for (let i = 0, at = 0; i < table.length; i++) {
      note.pitch = table.pitch[i];
      note.step = table.step[i];
      note.duration = table.duration[i];
      note.velocity = table.velocity[i];
      if (bar) bar.place = table.bars!.place[i];
      for (let k = 0; k < categories.length; k++) categories[k][first + i] = this.#categories[k](note);
      for (const feature of this.#features) features[at++] = feature(note);
      for (let k = 0; k < targets.length; k++) targets[k][first + i] = this.#targets[k](note);
    }
    // The marks of the beginning say where in its bar the piece begins.
    const opening = bar && { meter: bar.meter, place: table.length > 0 ? table.bars!.place[0] : 0 };
    for (let row = 0; row < first; row++) this.#mark(opening, categories, targets, row);
    for (let row = first + table.length; row < length; row++) this.#mark(bar, categories, targets, row);
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

  /** The inputs of the mark before a piece that begins at a place in a bar: see `encodeNote`. */
  encodeStart(bar: BarPlace | undefined, categories: Int32Array): void {
    this.#refuseMarks();
    const columns = this.inputs.categories.map((_, k) => categories.subarray(k));
    this.#mark(bar, columns, [], 0);
  }

  /** A mark reads as no note, but for its step, which is the class of the end, and its place. */
  #mark(
    bar: BarPlace | undefined,
    columns: readonly Int32Array[],
    targets: readonly (Int32Array | Float32Array)[],
    row: number,
  ): void {
    const note: NoteEvent = bar ? { ...NO_NOTE, bar } : NO_NOTE;
    for (const [k, { name }] of this.inputs.categories.entries()) {
      columns[k][row] = name === 'step' ? this.endClass! : this.#categories[k](note);
    }
    // The order begins with the step; what the other heads should say of a mark is their first class.
    if (targets.length > 0) targets[0][row] = this.endClass!;
  }

  #refuseMarks(): void {
    if (this.spec.ends) return;
    throw new UsageError('This codec knows no beginning and no end of a piece. Train a model with --ends.');
  }

  /**
   * A note from one value of each head. Pitch comes back exactly, velocity to the nearest that sounds (as a class to the
   * middle of its four; 100 when the codec has no velocity), raw and log times to the precision of float32 within 0
   * (log: 1 ms) .. 1 hour, bins as their centres.
   * @throws UsageError when a class is not one of the head's (the end of a piece is no note), a scalar is not finite, or the
   *   velocity is missing.
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

  /** How loud a note is that was drawn without loudness: as the training pieces are there, if that is known. */
  usualVelocity({ pitch, velocity, bar }: NoteEvent): number {
    const { beats, velocity: coding } = this.spec;
    if (coding !== 'none' || !beats?.loudness) return velocity;
    return Math.max(1, velocityIn(beats.loudness, pitch, bar?.place ?? 0));
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
function headOf(name: HeadName, { step, duration, velocity, bins, ends }: CodecSpec): { head: Head; target: Reading } {
  if (name === 'pitch') return { head: categorical(name, PITCHES), target: (note) => note.pitch };
  if (name === 'step') {
    const head = ends ? categorical(name, bins!.step!.centres.length + 1) : timeHead(name, step, bins?.step);
    return { head, target: timeTarget(name, step, bins?.step) };
  }
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

/** One input that is a class. */
interface Category {
  input: CodecInputs['categories'][number];
  reading: Reading;
}

/** What the network reads as categories: the pitch, or with an embedding all of the note; and where in its bar a note starts. */
function categoriesOf(spec: CodecSpec): Category[] {
  const { embedding: width, pitch, velocity } = spec;
  const bars = barsOf(spec);
  if (width === undefined) {
    const input = { name: 'pitch', size: PITCHES };
    return [...(pitch === 'onehot' ? [{ input, reading: (note: NoteEvent) => note.pitch }] : []), ...bars];
  }
  const asTarget = (name: HeadName): Category => {
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
    ...bars.map(({ input, reading }) => ({ input: { ...input, width }, reading })),
  ];
}

/** Place in the bar and, where there are several, time signature. Music without bars reads as beginning them with every note. */
function barsOf({ beats }: CodecSpec): Category[] {
  if (!beats) return [];
  const { meters } = beats;
  const size = Math.max(...meters.map(placesOf));
  const place = (note: NoteEvent): number => Math.min(size - 1, note.bar?.place ?? 0);
  const isSame = ({ bar }: NoteEvent, [count, unit]: Meter): boolean =>
    bar?.meter[0] === count && bar.meter[1] === unit;
  const meter = (note: NoteEvent): number =>
    Math.max(
      0,
      meters.findIndex((each) => isSame(note, each)),
    );
  return [
    { input: { name: 'place', size }, reading: place },
    ...(meters.length > 1 ? [{ input: { name: 'meter', size: meters.length }, reading: meter }] : []),
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
