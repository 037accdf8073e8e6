import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';

import { DataError, EtudeError, UsageError, messageOf } from '../../errors.ts';
import type { StopSignal } from '../../stop-signal.ts';
import { CachedReader } from './cached-reader.ts';
import { findFiles, reasons } from './find-files.ts';
import type { SourceFile } from './find-files.ts';
import { oneByOne, readAhead, type UpcomingFile } from './read-ahead.ts';
import type { PieceReading, ReadPieceOptions } from './read-piece.ts';
import { ReaderPool, ReaderThreadError } from './threads/reader-pool.ts';
import type { Corpus, SplitName } from './types.ts';
import { counted, formatCount } from '../../text/words.ts';

/** Which pieces of a corpus are taken, and how they are read. */
export interface CorpusOptions extends ReadPieceOptions {
  /**
   * Read only the first N files to train on, in natural order of their paths; how many of them can serve shows only
   * then. Files that a data set marks for validation or test do not count; of those the first in the same proportion
   * are read, at least one of each. @default all
   */
  files?: number;
  /** Leave out, and name, pieces of fewer notes. A window of T notes needs T + 1. @default 1 */
  minNotes?: number;
  /** Keep files whose notes or times may be lost or wrong. @default false */
  allowDamaged?: boolean;
  /** Keep readings in this folder, and use those that are there; it may be deleted at any time. @default no cache */
  cacheDir?: string;
  /**
   * Threads that read files beside this one, which then only opens them and keeps the order; with 0 or 1 this one reads.
   * The corpus is the same. @default as many as there are cores, but no more than one for every 4 MB that are not in the
   * cache
   */
  workers?: number;
  /** Stops after the file that is being read, or at once where threads read; what was read until then stays in the cache. */
  signal?: StopSignal;
  /** Called after each file. */
  onProgress?: (done: number, total: number) => void;
}

/** For how long files are read before timers and signals have their turn. */
const SLICE_MS = 25;
/** It takes a thread some 0.1 s to start, and 1 s to read this much. */
const BYTES_PER_THREAD = 4_000_000;

/**
 * The pieces behind the sources: MIDI files, folders, glob patterns and MAESTRO folders (see `findFiles` for what is
 * found where). Files that cannot serve (unreadable, damaged, without notes, too short) are named with the reason and
 * left out, and of files with the same bytes or the same notes the first is kept. The same sources give the same
 * corpus, from the cache or not.
 * @throws DataError when a source does not exist or not one file can serve.
 * @throws UsageError for options out of range.
 * @throws ReaderThreadError when a thread ended by itself, and names the file that it was reading.
 * @throws the signal's reason when it is aborted.
 */
export async function loadCorpus(sources: readonly string[], options: CorpusOptions = {}): Promise<Corpus> {
  checkWhole(options.files, 'files');
  checkWhole(options.minNotes, 'minNotes');
  checkWhole(options.workers, 'workers', 0);
  const reader = new CachedReader(options, options.cacheDir);
  options.signal?.throwIfAborted();
  const { files, missing, skipped } = findFiles(sources);
  const chosen = firstFiles(files, options.files);
  const collector = new Collector({ pieces: [], skipped, missing, duplicates: [], cached: 0 }, options);
  const threads = threadsFor(chosen, options.workers, reader);
  try {
    if (threads > 1) await addOnThreads(threads, chosen, reader, collector, options);
    else await collector.addAll(oneByOne(chosen, reader), chosen.length);
  } finally {
    const problem = reader.close();
    if (problem !== undefined) collector.corpus.cacheProblem = problem;
  }
  const { corpus } = collector;
  if (corpus.pieces.length === 0) throw nothingUsable(sources, corpus);
  return corpus;
}

async function addOnThreads(
  threads: number,
  files: readonly SourceFile[],
  reader: CachedReader,
  collector: Collector,
  options: CorpusOptions,
): Promise<void> {
  const pool = new ReaderPool(threads, options);
  // Whoever waits for a file then need not wait until it has been read.
  const stop = (): void => void pool.close();
  options.signal?.addEventListener('abort', stop);
  try {
    await collector.addAll(
      readAhead(files, reader, pool, (digest) => collector.isKept(digest)),
      files.length,
    );
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await pool.close();
  }
}

/** Takes file after file and decides which become pieces. */
class Collector {
  readonly corpus: Corpus;
  readonly #options: CorpusOptions;
  /** Paths of the kept pieces by digest of their bytes, and of their notes. */
  readonly #byBytes = new Map<string, string>();
  readonly #byNotes = new Map<string, string>();

  constructor(corpus: Corpus, options: CorpusOptions) {
    this.corpus = corpus;
    this.#options = options;
  }

