import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCorpus } from '../src/midi/node.ts';
import type { Row } from './results.ts';
import { summarise } from './timing.ts';
import { VerificationError } from './verification-error.ts';

/** Where readings come from: from the files, from the files and into a cache, or from that cache. */
export const LOAD_WAYS = ['cold', 'filling the cache', 'cached'] as const;
export type LoadWay = (typeof LOAD_WAYS)[number];

/** What one reading of a corpus found, and how long it took. */
export interface Loading {
  ms: number;
  files: number;
  notes: number;
  /** How many pieces came from the cache. */
  cached: number;
  /** The processor seconds that the reading process used in all, where it was not this one. */
  childSeconds: number;
}

/** Reading a corpus in one of the ways. */
export interface LoadRow extends Row {
  way: LoadWay;
  files: number;
  notes: number;
  filesPerSecond: number;
  notesPerSecond: number;
  childSeconds: number;
}

/** Reads a corpus once in this process; with a cache where a folder is given. */
export async function loadOnce(sources: readonly string[], cacheDir?: string): Promise<Loading> {
  const begin = performance.now();
  const { pieces, skipped, duplicates, cached } = await loadCorpus(sources, { cacheDir });
  return {
    ms: performance.now() - begin,
    files: pieces.length + skipped.length + duplicates.length,
    notes: pieces.reduce((sum, { table }) => sum + table.length, 0),
    cached,
    childSeconds: 0,
  };
}

export interface LoadBenchOptions {
  sources: readonly string[];
  rounds: number;
  /** Reads once; in a process of its own, so that every reading begins with code that was never run. */
  load(sources: readonly string[], cacheDir?: string): Promise<Loading>;
  onRound?(round: number): void;
}

/**
 * Reads a corpus without a cache, into a new one, and from it, in turns. What the operating system keeps of the files in its
 * own memory is kept.
 * @throws VerificationError when the ways do not find the same
 */
export async function benchLoad({ sources, rounds, load, onRound }: LoadBenchOptions): Promise<LoadRow[]> {
  const found: Record<LoadWay, Loading[]> = { cold: [], 'filling the cache': [], cached: [] };
  for (let round = 0; round < rounds; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'etude-bench-'));
    try {
      found.cold.push(await load(sources));
      found['filling the cache'].push(await load(sources, folder));
      found.cached.push(await load(sources, folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    onRound?.(round + 1);
  }
  verifySame(found);
  return LOAD_WAYS.map((way) => {
    const { files, notes } = found[way][0];
    const timing = summarise(found[way].map(({ ms }) => ms));
    const seconds = timing.medianMs / 1000;
    return {
      id: `loading ${files} files, ${way}`,
      way,
      files,
      notes,
      ...timing,
      filesPerSecond: files / seconds,
      notesPerSecond: notes / seconds,
      childSeconds: found[way].reduce((sum, each) => sum + each.childSeconds, 0),
    };
  });
}

function verifySame(found: Record<LoadWay, Loading[]>): void {
  const all = LOAD_WAYS.flatMap((way) => found[way]);
  const [first] = all;
  const other = all.find(({ files, notes }) => files !== first.files || notes !== first.notes);
  if (other) {
    throw new VerificationError(
      `Reading found ${first.notes} notes in ${first.files} files once, and ${other.notes} in ${other.files} another time.`,
    );
  }
  if (found.cached.some(({ cached }) => cached === 0)) {
    throw new VerificationError('A reading that should have come from the cache did not.');
  }
}
