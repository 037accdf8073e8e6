import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METHODS, type Method, type SweepPlan, type SweepRun } from '../../distributed/plan-runs.ts';
import { endOfRun, type RunState } from '../../distributed/run-state.ts';
import { parseSpace } from '../../distributed/space.ts';
import type { SweepStore } from '../../distributed/sweep.ts';
import { DataError, messageOf, UsageError } from '../../errors.ts';
import { parseSettings, PRESETS, resolveSettings, type Settings } from '../../music/index.ts';
import type { ReadLimits } from '../../midi/index.ts';
import { etudeVersion } from '../../package-folder.ts';
import { inWords } from '../../text/words.ts';
import { FileError, writeFileAtomic } from '../files.ts';
import { finiteJson } from '../finite-json.ts';
import { LogFile, type LogEntry } from '../log-file.ts';
import { hasModel, runPaths } from '../run-folder.ts';
import { isOfLock } from '../run-lock.ts';
import { readRunSummary } from '../runs/read-run.ts';

/** What lies where in the folder of a sweep. */
export const SWEEP_FILES = {
  /** What decides which runs it has. */
  sweep: 'sweep.json',
  /** What happened, one JSON object a line. */
  log: 'sweep.jsonl',
  /** A folder of each run, by its id. */
  runs: 'runs',
  page: 'sweep.html',
} as const;

const FORMAT = 'etude-sweep';
const VERSION = 1;

/** What sweep.json says: the plan, and with what its runs are trained. */
export interface SweepConfig extends SweepPlan {
  /** Absolute paths and patterns. */
  sources: readonly string[];
  backend: string;
  limits: ReadLimits;
}

/** Writes sweep.json; `space` is the JSON that it was read from. */
export function writeSweepConfig(folder: string, { space: _, ...config }: SweepConfig, space: unknown): void {
  const whole = { format: FORMAT, version: VERSION, etude: etudeVersion(), ...config, space };
  writeFileAtomic(join(folder, SWEEP_FILES.sweep), `${finiteJson(whole, 2)}\n`, { force: true });
}

/**
 * Reads sweep.json.
 * @returns the JSON of the space too
 * @throws DataError when it is not there, is none of ours, or was written by another version, whose runs would not be the same
 */
export function readSweepConfig(folder: string): { config: SweepConfig; space: unknown } {
  const path = join(folder, SWEEP_FILES.sweep);
  if (!existsSync(path)) throw new FileError('failed', folder, 'there is no sweep to go on with. Leave out --resume, or name its folder.'); // prettier-ignore
  const json = parseObject(path);
  const { format, version, etude, space, sources, method, preset, base, ...rest } = json;
  if (format !== FORMAT || version !== VERSION) {
    throw new DataError(`${path}: expected a "${FORMAT}" of version ${VERSION}, as "etude sweep" writes it.`);
  }
  if (etude !== etudeVersion()) {
    throw new DataError(`${path}: the sweep was begun with Etude ${String(etude)}, and this is ${etudeVersion()}: its runs would not be the same. Begin a new sweep.`); // prettier-ignore
  }
  const whole =
    METHODS.includes(method as Method) &&
    Object.hasOwn(PRESETS, String(preset)) &&
    Array.isArray(sources) &&
    sources.every((source) => typeof source === 'string') &&
    typeof rest.music === 'string' &&
    typeof rest.backend === 'string' &&
    Number.isSafeInteger(rest.seed);
  if (!whole) throw new DataError(`${path}: expected method (${inWords(METHODS)}), preset, sources, music, backend and seed; the file is damaged.`); // prettier-ignore
  try {
    const read = {
      ...rest,
      method,
      preset,
      sources,
      base: checkedBase(String(preset), base),
      space: parseSpace(space),
    };
    return { config: read as unknown as SweepConfig, space };
  } catch (thrown) {
    if (!(thrown instanceof UsageError || thrown instanceof DataError)) throw thrown;
    throw new DataError(`${path}: ${thrown.message}`, { cause: thrown });
  }
}

function checkedBase(preset: string, base: unknown): Partial<Settings> {
  parseSettings({ ...resolveSettings(preset), ...(base as object) });
  return base as Partial<Settings>;
}

function parseObject(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    throw new Error('it holds no object');
  } catch (thrown) {
    throw new DataError(`${path} cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
}

/**
 * Whether a sweep may begin in a folder: it is not there, or is empty. Changes nothing.
 * @throws FileError
 */
export function checkSweepFolder(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).every(isOfLock)) return;
  const isSweep = existsSync(join(folder, SWEEP_FILES.sweep));
  throw new FileError('exists', folder, isSweep ? 'a sweep is already there. Choose another --out, or continue it with --resume.' : 'the folder is not empty. Choose another --out.'); // prettier-ignore
}

/** The folder of a sweep: its runs, its log. */
export class SweepFolder implements SweepStore {
  readonly folder: string;
  readonly log: LogFile;

  constructor(folder: string) {
    this.folder = folder;
    this.log = new LogFile(join(folder, SWEEP_FILES.log));
  }

  folderOf({ id }: Pick<SweepRun, 'id'>): string {
    return join(this.folder, SWEEP_FILES.runs, id);
  }

  stateOf(run: Pick<SweepRun, 'id'>): RunState | undefined {
    return readState(this.folderOf(run));
  }

  promised(): ReadonlyMap<string, number | null> {
    const open = new Map<string, number | null>();
    for (const { event, run, until } of this.log.read()) {
      if (event === 'job') open.set(String(run), typeof until === 'number' ? until : null);
      if (event === 'result' || event === 'failed') open.delete(String(run));
    }
    return open;
  }

  /** Mends what a crash tore, so that lines can be added. */
  openLog(): void {
    this.log.truncateAfter(Infinity);
  }

  note(entry: LogEntry): void {
    this.log.append({ ...entry, time: new Date().toISOString() });
  }
}

/** How far the run in a folder is; undefined where there is none that could go on. */
export function readState(folder: string): RunState | undefined {
  const paths = runPaths(folder);
  if (!existsSync(paths.config)) return undefined;
  const { history, ended } = readRunSummary(folder);
  // Without a checkpoint it begins anew, whatever the log says.
  if (!hasModel(folder) && ended !== 'diverged') return { step: 0, history: [], ended: null };
  // What a line of a single step says may be lost again; the others are written when the state is saved.
  const saved = new LogFile(paths.log).read().findLast(({ event }) => event !== 'step');
  return { step: saved?.step ?? 0, history, ended: endOfRun(ended) };
}
