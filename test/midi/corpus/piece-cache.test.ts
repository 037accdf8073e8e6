import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { packBytes } from '../../../src/midi/corpus/pack-file.ts';
import { PieceCache } from '../../../src/midi/corpus/piece-cache.ts';
import { packReading } from '../../../src/midi/corpus/piece-file.ts';
import type { PieceReading } from '../../../src/midi/corpus/read-piece.ts';
import { melody } from '../arbitrary-notes.ts';
import { TemporaryMusic } from './temporary-music.ts';

const DIGEST = '12'.repeat(32);
const reading: PieceReading = {
  table: melody([60, 62]),
  timing: { tempo: [[0, 120]], meter: [] },
  problems: [],
  notesDigest: '34'.repeat(32),
};

let music: TemporaryMusic;
let folder: string;

beforeEach(() => {
  music = new TemporaryMusic();
  folder = music.at('cache');
});

afterEach(() => {
  vi.useRealTimers();
  music.remove();
});

/** A file that was not touched lately. */
function settledFile(name: string): { path: string; stat: Stats } {
  const path = music.put(name, 'MThd');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
  return { path, stat: statSync(path) };
}

function packs(): string[] {
  return readdirSync(join(folder, 'packs')).map((name) => join(folder, 'packs', name));
}

/** Puts readings as a process would that ends after it. */
function putBy(options: string, ...digests: string[]): PieceCache {
  const cache = new PieceCache(folder, options);
  for (const digest of digests) cache.put(digest, reading);
  cache.save();
  return cache;
}

/** What the next process finds. */
const found = (digest: string, options = 'first'): PieceReading | undefined =>
  new PieceCache(folder, options).get(digest);

const digestOf = (n: number): string => n.toString(16).padStart(64, '0');

describe('the cache of readings', () => {
  it('gives back what was put, also to the next start', () => {
    const cache = new PieceCache(folder, 'first');
    expect(cache.get(DIGEST)).toBeUndefined();
    cache.put(DIGEST, reading);
    expect(cache.get(DIGEST)).toEqual(reading);
    cache.save();
    expect(cache.get(DIGEST)).toEqual(reading);
    expect(found(DIGEST)).toEqual(reading);
    expect(cache.problem).toBeUndefined();
  });

  it('keeps readings of another content or with other options apart', () => {
    putBy('first', DIGEST);
    expect(found('13'.repeat(32))).toBeUndefined();
    expect(found(DIGEST, 'index:1')).toBeUndefined();
  });

  it('leaves nothing behind but whole files, many readings in one', () => {
    const cache = new PieceCache(folder, 'first');
    for (let n = 0; n < 100; n++) cache.put(digestOf(n), reading);
    const { path, stat } = settledFile('a.mid');
    cache.remember(path, stat, DIGEST);
    cache.save();
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    expect(names).toEqual(['index.json', 'packs', expect.stringMatching(/^packs\/[0-9a-f]{32}\.pack$/)]);
    for (let n = 0; n < 100; n++) expect(found(digestOf(n))).toEqual(reading);
  });

  it('writes before much has been gathered, so that a process that is killed has not read in vain', () => {
    const cache = new PieceCache(folder, 'first');
    const long = { ...reading, table: melody(Array.from({ length: 300_000 }, () => 60)) };
    cache.put(DIGEST, long);
    cache.put(digestOf(1), long);
    expect(found(DIGEST)?.table.length).toBe(300_000);
  });

  it.each([
    ['torn', (path: string): void => truncateSync(path, statSync(path).size - 8)],
    ['torn in its directory', (path: string): void => truncateSync(path, 60)],
    ['empty', (path: string): void => truncateSync(path, 0)],
    ['foreign', (path: string): void => writeFileSync(path, 'Some notes of mine.'.repeat(10))],
  ])('passes by a file that is %s, and writes it again', (_, harm) => {
    putBy('first', DIGEST);
    harm(packs()[0]);
    expect(found(DIGEST)).toBeUndefined();
    putBy('first', DIGEST);
    expect(found(DIGEST)).toEqual(reading);
  });

  it('believes no reading of which one byte is another, and no directory', () => {
    putBy('first', DIGEST, digestOf(1));
    const [path] = packs();
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      const harmed = Uint8Array.from(whole);
      harmed[at] ^= 0x10;
      writeFileSync(path, harmed);
      // Between the readings there may be bytes that mean nothing.
      for (const digest of [DIGEST, digestOf(1)]) expect([undefined, reading]).toContainEqual(found(digest));
    }
  });

  it('passes by a folder where a file should be', () => {
    putBy('first', DIGEST);
    const [path] = packs();
    rmSync(path);
    mkdirSync(path);
    expect(found(DIGEST)).toBeUndefined();
    putBy('first', DIGEST);
    expect(found(DIGEST)).toEqual(reading);
  });

  it('reads anew what another process removes meanwhile', () => {
    putBy('first', DIGEST);
    const cache = new PieceCache(folder, 'first');
    expect(cache.has(DIGEST)).toBe(true);
    rmSync(packs()[0]);
    expect(cache.get(DIGEST)).toBeUndefined();
  });

  it('does without when nothing can be written', () => {
    writeFileSync(folder, 'a file, no folder');
    const cache = putBy('first', DIGEST);
    expect(cache.problem).toMatch(/^the cache .* cannot be written: /);
    expect(cache.get(DIGEST)).toBeUndefined();
    expect(readFileSync(folder, 'utf8')).toBe('a file, no folder');
  });
});

