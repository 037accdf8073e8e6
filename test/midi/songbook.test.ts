import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import tone from '@tonejs/midi';
import { parseMidi } from 'midi-file';
import { describe, expect, it } from 'vitest';
import { compileSongbook, withTable } from '../../scripts/songbook.ts';
import { readMidi } from '../../src/midi/read/read-midi.ts';
import { matchedShare } from '../support/alignment.ts';
import { sharedData } from '../support/shared-data.ts';

const folder = resolve(import.meta.dirname, '../../data/songbook');
const pieces = compileSongbook(folder);
const committed = (name: string) => new Uint8Array(readFileSync(join(folder, `${name}.mid`)));

describe('the songbook', () => {
  it('has a MIDI file for each text, and no other', () => {
    const files = readdirSync(folder).filter((file) => /\.(txt|mid)$/.test(file));
    expect(files.sort()).toEqual(pieces.flatMap(({ name }) => [`${name}.mid`, `${name}.txt`]).sort());
  });

  it('has a README whose table is what the texts give', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(readme, 'run npm run songbook').toBe(withTable(readme, pieces));
    expect(() => withTable('no marks', pieces)).toThrow('marks');
  });

  it('is enough to learn from: more than 25 pieces and 12,000 notes', () => {
    expect(pieces.length).toBeGreaterThan(25);
    const notes = pieces.reduce((sum, { performance }) => sum + performance.instruments[0].notes.length, 0);
    expect(notes).toBeGreaterThan(12_000);
  });
});

describe.each(pieces)('$name', ({ name, score: { header }, performance, midi }) => {
  const { timeSignature, laterSignatures = [] } = performance.options;
  const signatures: [seconds: number, beats: number, unit: number][] = [[0, ...timeSignature!], ...laterSignatures];

  it('is committed as the compiler writes it (else: npm run songbook)', () => {
    expect(Buffer.from(committed(name)).equals(Buffer.from(midi))).toBe(true);
  });

  it('is read back without problems as one piano with the very notes of the score', () => {
    const file = readMidi(committed(name));
    expect(file.problems).toEqual([]);
    expect(file.instruments.map(({ program, isDrum }) => [program, isDrum])).toEqual([[0, false]]);
    expect(file.instruments[0].name).toBe(header.title);

    const read = file.instruments[0].notes.toSorted((a, b) => a.start - b.start || a.pitch - b.pitch);
    const written = performance.instruments[0].notes;
    expect(read.map(({ pitch, velocity }) => [pitch, velocity])).toEqual(
      written.map(({ pitch, velocity }) => [pitch, velocity]),
    );
    const halfTick = 60 / header.tempo / 480 / 2;
    read.forEach((note, i) => {
      expect(Math.abs(note.start - written[i].start)).toBeLessThan(halfTick);
      expect(Math.abs(note.end - written[i].end)).toBeLessThan(halfTick);
    });
  });

  it('is long enough for windows of 25 notes, and lies on a piano', () => {
    const { notes } = performance.instruments[0];
    expect(notes.length).toBeGreaterThan(100);
    for (const { pitch } of notes) {
      expect(pitch).toBeGreaterThanOrEqual(21);
      expect(pitch).toBeLessThanOrEqual(108);
    }
  });

  it('tells notation software its tempo, meter and key', () => {
    const events = parseMidi(committed(name)).tracks[0];
    expect(events).toMatchObject([
      { type: 'setTempo', microsecondsPerBeat: Math.round(6e7 / header.tempo) },
      { type: 'timeSignature', numerator: signatures[0][1], denominator: signatures[0][2] },
      { type: 'keySignature', key: header.key?.fifths, scale: header.key?.minor ? 1 : 0 },
      ...signatures.slice(1).map(([, numerator, denominator]) => ({ type: 'timeSignature', numerator, denominator })),
      { type: 'endOfTrack' },
    ]);
  });

  it('is read back with its tempo and meter, by Etude as by Tone.js', () => {
    const { tempo, meter } = readMidi(committed(name));
    expect(meter).toEqual(signatures.map(([seconds, ...each]) => [expect.closeTo(seconds, 6), ...each]));
    // The tempo in the whole microseconds a quarter that the file can say.
    expect(tempo).toEqual([[0, expect.closeTo(6e7 / Math.round(6e7 / header.tempo), 9)]]);
    const { timeSignatures, tempos } = new tone.Midi(committed(name)).header;
    const ticksOf = (seconds: number) => Math.round((480 * seconds * tempo[0][1]) / 60);
    expect(timeSignatures.map(({ ticks, timeSignature }) => [ticks, ...timeSignature])).toEqual(
      signatures.map(([seconds, ...each]) => [ticksOf(seconds), ...each]),
    );
    expect(tempos).toMatchObject([{ ticks: 0, bpm: expect.closeTo(tempo[0][1], 9) as number }]);
  });

  it('is in the public domain: traditional, or by a composer who died before 1930', () => {
    expect(header.licence).toBe('public domain');
    const died = /^\d{4}-(\d{4})$/.exec(header.lived ?? '')?.[1];
    if (died) expect(Number(died)).toBeLessThan(1930);
    else expect(header.composer).toMatch(/^Traditional \(/);
  });
});

/** Recordings of all of Chopin's Opus 28, by two pianists. */
const OPUS_28 = [
  '2004/MIDI-Unprocessed_XP_06_R1_2004_01_ORIG_MID--AUDIO_06_R1_2004_01_Track01_wav.midi',
  '2009/MIDI-Unprocessed_17_R1_2009_04_ORIG_MID--AUDIO_17_R1_2009_17_R1_2009_04_WAV.midi',
];

describe.each(OPUS_28)('MAESTRO %s', (recording) => {
  const data = sharedData(`maestro-v2.0.0/${recording}`);
  const notesOf = (name: string) => pieces.find((piece) => piece.name === name)!.performance.instruments[0].notes;

  it.skipIf(data.missing).each(['chopin-prelude-a', 'chopin-prelude-c-minor', 'chopin-prelude-e-minor'])(
    `plays 97 of 100 notes of %s in their order${data.missing ? ` (${data.missing})` : ''}`,
    (name) => {
      const performed = readMidi(new Uint8Array(readFileSync(data.path))).instruments[0].notes;
      expect(matchedShare(notesOf(name), performed)).toBeGreaterThan(0.97);
      // The measure sees mistakes: with every tenth note a semitone too high the share falls below nine tenths and a bit.
      const wrong = notesOf(name).map((note, i) => (i % 10 === 0 ? { ...note, pitch: note.pitch + 1 } : note));
      expect(matchedShare(wrong, performed)).toBeLessThan(0.95);
    },
  );
});
