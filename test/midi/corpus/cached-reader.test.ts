import { rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { DataError } from '../../../src/errors.ts';
import { CachedReader } from '../../../src/midi/corpus/cached-reader.ts';
import type { ReadPieceOptions } from '../../../src/midi/corpus/read-piece.ts';
import { ReaderPool } from '../../../src/midi/corpus/threads/reader-pool.ts';
import { TemporaryMusic, midiBytes } from './temporary-music.ts';

let music: TemporaryMusic;

beforeEach(() => {
  music = new TemporaryMusic();
});

afterEach(() => {
  vi.useRealTimers();
  music.remove();
});

/** Reads a file once through a fresh cache, long after it was written. */
function warmUp(path: string): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
  const reader = new CachedReader({}, music.at('cache'));
  reader.read(reader.open(path));
  reader.close();
}

describe('reading by way of the cache', () => {
  it('does not even open a file that it knows', () => {
    const path = music.put('a.mid', midiBytes([60, 62]));
    warmUp(path);
    const reader = new CachedReader({}, music.at('cache'));
    const opened = reader.open(path);
    expect(opened.bytes).toBeUndefined();
    const { reading, cached } = reader.read(opened);
    expect(cached).toBe(true);
    expect([...reading.table.pitch]).toEqual([60, 62]);
  });

  it('reads again where the index knows a file and its reading is gone or was for another instrument', () => {
    const path = music.put('a.mid', midiBytes([60, 62], [36]));
    warmUp(path);
    const other = new CachedReader({ instrument: { by: 'index', index: 1 } }, music.at('cache'));
    const { reading, cached } = other.read(other.open(path));
    expect([[...reading.table.pitch], cached]).toEqual([[36], false]);
    rmSync(music.at('cache/packs'), { recursive: true });
    const reader = new CachedReader({}, music.at('cache'));
    expect(reader.read(reader.open(path)).cached).toBe(false);
    expect(reader.read(reader.open(path)).cached).toBe(true);
  });

  it('reads again where a file was read by another reading', () => {
    const path = resolve(import.meta.dirname, '../../fixtures/cases/b-tempo-in-track1.mid');
    const read = (options: ReadPieceOptions) => {
      const reader = new CachedReader(options, music.at('cache'));
      const { reading, cached } = reader.read(reader.open(path));
      reader.close();
      return [Math.round(reading.table.start.at(-1)!), cached];
    };
    expect(read({})).toEqual([15, false]);
    expect(read({ compat: 'pretty_midi' })).toEqual([7, false]);
    expect(read({})).toEqual([15, true]);
    expect(read({ compat: 'pretty_midi' })).toEqual([7, true]);
  });

  it('refuses a file that changes or goes between the two looks', () => {
    const path = music.put('a.mid', midiBytes([60, 62]));
    warmUp(path);
    rmSync(music.at('cache/packs'), { recursive: true });
    const reader = new CachedReader({}, music.at('cache'));
    const opened = reader.open(path);
    writeFileSync(path, midiBytes([60, 62, 64]));
    expect(() => reader.read(opened)).toThrow(/changed while it was read/);
    rmSync(path);
    expect(() => reader.read(opened)).toThrow(DataError);
    expect(() => reader.open(path)).toThrow(/cannot be read: .*ENOENT/);
  });

  it('keeps to the limit on the size for files that it knows, too', () => {
    const path = music.put('a.mid', midiBytes([60, 62]));
    warmUp(path);
    const reader = new CachedReader({ maxBytes: 20 }, music.at('cache'));
    expect(() => reader.open(path)).toThrow(/at most 20 are read/);
  });

  it('counts the bytes that it would have to read anew', () => {
    const [a, b] = [music.put('a.mid', midiBytes([60, 62])), music.put('b.mid', midiBytes([60, 62, 64]))];
    const [sizeA, sizeB] = [a, b].map((path) => statSync(path).size);
    const count = (options: ReadPieceOptions, enough = Infinity): number =>
      new CachedReader(options, music.at('cache')).unreadBytes([a, music.at('gone.mid'), b], enough);
    expect(count({})).toBe(sizeA + sizeB);
    expect(count({}, 1)).toBe(sizeA);
    expect(count({ maxBytes: sizeB - 1 })).toBe(sizeA);
    warmUp(a);
    expect(count({})).toBe(sizeB);
    expect(count({ instrument: { by: 'index', index: 0 } })).toBe(sizeA + sizeB);
    rmSync(music.at('cache/packs'), { recursive: true });
    expect(count({})).toBe(sizeA + sizeB);
    expect(new CachedReader({}, undefined).unreadBytes([a, b], Infinity)).toBe(sizeA + sizeB);
  });

  it('reads on the threads of a pool what is not in the cache, and keeps it', async () => {
    const path = music.put('a.mid', midiBytes([60, 62]));
    const pool = new ReaderPool(1, {});
    onTestFinished(() => pool.close());
    const read = vi.spyOn(pool, 'read');
    const reader = new CachedReader({}, music.at('cache'));
    const first = await reader.readOn(pool, reader.open(path));
    const again = await reader.readOn(pool, reader.open(path));
    expect([first.cached, again.cached, read.mock.calls.length]).toEqual([false, true, 1]);
    expect(again.reading).toEqual(first.reading);
    expect(new CachedReader({}, undefined).read(reader.open(path)).reading).toEqual(first.reading);
  });

  it('writes nothing without a folder for it', () => {
    const path = music.put('a.mid', midiBytes([60]));
    const reader = new CachedReader({}, undefined);
    expect(reader.read(reader.open(path)).cached).toBe(false);
    expect(reader.read(reader.open(path)).cached).toBe(false);
    expect(reader.close()).toBeUndefined();
  });
});