describe('a cache that is used for long', () => {
  it('makes one pack of many small ones, with all that is in them', () => {
    for (let n = 0; n < 40; n++) putBy('first', digestOf(n));
    expect(packs().length).toBeLessThan(20);
    for (let n = 0; n < 40; n++) expect(found(digestOf(n))).toEqual(reading);
  });

  it('leaves what was read with other options as it is, when it does', () => {
    putBy('index:1', DIGEST);
    for (let n = 0; n < 20; n++) putBy('first', digestOf(n));
    expect(found(DIGEST, 'index:1')).toEqual(reading);
  });

  it('removes the files of before there were packs, what killed processes left, and torn packs', () => {
    const old = music.put('cache/pieces/ab/abcd.notes', 'old');
    const killed = [music.put('cache/index.json.1-2.tmp', '{'), music.put('cache/packs/a.pack.1-2.tmp', 'E')];
    const torn = music.put('cache/packs/torn.pack', 'ETUDEPK');
    const fresh = music.put('cache/packs/b.pack.3-4.tmp', 'being written');
    const hoursAgo = new Date(Date.now() - 7_200_000);
    for (const path of [...killed, torn]) utimesSync(path, hoursAgo, hoursAgo);
    const foreign = music.put('cache/gpu-crossover.json', '{}');
    putBy('first', DIGEST);
    expect([old, ...killed, torn, fresh, foreign].map((path) => existsSync(path))).toEqual([false, false, false, false, true, true]); // prettier-ignore
    expect(found(DIGEST)).toEqual(reading);
  });

  it('removes what an older reader read, and leaves that of a newer one', () => {
    const [older, newer] = [1, 99].map((readerVersion) => {
      const bytes = packBytes(
        { readerVersion, fingerprint: DIGEST },
        new Map([[DIGEST, packReading(reading, DIGEST)]]),
      );
      return music.put(`cache/packs/${readerVersion}.pack`, bytes);
    });
    putBy('first', digestOf(1));
    expect([older, newer].map((path) => existsSync(path))).toEqual([false, true]);
  });

  it('removes the packs that were used longest ago when there is too much', () => {
    putBy('first', digestOf(1));
    const [first] = packs();
    putBy('index:1', digestOf(2));
    const second = packs().find((path) => path !== first)!;
    // Holes: as long as 1.5 GB, and on disk as short as before.
    for (const path of [first, second]) truncateSync(path, 1.5e9);
    const days = (count: number): Date => new Date(Date.now() - count * 86_400_000);
    utimesSync(first, days(9), days(9));
    utimesSync(second, days(2), days(2));
    // Whoever uses the older one makes it the newer one.
    const user = new PieceCache(folder, 'first');
    expect(user.get(digestOf(1))).toEqual(reading);
    user.save();
    putBy('first', digestOf(3));
    expect([first, second].map((path) => existsSync(path))).toEqual([true, false]);
  });
});

