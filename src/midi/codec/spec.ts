import { UsageError } from '../../errors.ts';
import { isMeter } from '../beats.ts';
import { LOUDNESS_SIZE } from '../loudness.ts';
import { parseChordSpread, type ChordSpread } from '../chords.ts';
import { parseBinTable } from './bins.ts';
import type { BinTable } from './bins.ts';
import type { Meter } from '../types.ts';

/** How pitches are coded; see {@link CodecSpec}. */
export type PitchCoding = 'scalar' | 'onehot';
/** How steps and durations are coded; see {@link CodecSpec}. */
export type TimeCoding = 'raw' | 'log' | 'bins';
/** How velocities are coded; see {@link CodecSpec}. */
export type VelocityCoding = 'none' | 'number' | 'classes';
/** What of a note a head predicts. */
export type HeadName = 'pitch' | 'step' | 'duration' | 'velocity';

/** How notes become numbers; plain JSON, kept in every checkpoint so that generation cannot scale differently from training. */
export interface CodecSpec {
  /** Network input: `scalar` is pitch / 128 as in TensorFlow's tutorial, `onehot` a category of 128. */
  pitch: PitchCoding;
  /** `raw`: seconds in and out; `log`: 0.3 log(max(x, 1 ms)) in and out; `bins`: the same log in, a category out. */
  step: TimeCoding;
  /** As `step`. */
  duration: TimeCoding;
  /** `number`: velocity / 128 in and out; `classes`: the same in, one of 32 classes of four velocities out. */
  velocity: VelocityCoding;
  /**
   * Where given, the network reads all of a note as categories, each embedded in a vector of this width: pitch, pitch class,
   * step, duration, and velocity where there is one. It takes pitch `onehot`, times in `bins`, and no velocity as a number.
   */
  embedding?: number;
  /**
   * The heads in the order in which a note is drawn, each reading the classes drawn before it; all must be classes. Unless
   * given they know nothing of each other, and stand in the order pitch, step, duration, velocity.
   */
  order?: HeadName[];
  /** How the chords of the training music were joined, where they were, and how they are spread when notes are written. */
  chords?: ChordSpread;
  /** Present where time is counted in beats (`inBeats`): seconds are then those of music at 120 quarters a minute. */
  beats?: BeatsSpec;
  /**
   * Present where a piece has a beginning and an end: a mark before its first note is heard, and one after its last is drawn, as
   * one more class of steps. It takes an embedding, and an order in which the step goes first.
   */
  ends?: EndsSpec;
  /** The fitted bins of the columns that are coded as `bins`; present for exactly those. */
  bins?: { step?: BinTable; duration?: BinTable };
}

/** What is known of ends. */
export interface EndsSpec {
  /** Notes of the median piece. */
  notes: number;
}

/** What beats are where they are written again. */
export interface BeatsSpec {
  /** Quarters a minute: the median of the pieces. */
  tempo: number;
  /** The time signatures of the pieces, that of most of the music first. The network is told which one it hears. */
  meters: Meter[];
  /** Where loudness is not learned, how loud the pieces are, by octave and place in the bar: see `fitLoudness`. */
  loudness?: number[];
}

const PITCH_CODINGS: readonly PitchCoding[] = ['scalar', 'onehot'];
const TIME_CODINGS: readonly TimeCoding[] = ['raw', 'log', 'bins'];
const VELOCITY_CODINGS: readonly VelocityCoding[] = ['none', 'number', 'classes'];
const KEYS = ['pitch', 'step', 'duration', 'velocity', 'embedding', 'order', 'chords', 'beats', 'ends', 'bins'];
const MAX_EMBEDDING = 4096;
const MAX_METERS = 64;

/** The heads of a codec that draws them independently. */
export function headNames({ velocity }: Pick<CodecSpec, 'velocity'>): HeadName[] {
  return ['pitch', 'step', 'duration', ...(velocity === 'none' ? [] : (['velocity'] as const))];
}

/**
 * A codec's description from JSON that may come from anywhere.
 * @throws UsageError on an unknown key, a missing or unknown value, bins that are missing, malformed or not asked for.
 */
export function parseCodecSpec(json: unknown): CodecSpec {
  const given = record(json, 'codec');
  refuseUnknownKeys(given, KEYS, 'codec');
  const spec = parseCodings(given);
  if (given.chords !== undefined) spec.chords = parseChordSpread(given.chords, 'codec.chords');
  if (given.beats !== undefined) spec.beats = parseBeats(given.beats);
  const bins = given.bins === undefined ? {} : record(given.bins, 'codec.bins');
  refuseUnknownKeys(bins, ['step', 'duration'], 'codec.bins');
  const fitted: NonNullable<CodecSpec['bins']> = {};
  for (const column of ['step', 'duration'] as const) {
    const table = binsOf(spec[column], bins[column], column);
    if (table !== undefined) fitted[column] = table;
  }
  return Object.keys(fitted).length > 0 ? { ...spec, bins: fitted } : spec;
}

/**
 * All of a codec's description but what is fitted, from JSON that may come from anywhere.
 * @throws UsageError on a missing or unknown value, or codings that do not go together
 */
