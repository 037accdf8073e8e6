import { describe, expect, it } from 'vitest';
import { noteTable, sliceTable, tableToNotes } from '../../../src/midi/index.ts';
import { compareFigures, generateNotes, generatePieces, noteEvents, pieceFigures } from '../../../src/music/index.ts';
import { clipsOf } from '../../../src/music/evaluation/generated-pieces.ts';
import { toyModel, toySettings, toySong } from '../../support/toy-music.ts';
import { chainedSettings } from './chained-toy.ts';

const SAMPLING = { temperature: 1, topK: 0, topP: 1 };
/** The third is too short for a primer of 96 notes, the fourth for a clip of 20 after 25. */
const TABLES = [toySong(50, 130), toySong(55, 97), toySong(60, 50), toySong(65, 44)];

describe('generated pieces beside people’s', () => {
  it('are drawn after the openings of pieces that are long enough, each with a seed of its own', async () => {
    const model = await toyModel(chainedSettings());
    const { pieces } = await generatePieces(model, TABLES, { ...SAMPLING, count: 3, notes: 20, seed: 7 });
    expect(pieces.map(({ seed, primer }) => [seed, primer])).toEqual([[7, 0], [8, 0], [9, 1]]); // prettier-ignore
    for (const { seed, primer, notes, figures } of pieces) {
      const heard = noteEvents(TABLES[primer], 96);
      expect(notes).toEqual(tableToNotes(noteTable(generateNotes(model, { ...SAMPLING, notes: 20, seed, primer: heard }).played))); // prettier-ignore
      expect(figures).toEqual(pieceFigures(notes));
    }
  });

  it('are compared with clips of as many notes, after the first 25, one after the other', async () => {
    const model = await toyModel(toySettings('quick'));
    const { pieces, clips, comparison } = await generatePieces(model, TABLES, { ...SAMPLING, count: 2, notes: 20, seed: 1 }); // prettier-ignore
    expect(clips.map(({ piece, from }) => [piece, from])).toEqual([
      ...[25, 45, 65, 85, 105].map((from) => [0, from]),
      ...[25, 45, 65].map((from) => [1, from]),
      [2, 25],
    ]);
    const played = tableToNotes(sliceTable(TABLES[0], 45, 65));
    clips[1].notes.forEach((note, k) => {
      expect(note).toMatchObject({ pitch: played[k].pitch, velocity: played[k].velocity });
      expect(note.start, 'moved to begin at 0').toBeCloseTo(played[k].start - played[0].start, 10);
      expect(note.end).toBeCloseTo(played[k].end - played[0].start, 10);
    });
    const figures = (all: readonly { notes: Parameters<typeof pieceFigures>[0] }[]) => all.map(({ notes }) => pieceFigures(notes)); // prettier-ignore
    expect(comparison).toEqual(compareFigures(figures(pieces), figures(clips)));
  });

  it('are heard as the model hears music: notes of a chord start together', async () => {
    const model = await toyModel(chainedSettings({ chords: 400 }));
    const { pieces } = await generatePieces(model, TABLES, { ...SAMPLING, count: 2, notes: 30, seed: 3 });
    for (const { notes } of pieces) {
      const starts = [...new Set(notes.map(({ start }) => start))];
      starts.slice(1).forEach((start, k) => expect(start - starts[k]).toBeGreaterThan(0.4));
    }
  });

  it('are at most 300 clips, evenly spaced', () => {
    expect(clipsOf([toySong(50, 25 + 4 * 601)], 4).map(({ from }) => from)).toEqual(
      Array.from({ length: 300 }, (_, k) => 25 + 4 * Math.floor((k * 601) / 300)),
    );
  });

  it('need pieces that are long enough', async () => {
    const model = await toyModel(toySettings('quick'));
    const options = { ...SAMPLING, count: 1, seed: 1 };
    await expect(generatePieces(model, TABLES, { ...options, notes: 106 })).rejects.toThrow(
      /expected a piece of 131 notes, the longest has 130/,
    );
    const long = await toyModel(toySettings('quick', { seqLength: 50 }));
    await expect(generatePieces(long, [toySong(50, 49)], { ...options, notes: 5 })).rejects.toThrow(/one of 50 notes/);
  });

  it('can be stopped between two pieces', async () => {
    const model = await toyModel(toySettings('quick'));
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    const options = { ...SAMPLING, count: 500, notes: 50, seed: 1, signal: stop.signal };
    await expect(generatePieces(model, TABLES, options)).rejects.toThrow('enough');
  });
});
