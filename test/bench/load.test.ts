import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { benchLoad, loadOnce, type Loading } from '../../bench/load.ts';
import { VerificationError } from '../../bench/verification-error.ts';
import { songbookFolder } from '../../src/package-folder.ts';

describe('benchLoad', () => {
  it('reads cold, into a new cache and from it, and finds the same each time', async () => {
    const folders: (string | undefined)[] = [];
    const load = (sources: readonly string[], cacheDir?: string): Promise<Loading> => {
      folders.push(cacheDir);
      return loadOnce(sources, cacheDir);
    };
    const rows = await benchLoad({ sources: [songbookFolder()], rounds: 2, load });
    expect(rows.map(({ way, samples }) => [way, samples])).toEqual([
      ['cold', 2],
      ['filling the cache', 2],
      ['cached', 2],
    ]);
    expect(rows[0].files).toBe(27);
    expect(rows[2].notesPerSecond).toBeCloseTo((rows[2].notes * 1000) / rows[2].medianMs, 5);
    expect(folders.map((folder) => folder !== undefined)).toEqual([false, true, true, false, true, true]);
    expect(folders[1]).toBe(folders[2]);
    expect(folders[4]).not.toBe(folders[1]);
    expect(folders.some((folder) => folder !== undefined && existsSync(folder))).toBe(false);
  });

  it('says so when the ways find different music, or the cache is not used', async () => {
    const found: Loading = { ms: 1, files: 2, notes: 3, cached: 2, childSeconds: 0 };
    let notes = 3;
    const growing = () => Promise.resolve({ ...found, notes: notes++ });
    await expect(benchLoad({ sources: [], rounds: 1, load: growing })).rejects.toThrow(VerificationError);
    const uncached = () => Promise.resolve({ ...found, cached: 0 });
    await expect(benchLoad({ sources: [], rounds: 1, load: uncached })).rejects.toThrow(/come from the cache/);
  });
});
