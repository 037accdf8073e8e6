import { describe, expect, it } from 'vitest';
import { fitChordSpread, joinChords, noteTable, sustained, tableToNotes, type Piece } from '../../src/midi/index.ts';
import { evaluateModel } from '../../src/music/evaluate.ts';
import { prepareData } from '../../src/music/prepare.ts';
import { preparePiece, prepareTable, tableOfEvents } from '../../src/music/prepare-table.ts';
import { studySong } from '../../src/study/index.ts';
import { corpusOf, toyModel, toyPiece, toySettings, toySong } from '../support/toy-music.ts';

const HEARD = { time: 'seconds', sustain: true, chords: 30 } as const;
const PEDAL = Float64Array.of(0.5, 2, 2.5, 9);
/** Of both: a tenth of the notes is played 10 ms after the one before, and the pedal is down most of the time. */
const played = (name: string, key: number, length = 60): Piece => {
  const notes = tableToNotes(toySong(key, length)).flatMap((note, k) =>
    k % 10 === 0 ? [note, { ...note, pitch: note.pitch - 12, start: note.start + 0.01 }] : [note],
  );
  return { ...toyPiece(name, noteTable(notes)), pedal: PEDAL };
};

describe('a piece as a model hears it', () => {
  const piece = played('a', 60);

  it('is as it was played with neither setting', () => {
    expect(prepareTable(piece, { time: 'seconds', sustain: false, chords: 0 })).toBe(piece.table);
  });

  it('has its pedal first and its chords joined then', () => {
    const { table } = piece;
    expect(prepareTable(piece, { time: 'seconds', sustain: true, chords: 0 })).toEqual(sustained(table, PEDAL));
    expect(prepareTable(piece, { time: 'seconds', sustain: false, chords: 30 })).toEqual(joinChords(table, 0.03));
    expect(prepareTable(piece, HEARD)).toEqual(joinChords(sustained(table, PEDAL), 0.03));
  });

  it('is heard the same when it is heard again', () => {
    const once = preparePiece(piece, HEARD);
    expect(once).toEqual({ ...toyPiece('a', prepareTable(piece, HEARD)) });
    expect(preparePiece(once, HEARD)).toEqual(once);
  });

  it('can be made of notes that follow each other', () => {
    const notes = [
      { pitch: 60, step: 3, duration: 1, velocity: 70 },
      { pitch: 64, step: 0.5, duration: 2, velocity: 80 },
    ];
    expect(tableToNotes(tableOfEvents(notes))).toEqual([
      { pitch: 60, velocity: 70, start: 0, end: 1 },
      { pitch: 64, velocity: 80, start: 0.5, end: 2.5 },
    ]);
  });
});

describe('a model that hears pedal and chords', () => {
  const settings = toySettings('quick', { ...HEARD, validation: 0.3 });
  const deaf = toySettings('quick', { validation: 0.3 });
  const pieces = [48, 51, 54, 57].map((key) => played(`song ${key}`, key));
  const heard = pieces.map((piece) => preparePiece(piece, HEARD));

  it('is trained on what it hears, and given the spread of the chords that it was trained on', () => {
    const data = prepareData(corpusOf(...pieces), settings);
    const already = prepareData(corpusOf(...heard), deaf);
    expect(data.codec.spec.bins).toEqual(already.codec.spec.bins);
    expect([data.train.size, data.primer]).toEqual([already.train.size, already.primer]);
    expect(data.trainPieces).toEqual(already.trainPieces);
    const trained = pieces.filter(({ path }) => data.trainPieces.some((piece) => piece.path === path));
    expect(trained).toHaveLength(3);
    expect(data.codec.spec.chords).toEqual(fitChordSpread(trained.map(({ table }) => table), 0.03)); // prettier-ignore
    expect(already.codec.spec.chords).toBeUndefined();
  });

  it('is judged by it', async () => {
    const model = await toyModel(settings, corpusOf(...pieces));
    const choice = { backend: 'reference', threads: 1 };
    const evaluation = await evaluateModel(model, pieces, choice);
    expect(await evaluateModel(model, heard, choice)).toEqual(evaluation);
    const unheard = await evaluateModel({ ...model, settings: { ...settings, sustain: false } }, pieces, choice);
    expect(unheard.loss).not.toBe(evaluation.loss);
  });

  it('is studied by it', async () => {
    const model = await toyModel(settings, corpusOf(...pieces));
    const study = ({ table, pedal }: Piece) =>
      studySong({ model, path: 'm', song: { name: 'a', instrument: 'piano', table, pedal, tempo: [[0, 120]] }, backend: 'reference' }); // prettier-ignore
    const { song } = await study(pieces[0]);
    expect(song.notes).toBe(heard[0].table.length);
    expect(song.duration).toEqual((await study(heard[0])).song.duration);
    expect(song.duration[3]).toBeCloseTo(heard[0].table.duration[3], 3);
    expect(song.duration[3]).not.toBeCloseTo(pieces[0].table.duration[3], 1);
  });
});
