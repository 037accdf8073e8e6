import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { messageOf } from '../../errors.ts';
import { makeFolders } from '../../make-folders.ts';
import { packReading, unpackReading } from './piece-file.ts';
import type { PieceReading } from './read-piece.ts';

/** To be raised whenever the notes or problems that the reader makes of any file change: older readings are then passed by. */
const READER_VERSION = 2;
const INDEX_VERSION = 1;
/** A file that changed this shortly before it was hashed may change again without a new time stamp. */
const RACY_MS = 2000;
/** Forget everything rather than let the index of a long-lived cache grow without end. */
const MAX_INDEXED = 200_000;

/** Ten times what the largest MIDI file that is read can hold; a longer file is none of ours. */
const MAX_FILE_BYTES = 1 << 30;

/** [size, mtime, ctime, inode, digest]: while the first four stay, the fifth is believed. */
type IndexEntry = [size: number, mtimeMs: number, ctimeMs: number, ino: number, digest: string];

/**
 * Readings on disk, keyed by the content of the file that was read: SHA-256 of its bytes, the version of the reader
 * and whatever else the reading depends on. An index from path, size, time stamps and inode to the digest spares a
 * second start the reading and hashing of files that have not changed.
 *
 * Layout: `index.json` and `pieces/ab/abcd….notes` under the folder. Files are written beside and renamed, so that
 * readers see old or new and never half; several processes may share a folder. Whatever is torn, foreign or older is
 * passed by and written again. The folder may be deleted at any time.
 */
export class PieceCache {
  /** The first reason why something could not be written. */
  problem: string | undefined;
  readonly #folder: string;
  readonly #fingerprint: string;
  readonly #index: Map<string, IndexEntry>;
  readonly #news = new Map<string, IndexEntry>();

  /** @param readingOptions What a reading depends on besides the bytes; part of every key. */
  constructor(folder: string, readingOptions: string) {
    this.#folder = folder;
    this.#fingerprint = JSON.stringify([READER_VERSION, readingOptions]);
    this.#index = readIndex(join(folder, 'index.json'));
  }

  /** SHA-256 of the file's bytes, if it was hashed before and shows no sign of a change since. */
  knownDigest(path: string, stat: Stats): string | undefined {
    const entry = this.#index.get(resolve(path));
    if (entry === undefined) return undefined;
    const [size, mtimeMs, ctimeMs, ino, digest] = entry;
    const same = size === stat.size && mtimeMs === stat.mtimeMs && ctimeMs === stat.ctimeMs && ino === stat.ino;
    return same ? digest : undefined;
  }

  /** Notes the digest of a file whose `stat` was taken before its bytes were read. */
  remember(path: string, stat: Stats, digest: string): void {
    if (Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) < RACY_MS) return;
    const entry: IndexEntry = [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, digest];
    this.#index.set(resolve(path), entry);
    this.#news.set(resolve(path), entry);
  }

  /** The reading of the file with these bytes, or undefined. */
  get(digest: string): PieceReading | undefined {
    const key = this.#key(digest);
    const bytes = readAligned(this.#pathOf(key));
    return bytes === undefined ? undefined : unpackReading(bytes, key);
  }

  /** Whether there is a file for the reading of these bytes, sound or not. */
  has(digest: string): boolean {
    return existsSync(this.#pathOf(this.#key(digest)));
  }

  put(digest: string, reading: PieceReading): void {
    const key = this.#key(digest);
    this.#write(this.#pathOf(key), packReading(reading, key));
  }

  /** Writes what the index learned, together with what other processes have written to it since. */
  save(): void {
    if (this.#news.size === 0) return;
    const path = join(this.#folder, 'index.json');
    const files = new Map([...readIndex(path), ...this.#news]);
    const kept = files.size > MAX_INDEXED ? this.#news : files;
    this.#write(path, JSON.stringify({ version: INDEX_VERSION, files: Object.fromEntries(kept) }));
    this.#news.clear();
  }

  #key(digest: string): string {
    return createHash('sha256').update(`${this.#fingerprint}\n${digest}`).digest('hex');
  }

  #pathOf(key: string): string {
    return join(this.#folder, 'pieces', key.slice(0, 2), `${key}.notes`);
  }

  #write(path: string, content: Uint8Array | string): void {
    // A full or read-only disk is no reason to fail, nor to try once more for each of a thousand files.
    if (this.problem !== undefined) return;
    const beside = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
    try {
      makeFolders(dirname(path));
      writeFileSync(beside, content);
      renameSync(beside, path);
    } catch (thrown) {
      this.problem = `the cache ${this.#folder} cannot be written: ${messageOf(thrown)}`;
      removeQuietly(beside);
    }
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What could not be written cannot always be removed either; the first reason has been noted.
  }
}

/** A file's bytes in a buffer of their own, which begins on a multiple of 8; undefined when it cannot be read. */
function readAligned(path: string): Uint8Array | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(file);
    if (size > MAX_FILE_BYTES) return undefined;
    // Not from Node's shared pool, and not filled with zeros first: every byte is written below.
    const bytes = Buffer.allocUnsafeSlow(size);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(file, bytes, at, bytes.length - at, at);
      if (count === 0) return undefined;
      at += count;
    }
    return bytes;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

function readIndex(path: string): Map<string, IndexEntry> {
  try {
    const json = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown; files?: unknown };
    if (json.version !== INDEX_VERSION || typeof json.files !== 'object' || json.files === null) return new Map();
    return new Map(Object.entries(json.files).filter((entry): entry is [string, IndexEntry] => isIndexEntry(entry[1])));
  } catch {
    // Missing, torn or foreign: the files are hashed again.
    return new Map();
  }
}

function isIndexEntry(value: unknown): value is IndexEntry {
  if (!Array.isArray(value) || value.length !== 5) return false;
  const digest: unknown = value[4];
  return (
    value.slice(0, 4).every((entry) => typeof entry === 'number') &&
    typeof digest === 'string' &&
    /^[0-9a-f]{64}$/.test(digest)
  );
}
