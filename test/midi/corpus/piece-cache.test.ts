import {
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

import { PieceCache } from '../../../src/midi/corpus/piece-cache.ts';
import type { PieceReading } from '../../../src/midi/corpus/read-piece.ts';
import { melody } from '../arbitrary-notes.ts';
import { TemporaryMusic } from './temporary-music.ts';

const DIGEST = '12'.repeat(32);
const reading: PieceReading = { table: melody([60, 62]), problems: [], notesDigest: '34'.repeat(32) };

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

function onlyFile(): string {
  const [name] = readdirSync(join(folder, 'pieces'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.notes'),
  );
  return join(folder, 'pieces', name);
}

describe('the cache of readings', () => {
  it('gives back what was put, also to the next start', () => {
    const cache = new PieceCache(folder, 'first');
    expect(cache.get(DIGEST)).toBeUndefined();
    cache.put(DIGEST, reading);
    expect(cache.get(DIGEST)).toEqual(reading);
    expect(new PieceCache(folder, 'first').get(DIGEST)).toEqual(reading);
    expect(cache.problem).toBeUndefined();
  });

  it('keeps readings of another content or with other options apart', () => {
    new PieceCache(folder, 'first').put(DIGEST, reading);
    expect(new PieceCache(folder, 'first').get('13'.repeat(32))).toBeUndefined();
    expect(new PieceCache(folder, 'index:1').get(DIGEST)).toBeUndefined();
  });

  it('leaves nothing behind but whole files', () => {
    const cache = new PieceCache(folder, 'first');
    cache.put(DIGEST, reading);
    const { path, stat } = settledFile('a.mid');
    cache.remember(path, stat, DIGEST);
    cache.save();
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(names).toContain('index.json');
  });

  it.each([
    ['torn', (path: string): void => truncateSync(path, statSync(path).size - 1)],
    ['empty', (path: string): void => truncateSync(path, 0)],
    ['foreign', (path: string): void => writeFileSync(path, 'Some notes of mine.')],
    ['enormous', (path: string): void => truncateSync(path, 2 ** 40)],
  ])('passes by a file that is %s, and writes it again', (_, harm) => {
    const cache = new PieceCache(folder, 'first');
    cache.put(DIGEST, reading);
    harm(onlyFile());
    expect(cache.get(DIGEST)).toBeUndefined();
    cache.put(DIGEST, reading);
    expect(cache.get(DIGEST)).toEqual(reading);
  });

  it('passes by a folder where a file should be, and says that it cannot write there', () => {
    const cache = new PieceCache(folder, 'first');
    cache.put(DIGEST, reading);
    const path = onlyFile();
    rmSync(path);
    mkdirSync(path);
    writeFileSync(join(path, 'x'), 'x');
    expect(cache.get(DIGEST)).toBeUndefined();
    cache.put(DIGEST, reading);
    expect(cache.problem).toMatch(/cannot be written/);
  });

  it('does without when nothing can be written', () => {
    writeFileSync(folder, 'a file, no folder');
    const cache = new PieceCache(folder, 'first');
    cache.put(DIGEST, reading);
    expect(cache.problem).toMatch(/^the cache .* cannot be written: /);
    expect(cache.get(DIGEST)).toBeUndefined();
    expect(readFileSync(folder, 'utf8')).toBe('a file, no folder');
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
