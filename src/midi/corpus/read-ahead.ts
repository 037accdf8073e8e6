import type { CachedReader, OpenedFile, ReadFile } from './cached-reader.ts';
import type { SourceFile } from './find-files.ts';
import type { ReaderPool } from './threads/reader-pool.ts';

/** Files that are being read, or wait for it, while one is waited for: enough that no thread runs dry. */
const AHEAD_PER_THREAD = 4;

/** A file whose turn has come. */
export interface UpcomingFile {
  file: SourceFile;
  /** @throws as `CachedReader.open` */
  open(): OpenedFile;
  /** @throws or rejects as `CachedReader.read` */
  read(): ReadFile | Promise<ReadFile>;
}

/** The files one after another, each opened and read by this thread when it is asked for. */
export function* oneByOne(files: readonly SourceFile[], reader: CachedReader): Generator<UpcomingFile> {
  for (const file of files) {
    let opened: OpenedFile;
    const open = (): OpenedFile => (opened = reader.open(file.path));
    yield { file, open, read: () => reader.read(opened) };
  }
}

/**
 * The files one after another, those that follow being read on the threads of a pool meanwhile.
 *
 * @param isKept whether a file of this digest has become a piece: another with the same bytes need not be read
 */
export function* readAhead(
  files: readonly SourceFile[],
  reader: CachedReader,
  pool: ReaderPool,
  isKept: (digest: string) => boolean,
): Generator<UpcomingFile> {
  const ahead: StartedFile[] = [];
  const isWanted = (digest: string): boolean => !isKept(digest) && !ahead.some((started) => started.digest === digest);
  for (const file of files) {
    ahead.push(new StartedFile(file, reader, pool, isWanted));
    if (ahead.length > AHEAD_PER_THREAD * pool.size) yield ahead.shift()!;
  }
  yield* ahead;
}

/** A file that was opened before its turn, and whose reading has begun if it was wanted. */
class StartedFile implements UpcomingFile {
  readonly file: SourceFile;
  readonly #reader: CachedReader;
  readonly #pool: ReaderPool;
  readonly #opened: { file: OpenedFile } | { error: unknown };
  #reading: Promise<ReadFile> | undefined;

  constructor(file: SourceFile, reader: CachedReader, pool: ReaderPool, isWanted: (digest: string) => boolean) {
    this.file = file;
    this.#reader = reader;
    this.#pool = pool;
    try {
      this.#opened = { file: reader.open(file.path) };
    } catch (error) {
      // It is told when the file's turn comes, after what there is to say of those before it.
      this.#opened = { error };
      return;
    }
    if (isWanted(this.#opened.file.digest)) this.#start(this.#opened.file);
  }

  get digest(): string | undefined {
    return 'file' in this.#opened ? this.#opened.file.digest : undefined;
  }

  open(): OpenedFile {
    if ('error' in this.#opened) throw this.#opened.error;
    return this.#opened.file;
  }

  read(): Promise<ReadFile> {
    return this.#reading ?? this.#start(this.open());
  }

  #start(opened: OpenedFile): Promise<ReadFile> {
    this.#reading = this.#reader.readOn(this.#pool, opened);
    // When an earlier file ends the loading nobody asks for this one any more.
    this.#reading.catch(() => undefined);
    return this.#reading;
  }
}
