import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCorpus } from '../../src/midi/corpus/load-corpus.ts';
import type { Corpus } from '../../src/midi/corpus/types.ts';
import { readMidi, type Timing } from '../../src/midi/index.ts';
import { countedByTone, type CountedFile } from '../support/bars.ts';
import { parallels } from './harmonize.ts';
import { FOLDERS, type FolderKind } from './index.ts';

/** A folder that was written: its files, what Etude makes of them, and how another reader counts them. */
interface Written {
  kind: FolderKind;
  files: Uint8Array[];
  corpus: Corpus;
  counted: CountedFile[];
}

const root = mkdtempSync(join(tmpdir(), 'etude-folders-'));
const folders = new Map<string, Written>();

beforeAll(async () => {
  for (const kind of FOLDERS) {
    const folder = join(root, kind.name);
    kind.write(folder);
    const files = filesIn(folder);
    const corpus = await loadCorpus([folder], { instrument: { by: kind.instrument ?? 'first' }, workers: 0 });
    folders.set(kind.name, { kind, files, corpus, counted: files.map(countedByTone) });
  }
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

function written(name: string): Written {
  return folders.get(name)!;
}

function filesIn(folder: string): Uint8Array[] {
  return readdirSync(folder).sort().map((name) => readFileSync(join(folder, name))); // prettier-ignore
}

/** The part of a file's notes that begin on a 24th of a quarter. */
function shareOnGrid({ notes }: CountedFile): number {
  return notes.filter(({ start }) => isWhole(24 * start)).length / notes.length;
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6;
}

/** Quarters from the beginning, by the tempos that Etude reads. */
function quartersAt(seconds: number, { tempo }: Timing): number {
  return tempo.reduce((quarters, [from, bpm], i) => {
    const to = Math.min(seconds, tempo[i + 1]?.[0] ?? Infinity);
    return quarters + (Math.max(0, to - from) * bpm) / 60;
  }, 0);
}

describe.each(FOLDERS)('the folder $name', ({ name }) => {
  it('is written, and every file of it can serve', () => {
    const { kind, files, corpus } = written(name);
    expect(files).toHaveLength(kind.files);
    expect(corpus).toMatchObject({ skipped: [], duplicates: [], missing: [] });
    expect(corpus.pieces).toHaveLength(kind.files);
    const notes = corpus.pieces.reduce((sum, { table }) => sum + table.length, 0);
    expect(Math.abs(notes / kind.notes - 1)).toBeLessThan(0.05);
    expect(corpus.pieces.flatMap(({ problems }) => problems.filter(({ code }) => code !== 'only-drums'))).toEqual([]);
  });

  it('has the time signatures that it claims, and begins on its grid or does not', () => {
    const { kind, corpus, counted } = written(name);
    if (kind.metre) for (const { meter } of counted) expect(meter).toEqual([[0, ...kind.metre]]);
    else expect(new Set(counted.map(({ meter }) => String(meter))).size === 1).toBe(name === 'free-time');
    const shares = counted.map(shareOnGrid);
    if (kind.notated) expect(Math.min(...shares)).toBe(1);
    else expect(Math.min(...shares)).toBeLessThan(0.2);
    for (const { table, timing } of corpus.pieces) {
      const isOnGrid = table.start.every((start) => isWhole(24 * quartersAt(start, timing!)));
      if (kind.notated) expect(isOnGrid).toBe(true);
    }
  });

  it('says of tempo and meter to Etude what it says to Tone.js', () => {
    const { corpus, counted } = written(name);
    const said = ({ tempo, meter }: Timing) =>
      [tempo, meter].map((rows) => rows.map(([seconds, ...rest]) => [quartersAt(seconds, { tempo, meter }), ...rest]));
    // Files are in order of their paths in both, but a corpus counts numbers in them.
    const ours = corpus.pieces.map(({ timing }) => JSON.stringify(rounded(said(timing!))));
    const tones = counted.map(({ tempo, meter }) => {
      return JSON.stringify(rounded([tempo.length > 0 ? tempo : [[0, 120]], meter]));
    });
    expect(ours.sort()).toEqual(tones.sort());
  });
});

function rounded(rows: number[][][]): number[][][] {
  return rows.map((row) => row.map((numbers) => numbers.map((value) => Math.round(1e6 * value) / 1e6)));
}

describe('the folders', () => {
  it('are twelve, and the same whenever they are written', () => {
    expect(FOLDERS).toHaveLength(12);
    for (const kind of FOLDERS.filter(({ files }) => files < 20)) {
      const again = join(root, `${kind.name} again`);
      kind.write(again);
      const digests = (files: Uint8Array[]) => files.map((bytes) => Buffer.from(bytes).toString('latin1'));
      expect(digests(filesIn(again)).join() === digests(written(kind.name).files).join(), kind.name).toBe(true);
    }
  });

  it('hold hymns in four voices that keep to the rules', () => {
    const lastBass = new Set<number>();
    for (const bytes of written('hymns').files) {
      const voices = readMidi(bytes).instruments.map(({ notes }) => notes);
      expect(voices).toHaveLength(4);
      let before: number[] | undefined;
      for (const { start } of voices[3].toSorted((a, b) => a.start - b.start)) {
        const keys = voices.map((notes) => notes.find((note) => note.start <= start && note.end > start)!.pitch);
        expect(keys).toEqual(keys.toSorted((a, b) => b - a));
        if (before) expect(parallels(before, keys)).toBe(0);
        before = keys;
      }
      lastBass.add(before![3] % 12);
    }
    expect(lastBass.size).toBe(7);
  });

  it('hold folk tunes in four metres', () => {
    const meters = new Set(written('folk-tunes').counted.map(({ meter: [[, beats, unit]] }) => `${beats}/${unit}`));
    expect([...meters].sort()).toEqual(['2/4', '3/4', '4/4', '6/8']);
  });

  it('hold drum loops of two bars', () => {
    for (const { notes } of written('drum-loops').counted) {
      expect(notes.every(({ isDrum, end }) => isDrum && end <= 8)).toBe(true);
      expect(notes.length).toBeGreaterThanOrEqual(8);
      expect(notes.length).toBeLessThanOrEqual(40);
    }
  });

  it('hold performances with pedal, unequal chords and dynamics, at 120 throughout', () => {
    const { corpus, counted } = written('performances');
    let together = 0;
    for (const { table, pedal, timing } of corpus.pieces) {
      expect(timing!.tempo).toEqual([[0, 120]]);
      expect(pedal!.length).toBeGreaterThan(10);
      expect(new Set(table.velocity).size).toBeGreaterThan(20);
      together += table.step.filter((step) => step > 0 && step < 0.03).length;
    }
    expect(together).toBeGreaterThan(500);
    expect(Math.max(...counted.map(shareOnGrid))).toBeLessThan(0.2);
  });

  it('hold a mixture of what is written and what is played', () => {
    const shares = written('mixed').counted.map(shareOnGrid);
    expect(shares.filter((share) => share === 1)).toHaveLength(8);
    expect(shares.filter((share) => share < 0.2)).toHaveLength(4);
  });

  it('hold game music: three voices and noise, everything twice, at 150', () => {
    for (const [i, bytes] of written('game-music').files.entries()) {
      const { instruments, tempo } = readMidi(bytes);
      expect(tempo).toEqual([[0, 150]]);
      expect(instruments.map(({ isDrum }) => isDrum).sort()).toEqual([false, false, false, true]);
      const { notes, bars } = written('game-music').counted[i];
      const half = bars[bars.length / 2].quarter;
      const first = notes.filter(({ start }) => start < half).map(({ start, ...note }) => [start, note.pitch]);
      expect(notes.slice(first.length).map(({ start, pitch }) => [start - half, pitch])).toEqual(first);
    }
  });

  it('hold one file of thirty notes, and chords alone', () => {
    expect(written('thirty-notes').corpus.pieces[0].table.length).toBe(30);
    for (const { notes } of written('chords').counted) {
      const onsets = new Map<number, number>();
      for (const { start } of notes) onsets.set(start, (onsets.get(start) ?? 0) + 1);
      expect(Math.min(...onsets.values())).toBeGreaterThanOrEqual(3);
    }
  });

  it('hold slow pieces, fast ones, and such that change', () => {
    const tempos = written('two-tempos').counted.map(({ tempo }) => tempo.map(([quarter, bpm]) => [quarter, Math.round(bpm)])); // prettier-ignore
    const kinds = [[[0, 66]], [[0, 132]], [[0, 66], [64, 132]]]; // prettier-ignore
    expect(tempos).toEqual(tempos.map((_, i) => kinds[i % 3]));
  });

  it('hold triplets in both spellings', () => {
    const { counted } = written('triplets');
    for (const { meter, notes } of counted) {
      const thirds = notes.filter(({ start }) => !isWhole(4 * start)).length;
      const halves = notes.filter(({ start }) => !isWhole(start)).length;
      if (meter[0][1] === 12) expect([thirds, halves > 0]).toEqual([0, true]);
      else expect(thirds).toBeGreaterThan(0.2 * notes.length);
    }
    expect(counted.filter(({ meter }) => meter[0][1] === 12)).toHaveLength(8);
  });

  it('hold chant that says nothing of time', () => {
    for (const { tempo, meter } of written('free-time').counted) expect([tempo, meter]).toEqual([[], []]);
  });
});
