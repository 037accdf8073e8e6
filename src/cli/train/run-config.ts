import { readFileSync } from 'node:fs';
import { DataError, UsageError, messageOf } from '../../errors.ts';
import { parseRoundSettings, type RoundSettings } from '../../distributed/rounds/settings.ts';
import { parseSettings, type PreparedData, type Settings } from '../../music/index.ts';
import { writeFileAtomic } from '../files.ts';
import { finiteJson } from '../finite-json.ts';

/** What config.json says: all that led to a run. Written when it begins, and again when it goes on. */
export interface RunConfig {
  format: 'etude-run';
  version: 1;
  /** The versions of Etude and of Node. */
  etude: string;
  node: string;
  preset: string;
  settings: Settings;
  /** The model with whose weights it began. */
  from?: { path: string; digest: string };
  data: {
    /** Absolute paths and patterns. */
    sources: string[];
    splitBy: PreparedData['splitBy'];
    train: PieceRecord[];
    validation: PieceRecord[];
    /** Files that were not used: with the reason, with the file of the same music, and those that are listed but not there. */
    leftOut: {
      skipped: { path: string; reason: string }[];
      duplicates: { path: string; sameAs: string }[];
      missing: string[];
    };
  };
  engine: {
    /** As asked for, and what it became. */
    backend: string;
    threads: number | 'auto';
    name: string;
  };
  /** How several machines trained it together, where they did. */
  rounds?: RoundSettings;
  parameters: number;
  /** How long each sample is. */
  sampleNotes: SampleLength;
}

/** A piece of music, and the SHA-256 of its file. */
export interface PieceRecord {
  path: string;
  notes: number;
  digest: string;
}

/** Notes of a sample; `auto` is until the piece ends, where the model knows ends; null draws none. */
export type SampleLength = number | 'auto' | null;

const FORMAT = 'etude-run';
const VERSION = 1;

/** Writes config.json in the place of the one before it. */
export function writeRunConfig(path: string, config: Omit<RunConfig, 'format' | 'version'>): void {
  const whole: RunConfig = { format: FORMAT, version: VERSION, ...config };
  writeFileAtomic(path, `${finiteJson(whole, 2)}\n`, { force: true });
}

/**
 * Reads config.json as far as it is needed to go on with a run.
 * @throws DataError when it is not there, or is none of ours
 */
export function readRunConfig(
  path: string,
): Pick<RunConfig, 'preset' | 'settings' | 'sampleNotes' | 'from' | 'rounds'> & Resumable {
  const config = parseConfig(path);
  const { format, version, preset, data, engine } = config;
  if (format !== FORMAT || version !== VERSION) {
    throw new DataError(`${path}: expected a "${FORMAT}" of version ${VERSION}, as "etude train" writes it.`);
  }
  const sources = data?.sources;
  const named = Array.isArray(sources) && sources.every((source) => typeof source === 'string');
  if (!named || typeof preset !== 'string') throw new DataError(`${path}: the preset or the data are missing.`);
  try {
    const { backend = 'auto', threads = 'auto' } = engine ?? {};
    const { sampleNotes = 'auto' } = config;
    const { from } = config;
    if (from !== undefined && !(typeof from?.path === 'string' && typeof from.digest === 'string')) {
      throw new DataError(`${path}: from: expected the path and the digest of a model.`);
    }
    const rounds = config.rounds === undefined ? undefined : parseRoundSettings(config.rounds);
    return { preset, settings: parseSettings(config.settings), sources, backend, threads, sampleNotes, from, rounds };
  } catch (thrown) {
    throw thrown instanceof UsageError ? new DataError(`${path}: ${thrown.message}`, { cause: thrown }) : thrown;
  }
}

/** What is compared of runs. */
export interface ReadRun extends Pick<RunConfig, 'preset' | 'settings' | 'parameters'> {
  /** The name of the engine. */
  engine: string;
  /** The digests of the pieces on either side, sorted. */
  train: string[];
  validation: string[];
}

/**
 * Reads config.json as far as it is needed to compare runs.
 * @throws DataError when it is not there, or is none of ours
 */
export function readRun(path: string): ReadRun {
  const { preset, settings } = readRunConfig(path);
  const { data, engine, parameters } = parseConfig(path);
  const digests = (pieces: unknown): string[] =>
    (Array.isArray(pieces) ? (pieces as Partial<PieceRecord>[]) : []).map(({ digest }) => String(digest)).sort();
  return {
    preset,
    settings,
    parameters: typeof parameters === 'number' ? parameters : 0,
    engine: String(engine?.name ?? 'unknown'),
    train: digests(data?.train),
    validation: digests(data?.validation),
  };
}

interface Resumable {
  sources: string[];
  backend: string;
  threads: number | 'auto';
}

function parseConfig(path: string): Partial<RunConfig> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
    throw new Error('it holds no object');
  } catch (thrown) {
    throw new DataError(`${path} cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
}
