import { spawn, type ChildProcess } from 'node:child_process';
import { changesOfPreset } from '../music/index.ts';
import type { EpochRecord } from '../nn/index.ts';
import type { Coordinator, JobProgress, JobResult, Machine, TrainingJob } from './coordinator.ts';
import { JobError } from './errors.ts';
import type { RunState } from './run-state.ts';
import { STOPS_WITH_PARENT } from './stops-with-parent.ts';

export interface LocalOptions {
  /** How many processes train at once. */
  processes: number;
  /** The words that start this same Etude: the node and its program. */
  etude: readonly string[];
  /** Absolute paths and patterns of the music. */
  sources: readonly string[];
  /** Words for each training beside its settings: which kernels, where readings are cached. */
  words?: readonly string[];
  /** How far the run in a folder is; undefined where there is none that can go on. */
  readState: (folder: string) => RunState | undefined;
  /** Told when a process ended without having done its job, and another one takes it over. */
  onRetry?: (error: JobError) => void;
}

/** So many lines of what a process said last are kept. */
const LAST_LINES = 12;

/** What `etude train` ends with when it diverged. */
const DIVERGED = 3;

/** A process that trains, and its name. */
interface Place {
  name: string;
  run?: string;
}

/** Has training jobs done by processes of this machine: each is `etude train`, on one thread. */
export class LocalCoordinator implements Coordinator {
  readonly #options: LocalOptions;
  readonly #places: Place[];
  readonly #children = new Set<ChildProcess>();
  readonly #waiting: (() => void)[] = [];

  constructor(options: LocalOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.processes }, (_, k) => ({ name: `process ${k + 1}` }));
  }

  atOnce(): Promise<number> {
    return Promise.resolve(this.#places.length);
  }

  machines(): Promise<readonly Machine[]> {
    return Promise.resolve(this.#places.map((place) => ({ ...place })));
  }

  /**
   * A process that ends without having done its job is followed by one more, from the last checkpoint.
   * @throws JobError, with what the process said last, when that one fails too; the reason of `signal`
   */
  async train(
    job: TrainingJob,
    folder: string,
    { onProgress, signal }: { onProgress?: (progress: JobProgress) => void; signal?: AbortSignal } = {},
  ): Promise<JobResult> {
    const place = await this.#take(job.run);
    try {
      const attempt = (): Promise<JobResult> => this.#attempt(job, { folder, place, onProgress, signal });
      try {
        return await attempt();
      } catch (thrown) {
        if (signal?.aborted || !(thrown instanceof JobError)) throw thrown;
        this.#options.onRetry?.(thrown);
        return await attempt();
      }
    } finally {
      this.#give(place);
    }
  }

  /** Asks what still trains to save and stop, and waits for it. */
  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => stopped(child)));
  }

  async #take(run: string): Promise<Place> {
    let free: Place | undefined;
    while ((free = this.#places.find((place) => place.run === undefined)) === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    free.run = run;
    return free;
  }

  #give(place: Place): void {
    place.run = undefined;
    this.#waiting.shift()?.();
  }

  async #attempt(job: TrainingJob, { folder, place, onProgress, signal }: Attempt): Promise<JobResult> {
    signal?.throwIfAborted();
    const { readState } = this.#options;
    const before = readState(folder);
    const machine = place.name;
    const ended = await this.#runProcess(this.#wordsOf(job, folder, before), signal, (epoch, epochs) => {
      const history = [...(before?.history ?? []).filter((known) => known.epoch < epochs[0].epoch), ...epochs];
      onProgress?.({ machine, step: epoch.step, history });
    });
    signal?.throwIfAborted();
    const state = readState(folder);
    const done = ended.code === 0 ? ended.reason : ended.code === DIVERGED ? 'diverged' : undefined;
    if (done !== undefined && state) {
      return { machine, ended: done === 'paused' ? 'steps' : done, step: state.step, history: state.history };
    }
    throw new JobError(job.run, `${describeEnd(ended)}${ended.said === '' ? '' : ` It said last: ${ended.said}`}`);
  }

  #wordsOf({ preset, settings, until }: TrainingJob, folder: string, before: RunState | undefined): string[] {
    const { sources, words = [] } = this.#options;
    const run = before
      ? ['--resume']
      : // What a process that was killed has begun to write is no run yet.
        [...sources, '--force', '--preset', preset, ...changesOfPreset(preset, settings)];
    const pause = until === null ? [] : ['--until', String(until)];
    return ['train', ...run, '--out', folder, ...pause, '--threads', '1', '--no-sample', '--no-fit-memory', '--json', '--quiet', ...words]; // prettier-ignore
  }

  #runProcess(words: string[], signal: AbortSignal | undefined, onEpoch: OnEpoch): Promise<Ended> {
    const [program, ...first] = this.#options.etude;
    const child = spawn(program, [...first, ...words], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C on the terminal asks us, and we ask it, once.
      detached: process.platform !== 'win32',
      env: { ...process.env, [STOPS_WITH_PARENT]: '1', NO_COLOR: '1' },
    });
    this.#children.add(child);
    const stop = (): void => {
      child.kill('SIGTERM');
    };
    signal?.addEventListener('abort', stop, { once: true });
    return ending(child, onEpoch).finally(() => {
      signal?.removeEventListener('abort', stop);
      this.#children.delete(child);
    });
  }
}

interface Attempt {
  folder: string;
  place: Place;
  onProgress?: (progress: JobProgress) => void;
  signal?: AbortSignal;
}

/** Told each epoch, with those before it of this process. */
type OnEpoch = (epoch: EpochRecord, epochs: readonly EpochRecord[]) => void;

/** How a process ended. */
interface Ended {
  code: number | null;
  killed: NodeJS.Signals | null;
  /** Why the training ended, as its last line of JSON says. */
  reason?: string;
  /** What it said last on stderr. */
  said: string;
}

function ending(child: ChildProcess, onEpoch: OnEpoch): Promise<Ended> {
  const epochs: EpochRecord[] = [];
  let reason: string | undefined;
  let said: string[] = [];
  onLines(child.stdout!, (line) => {
    const told = parseLine(line);
    if (told?.event === 'epoch') {
      epochs.push(told as unknown as EpochRecord);
      onEpoch(epochs[epochs.length - 1], epochs);
    }
    if (told?.event === 'summary') reason = String(told.reason);
    if (told?.event === 'paused') reason = 'paused';
  });
  onLines(child.stderr!, (line) => {
    said = [...said, line.trim()].filter((each) => each !== '').slice(-LAST_LINES);
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => {
      resolve({ code: null, killed: null, said: message });
    });
    child.once('close', (code, killed) => {
      resolve({ code, killed, reason, said: said.join(' ') });
    });
  });
}

function describeEnd({ code, killed, reason }: Ended): string {
  if (killed !== null) return `its process was ended by ${killed}.`;
  if (code === null) return 'its process could not be started.';
  return code === 0 && reason === undefined ? 'its process did not say how it ended.' : `its process ended with code ${code}.`; // prettier-ignore
}

function onLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    lines.forEach(onLine);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('close', () => {
      resolve();
    });
    child.kill('SIGTERM');
  });
}
