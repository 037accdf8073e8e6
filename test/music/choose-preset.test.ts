import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCorpus } from '../../src/midi/corpus/load-corpus.ts';
import { noteTable, type Piece } from '../../src/midi/index.ts';
import { choosePreset } from '../../src/music/choose-preset.ts';
import { beatsIn, howTimeIsCounted } from '../../src/music/counting-time.ts';
import { codingsOf, prepareData, resolveSettings, type Settings } from '../../src/music/index.ts';
import { FOLDERS } from '../folders/index.ts';
import { toyPiece, toySong } from '../support/toy-music.ts';

const root = mkdtempSync(join(tmpdir(), 'etude-choices-'));
const folders = new Map<string, Piece[]>();

beforeAll(async () => {
  for (const kind of FOLDERS) {
    kind.write(join(root, kind.name));
    // As the command line reads them unless told otherwise.
    const { pieces } = await loadCorpus([join(root, kind.name)], { workers: 0, minNotes: 2 });
    folders.set(kind.name, pieces);
  }
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

const notesOf = (pieces: readonly Piece[]) => pieces.reduce((sum, { table }) => sum + table.length, 0);
/** As many notes as asked for, in pieces of a hundred. */
const ofNotes = (notes: number, change: Partial<Piece> = {}): Piece[] =>
  Array.from({ length: notes / 100 }, (_, k) => ({ ...toyPiece(`piece ${k}`, toySong(40, 100, k % 24)), ...change }));
/** The same off any grid. */
const asPlayed = (pieces: readonly Piece[]): Piece[] =>
  pieces.map((piece) => {
    const { pitch, start } = piece.table;
    const notes = Array.from(pitch, (key, i) => {
      const at = start[i] + 0.03 * Math.abs(Math.sin(17 * i + 1));
      return { pitch: key, velocity: 80, start: at, end: at + 0.2 };
    });
    return { ...piece, table: noteTable(notes) };
  });

describe.each(FOLDERS)('the folder $name', ({ name, notated, instrument }) => {
  it('is counted in beats where it is written, else in seconds', () => {
    const pieces = folders.get(name)!;
    const { time, onGrid, written, pieces: all } = howTimeIsCounted(pieces);
    expect(time).toBe(notated ? 'beats' : 'seconds');
    expect(all).toBe(pieces.length);
    if (notated) expect([onGrid, written]).toEqual([1, all]);
    else expect([onGrid < 0.8, written]).toEqual([true, name === 'mixed' ? 8 : 0]);
  });

  it('gets settings that go together and suit it, and sentences that are true', () => {
    const pieces = folders.get(name)!;
    const { preset, changes, why } = choosePreset(pieces);
    const settings = resolveSettings(preset, changes);
    codingsOf(settings);
    expect(preset).toBe('songbook');
    const notes = notesOf(pieces);
    expect(settings.hiddenSize).toBe(notes < 3000 ? 64 : 128);
    expect([settings.sustain, settings.chords]).toEqual(notated ? [false, 1] : [true, 30]);
    const isDrums = instrument === 'drums';
    expect([settings.instrument, settings.transpose]).toEqual(isDrums ? ['drums', 0] : ['first', 6]);
    // Nearly all notes are in pieces that fill a window, and of an only piece a few windows can be held back.
    const filling = notesOf(pieces.filter(({ table }) => table.length >= settings.seqLength));
    if (pieces.length > 1) expect(filling).toBeGreaterThanOrEqual(0.95 * notes);
    else expect(5 * settings.seqLength).toBeLessThanOrEqual(Math.max(notes, 240));

    const text = why.join(' ');
    expect(text).toContain(`${notes.toLocaleString('en-US')} notes`);
    expect(text).toContain(`the preset songbook, in ${notated ? 'beats' : 'seconds'}.`);
    const { onGrid } = howTimeIsCounted(pieces);
    expect(text).toContain(`${(100 * onGrid).toFixed(0)} % of their onsets lie on a beat grid`);
    expect(text.includes('--sustain --chords 30')).toBe(!notated);
    expect(text.includes('64 units instead of 128')).toBe(settings.hiddenSize === 64);
    expect(text.includes('256 units')).toBe(false);
    expect(text.includes('Too little music to hold any out')).toBe(notes < 300);
    expect(text.includes(`up to ${settings.epochs} epochs`)).toBe(settings.epochs !== 10);
    expect(text.includes('--instrument drums')).toBe(isDrums);
    expect(text.includes(`Windows of ${settings.seqLength} notes`)).toBe(settings.seqLength !== 48);
    for (const sentence of why) expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
  });

  it('can be prepared with them', () => {
    const pieces = folders.get(name)!;
    const { preset, changes } = choosePreset(pieces);
    const settings = resolveSettings(preset, changes);
    const data = prepareData({ pieces }, settings);
    expect(data.time).toBe(notated ? 'beats' : 'seconds');
    expect(data.tooShort).toEqual([]);
    if (name === 'thirty-notes') expect(data.validation).toBeUndefined();
    else expect(data.validation!.size).toBeGreaterThan(0);
    // As many steps as the preset is meant for, or as many epochs as anybody reads.
    const epoch = Math.min(settings.stepsPerEpoch!, Math.floor(data.train.size / settings.batchSize));
    const steps = settings.epochs! * epoch;
    expect(steps > 0.8 * 1250 || settings.epochs === 100).toBe(true);
    expect(steps).toBeLessThan(1.5 * 1250);
    expect(steps).toBeGreaterThan(300);
    expect(data.codec.endClass).toBeDefined();
    expect(data.codec.spec.beats !== undefined).toBe(notated);
  });
});

describe('the preset of a corpus', () => {
  it('says of a mixture how much is written', () => {
    expect(choosePreset(folders.get('mixed')!).why[0]).toMatch(
      /^3,\d{3} notes in 12 pieces, of which 8 are in notation and the others as performed \(\d+ % of their onsets/,
    );
  });

  it('is larger and trains longer where there is more music', () => {
    const many = choosePreset(ofNotes(100_000));
    expect(many).toMatchObject({ preset: 'songbook', changes: { hiddenSize: 256, epochs: 40 } });
    expect(many.why.join(' ')).toContain('256 units, less dropout, and four times as long');
    const { songbook, chosen } = { songbook: resolveSettings('songbook'), chosen: resolveSettings('songbook', many.changes) }; // prettier-ignore
    expect(chosen.dropout).toBeLessThan(songbook.dropout);
    expect(chosen.inputDropout).toBeLessThan(songbook.inputDropout);
    expect(chosen.epochs! / songbook.epochs!).toBe(4);
  });

  it('is performance for half a million notes as performed, and not for as many in notation', () => {
    // The pieces are the same: only their number counts here.
    const [played] = asPlayed(ofNotes(100));
    const pieces = Array<Piece>(5000).fill(played);
    const { preset, changes, why } = choosePreset(pieces);
    expect([preset, changes]).toEqual(['performance', {}]);
    expect(why).toEqual([expect.stringMatching(/^500,000 notes as performed .* preset performance.*quarter of an hour/)]); // prettier-ignore
    expect(resolveSettings('performance').minutes).toBe(15);
    const [written] = ofNotes(100);
    expect(choosePreset(Array<Piece>(5000).fill(written)).preset).toBe('songbook');
    expect(choosePreset(pieces, { time: 'beats' }).preset).toBe('songbook');
  });

  it('goes by what was asked: how time is counted, and drums', () => {
    const written = ofNotes(4000);
    const asked = choosePreset(written, { time: 'seconds' });
    expect(asked.changes).toEqual({});
    expect(asked.why[0]).toMatch(/^4,000 notes in notation .*: the preset songbook, in seconds\.$/);
    const played = choosePreset(asPlayed(written), { time: 'beats' });
    expect(played.changes).toEqual({});
    expect(played.why[0]).toMatch(/as performed .*, in beats\.$/);
    expect(choosePreset(written, { time: 'auto' })).toEqual(choosePreset(written));
    expect(choosePreset(written, { instrument: 'drums' }).changes).toEqual({ instrument: 'drums', transpose: 0 });
    expect(choosePreset(written, { instrument: 'all' })).toEqual(choosePreset(written));
  });

  it('takes drums for drums only where there is nothing else', () => {
    const problems: Piece['problems'] = [{ code: 'only-drums', message: '', severity: 'note' }];
    const drums = ofNotes(4000, { problems });
    expect(choosePreset(drums).changes).toEqual({ instrument: 'drums', transpose: 0 });
    expect(choosePreset([...drums, ...ofNotes(100)]).changes).toEqual({});
  });
});

describe('beats', () => {
  const pieceIn = (name: string, bpm: number, meter: [number, number], notes = 20): Piece => {
    return { ...toyPiece(name, toySong(60, notes)), timing: { tempo: [[0, bpm]], meter: [[0, ...meter]] } };
  };

  it('have the median tempo of the pieces, and their time signatures, that of most notes first', () => {
    const pieces = [pieceIn('a', 60, [3, 4]), pieceIn('b', 90, [4, 4], 50), pieceIn('c', 200, [3, 4]), pieceIn('d', 80, [6, 8], 45)]; // prettier-ignore
    expect(beatsIn(pieces)).toEqual({ beats: { tempo: 90, meters: [[4, 4], [6, 8], [3, 4]] } }); // prettier-ignore
    expect(beatsIn([toyPiece('e', toySong(60, 9))])).toEqual({ beats: { tempo: 120, meters: [[4, 4]] } });
  });

  it('are such as a file and a codec can say, whatever a file says', () => {
    const many = Array.from({ length: 100 }, (_, k) => pieceIn(`p ${k}`, 90, [k + 1, 8]));
    expect(beatsIn(many).beats.meters).toHaveLength(64);
    expect(beatsIn([pieceIn('slow', 3.6, [4, 4])]).beats.tempo).toBe(4);
    expect(beatsIn([pieceIn('fast', 6e7, [4, 4])]).beats.tempo).toBe(60_000);
  });

  it('are counted where nine tenths of the notes are in written pieces', () => {
    const [written, played] = [ofNotes(9000), asPlayed(ofNotes(1000))];
    const timeOf = (pieces: Piece[]): Settings['time'] => howTimeIsCounted(pieces).time;
    expect(timeOf([...written, ...played])).toBe('beats');
    expect(timeOf([...written.slice(1), ...played])).toBe('seconds');
    expect(howTimeIsCounted([])).toEqual({ time: 'seconds', onGrid: 0, written: 0, pieces: 0 });
  });
});
