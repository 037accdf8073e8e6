import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { DataError } from '../../../src/errors.ts';
import { CachedReader } from '../../../src/midi/corpus/cached-reader.ts';
import type { SourceFile } from '../../../src/midi/corpus/find-files.ts';
import { oneByOne, readAhead } from '../../../src/midi/corpus/read-ahead.ts';
import { ReaderPool, ReaderThreadError } from '../../../src/midi/corpus/threads/reader-pool.ts';
import { TemporaryMusic, midiBytes } from './temporary-music.ts';

let music: TemporaryMusic;
let pool: ReaderPool;

beforeEach(() => {
  music = new TemporaryMusic();
  pool = new ReaderPool(2, {});
});

afterEach(async () => {
  await pool.close();
  music.remove();
});

/** Files of one note each, with the given pitches. */
function filesOf(...pitches: number[]): SourceFile[] {
  return pitches.map((pitch, i) => ({ path: music.put(`${i}.mid`, midiBytes([pitch])), name: `${i}` }));
}

const nothingKept = (): boolean => false;

describe('reading ahead', () => {
  it('gives the files in their order, each with its own reading, like reading one by one', async () => {
    const files = filesOf(...Array.from({ length: 40 }, (_, i) => 20 + i));
    for (const upcoming of [
      readAhead(files, new CachedReader({}, undefined), pool, nothingKept),
      oneByOne(files, new CachedReader({}, undefined)),
    ]) {
      const pitches: number[] = [];
      for (const next of upcoming) {
        expect(next.file).toBe(files[pitches.length]);
        expect(next.open().path).toBe(next.file.path);
        pitches.push((await next.read()).reading.table.pitch[0]);
      }
      expect(pitches).toEqual(Array.from({ length: 40 }, (_, i) => 20 + i));
    }
  });

  it('opens only some files before the first is asked for', () => {
    const files = filesOf(...Array.from({ length: 40 }, () => 60));
    const reader = new CachedReader({}, undefined);
    const open = vi.spyOn(reader, 'open');
    readAhead(files, reader, pool, nothingKept).next();
    expect(open.mock.calls.length).toBe(9);
  });

  it('does not read again what was kept, nor at once what is being read', async () => {
    const files = filesOf(60, 61, 60, 61, 62);
    const reader = new CachedReader({}, undefined);
    const kept = reader.open(files[1].path).digest;
    const read = vi.spyOn(pool, 'read');
    const upcoming = [...readAhead(files, reader, pool, (digest) => digest === kept)];
    // The first 60, and 62.
    expect(read).toHaveBeenCalledTimes(2);
    // Whoever asks for them all the same gets them.
    const pitches = await Promise.all(upcoming.map(async (next) => (await next.read()).reading.table.pitch[0]));
    expect(pitches).toEqual([60, 61, 60, 61, 62]);
    expect(read).toHaveBeenCalledTimes(5);
  });

  it('tells of a file that cannot be opened when its turn has come', () => {
    const files = [...filesOf(60), { path: music.at('gone.mid'), name: 'gone' }];
    const [first, gone] = readAhead(files, new CachedReader({}, undefined), pool, nothingKept);
    expect(first.open().bytes).toBeDefined();
    expect(() => gone.open()).toThrow(DataError);
    expect(() => gone.open()).toThrow(/cannot be read: .*ENOENT/);
  });

  it('tells of a thread that ended, at the first file that it owes', async () => {
    const broken = new ReaderPool(2, {}, `throw new Error('no luck')`);
    const [first, , , last] = readAhead(filesOf(60, 61, 62, 63), new CachedReader({}, undefined), broken, nothingKept);
    await expect(first.read()).rejects.toThrow(ReaderThreadError);
    await expect(last.read()).rejects.toThrow(/no luck/);
    await broken.close();
  });
});
