import { readFileSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';

import { DataError, messageOf } from '../../errors.ts';
import { formatInstrumentChoice } from '../instruments.ts';
import { AUTO } from '../read/charset.ts';
import { diskPath } from '../read/disk-path.ts';
import { checkedLimits, tooLarge } from '../read/limits.ts';
import { PieceCache } from './piece-cache.ts';
import { readingOptions, readPiece } from './read-piece.ts';
import type { PieceReading, ReadPieceOptions } from './read-piece.ts';
import type { ReaderPool } from './threads/reader-pool.ts';
import { sha256 } from '../../sha256.ts';

/** A file whose content is known by its digest, though it may not have been read yet. */
export interface OpenedFile {
  path: string;
  /** SHA-256 of the bytes, in hexadecimal. */
  digest: string;
  /** Taken before the bytes were read. */
  stat: Stats;
  /** Absent when the cache vouches for the digest. */
  bytes?: Uint8Array;
}

/** What a file holds, and whether that came from the cache. */
export interface ReadFile {
  reading: PieceReading;
  cached: boolean;
}

/** Reads pieces from files, by way of a cache where there is one. */
export class CachedReader {
  readonly #options: ReadPieceOptions;
  readonly #maxBytes: number;
  readonly #cache: PieceCache | undefined;
  /** What `unreadBytes` saw of files that have not been opened since. */
  readonly #stats = new Map<string, Stats>();

  /** @param cacheDir No cache when absent. */
  constructor(options: ReadPieceOptions, cacheDir: string | undefined) {
    this.#options = readingOptions(options);
    this.#maxBytes = checkedLimits(options).maxBytes;
    if (cacheDir !== undefined) this.#cache = new PieceCache(cacheDir, keyOf(options));
  }

  /**
   * Finds out which bytes a file holds, without reading it where the cache has seen it before.
   * @throws DataError when it cannot be read or is too large.
   */
  open(path: string): OpenedFile {
    try {
      // An older look is as good: a file that has changed after it is not the one that the index knows, then or later.
      const stat = this.#stats.get(path) ?? statSync(diskPath(path));
      this.#stats.delete(path);
      if (stat.size > this.#maxBytes) throw tooLarge(stat.size, this.#maxBytes);
      const known = this.#cache?.knownDigest(path, stat);
      return known === undefined ? this.#hash(path, stat) : { path, stat, digest: known };
    } catch (thrown) {
      if (thrown instanceof DataError) throw thrown;
      throw new DataError(`the file cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
  }

  /**
   * The reading of an opened file, from the cache or from its bytes, and then into the cache.
   * @throws as `readPiece`; DataError when the file cannot be read any more or has changed since it was opened.
   */
  read(file: OpenedFile): ReadFile {
    const found = this.#cache?.get(file.digest);
    if (found !== undefined) return { reading: found, cached: true };
    return this.#keep(file, readPiece(this.#bytesOf(file), this.#options));
  }

  /** As `read`, but what is not in the cache is read by a thread of the pool; rejects where `read` throws. */
  async readOn(pool: ReaderPool, file: OpenedFile): Promise<ReadFile> {
    const found = this.#cache?.get(file.digest);
    if (found !== undefined) return { reading: found, cached: true };
    return this.#keep(file, await pool.read(this.#bytesOf(file)));
  }

  /**
   * How many bytes would have to be read anew, by the sizes of the files and what the cache says of them; opens none.
   * @param enough stops counting there
   */
  unreadBytes(paths: readonly string[], enough: number): number {
    let bytes = 0;
    for (const path of paths) {
      if (bytes >= enough) break;
      const stat = statOf(path);
      if (stat === undefined || stat.size > this.#maxBytes) continue;
      this.#stats.set(path, stat);
      const digest = this.#cache?.knownDigest(path, stat);
      if (digest === undefined || !this.#cache?.has(digest)) bytes += stat.size;
    }
    return bytes;
  }

  /** Writes the cache's index. Returns why something could not be written to the cache, if so. */
  close(): string | undefined {
    this.#cache?.save();
    return this.#cache?.problem;
  }

  #keep(file: OpenedFile, reading: PieceReading): ReadFile {
    this.#cache?.put(file.digest, reading);
    return { reading, cached: false };
  }

  #bytesOf(file: OpenedFile): Uint8Array {
    return file.bytes ?? this.#readAgain(file);
  }

  #hash(path: string, stat: Stats): OpenedFile {
    const bytes = readFileSync(diskPath(path));
    const digest = sha256(bytes);
    this.#cache?.remember(path, stat, digest);
    return { path, stat, digest, bytes };
  }

  /** The index knew the digest, but its reading is gone or was made for another instrument. */
  #readAgain({ path, digest }: OpenedFile): Uint8Array {
    let again: OpenedFile;
    try {
      again = this.#hash(path, statSync(diskPath(path)));
    } catch (thrown) {
      throw new DataError(`the file cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
    if (again.digest !== digest) throw new DataError('the file changed while it was read. Load it again.');
    return again.bytes!;
  }
}

/** All that a reading depends on besides the bytes, however it was spelt. */
function keyOf(options: ReadPieceOptions): string {
  const { instrument = { by: 'first' }, compat = null, charset = AUTO } = options;
  // A reading that was allowed to be longer must not pass where less is allowed.
  const { maxNotes, maxHours } = checkedLimits(options);
  return JSON.stringify([formatInstrumentChoice(instrument), compat, charset, String(maxNotes), String(maxHours)]);
}

/** Undefined where there is nothing to be seen; opening the file will say why. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(diskPath(path));
  } catch {
    return undefined;
  }
}
