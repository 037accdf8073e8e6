import { describe, expect, it } from 'vitest';
import { HeldNotes } from '../../../src/midi/read/held-notes.ts';
import { TrackReader } from '../../../src/midi/read/notes.ts';
import type { ParsedEvent } from '../../../src/midi/read/parse.ts';
import { tempoMap, type TempoMap } from '../../../src/midi/read/tempo.ts';

/** A second has 100 ticks. */
const map = tempoMap(50, []);

const on = (deltaTime: number, pitch: number, velocity = 80, channel = 0): ParsedEvent => ({
  deltaTime,
  type: 9,
  channel,
  data: [pitch, velocity],
});
const off = (deltaTime: number, pitch: number, channel = 0): ParsedEvent => ({
  deltaTime,
  type: 8,
  channel,
  data: [pitch, 64],
});
const program = (number: number, channel = 0): ParsedEvent => ({ deltaTime: 0, type: 12, channel, data: number });
/** A track name, as the guard numbers it; the text is the letter of that number. */
const name = (letter: string): ParsedEvent => ({
  deltaTime: 0,
  type: 255,
  metaType: 3,
  data: `\0\0\0${letter}`,
});

function readTrackNotes(events: ParsedEvent[], times: TempoMap) {
  const held = new HeldNotes();
  const track = new TrackReader(0, {
    map: times,
    held,
    maxHours: Infinity,
    nameOf: (number) => String.fromCharCode(number),
    pedalOf: () => new Float64Array(0),
  });
  track.read(events, 0);
  const found = track.finish();
  expect(held.count).toBe(0);
  return found;
}

function read(...events: ParsedEvent[]) {
  const { instruments, zeroLength, unclosed } = readTrackNotes(events, map);
  const rows = instruments.map(({ notes, ...rest }) => ({
    ...rest,
    notes: notes.map(({ pitch, velocity, start, end }) => [pitch, velocity, start, end]),
  }));
  return { rows, zeroLength, unclosed };
}

describe('readTrackNotes', () => {
  it('closes every earlier note of a key at one note-off, in order of onset', () => {
    const { rows } = read(on(0, 60, 1), on(100, 60, 2), on(0, 60, 3), off(100, 60), off(5, 60));
    expect(rows[0].notes).toEqual([
      [60, 1, 0, 2],
      [60, 2, 1, 2],
      [60, 3, 1, 2],
    ]);
  });

  it('keeps the notes struck at the tick of the note-off if it closed others, and else drops them', () => {
    const { rows, zeroLength, unclosed } = read(on(0, 60, 1), on(100, 60, 2), on(0, 60, 3), off(0, 60), off(100, 60));
    expect(rows[0].notes).toEqual([
      [60, 1, 0, 1],
      [60, 2, 1, 2],
      [60, 3, 1, 2],
    ]);
    expect({ zeroLength, unclosed }).toEqual({ zeroLength: 0, unclosed: 0 });
    expect(read(on(0, 60), on(0, 60), off(0, 60), off(100, 60))).toEqual({ rows: [], zeroLength: 2, unclosed: 0 });
  });

  it('takes note-on of velocity 0 for note-off', () => {
    expect(read(on(0, 60), on(100, 60, 0)).rows[0].notes).toEqual([[60, 80, 0, 1]]);
  });

  it('keeps channels and keys apart', () => {
    const { rows, unclosed } = read(on(0, 60, 1, 0), on(0, 60, 2, 1), on(0, 61, 3, 0), off(100, 60, 1), off(0, 62, 0));
    expect(rows).toEqual([{ program: 0, isDrum: false, name: '', notes: [[60, 2, 0, 1]] }]);
    expect(unclosed).toBe(2);
  });

  it('gives a note to the program at its end, and makes instruments in that order', () => {
    const { rows } = read(
      on(0, 60),
      on(0, 62),
      program(5),
      off(100, 62),
      program(0),
      off(0, 60),
      program(5),
      on(0, 64),
      off(1, 64),
    );
    expect(rows.map((row) => [row.program, row.notes.map(([pitch]) => pitch)])).toEqual([
      [5, [62, 64]],
      [0, [60]],
    ]);
  });

  it('names an instrument by the last name before its first closed note', () => {
    const { rows } = read(name('A'), on(0, 60), name('B'), off(100, 60), name('C'), on(0, 36, 80, 9), off(5, 36, 9));
    expect(rows.map((row) => [row.name, row.isDrum])).toEqual([
      ['B', false],
      ['C', true],
    ]);
  });

  it('tells the shortest note at the last ticks, after the longest tempo, from nothing', () => {
    for (const resolution of [1, 32_767]) {
      const long = tempoMap(resolution, [
        [0, 0xffffff],
        [9_999_997, 1],
      ]);
      const { instruments } = readTrackNotes([on(9_999_998, 60), off(1, 60)], long);
      const [{ start, end }] = instruments[0].notes;
      expect(end).toBeGreaterThan(start);
    }
  });
});
