import { setImmediate } from 'node:timers/promises';

import { DataError, EtudeError, UsageError, messageOf } from '../../errors.ts';
import { CachedReader } from './cached-reader.ts';
import { findFiles, reasons } from './find-files.ts';
import type { SourceFile } from './find-files.ts';
import type { PieceReading, ReadPieceOptions } from './read-piece.ts';
import type { Corpus, SplitName } from './types.ts';

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
  /** Stops between two files; what was read until then stays in the cache. */
  signal?: AbortSignal;
  /** Called after each file. */
  onProgress?: (done: number, total: number) => void;
}

/** For how long files are read before timers and signals have their turn. */
const SLICE_MS = 25;

/**
 * The pieces behind the sources: MIDI files, folders, glob patterns and MAESTRO folders (see `findFiles` for what is
 * found where). Files that cannot serve (unreadable, damaged, without notes, too short) are named with the reason and
 * left out, and of files with the same bytes or the same notes the first is kept. The same sources give the same
 * corpus, from the cache or not.
 * @throws DataError when a source does not exist or not one file can serve.
 * @throws UsageError for options out of range.
 * @throws the signal's reason when it is aborted.
 */
export async function loadCorpus(sources: readonly string[], options: CorpusOptions = {}): Promise<Corpus> {
  checkWhole(options.files, 'files');
  checkWhole(options.minNotes, 'minNotes');
  const reader = new CachedReader(options, options.cacheDir);
  options.signal?.throwIfAborted();
  const { files, missing, skipped } = findFiles(sources);
  const collector = new Collector({ pieces: [], skipped, missing, duplicates: [], cached: 0 }, reader, options);
  try {
    await collector.addAll(firstFiles(files, options.files));
  } finally {
    const problem = reader.close();
    if (problem !== undefined) collector.corpus.cacheProblem = problem;
  }
  const { corpus } = collector;
  if (corpus.pieces.length === 0) throw nothingUsable(sources, corpus);
  return corpus;
}

/** Reads file after file and decides which become pieces. */
class Collector {
  readonly corpus: Corpus;
  readonly #reader: CachedReader;
  readonly #options: CorpusOptions;
  /** Paths of the kept pieces by digest of their bytes, and of their notes. */
  readonly #byBytes = new Map<string, string>();
  readonly #byNotes = new Map<string, string>();

  constructor(corpus: Corpus, reader: CachedReader, options: CorpusOptions) {
    this.corpus = corpus;
    this.#reader = reader;
    this.#options = options;
  }

  async addAll(files: readonly SourceFile[]): Promise<void> {
    const { signal, onProgress } = this.#options;
    let sliceEnd = performance.now() + SLICE_MS;
    for (const [i, file] of files.entries()) {
      if (performance.now() > sliceEnd) {
        await setImmediate();
        sliceEnd = performance.now() + SLICE_MS;
      }
      signal?.throwIfAborted();
      this.#add(file);
      onProgress?.(i + 1, files.length);
    }
  }

  #add(file: SourceFile): void {
    const { path } = file;
    try {
      this.#read(file);
    } catch (thrown) {
      // Only what the file is to blame for: a wrong option must not look like a thousand bad files.
      if (thrown instanceof DataError) this.corpus.skipped.push({ path, reason: thrown.message });
      else if (thrown instanceof EtudeError) throw thrown;
      else
        throw new EtudeError(`${path}: reading failed in a way it should not: ${messageOf(thrown)}`, { cause: thrown });
    }
  }

  #read(file: SourceFile): void {
    const { corpus } = this;
    const { path } = file;
    const opened = this.#reader.open(path);
    const sameBytes = this.#byBytes.get(opened.digest);
    if (sameBytes !== undefined) {
      corpus.duplicates.push({ path, sameAs: sameBytes });
      return;
    }
    const { reading, cached } = this.#reader.read(opened);
    const reason = this.#whyUseless(reading);
    const sameNotes = this.#byNotes.get(reading.notesDigest);
    if (reason !== undefined) corpus.skipped.push({ path, reason });
    else if (sameNotes !== undefined) corpus.duplicates.push({ path, sameAs: sameNotes });
    else {
      corpus.pieces.push({ ...file, table: reading.table, problems: reading.problems, digest: opened.digest });
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
      return `${table.length} ${table.length === 1 ? 'note' : 'notes'}, at least ${minNotes} are needed`;
    }
    return undefined;
  }
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
    `none of the MIDI files in ${sources.join(', ')} can serve${reasons(skipped)}.${absent} ` +
      'Name other files, choose another instrument, or allow damaged files if they are all there is.',
  );
}

function checkWhole(value: number | undefined, name: string): void {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
    throw new UsageError(`${name}: expected a whole number, at least 1, got ${value}.`);
  }
}
