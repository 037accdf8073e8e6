import { setTimeout } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Codec } from '../../../src/midi/codec/codec.ts';
import { loadCorpus } from '../../../src/midi/corpus/load-corpus.ts';
import { splitByPiece } from '../../../src/midi/corpus/split.ts';
import type { Corpus } from '../../../src/midi/corpus/types.ts';
import { sharedData } from '../../support/shared-data.ts';
import { TemporaryMusic } from './temporary-music.ts';

const maestro = sharedData('maestro-v2.0.0');

describe.skipIf(maestro.missing)(`the whole of MAESTRO ${maestro.missing || ''}`, () => {
  let music: TemporaryMusic;
  let corpus: Corpus;

  beforeAll(async () => {
    music = new TemporaryMusic();
    corpus = await loadCorpus([maestro.path], { cacheDir: music.at('cache'), workers: 2 });
  });

  afterAll(() => {
    music.remove();
  });

  it('loads without a damaged file, and every listed file is a piece, missing, or named', () => {
    expect(corpus.skipped).toEqual([]);
    expect(corpus.duplicates).toEqual([]);
    expect(corpus.pieces.length + corpus.missing.length).toBe(1282);
    expect(corpus.cacheProblem).toBeUndefined();
  });

  it('loads again from the cache, equal in every note, many times faster', async () => {
    const began = performance.now();
    const again = await loadCorpus([maestro.path], { cacheDir: music.at('cache') });
    const seconds = (performance.now() - began) / 1000;
    expect(again.cached).toBe(corpus.pieces.length);
    // 0.5 s on two quiet cores; the bound leaves room for a busy machine.
    expect(seconds).toBeLessThan(4);
    expectEqual(again, corpus);
  });

  it('is the same read by this thread alone as by several', async () => {
    expectEqual(await loadCorpus([maestro.path], { workers: 0 }), corpus);
  });

  it("divides along the data set's own split", () => {
    const random = (): number => {
      throw new Error('nothing is to be drawn');
    };
    const split = splitByPiece(corpus.pieces, { validation: 0.1, random });
    expect(split.by).toBe('data set');
    expect(split.train.length + split.validation.length + split.test.length).toBe(corpus.pieces.length);
    expect(split.validation.length).toBeGreaterThan(50);
  });

  it('is coded by bins of fine steps: nine of ten times decode within a tenth', () => {
    const tables = corpus.pieces.map(({ table }) => table);
    const codec = Codec.fit(tables, { pitch: 'onehot', step: 'bins', duration: 'bins', velocity: 'number' });
    for (const head of ['step', 'duration'] as const) {
      const { centres } = codec.spec.bins![head]!;
      expect(centres.length).toBeGreaterThan(50);
      let near = 0;
      let all = 0;
      for (const table of tables) {
        const { targets } = codec.encode(table);
        for (let i = 0; i < table.length; i++) {
          const error = Math.abs(centres[targets[head][i]] - table[head][i]);
          if (error <= Math.max(0.005, 0.1 * table[head][i])) near++;
          all++;
        }
      }
      expect(near / all).toBeGreaterThan(0.9);
    }
  });

  it.each([0, 2])('lets signals through while it reads, with %d threads beside this one', async (workers) => {
    const control = new AbortController();
    const loading = loadCorpus([maestro.path], { signal: control.signal, workers });
    const outcome = loading.then(
      () => 'loaded',
      () => performance.now(),
    );
    await setTimeout(300);
    const aborted = performance.now();
    control.abort();
    const stopped = await outcome;
    expect(stopped).not.toBe('loaded');
    expect(Number(stopped) - aborted).toBeLessThan(500);
  });
});

/** Not by toEqual, which would take minutes over five million notes. */
function expectEqual(one: Corpus, other: Corpus): void {
  expect(one.pieces.length).toBe(other.pieces.length);
  for (const [i, piece] of other.pieces.entries()) {
    const { table, ...rest } = one.pieces[i];
    expect({ ...rest, table: null }).toEqual({ ...piece, table: null });
    for (const column of ['pitch', 'velocity', 'start', 'step', 'duration'] as const) {
      expect(Buffer.compare(bytesOf(table[column]), bytesOf(piece.table[column]))).toBe(0);
    }
  }
}

function bytesOf(column: Uint8Array | Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
