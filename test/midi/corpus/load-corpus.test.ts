import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { DataError, UsageError } from '../../../src/errors.ts';
import { CachedReader } from '../../../src/midi/corpus/cached-reader.ts';
import { loadCorpus } from '../../../src/midi/corpus/load-corpus.ts';
import { ReaderPool, ReaderThreadError } from '../../../src/midi/corpus/threads/reader-pool.ts';
import type { Corpus } from '../../../src/midi/corpus/types.ts';
import * as midi from '../../support/midi-bytes.ts';
import { sharedData } from '../../support/shared-data.ts';
import { TemporaryMusic, inRiff, midiBytes } from './temporary-music.ts';

let music: TemporaryMusic;

beforeEach(() => {
  music = new TemporaryMusic();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  music.remove();
});

const SCALE = [60, 62, 64, 65, 67, 69, 71, 72];

/** Names without the temporary folder. */
function short(path: string): string {
  return path.slice(music.root.length + 1);
}

function names({ pieces }: Corpus): string[] {
  return pieces.map(({ path }) => short(path));
}

/** A folder with everything that goes wrong. */
function mixedFolder(): void {
  const scale = midiBytes(SCALE);
  music.put('10.mid', midiBytes(SCALE.map((pitch) => pitch + 1)));
  music.put('2.MIDI', scale);
  music.put('copy of 2.mid', scale);
  music.put('in riff.rmi', inRiff(scale));
  music.put('cut off.mid', scale.subarray(0, scale.length - 12));
  music.put('empty.mid', '');
  music.put('no notes.mid', midiBytes([]));
  music.put('page.mid', '<html>404</html>');
  music.put('short.mid', midiBytes([60, 61]));
  music.put('notes.txt', 'no music');
}

