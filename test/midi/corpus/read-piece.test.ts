import { describe, expect, it } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import { OTHER_INSTRUMENTS, readPiece } from '../../../src/midi/corpus/read-piece.ts';
import { InstrumentNotFoundError, type InstrumentChoice } from '../../../src/midi/instruments.ts';
import { MidiError } from '../../../src/midi/read/midi-error.ts';
import type { Note } from '../../../src/midi/types.ts';
import * as midi from '../../support/midi-bytes.ts';
import { inRiff, midiBytes, midiOfNotes } from './temporary-music.ts';

describe('reading a piece', () => {
  it('gives the table of the chosen instrument', () => {
    const bytes = midiBytes([60, 62], [36, 38, 40]);
    expect([...readPiece(bytes).table.pitch]).toEqual([60, 62]);
    expect([...readPiece(bytes, { instrument: { by: 'index', index: 1 } }).table.pitch]).toEqual([36, 38, 40]);
    expect([...readPiece(bytes, { instrument: { by: 'all' } }).table.pitch]).toEqual([36, 60, 38, 62, 40]);
    expect(() => readPiece(bytes, { instrument: { by: 'drums' } })).toThrow(InstrumentNotFoundError);
    expect(() => readPiece(bytes, { instrument: { by: 'index', index: -1 } })).toThrow(UsageError);
  });

  it('notes that there are more instruments than the first that was taken', () => {
    const codes = (bytes: Uint8Array, instrument?: InstrumentChoice) =>
      readPiece(bytes, { instrument }).problems.map(({ code }) => code);
    const [one, two] = [midiBytes([60, 62]), midiBytes([60, 62], [36, 38, 40])];
    expect(codes(one)).not.toContain(OTHER_INSTRUMENTS);
    expect(codes(two)).toContain(OTHER_INSTRUMENTS);
    expect(codes(two, { by: 'first' })).toContain(OTHER_INSTRUMENTS);
    for (const choice of [{ by: 'all' }, { by: 'index', index: 1 }] as const) {
      expect(codes(two, choice)).not.toContain(OTHER_INSTRUMENTS);
    }
  });

  it('gives how the file counts time, whichever instrument is chosen', () => {
    const track0 = [midi.tempo(0, 600_000), midi.meter(0, 3, 2), midi.tempo(96, 300_000), midi.meter(96, 6, 3)];
    const bytes = midi.midiFile([track0, [midi.noteOn(0, 60), midi.noteOff(9, 60)], [midi.noteOn(0, 40, 80, 1), midi.noteOff(9, 40, 1)]]); // prettier-ignore
    for (const index of [0, 1]) {
      const { tempo, meter } = readPiece(bytes, { instrument: { by: 'index', index } }).timing;
      expect(tempo).toEqual([[0, expect.closeTo(100, 9)], [expect.closeTo(0.6, 9), expect.closeTo(200, 9)]]); // prettier-ignore
      expect(meter).toEqual([[0, 3, 4], [expect.closeTo(0.9, 9), 6, 8]]); // prettier-ignore
    }
  });

  it('gives an empty table, and the problem, for a file without notes', () => {
    const { table, problems } = readPiece(midiBytes([]));
    expect(table.length).toBe(0);
    expect(problems.map(({ code }) => code)).toContain('no-notes');
  });

  it('gives the same digest for the same notes in another container, another for any change', () => {
    const midi = midiBytes([60, 62]);
    const { notesDigest } = readPiece(midi);
    expect(notesDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(readPiece(inRiff(midi)).notesDigest).toBe(notesDigest);
    expect(readPiece(midiBytes([60, 62], [1])).notesDigest).toBe(notesDigest);
    expect(readPiece(midiBytes([60, 62, 64])).notesDigest).not.toBe(notesDigest);
  });

  it.each([
    ['pitch', { pitch: 63 }],
    ['velocity', { velocity: 81 }],
    ['start', { start: 0.25, end: 0.625 }],
    ['duration', { end: 0.75 }],
  ])('gives another digest for another %s alone', (_, change) => {
    const note: Note = { pitch: 62, velocity: 80, start: 0.125, end: 0.5 };
    const digestOf = (changed: Note): string => readPiece(midiOfNotes([changed])).notesDigest;
    expect(digestOf({ ...note, ...change })).not.toBe(digestOf(note));
    expect(digestOf({ ...note })).toBe(digestOf(note));
  });

  it('counts every note to the digest', () => {
    const { notesDigest } = readPiece(midiBytes([60, 62]));
    expect(readPiece(midiBytes([60, 63])).notesDigest).not.toBe(notesDigest);
  });

  it('refuses what is no MIDI, or more than was allowed', () => {
    expect(() => readPiece(Buffer.from('not music'))).toThrow(MidiError);
    expect(() => readPiece(midiBytes([60]), { maxBytes: 20 })).toThrow(/at most 20/);
  });

  it('leaves the bytes alone', () => {
    const bytes = midiBytes([60, 62]);
    const before = Uint8Array.from(bytes);
    readPiece(bytes);
    expect(Uint8Array.from(bytes)).toEqual(before);
  });
});
