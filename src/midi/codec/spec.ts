import { UsageError } from '../../errors.ts';
import { parseBinTable } from './bins.ts';
import type { BinTable } from './bins.ts';

export type PitchCoding = 'scalar' | 'onehot';
export type TimeCoding = 'raw' | 'log' | 'bins';

/** How notes become numbers; plain JSON, kept in every checkpoint so that generation cannot scale differently from training. */
export interface CodecSpec {
  /** Network input: `scalar` is pitch / 128 as in TensorFlow's tutorial, `onehot` a category of 128. */
  pitch: PitchCoding;
  /** `raw`: seconds in and out; `log`: 0.3 log(max(x, 1 ms)) in and out; `bins`: the same log in, a category out. */
  step: TimeCoding;
  /** As `step`. */
  duration: TimeCoding;
  /** Whether velocity / 128 is read and predicted. */
  velocity: boolean;
  /** The fitted bins of the columns that are coded as `bins`; present for exactly those. */
  bins?: { step?: BinTable; duration?: BinTable };
}

const PITCH_CODINGS: readonly PitchCoding[] = ['scalar', 'onehot'];
const TIME_CODINGS: readonly TimeCoding[] = ['raw', 'log', 'bins'];
const KEYS = ['pitch', 'step', 'duration', 'velocity', 'bins'];

/**
 * A codec's description from JSON that may come from anywhere.
 * @throws UsageError on an unknown key, a missing or unknown value, bins that are missing, malformed or not asked for.
 */
export function parseCodecSpec(json: unknown): CodecSpec {
  const given = record(json, 'codec');
  refuseUnknownKeys(given, KEYS, 'codec');
  const spec: CodecSpec = {
    pitch: oneOf(given.pitch, PITCH_CODINGS, 'codec.pitch'),
    step: oneOf(given.step, TIME_CODINGS, 'codec.step'),
    duration: oneOf(given.duration, TIME_CODINGS, 'codec.duration'),
    velocity: boolean(given.velocity, 'codec.velocity'),
  };
  const bins = given.bins === undefined ? {} : record(given.bins, 'codec.bins');
  refuseUnknownKeys(bins, ['step', 'duration'], 'codec.bins');
  const fitted: NonNullable<CodecSpec['bins']> = {};
  for (const column of ['step', 'duration'] as const) {
    const table = binsOf(spec[column], bins[column], column);
    if (table !== undefined) fitted[column] = table;
  }
  return Object.keys(fitted).length > 0 ? { ...spec, bins: fitted } : spec;
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

function boolean(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw new UsageError(`${name}: expected true or false, got ${describe(value)}.`);
  return value;
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
}