describe('loading a corpus', () => {
  it('keeps what can serve and names the rest with the reason', async () => {
    mixedFolder();
    const corpus = await loadCorpus([music.root], { minNotes: 3 });
    expect(names(corpus)).toEqual(['2.MIDI', '10.mid']);
    expect(corpus.pieces[0]).toMatchObject({ name: '2', problems: [], table: { length: 8 } });
    expect(corpus.pieces[0].timing).toEqual({ tempo: [[0, 120]], meter: [[0, 4, 4]] });
    expect(corpus.pieces[0].digest).toMatch(/^[0-9a-f]{64}$/);
    expect(corpus.pieces[0]).not.toHaveProperty('split');
    expect(corpus.duplicates.map(({ path, sameAs }) => [short(path), short(sameAs)])).toEqual([
      ['copy of 2.mid', '2.MIDI'],
      ['in riff.rmi', '2.MIDI'],
    ]);
    const reasons = Object.fromEntries(corpus.skipped.map(({ path, reason }) => [short(path), reason]));
    expect(Object.keys(reasons)).toEqual(['cut off.mid', 'empty.mid', 'no notes.mid', 'page.mid', 'short.mid']);
    expect(reasons['cut off.mid']).toMatch(/^damaged: /);
    expect(reasons['no notes.mid']).toBe('no notes');
    expect(reasons['page.mid']).not.toBe('');
    expect(reasons['short.mid']).toBe('2 notes, at least 3 are needed');
    expect(corpus).toMatchObject({ missing: [], cached: 0 });
  });

  it('takes damaged files when asked to, with their problems', async () => {
    mixedFolder();
    const corpus = await loadCorpus([music.root], { allowDamaged: true });
    expect(names(corpus)).toEqual(['2.MIDI', '10.mid', 'cut off.mid', 'short.mid']);
    expect(corpus.pieces[2].problems.map(({ severity }) => severity)).toContain('damage');
    expect(corpus.pieces[2].table.length).toBeLessThan(8);
  });

  it('is the same from the cache as from the files, whatever was cached before', async () => {
    mixedFolder();
    const cacheDir = music.at('cache');
    const plain = await loadCorpus([music.root]);
    await loadCorpus([music.at('10.mid')], { cacheDir });
    await loadCorpus([music.root], { cacheDir, instrument: { by: 'index', index: 0 } });
    const half = await loadCorpus([music.root], { cacheDir });
    expect(half).toEqual({ ...plain, cached: 1 });
    const full = await loadCorpus([music.root], { cacheDir });
    expect(full).toEqual({ ...plain, cached: 3 });
    expect(await loadCorpus([music.root], { cacheDir, allowDamaged: true })).toMatchObject({ cached: 4 });
    expect(full.cacheProblem).toBeUndefined();
  });

  it('notices files that changed since they were cached', async () => {
    const cacheDir = music.at('cache');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
    music.put('a.mid', midiBytes([60, 62]));
    await loadCorpus([music.at('a.mid')], { cacheDir });
    music.put('a.mid', midiBytes([60, 64, 65]));
    const { pieces, cached } = await loadCorpus([music.at('a.mid')], { cacheDir });
    expect([...pieces[0].table.pitch]).toEqual([60, 64, 65]);
    expect(cached).toBe(0);
  });

  it('survives a cache of rubble, and builds it up again', async () => {
    mixedFolder();
    const cacheDir = music.at('cache');
    const plain = await loadCorpus([music.root], { cacheDir });
    for (const name of readdirSync(cacheDir, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.pack')) truncateSync(`${cacheDir}/${name}`, 50);
    }
    writeFileSync(`${cacheDir}/index.json`, '{"version":1,"files":{');
    expect(await loadCorpus([music.root], { cacheDir })).toEqual(plain);
    expect(await loadCorpus([music.root], { cacheDir })).toEqual({ ...plain, cached: 3 });
  });

  it('says when the cache cannot be written, and is complete all the same', async () => {
    mixedFolder();
    const corpus = await loadCorpus([music.root], { cacheDir: music.at('notes.txt') });
    expect(names(corpus)).toHaveLength(3);
    expect(corpus.cacheProblem).toMatch(/notes\.txt cannot be written/);
  });

  it('reads the instrument that was asked for and names files that lack it', async () => {
    music.put('duo.mid', midiBytes([60, 62], [36, 38]));
    music.put('solo.mid', midiBytes([70, 72]));
    const corpus = await loadCorpus([music.root], { instrument: { by: 'index', index: 1 } });
    expect(corpus.pieces.map(({ table }) => [...table.pitch])).toEqual([[36, 38]]);
    expect(corpus.skipped).toHaveLength(1);
    expect(corpus.skipped[0].reason).toMatch(/no instrument index:1/);
  });

  it('takes a wrong option for the caller’s mistake, not for bad files', async () => {
    music.put('a.mid', midiBytes([60, 62]));
    await expect(loadCorpus([music.root], { instrument: { by: 'index', index: -1 } })).rejects.toThrow(UsageError);
    for (const value of [0, -1, 1.5, NaN]) {
      await expect(loadCorpus([music.root], { files: value })).rejects.toThrow(/files: expected a whole number/);
      await expect(loadCorpus([music.root], { minNotes: value })).rejects.toThrow(UsageError);
      if (value < 1) await expect(loadCorpus([music.root], { maxBytes: value })).rejects.toThrow(UsageError);
    }
  });

  it('reads the first files only, in natural order', async () => {
    for (const n of [1, 2, 3, 10, 20]) music.put(`${n}.mid`, midiBytes([n, n + 1]));
    expect(names(await loadCorpus([music.root], { files: 3 }))).toEqual(['1.mid', '2.mid', '3.mid']);
    expect(names(await loadCorpus([music.root], { files: 99 }))).toHaveLength(5);
  });

  it('reads the first training files of a data set, and the other sides in proportion', async () => {
    const rows = ['split,midi_filename'];
    for (let n = 1; n <= 20; n++) {
      const split = n % 4 === 0 ? 'validation' : n % 10 === 1 ? 'test' : 'train';
      rows.push(`${split},${n}.mid`);
      if (n !== 18) music.put(`${n}.mid`, midiBytes([n, n + 1]));
    }
    music.put('maestro-v9.csv', rows.join('\n'));
    const corpus = await loadCorpus([music.root], { files: 4 });
    const side = (split: string): string[] =>
      corpus.pieces.filter((piece) => piece.split === split).map(({ name }) => name);
    expect(side('train')).toEqual(['2', '3', '5', '6']);
    // 4 of 12 training files, so 2 of 5 and 1 of 2.
    expect(side('validation')).toEqual(['4', '8']);
    expect(side('test')).toEqual(['1']);
    expect(corpus.missing.map(short)).toEqual(['18.mid']);
  });

  it('reports its progress file by file', async () => {
    mixedFolder();
    const calls: [number, number][] = [];
    await loadCorpus([music.root], { onProgress: (done, total) => calls.push([done, total]) });
    expect(calls).toEqual(Array.from({ length: 9 }, (_, i) => [i + 1, 9]));
  });

  it('stops when told to, and what was read is in the cache', async () => {
    for (const n of [1, 2, 3, 4]) music.put(`${n}.mid`, midiBytes([n, n + 1]));
    const cacheDir = music.at('cache');
    const control = new AbortController();
    const stopped = loadCorpus([music.root], {
      cacheDir,
      signal: control.signal,
      onProgress: (done) => {
        if (done === 2) control.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(await loadCorpus([music.root], { cacheDir })).toMatchObject({ cached: 2 });
    rmSync(cacheDir, { recursive: true, force: true });
    await expect(loadCorpus([music.root], { cacheDir, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(() => readdirSync(cacheDir)).toThrow(/ENOENT/);
  });

  it('refuses sources of which nothing can serve, with the first reasons and what to do', async () => {
    for (const n of [1, 2, 3, 4, 5]) music.put(`${n}.mid`, 'no music');
    const loading = loadCorpus([music.root]);
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(
      /none of the MIDI files .*1\.mid: .*3\.mid: .*; and 2 more.*Name other files/,
    );
    await expect(loadCorpus([music.at('nowhere')])).rejects.toThrow(DataError);
    music.put('m/maestro-v2.csv', 'split,midi_filename\ntrain,a.mid\n');
    await expect(loadCorpus([music.at('m')])).rejects.toThrow(/1 listed files are not there, such as .*a\.mid/);
  });
});

describe('loading a corpus on several threads', () => {
  it('gives the same corpus, whatever is in the files and whatever the options', async () => {
    mixedFolder();
    music.put('20.mid', midiBytes(SCALE, [36, 38, 40]));
    for (const options of [
      {},
      { minNotes: 3, allowDamaged: true },
      { instrument: { by: 'index', index: 1 } as const },
      { maxBytes: 120 },
      { files: 4 },
    ]) {
      const alone = await loadCorpus([music.root], { ...options, workers: 0 });
      for (const workers of [2, 3]) expect(await loadCorpus([music.root], { ...options, workers })).toEqual(alone);
    }
  });

  it('gives the same corpus of hostile files', async () => {
    const hostile = resolve(import.meta.dirname, '../../fixtures/hostile');
    const options = { allowDamaged: true };
    const alone = await loadCorpus([hostile], { ...options, workers: 1 });
    expect(alone.pieces.length * alone.skipped.length).toBeGreaterThan(10);
    expect(await loadCorpus([hostile], { ...options, workers: 2 })).toEqual(alone);
  });

  it('starts threads by itself only where there is enough to read and more than one core', async () => {
    mixedFolder();
    const read = vi.spyOn(ReaderPool.prototype, 'read');
    const alone = await loadCorpus([music.root]);
    expect(read).not.toHaveBeenCalled();
    vi.spyOn(CachedReader.prototype, 'unreadBytes').mockReturnValue(9_000_000);
    expect(await loadCorpus([music.root])).toEqual(alone);
    expect(read.mock.calls.length > 0).toBe(availableParallelism() > 1);
  });

  it('reads the pedal, and keeps it in the cache', async () => {
    const pedal = (delta: number, value: number): number[] => [...midi.varLen(delta), 0xb0, 64, value];
    const events = [pedal(0, 90), midi.noteOn(0, 60), midi.noteOff(192, 60), pedal(96, 0)];
    music.put('pedal.mid', midi.midiFile([events]));
    music.put('without.mid', midiBytes(SCALE));
    const cacheDir = join(music.root, 'cache');
    for (const options of [{ workers: 2 }, { workers: 2, cacheDir }, { workers: 0, cacheDir }]) {
      const { pieces } = await loadCorpus([`${music.root}/*.mid`], options);
      expect(pieces.map((piece) => piece.pedal)).toEqual([Float64Array.of(0, 1.5), undefined]);
    }
  });

  it('fills the cache and uses it', async () => {
    mixedFolder();
    const cacheDir = music.at('cache');
    const alone = await loadCorpus([music.root], { workers: 0 });
    expect(await loadCorpus([music.root], { workers: 2, cacheDir })).toEqual(alone);
    expect(await loadCorpus([music.root], { workers: 2, cacheDir })).toEqual({ ...alone, cached: 3 });
    expect(await loadCorpus([music.root], { workers: 0, cacheDir })).toEqual({ ...alone, cached: 3 });
  });

  it('reports its progress file by file', async () => {
    mixedFolder();
    const calls: [number, number][] = [];
    await loadCorpus([music.root], { workers: 2, onProgress: (done, total) => calls.push([done, total]) });
    expect(calls).toEqual(Array.from({ length: 9 }, (_, i) => [i + 1, 9]));
  });

  it('stops when told to', async () => {
    for (let n = 1; n <= 30; n++) music.put(`${n}.mid`, midiBytes([n, n + 1]));
    const control = new AbortController();
    const done: number[] = [];
    const stopped = loadCorpus([music.root], {
      workers: 2,
      signal: control.signal,
      onProgress: (count) => {
        done.push(count);
        if (count === 2) control.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(done).toEqual([1, 2]);
  });

  it('stops at once, even while a thread is at work that takes forever', async () => {
    mixedFolder();
    const { close } = ReaderPool.prototype;
    const owed: ((error: Error) => void)[] = [];
    vi.spyOn(ReaderPool.prototype, 'read').mockImplementation(() => new Promise((_, reject) => owed.push(reject)));
    vi.spyOn(ReaderPool.prototype, 'close').mockImplementation(function (this: ReaderPool) {
      for (const reject of owed) reject(new ReaderThreadError('closed'));
      return close.call(this);
    });
    const control = new AbortController();
    const stopped = loadCorpus([music.root], { workers: 2, signal: control.signal });
    setTimeout(() => {
      control.abort(new Error('enough'));
    }, 50);
    await expect(stopped).rejects.toThrow(/^enough$/);
    expect(owed.length).toBeGreaterThan(0);
  });

  it('says which file was being read when a thread ended by itself', async () => {
    mixedFolder();
    vi.spyOn(ReaderPool.prototype, 'read').mockImplementation(() => Promise.reject(new ReaderThreadError('no luck')));
    const stopped = loadCorpus([music.root], { workers: 2 });
    await expect(stopped).rejects.toThrow(ReaderThreadError);
    await expect(stopped).rejects.toThrow(/2\.MIDI: no luck/);
  });

  it('takes a wrong option for the caller’s mistake, not for bad files', async () => {
    mixedFolder();
    const wrong = loadCorpus([music.root], { workers: 2, instrument: { by: 'index', index: -1 } });
    await expect(wrong).rejects.toThrow(UsageError);
    for (const workers of [-1, 1.5, NaN]) {
      await expect(loadCorpus([music.root], { workers })).rejects.toThrow(
        /workers: expected a whole number, at least 0/,
      );
    }
  });

  it('works from a bundle, in whatever folder it is run', async () => {
    mixedFolder();
    const folder = mkdtempSync(join(resolve(import.meta.dirname, '../../../node_modules'), '.etude-bundle-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const source = resolve(import.meta.dirname, '../../../src/midi/node.ts');
    const outfile = join(folder, 'midi.js');
    const common = { bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error' } as const;
    await build({ ...common, entryPoints: [source], outfile });
    const script = `const { loadCorpus } = await import(process.argv[1]);
      const { pieces } = await loadCorpus([process.argv[2]], { workers: 2 });
      console.log(JSON.stringify(pieces.map(({ digest }) => digest)));`;
    const args = ['--input-type=module', '--eval', script, pathToFileURL(outfile).href, music.root];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: music.root });
    const { pieces } = await loadCorpus([music.root], { workers: 0 });
    expect(JSON.parse(stdout)).toEqual(pieces.map(({ digest }) => digest));
  });
});

const maestro = sharedData('maestro-v2.0.0');

describe.skipIf(maestro.missing)(`the first files of MAESTRO ${maestro.missing || ''}`, () => {
  it('come with their splits and names, the same from the cache', async () => {
    const options = { files: 2, cacheDir: music.at('cache') };
    const corpus = await loadCorpus([maestro.path], options);
    expect(corpus.pieces.map(({ split }) => split).sort()).toEqual(['train', 'train', 'validation']);
    expect(corpus.missing.length).toBeGreaterThan(0);
    for (const { name, table, problems } of corpus.pieces) {
      expect(name).toMatch(/^[A-Z].*: /);
      expect(table.length).toBeGreaterThan(100);
      expect(problems.filter(({ severity }) => severity === 'damage')).toEqual([]);
    }
    expect(await loadCorpus([maestro.path], options)).toEqual({ ...corpus, cached: 3 });
  });
});
