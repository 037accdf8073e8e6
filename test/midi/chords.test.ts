import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../src/errors.ts';
import { fitChordSpread, joinChords, parseChordSpread, spreadChords } from '../../src/midi/chords.ts';
import { noteTable, tableToNotes, type NoteTable } from '../../src/midi/table.ts';
import { Random } from '../../src/tensor/index.ts';
import { anyTable } from './arbitrary-notes.ts';

type Row = [pitch: number, start: number, end: number];

const WITHIN = 0.03;
const tableOf = (...rows: Row[]): NoteTable =>
  noteTable(rows.map(([pitch, start, end], k) => ({ pitch, velocity: k + 1, start, end })));
const rowsOf = (table: NoteTable): Row[] =>
  tableToNotes(table).map(({ pitch, start, end }) => [pitch, start, Math.round(end * 1e9) / 1e9]);
const joined = (...rows: Row[]): Row[] => rowsOf(joinChords(tableOf(...rows), WITHIN));

/** Notes as hands play them: onsets near each other, few keys, milliseconds. */
const playedTable = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 45 }),
      pitch: fc.integer({ min: 60, max: 66 }),
      length: fc.integer({ min: 1, max: 200 }),
    }),
    { maxLength: 40 },
  )
  .map((notes) => {
    let at = 0;
    return tableOf(...notes.map(({ gap, pitch, length }): Row => [pitch, (at += gap) / 1000, (at + length) / 1000]));
  });
/** The same without a key that is struck while it is down: what a piano can play. */
const pianoTable = playedTable.map((table) => {
  const notes = tableToNotes(table);
  notes.forEach((note, k) => {
    const again = notes.slice(k + 1).find(({ pitch }) => pitch === note.pitch);
    if (again && again.start < note.end) note.end = again.start;
  });
  return noteTable(notes.filter(({ start, end }) => end > start));
});
const anyPlayed = fc.oneof(playedTable, pianoTable, anyTable);