describe('the index of known files', () => {
  it('knows a file that has not changed, also at the next start', () => {
    const { path, stat } = settledFile('a.mid');
    const cache = new PieceCache(folder, 'first');
    expect(cache.knownDigest(path, stat)).toBeUndefined();
    cache.remember(path, stat, DIGEST);
    cache.save();
    expect(new PieceCache(folder, 'first').knownDigest(path, statSync(path))).toBe(DIGEST);
  });

  it.each(['size', 'mtimeMs', 'ctimeMs', 'ino'] as const)('does not trust a file with another %s', (field) => {
    const { path, stat } = settledFile('a.mid');
    const cache = new PieceCache(folder, 'first');
    cache.remember(path, stat, DIGEST);
    expect(cache.knownDigest(path, stat)).toBe(DIGEST);
    expect(cache.knownDigest(path, Object.assign(statSync(path), { [field]: stat[field] + 1 }))).toBeUndefined();
  });

  it('does not trust a file that was rewritten with the time stamp of before', () => {
    const { path, stat } = settledFile('a.mid');
    const cache = new PieceCache(folder, 'first');
    cache.remember(path, stat, DIGEST);
    writeFileSync(path, 'MTrk');
    utimesSync(path, stat.atime, stat.mtime);
    expect(cache.knownDigest(path, statSync(path))).toBeUndefined();
  });

  it('does not remember a file that has only just changed', () => {
    const path = music.put('a.mid', 'MThd');
    const cache = new PieceCache(folder, 'first');
    cache.remember(path, statSync(path), DIGEST);
    expect(cache.knownDigest(path, statSync(path))).toBeUndefined();
  });

  it('keeps what two processes learn at the same time', () => {
    const a = settledFile('a.mid');
    const b = { path: music.put('b.mid', 'MThd'), stat: a.stat };
    const one = new PieceCache(folder, 'first');
    const other = new PieceCache(folder, 'index:1');
    one.remember(a.path, a.stat, DIGEST);
    other.remember(b.path, b.stat, '56'.repeat(32));
    one.save();
    other.save();
    const next = new PieceCache(folder, 'first');
    expect(next.knownDigest(a.path, a.stat)).toBe(DIGEST);
    expect(next.knownDigest(b.path, b.stat)).toBe('56'.repeat(32));
  });

  it.each([
    ['nothing', ''],
    ['half an index', '{"version":1,"files":{"/a.mid":[1,2'],
    ['a list', '[1]'],
    ['null', 'null'],
    ['another version', '{"version":2,"files":{}}'],
    ['no files', '{"version":1}'],
    ['files that are null', '{"version":1,"files":null}'],
    ['binary', '\0\x01\x02'],
  ])('begins anew over %s', (_, content) => {
    const { path, stat } = settledFile('a.mid');
    music.put('cache/index.json', content);
    const cache = new PieceCache(folder, 'first');
    expect(cache.knownDigest(path, stat)).toBeUndefined();
    cache.remember(path, stat, DIGEST);
    cache.save();
    expect(new PieceCache(folder, 'first').knownDigest(path, stat)).toBe(DIGEST);
  });

  it('drops entries that are none and keeps the others', () => {
    const { path, stat } = settledFile('a.mid');
    const { size, mtimeMs, ctimeMs, ino } = stat;
    const numbers = [size, mtimeMs, ctimeMs, ino];
    const entries = {
      '/1.mid': null,
      '/2.mid': [...numbers],
      '/3.mid': [...numbers, '../../../etc/passwd'],
      '/4.mid': [...numbers, DIGEST.toUpperCase().replaceAll('1', 'G')],
      '/5.mid': [...numbers.map(String), DIGEST],
      __proto__x: [...numbers, 7],
      [path]: [...numbers, DIGEST],
    };
    music.put('cache/index.json', JSON.stringify({ version: 1, files: entries }));
    const cache = new PieceCache(folder, 'first');
    for (const name of Object.keys(entries)) {
      expect(cache.knownDigest(name, stat)).toBe(name === path ? DIGEST : undefined);
    }
  });
});
