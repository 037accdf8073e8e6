import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EtudeError, messageOf } from '../../errors.ts';
import { makeFolders } from '../../make-folders.ts';
import { loadCorpus, packCorpus, parseInstrumentChoice, unpackCorpus, type Corpus } from '../../midi/node.ts';
import { leastNotes, type Settings } from '../../music/index.ts';
import { sha256 } from '../../sha256.ts';
import type { BlobStore } from './blobs.ts';

/** Where a machine that trains finds music. */
export interface MusicPlaces {
  /** Keeps what was fetched; nothing is kept unless given. */
  cacheDir?: string;
  /** A folder of the music itself, as it may lie on a shared disk. */
  folder?: string;
  onWarning: (sentence: string) => void;
}

/** Where music was found. */
export type MusicFrom = 'memory' | 'folder' | 'cache' | 'redis';

/** What was not used for so long goes. */
const KEPT_MS = 30 * 86_400_000;

/** The music of jobs by its digest: from a shared folder or the cache, else from Redis, once for each machine. */
export class MusicStore {
  readonly #store: BlobStore;
  readonly #places: MusicPlaces;
  /** Jobs of one sweep have the same. */
  #newest?: { digest: string; corpus: Corpus };

  constructor(store: BlobStore, places: MusicPlaces) {
    this.#store = store;
    this.#places = places;
  }

  /**
   * @param settings how it was read
   * @throws DistributedError, DataError when it is nowhere, or damaged
   */
  async get(digest: string, settings: Settings): Promise<{ corpus: Corpus; from: MusicFrom }> {
    if (this.#newest?.digest === digest) return { corpus: this.#newest.corpus, from: 'memory' };
    const found = await this.#find(digest, settings);
    this.#newest = { digest, corpus: found.corpus };
    return found;
  }

  async #find(digest: string, settings: Settings): Promise<{ corpus: Corpus; from: MusicFrom }> {
    const shared = await this.#fromFolder(digest, settings);
    if (shared) return { corpus: shared, from: 'folder' };
    const cached = this.#fromCache(digest);
    if (cached) return { corpus: unpackCorpus(cached), from: 'cache' };
    const bytes = await this.#store.get(digest);
    const corpus = unpackCorpus(bytes);
    this.#keep(digest, bytes);
    return { corpus, from: 'redis' };
  }

  /** The music of the folder, read as the job says, where that gives the same digest. */
  async #fromFolder(digest: string, settings: Settings): Promise<Corpus | undefined> {
    const { folder, cacheDir, onWarning } = this.#places;
    if (folder === undefined) return undefined;
    try {
      const { files, instrument, compat, charset, allowDamaged } = settings;
      const read = await loadCorpus([folder], {
        files: files ?? undefined,
        instrument: parseInstrumentChoice(instrument),
        compat: (compat ?? undefined) as 'pretty_midi' | undefined,
        charset: charset ?? undefined,
        minNotes: leastNotes(settings),
        allowDamaged,
        cacheDir,
      });
      const packed = packCorpus(read.pieces);
      // By way of the same bytes, so that paths are those of every other machine.
      if (sha256(packed) === digest) return unpackCorpus(packed);
      onWarning(`${folder}: this is not the music of the job; it is fetched from Redis.`);
    } catch (thrown) {
      if (!(thrown instanceof EtudeError)) throw thrown;
      onWarning(`${folder}: ${messageOf(thrown)} The music of the job is fetched from Redis.`);
    }
    return undefined;
  }

  #fromCache(digest: string): Uint8Array | undefined {
    const path = this.#path(digest);
    if (path === undefined) return undefined;
    try {
      const bytes = readFileSync(path);
      if (sha256(bytes) !== digest) return undefined;
      const now = new Date();
      utimesSync(path, now, now);
      return bytes;
    } catch {
      return undefined;
    }
  }

  #keep(digest: string, bytes: Uint8Array): void {
    const path = this.#path(digest);
    if (path === undefined) return;
    const folder = join(path, '..');
    try {
      makeFolders(folder);
      for (const name of readdirSync(folder)) {
        const old = join(folder, name);
        if (Date.now() - statSync(old).mtimeMs > KEPT_MS) rmSync(old, { force: true });
      }
      const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      writeFileSync(beside, bytes);
      renameSync(beside, path);
    } catch (thrown) {
      this.#places.onWarning(
        `The music cannot be kept in ${folder}: ${messageOf(thrown)}. It is fetched again next time.`,
      );
    }
  }

  #path(digest: string): string | undefined {
    const { cacheDir } = this.#places;
    return cacheDir === undefined ? undefined : join(cacheDir, 'corpora', `${digest}.corpus`);
  }
}