  /** Whether a file with these bytes has become a piece. */
  isKept(digest: string): boolean {
    return this.#byBytes.has(digest);
  }

  async addAll(files: Iterable<UpcomingFile>, total: number): Promise<void> {
    const { signal, onProgress } = this.#options;
    let done = 0;
    let sliceEnd = performance.now() + SLICE_MS;
    for (const upcoming of files) {
      if (performance.now() > sliceEnd) {
        await setImmediate();
        sliceEnd = performance.now() + SLICE_MS;
      }
      signal?.throwIfAborted();
      await this.#add(upcoming);
      onProgress?.(++done, total);
    }
  }

  async #add(upcoming: UpcomingFile): Promise<void> {
    const { path } = upcoming.file;
    try {
      await this.#decide(upcoming);
    } catch (thrown) {
      this.#options.signal?.throwIfAborted();
      // Only what the file is to blame for: a wrong option must not look like a thousand bad files.
      if (thrown instanceof DataError) this.corpus.skipped.push({ path, reason: thrown.message });
      else if (thrown instanceof ReaderThreadError) throw thrown.at(path);
      else if (thrown instanceof EtudeError) throw thrown;
      else
        throw new EtudeError(`${path}: reading failed in a way it should not: ${messageOf(thrown)}`, { cause: thrown });
    }
  }

  async #decide(upcoming: UpcomingFile): Promise<void> {
    const { corpus } = this;
    const { file } = upcoming;
    const { path } = file;
    const opened = upcoming.open();
    const sameBytes = this.#byBytes.get(opened.digest);
    if (sameBytes !== undefined) {
      corpus.duplicates.push({ path, sameAs: sameBytes });
      return;
    }
    const { reading, cached } = await upcoming.read();
    const reason = this.#whyUseless(reading);
    const sameNotes = this.#byNotes.get(reading.notesDigest);
    if (reason !== undefined) corpus.skipped.push({ path, reason });
    else if (sameNotes !== undefined) corpus.duplicates.push({ path, sameAs: sameNotes });
    else {
      const { table, timing, problems, pedal } = reading;
      corpus.pieces.push({ ...file, table, ...(pedal && { pedal }), timing, problems, digest: opened.digest });
      if (cached) corpus.cached++;
      this.#byBytes.set(opened.digest, path);
      this.#byNotes.set(reading.notesDigest, path);
    }
  }

  #whyUseless({ table, problems }: PieceReading): string | undefined {
    const { allowDamaged = false, minNotes = 1 } = this.#options;
    const damage = problems.filter(({ severity }) => severity === 'damage');
    if (damage.length > 0 && !allowDamaged) {
      return `damaged: ${damage[0].message}${damage.length > 1 ? ` (and ${damage.length - 1} more)` : ''}`;
    }
    if (table.length === 0) return 'no notes';
    if (table.length < minNotes) {
      return `${counted(table.length, 'note')}, at least ${formatCount(minNotes)} are needed`;
    }
    return undefined;
  }
}

/** How many threads shall read. */
function threadsFor(files: readonly SourceFile[], workers: number | undefined, reader: CachedReader): number {
  if (workers !== undefined) return Math.min(workers, files.length);
  const cores = availableParallelism();
  if (cores < 2) return 1;
  const paths = files.map(({ path }) => path);
  return Math.min(cores, Math.floor(reader.unreadBytes(paths, cores * BYTES_PER_THREAD) / BYTES_PER_THREAD));
}

function firstFiles(files: SourceFile[], count: number | undefined): SourceFile[] {
  if (count === undefined) return files;
  const sideOf = ({ split }: SourceFile): SplitName => split ?? 'train';
  const sizeOf = (side: SplitName): number => files.filter((file) => sideOf(file) === side).length;
  const part = Math.min(1, count / sizeOf('train'));
  const room = {
    train: count,
    validation: Math.ceil(part * sizeOf('validation')),
    test: Math.ceil(part * sizeOf('test')),
  };
  return files.filter((file) => room[sideOf(file)]-- > 0);
}

function nothingUsable(sources: readonly string[], { skipped, missing }: Corpus): DataError {
  const absent = missing.length > 0 ? ` ${missing.length} listed files are not there, such as ${missing[0]}.` : '';
  return new DataError(
    `none of the MIDI files in ${sources.join(', ')} can be used${reasons(skipped)}.${absent} ` +
      'Name other files, choose another instrument, or allow damaged files if they are all there is.',
  );
}

function checkWhole(value: number | undefined, name: string, least = 1): void {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < least)) {
    throw new UsageError(`${name}: expected a whole number, at least ${least}, got ${value}.`);
  }
}
