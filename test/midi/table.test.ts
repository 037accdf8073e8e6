import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DataError, UsageError } from '../../src/errors.ts';
import { noteTable, sliceTable, tableToNotes } from '../../src/midi/table.ts';
import { anyNotes, anyTable, melody } from './arbitrary-notes.ts';

describe('the note table', () => {
  it('sorts by start, measures steps from start to start and durations from start to end', () => {
    const table = noteTable([
      { pitch: 64, velocity: 90, start: 1.5, end: 1.75 },
      { pitch: 60, velocity: 80, start: 0.5, end: 2.5 },
      { pitch: 67, velocity: 70, start: 1.5, end: 4 },
    ]);
    expect(table.length).toBe(3);
    expect([...table.pitch]).toEqual([60, 64, 67]);
    expect([...table.velocity]).toEqual([80, 90, 70]);
    expect([...table.start]).toEqual([0.5, 1.5, 1.5]);
    expect([...table.step]).toEqual([0, 1, 0]);
    expect([...table.duration]).toEqual([2, 0.25, 2.5]);
  });

  it('keeps notes that start together in their reading order', () => {
    const pitches = [72, 60, 67, 64, 48, 55];
    const late = { pitch: 1, velocity: 1, start: 9, end: 10 };
    const table = noteTable([late, ...pitches.map((pitch) => ({ pitch, velocity: 64, start: 1, end: 2 }))]);
    expect([...table.pitch]).toEqual([...pitches, 1]);
  });

  it('sorts notes in the reverse of their order, too many for insertion', () => {
    const notes = Array.from({ length: 500 }, (_, i) => ({
      pitch: i % 128,
      velocity: 64,
      start: 500 - (i >> 1),
      end: 600,
    }));
    const { start, pitch } = noteTable(notes);
    expect([...start]).toEqual(notes.map((note) => note.start).sort((a, b) => a - b));
    // Two start together each time, and stay as they stood.
    expect([...pitch.slice(0, 2)]).toEqual([498 % 128, 499 % 128]);
  });

  it('ascends in time, and its steps add up to its starts', () => {
    fc.assert(
      fc.property(anyTable, ({ length, start, step, duration }) => {
        for (let i = 0; i < length; i++) {
          expect(step[i]).toBe(i === 0 ? 0 : start[i] - start[i - 1]);
          expect(step[i]).toBeGreaterThanOrEqual(0);
          expect(duration[i]).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('gives the notes back, ends within one rounding', () => {
    fc.assert(
      fc.property(anyNotes, (notes) => {
        const sorted = [...notes].sort((a, b) => a.start - b.start);
        const back = tableToNotes(noteTable(notes));
        expect(back.map(({ pitch, velocity, start }) => [pitch, velocity, start])).toEqual(
          sorted.map(({ pitch, velocity, start }) => [pitch, velocity, start]),
        );
        back.forEach(({ end }, i) => expect(Math.abs(end - sorted[i].end)).toBeLessThanOrEqual(end * 2 ** -52));
      }),
    );
  });

  it('does not reorder the notes that it was given', () => {
    const notes = [
      { pitch: 2, velocity: 1, start: 2, end: 3 },
      { pitch: 1, velocity: 1, start: 1, end: 2 },
    ];
    noteTable(notes);
    expect(notes.map(({ pitch }) => pitch)).toEqual([2, 1]);
  });

  it('is empty without notes', () => {
    expect(noteTable([])).toMatchObject({ length: 0 });
    expect(tableToNotes(noteTable([]))).toEqual([]);
  });

  it.each([
    ['a pitch above 127', { pitch: 128 }],
    ['a pitch between two keys', { pitch: 60.5 }],
    ['a negative velocity', { velocity: -1 }],
    ['a start that is no number', { start: NaN }],
    ['an infinite end', { end: Infinity }],
    ['an end before the start', { end: 0.5 }],
  ])('refuses %s instead of wrapping it', (_, wrong) => {
    const note = { pitch: 60, velocity: 64, start: 1, end: 2, ...wrong };
    expect(() => noteTable([{ pitch: 1, velocity: 1, start: 0, end: 1 }, note])).toThrow(DataError);
    expect(() => noteTable([{ pitch: 1, velocity: 1, start: 0, end: 1 }, note])).toThrow(/note 1: expected/);
  });
});

describe('a slice of a table', () => {
  it('holds the rows asked for, begins with step 0 and leaves the whole alone', () => {
    const whole = melody([60, 62, 64, 65, 67]);
    const slice = sliceTable(whole, 2, 4);
    expect(slice.length).toBe(2);
    expect([...slice.pitch]).toEqual([64, 65]);
    expect([...slice.start]).toEqual([1, 1.5]);
    expect([...slice.step]).toEqual([0, 0.5]);
    expect([...whole.step]).toEqual([0, 0.5, 0.5, 0.5, 0.5]);
  });

  it('reaches to the end when no end is named', () => {
    expect([...sliceTable(melody([60, 62, 64]), 1).pitch]).toEqual([62, 64]);
    expect(sliceTable(melody([60]), 1).length).toBe(0);
  });

  it.each([
    [-1, 2],
    [2, 1],
    [0, 4],
    [0.5, 2],
  ])('refuses the rows %d to %d of three', (from, to) => {
    expect(() => sliceTable(melody([60, 62, 64]), from, to)).toThrow(UsageError);
  });
});