describe('joining chords', () => {
  it('lets notes within 30 ms of the first start with it, low to high', () => {
    expect(joined([67, 1, 2], [60, 1.02, 2], [64, 1.03, 2.5])).toEqual([[60, 1, 2], [64, 1, 2.5], [67, 1, 2]]); // prettier-ignore
  });

  it('counts from the first note, not from the one before', () => {
    const starts = joined([60, 1, 2], [62, 1.02, 2], [64, 1.04, 2], [65, 1.06, 2]).map(([, start]) => start);
    expect(starts).toEqual([1, 1, 1.04, 1.04]);
  });

  it('ends a note where its key is struck again, if it had ended by then', () => {
    expect(joined([60, 0, 1.02], [64, 1, 2], [60, 1.02, 2])).toEqual([[60, 0, 1], [60, 1, 2], [64, 1, 2]]); // prettier-ignore
    expect(joined([60, 0, 1.5], [64, 1, 2], [60, 1.02, 2])).toEqual([[60, 0, 1.5], [60, 1, 2], [64, 1, 2]]); // prettier-ignore
  });

  it('strikes a key once in a chord: the last note remains', () => {
    const table = joinChords(tableOf([60, 1, 1.01], [60, 1.02, 2]), WITHIN);
    expect(rowsOf(table)).toEqual([[60, 1, 2]]);
    expect(table.velocity[0]).toBe(2);
  });

  it('is off with 0', () => {
    const table = tableOf([64, 1, 2], [60, 1, 2]);
    expect(joinChords(table, 0)).toBe(table);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyPlayed, (table) => {
        const once = joinChords(table, WITHIN);
        expect(joinChords(once, WITHIN)).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  it('gives onsets more than 30 ms apart, chords that rise, and no negative time', () => {
    fc.assert(
      fc.property(anyPlayed, (table) => {
        const { length, step, pitch, duration } = joinChords(table, WITHIN);
        for (let i = 0; i < length; i++) {
          if (step[i] === 0 && i > 0) expect(pitch[i]).toBeGreaterThan(pitch[i - 1]);
          else if (i > 0) expect(step[i]).toBeGreaterThan(WITHIN - 1e-9);
          expect(duration[i]).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the first start and the last end, and moves no start by more than 30 ms', () => {
    fc.assert(
      fc.property(pianoTable.filter(({ length }) => length > 0), (table) => {
        const before = tableToNotes(table);
        const after = tableToNotes(joinChords(table, WITHIN));
        expect(after[0].start).toBe(before[0].start);
        const end = (notes: typeof before): number => Math.max(...notes.map((note) => note.end));
        expect(end(after)).toBeCloseTo(end(before), 9);
        for (const { pitch, start } of after) {
          const candidates = before.filter((note) => note.pitch === pitch && note.start >= start);
          expect(Math.min(...candidates.map((note) => note.start)) - start).toBeLessThanOrEqual(WITHIN + 1e-9);
        }
      }), // prettier-ignore
    );
  });

  it('lets no key be struck while it is down that was not', () => {
    fc.assert(
      fc.property(pianoTable, (table) => {
        const notes = tableToNotes(joinChords(table, WITHIN));
        notes.forEach(({ pitch, end }, k) => {
          const again = notes.slice(k + 1).find((note) => note.pitch === pitch);
          if (again) expect(end).toBeLessThanOrEqual(again.start + 1e-9);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('spreading chords', () => {
  const chord = tableToNotes(tableOf([60, 1, 2], [64, 1, 2], [67, 1, 2], [70, 2, 3]));

  it('is fitted on how far notes come after the first of their chord', () => {
    const played = tableOf([60, 1, 2], [64, 1.01, 2], [67, 1.02, 2], [70, 2, 3], [72, 2.03, 3]);
    const { within, spread } = fitChordSpread([played], WITHIN);
    expect(within).toBe(WITHIN);
    expect(spread).toHaveLength(33);
    expect([spread[0], spread[16], spread[32]].map((delay) => Math.round(delay * 1e6))).toEqual([10_000, 20_000, 30_000]); // prettier-ignore
    expect(spread).toEqual(spread.toSorted((a, b) => a - b));
    expect(fitChordSpread([tableOf([60, 0, 1], [62, 1, 2])], WITHIN)).toEqual({ within: WITHIN, spread: [] });
    expect(() => fitChordSpread([played], 0)).toThrow(UsageError);
  });

  it('delays all notes of a chord but one, and no note alone', () => {
    const [first, last] = [0.005, 0.02];
    const random = Random.stream(1, 'sample');
    for (let k = 0; k < 20; k++) {
      const delays = spreadChords(chord, { within: WITHIN, spread: [first, last] }, () => random.uniform()).map(
        ({ start, end }, i) => {
          expect(end).toBe(chord[i].end);
          return start - chord[i].start;
        },
      );
      expect(delays[3]).toBe(0);
      expect(delays.slice(0, 3).filter((delay) => delay === 0)).toHaveLength(1);
      for (const delay of delays.filter((each) => each > 0)) {
        expect(delay).toBeGreaterThan(first - 1e-9);
        expect(delay).toBeLessThan(last + 1e-9);
      }
    }
  });

  it('leaves the notes of music that had no chords, or exact ones', () => {
    for (const spread of [[], [0, 0]]) {
      expect(spreadChords(chord, { within: WITHIN, spread }, () => 0.5)).toEqual(chord);
    }
  });

  it('is undone by joining', () => {
    fc.assert(
      fc.property(pianoTable, fc.nat(), (played, seed) => {
        const table = joinChords(played, WITHIN);
        const random = Random.stream(seed, 'sample');
        const spread = spreadChords(tableToNotes(table), fitChordSpread([played], WITHIN), () => random.uniform());
        const again = joinChords(noteTable(spread), WITHIN);
        expect([...again.pitch]).toEqual([...table.pitch]);
        expect([...again.start]).toEqual([...table.start]);
        again.duration.forEach((duration, i) => expect(duration).toBeCloseTo(table.duration[i], 9));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['nothing', null],
    ['no spread', { within: 0.03 }],
    ['another key', { within: 0.03, spread: [], mean: 1 }],
    ['no time', { within: 0, spread: [] }],
    ['a delay beyond the chord', { within: 0.03, spread: [0.01, 0.04] }],
    ['delays that fall', { within: 0.03, spread: [0.02, 0.01] }],
    ['a delay that is no number', { within: 0.03, spread: [NaN] }],
  ])('is refused with %s', (_, json) => {
    expect(() => parseChordSpread(json, 'codec.chords')).toThrow(UsageError);
    expect(() => parseChordSpread(json, 'codec.chords')).toThrow(/^codec\.chords/);
  });
});
