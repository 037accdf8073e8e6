import { readFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { resolve } from 'node:path';

const INDEX_VERSION = 1;
/** A file that changed this shortly before it was hashed may change again without a new time stamp. */
const RACY_MS = 2000;
/** Forget everything rather than let the index of a long-lived cache grow without end. */
const MAX_INDEXED = 200_000;

/** [size, mtime, ctime, inode, digest]: while the first four stay, the fifth is believed. */
type IndexEntry = [size: number, mtimeMs: number, ctimeMs: number, ino: number, digest: string];

/**
 * Which bytes files hold, by their paths: from path, size, time stamps and inode to the digest. Spares a second start the
 * reading and hashing of files that have not changed.
 */
export class FileIndex {
  readonly #path: string;
  readonly #known: Map<string, IndexEntry>;
  readonly #news = new Map<string, IndexEntry>();

  /** @param path of the JSON file; what is torn, foreign or older is passed by */
  constructor(path: string) {
    this.#path = path;
    this.#known = readIndex(path);
  }

  /** SHA-256 of the file's bytes, if it was hashed before and shows no sign of a change since. */
  knownDigest(path: string, stat: Stats): string | undefined {
    const entry = this.#known.get(resolve(path));
    if (entry === undefined) return undefined;
    const [size, mtimeMs, ctimeMs, ino, digest] = entry;
    const same = size === stat.size && mtimeMs === stat.mtimeMs && ctimeMs === stat.ctimeMs && ino === stat.ino;
    return same ? digest : undefined;
  }

  /** Notes the digest of a file whose `stat` was taken before its bytes were read. */
  remember(path: string, stat: Stats, digest: string): void {
    if (Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) < RACY_MS) return;
    const entry: IndexEntry = [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, digest];
    this.#known.set(resolve(path), entry);
    this.#news.set(resolve(path), entry);
  }

  /** What is to be written: what was learned, with what other processes have written since. Undefined where nothing was. */
  takeNews(): string | undefined {
    if (this.#news.size === 0) return undefined;
    const files = new Map([...readIndex(this.#path), ...this.#news]);
    const kept = files.size > MAX_INDEXED ? this.#news : files;
    const text = JSON.stringify({ version: INDEX_VERSION, files: Object.fromEntries(kept) });
    this.#news.clear();
    return text;
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
