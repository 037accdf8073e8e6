import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';

import { messageOf } from '../../errors.ts';
import { makeFolders } from '../../make-folders.ts';
import { FileIndex } from './file-index.ts';
import { Pack, packBytes, type PackMaker } from './pack-file.ts';
import { packReading, unpackReading } from './piece-file.ts';
import type { PieceReading } from './read-piece.ts';

/** To be raised whenever the notes, pedal, timing or problems that the reader makes of any file change: older readings are then passed by. */
const READER_VERSION = 5;
/** As much is gathered before it is written, and lost when the process is killed: some half a second of reading. */
const PACK_BYTES = 8 << 20;
/** Packs below this size are small; so many of them are made into one. */
const SMALL_PACK_BYTES = 1 << 20;
const SMALL_PACKS = 16;
/** Packs that were not used for longest go when all have more than this: MAESTRO takes 113 MB. */
const MAX_CACHE_BYTES = 2 ** 31;
/** A pack that was used says so by its time stamp, once a day. */
const DAY_MS = 86_400_000;
/** What is written takes seconds; what is older was left by a process that was killed. */
const ABANDONED_MS = 3_600_000;

/**
 * Readings on disk, keyed by the content of the file that was read: SHA-256 of its bytes, the version of the reader
 * and whatever else the reading depends on. An index from path, size, time stamps and inode to the digest spares a
 * second start the reading and hashing of files that have not changed.
 *
 * Layout: `index.json` and `packs/….pack` under the folder, each pack some hundred readings in the order in which they were
 * made: a thousand files take longer to open than to read. Files are written beside and renamed, and packs are
 * never changed, so that readers see old or new and never half; several processes may share a folder. Whatever is torn,
 * foreign or older is passed by and written again. The folder may be deleted at any time.
 */
export class PieceCache {
  /** The first reason why something could not be written. */
  problem: string | undefined;
  readonly #folder: string;
  readonly #maker: PackMaker;
  readonly #index: FileIndex;
  /** Those of this maker, the newest first; listed when first asked for. */
  #packs: Pack[] | undefined;
  readonly #used = new Set<Pack>();
  /** The pack whose file is open. */
  #open: Pack | undefined;
  /** Readings that are in no pack yet. */
  readonly #pending = new Map<string, Uint8Array>();
  #pendingBytes = 0;

  /** @param readingOptions What a reading depends on besides the bytes; part of every key. */
  constructor(folder: string, readingOptions: string) {
    this.#folder = folder;
    const fingerprint = createHash('sha256').update(readingOptions).digest('hex');
    this.#maker = { readerVersion: READER_VERSION, fingerprint };
    this.#index = new FileIndex(join(folder, 'index.json'));
  }

  /** SHA-256 of the file's bytes, if it was hashed before and shows no sign of a change since. */
  knownDigest(path: string, stat: Stats): string | undefined {
    return this.#index.knownDigest(path, stat);
  }

  /** Notes the digest of a file whose `stat` was taken before its bytes were read. */
  remember(path: string, stat: Stats, digest: string): void {
    this.#index.remember(path, stat, digest);
  }

  /** The reading of the file with these bytes, or undefined. */
  get(digest: string): PieceReading | undefined {
    const pending = this.#pending.get(digest);
    if (pending !== undefined) return unpackReading(pending, digest);
    for (const pack of this.#ownPacks()) {
      const reading = this.#readFrom(pack, digest);
      if (reading !== undefined) return reading;
    }
    return undefined;
  }

  /** Whether there is a reading of these bytes, sound or not. */
  has(digest: string): boolean {
    return this.#pending.has(digest) || this.#ownPacks().some((pack) => pack.has(digest));
  }

  /** Keeps a reading; it is on disk when `save` has been called, or earlier. */
  put(digest: string, reading: PieceReading): void {
    // A full or read-only disk is no reason to fail, nor to try again and again.
    if (this.problem !== undefined) return;
    this.#add(digest, packReading(reading, digest));
    if (this.#pendingBytes >= PACK_BYTES) this.#writePack();
  }

  /** Writes what was put and what the index learned, and tidies up. */
  save(): void {
    this.#open?.close();
    this.#open = undefined;
    this.#touchUsed();
    const grown = this.#pending.size > 0;
    this.#writePack();
    const index = this.#index.takeNews();
    if (index !== undefined) this.#write(join(this.#folder, 'index.json'), index);
    if (grown && this.problem === undefined) this.#tidy();
  }

  #readFrom(pack: Pack, digest: string): PieceReading | undefined {
    const bytes = pack.read(digest);
    if (bytes !== undefined && pack !== this.#open) {
      // One at a time: there may be hundreds.
      this.#open?.close();
      this.#open = pack;
    }
    const reading = bytes && unpackReading(bytes, digest);
    if (reading !== undefined) this.#used.add(pack);
    return reading;
  }