export function parseCodings(given: Record<string, unknown>): CodecSpec {
  const spec: CodecSpec = {
    pitch: oneOf(given.pitch, PITCH_CODINGS, 'codec.pitch'),
    step: oneOf(given.step, TIME_CODINGS, 'codec.step'),
    duration: oneOf(given.duration, TIME_CODINGS, 'codec.duration'),
    velocity: oneOf(velocityWord(given.velocity), VELOCITY_CODINGS, 'codec.velocity'),
  };
  if (given.embedding !== undefined) spec.embedding = embeddingOf(given.embedding, spec);
  if (given.order !== undefined) spec.order = orderOf(given.order, spec);
  if (given.ends !== undefined) spec.ends = endsOf(given.ends, spec);
  return spec;
}

/** Older files say whether there is a velocity, which was a number then. */
export function velocityWord(given: unknown): unknown {
  return typeof given === 'boolean' ? (given ? 'number' : 'none') : given;
}

function embeddingOf(width: unknown, spec: CodecSpec): number {
  if (!Number.isInteger(width) || (width as number) < 1 || (width as number) > MAX_EMBEDDING) {
    throw new UsageError(
      `codec.embedding: expected a whole number from 1 to ${MAX_EMBEDDING}, got ${describe(width)}.`,
    );
  }
  const wrong = [
    ...(spec.pitch === 'onehot' ? [] : [`pitch as 'onehot' instead of '${spec.pitch}'`]),
    ...numbersOf(spec),
  ];
  if (wrong.length > 0) {
    throw new UsageError(`codec.embedding: only classes can be embedded. Give ${wrong.join(', ')}, or no embedding.`);
  }
  return width as number;
}

function orderOf(order: unknown, spec: CodecSpec): HeadName[] {
  const names = headNames(spec);
  const given = Array.isArray(order) ? (order as unknown[]) : [];
  if (given.length !== names.length || !names.every((name) => given.includes(name))) {
    throw new UsageError(
      `codec.order: expected each of ${names.join(', ')} once, in any order, got ${describe(order)}.`,
    );
  }
  const wrong = numbersOf(spec);
  if (wrong.length > 0) {
    throw new UsageError(
      `codec.order: heads that are drawn one after another must be classes. Give ${wrong.join(', ')}, or no order.`,
    );
  }
  return given as HeadName[];
}

function endsOf(ends: unknown, { embedding, order }: CodecSpec): EndsSpec {
  const { notes, ...rest } = record(ends, 'codec.ends');
  refuseUnknownKeys(rest, [], 'codec.ends');
  if (!(Number.isSafeInteger(notes) && (notes as number) >= 0)) {
    throw new UsageError(`codec.ends.notes: expected a whole number of notes, got ${describe(notes)}.`);
  }
  if (embedding !== undefined && order?.[0] === 'step') return { notes: notes as number };
  throw new UsageError(
    'codec.ends: the end of a piece is drawn as a step, and the other heads must know of it. Give an embedding, and an order that begins with step; or no ends.',
  );
}

function parseLoudness(json: unknown): number[] {
  const isVelocity = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 127; // prettier-ignore
  if (Array.isArray(json) && json.length === LOUDNESS_SIZE && json.every(isVelocity)) return json as number[];
  throw new UsageError(`codec.beats.loudness: expected ${LOUDNESS_SIZE} velocities, got ${describe(json)}.`);
}

function parseBeats(json: unknown): BeatsSpec {
  const { tempo, meters, loudness, ...rest } = record(json, 'codec.beats');
  refuseUnknownKeys(rest, [], 'codec.beats');
  if (!(typeof tempo === 'number' && tempo >= 4 && tempo <= 60_000)) {
    throw new UsageError(`codec.beats.tempo: expected 4 to 60000 quarters a minute, got ${describe(tempo)}.`);
  }
  const given = Array.isArray(meters) ? (meters as unknown[]) : [];
  if (given.length === 0 || given.length > MAX_METERS || !given.every(isMeter)) {
    throw new UsageError(
      `codec.beats.meters: expected time signatures such as [[3, 4], [4, 4]], got ${describe(meters)}.`,
    );
  }
  return { tempo, meters: given, ...(loudness !== undefined && { loudness: parseLoudness(loudness) }) };
}

/** The heads that are numbers, each with what would make it classes. */
function numbersOf({ step, duration, velocity }: CodecSpec): string[] {
  return [
    ...(step === 'bins' ? [] : [`step as 'bins' instead of '${step}'`]),
    ...(duration === 'bins' ? [] : [`duration as 'bins' instead of '${duration}'`]),
    ...(velocity === 'number' ? ["velocity as 'classes' or 'none' instead of 'number'"] : []),
  ];
}

function binsOf(coding: TimeCoding, table: unknown, column: 'step' | 'duration'): BinTable | undefined {
  if (coding === 'bins') {
    if (table === undefined) {
      throw new UsageError(
        `codec.bins.${column} is missing: bins are fitted on a corpus; use Codec.fit(tables, spec).`,
      );
    }
    return parseBinTable(table, `codec.bins.${column}`);
  }
  if (table !== undefined) {
    throw new UsageError(`codec.bins.${column} is given, but codec.${column} is '${coding}', which has no bins.`);
  }
  return undefined;
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${name}: expected an object, got ${describe(value)}.`);
  }
  return value as Record<string, unknown>;
}

function refuseUnknownKeys(given: Record<string, unknown>, known: readonly string[], name: string): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw new UsageError(`${name}: unknown key ${describe(key)}; the keys are ${known.join(', ')}.`);
    }
  }
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], name: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`${name}: expected ${allowed.join(' or ')}, got ${describe(value)}.`);
  return found;
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
}