  #add(digest: string, bytes: Uint8Array): void {
    this.#pending.set(digest, bytes);
    this.#pendingBytes += bytes.length;
  }

  #writePack(): void {
    if (this.#pending.size === 0) return;
    const path = join(this.#packFolder, `${randomBytes(16).toString('hex')}.pack`);
    this.#write(path, packBytes(this.#maker, this.#pending));
    this.#pending.clear();
    this.#pendingBytes = 0;
    const pack = this.problem === undefined ? openPack(path) : undefined;
    if (pack) this.#ownPacks().unshift(pack);
  }

  get #packFolder(): string {
    return join(this.#folder, 'packs');
  }

  #ownPacks(): Pack[] {
    this.#packs ??= this.#allPacks().filter((pack) => this.#isOurs(pack));
    return this.#packs;
  }

  #isOurs({ readerVersion, fingerprint }: Pack): boolean {
    return readerVersion === this.#maker.readerVersion && fingerprint === this.#maker.fingerprint;
  }

  /** The newest first. */
  #allPacks(): Pack[] {
    const packs = namesIn(this.#packFolder).flatMap((name) => {
      const pack = name.endsWith('.pack') ? openPack(join(this.#packFolder, name)) : undefined;
      return pack ? [pack] : [];
    });
    return packs.sort((a, b) => b.mtimeMs - a.mtimeMs);
  }

  /** What is used is not what goes first when there is too much. */
  #touchUsed(): void {
    const now = new Date();
    for (const { path, mtimeMs } of this.#used) {
      if (now.getTime() - mtimeMs > DAY_MS) quietly(() => { utimesSync(path, now, now); }); // prettier-ignore
    }
  }

  /** Makes one pack of many small ones, and removes what nobody will use any more. */
  #tidy(): void {
    // Before there were packs, each reading was a file of its own, in here.
    remove(join(this.#folder, 'pieces'));
    this.#removeAbandoned();
    this.#joinSmallPacks();
    let bytes = 0;
    for (const { path, size, readerVersion } of this.#allPacks()) {
      bytes += size;
      if (bytes > MAX_CACHE_BYTES || readerVersion < READER_VERSION) remove(path);
    }
  }

  #joinSmallPacks(): void {
    const small = this.#ownPacks().filter(({ size }) => size < SMALL_PACK_BYTES);
    if (small.length < SMALL_PACKS) return;
    for (const pack of small.toReversed()) {
      for (const digest of pack.digests) {
        const bytes = pack.read(digest);
        if (bytes && unpackReading(bytes, digest)) this.#add(digest, bytes);
      }
      pack.close();
    }
    this.#writePack();
    if (this.problem !== undefined) return;
    for (const { path } of small) remove(path);
    this.#packs = this.#ownPacks().filter((pack) => !small.includes(pack));
  }

  /** What a killed process was writing, and packs that are torn. */
  #removeAbandoned(): void {
    for (const folder of [this.#folder, this.#packFolder]) {
      for (const name of namesIn(folder)) {
        const path = join(folder, name);
        const useless = name.endsWith('.tmp') || (name.endsWith('.pack') && openPack(path) === undefined);
        if (useless && isAbandoned(path)) remove(path);
      }
    }
  }

  #write(path: string, content: Uint8Array | string): void {
    if (this.problem !== undefined) return;
    const beside = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
    try {
      makeFolders(dirname(path));
      writeFileSync(beside, content);
      renameSync(beside, path);
    } catch (thrown) {
      this.problem = `the cache ${this.#folder} cannot be written: ${messageOf(thrown)}`;
      remove(beside);
    }
  }
}

/** Undefined where there is no pack that can be used. */
function openPack(path: string): Pack | undefined {
  try {
    return new Pack(path);
  } catch {
    return undefined;
  }
}

function isAbandoned(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs > ABANDONED_MS;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function remove(path: string): void {
  quietly(() => { rmSync(path, { force: true, recursive: true }); }); // prettier-ignore
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // A cache that cannot be tidied, or is another user's, serves all the same.
  }
}
