import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../src/errors.ts';
import { sustained } from '../../src/midi/pedal.ts';
import { noteTable, tableToNotes, type NoteTable } from '../../src/midi/table.ts';
import type { Note } from '../../src/midi/types.ts';
import { anyTable } from './arbitrary-notes.ts';

type Row = [pitch: number, start: number, end: number];

const tableOf = (rows: readonly Row[]): NoteTable =>
  noteTable(rows.map(([pitch, start, end]) => ({ pitch, velocity: 64, start, end })));
const rowsOf = (table: NoteTable): Row[] => tableToNotes(table).map(({ pitch, start, end }) => [pitch, start, end]);
const soundOf = (rows: readonly Row[], ...pedal: number[]): Row[] =>
  rowsOf(sustained(tableOf(rows), Float64Array.from(pedal)));

/**
 * The rule once more, in note-seq's own terms: everything that happens in order of time (and at one time pedal, strikes,
 * releases), with a list of the notes that sound.
 */
function swept(table: NoteTable, pedal: readonly number[]): Row[] {
  type Sounding = Note & { keyUp: number; gone: boolean };
  const notes: Sounding[] = tableToNotes(table).map((note) => ({ ...note, keyUp: note.end, gone: false }));
  const events: { time: number; rank: number; happen: () => void }[] = [];
  let sounding: Sounding[] = [];
  let isDown = false;
  pedal.forEach((time, k) => {
    const goDown = (): void => void (isDown = true);
    const comeUp = (): void => {
      isDown = false;
      for (const note of sounding) if (note.keyUp < time) note.end = time;
      sounding = sounding.filter(({ keyUp }) => keyUp >= time);
    };
    events.push({ time, rank: 0, happen: k % 2 === 0 ? goDown : comeUp });
  });
  for (const note of notes) {
    const strike = (): void => {
      if (isDown) {
        for (const other of sounding.filter(({ pitch }) => pitch === note.pitch)) {
          other.end = note.start;
          other.gone = other.start === note.start;
        }
        sounding = sounding.filter(({ pitch }) => pitch !== note.pitch);
      }
      sounding.push(note);
    };
    const release = (): void => {
      if (!isDown) sounding = sounding.filter((other) => other !== note);
    };
    events.push({ time: note.start, rank: 1, happen: strike }, { time: note.keyUp, rank: 2, happen: release });
  }
  const order = events.map((event, k) => ({ ...event, k }));
  order.sort((a, b) => a.time - b.time || a.rank - b.rank || a.k - b.k);
  for (const { happen } of order) happen();
  return notes.filter(({ gone }) => !gone).map(({ pitch, start, end }) => [pitch, start, end]);
}

/** Times on a coarse grid, so that much happens at once; few keys, so that they are struck again. */
const tick = fc.integer({ min: 0, max: 40 });
const gridTable = fc
  .array(fc.record({ pitch: fc.integer({ min: 60, max: 62 }), start: tick, length: fc.integer({ min: 1, max: 12 }) }), {
    maxLength: 25,
  })
  .map((notes) => tableOf(notes.map(({ pitch, start, length }): Row => [pitch, start / 8, (start + length) / 8])));
const gridPedal = fc
  .tuple(tick, fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 8 })), { maxLength: 8 }))
  .map(([from, presses]) => {
    let at = from;
    return presses.flatMap(([down, up]) => {
      const times = [at / 8, (at + down) / 8];
      at += down + up;
      return times;
    });
  });

describe('notes under the sustain pedal', () => {
  it('last until it comes up', () => {
    expect(soundOf([[60, 0, 1], [64, 0.5, 0.75]], 0.25, 2)).toEqual([[60, 0, 2], [64, 0.5, 2]]); // prettier-ignore
  });

  it('end with their keys where it is up then', () => {
    const before: Row = [60, 0, 1];
    const held: Row = [62, 0.5, 3];
    const after: Row = [64, 2.5, 3];
    expect(soundOf([before, held, after], 1.5, 2)).toEqual([before, held, after]);
  });

  it('end where their key is struck again, whether it was let go or not', () => {
    expect(soundOf([[60, 0, 0.5], [60, 1, 1.5]], 0.25, 2)).toEqual([[60, 0, 1], [60, 1, 2]]); // prettier-ignore
    expect(soundOf([[60, 0, 3], [60, 1, 1.5]], 0.25, 2)).toEqual([[60, 0, 1], [60, 1, 2]]); // prettier-ignore
    expect(soundOf([[60, 0, 3], [60, 1, 1.5]], 2.5, 4)).toEqual([[60, 0, 4], [60, 1, 1.5]]); // prettier-ignore
  });

  it('that are let go as it goes down are held, and as it comes up are not', () => {
    expect(soundOf([[60, 0, 1]], 1, 2)).toEqual([[60, 0, 2]]);
    expect(soundOf([[60, 0, 2]], 1, 2)).toEqual([[60, 0, 2]]);
    expect(soundOf([[60, 0, 2]], 1, 2, 2, 3)).toEqual([[60, 0, 3]]);
  });

  it('strike a key once at one time: the last note remains', () => {
    const twice = noteTable([
      { pitch: 60, velocity: 10, start: 1, end: 2 },
      { pitch: 60, velocity: 20, start: 1, end: 3 },
      { pitch: 72, velocity: 30, start: 2, end: 3 },
    ]);
    const { velocity, step, length } = sustained(twice, Float64Array.of(0, 4));
    expect({ length, velocity: [...velocity], step: [...step] }).toEqual({
      length: 2,
      velocity: [20, 30],
      step: [0, 1],
    });
    expect(sustained(twice, Float64Array.of(1.5, 4)).length).toBe(3);
  });

  it('sound as an event by event simulation has it', () => {
    fc.assert(
      fc.property(gridTable, gridPedal, (table, pedal) => {
        expect(rowsOf(sustained(table, Float64Array.from(pedal)))).toEqual(swept(table, pedal));
      }),
      { numRuns: 1000 },
    );
  });

  it('are left alone, to the last bit, without a pedal', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        expect(sustained(table, undefined)).toBe(table);
        expect(sustained(table, new Float64Array(0))).toBe(table);
        expect(sustained(table, Float64Array.of(1000, 1001))).toEqual(table);
      }),
    );
  });

  it('take a note that ends with the pedal going down for held, though its end is rounded', () => {
    const [start, down] = [0.05, 0.21];
    // 0.05 + (0.21 - 0.05) is below 0.21 in float64.
    expect(start + (down - start)).toBeLessThan(down);
    expect(soundOf([[60, start, down]], down, 1)).toEqual([[60, start, 1]]);
  });

  it.each([[[1]], [[1, 1]], [[2, 1]], [[-1, 1]], [[1, 3, 2, 4]], [[0, Infinity]], [[NaN, 1]], [[0, NaN]]])(
    'need times in pairs that ascend: not %j',
    (pedal) => {
      expect(() => sustained(tableOf([[60, 0, 1]]), Float64Array.from(pedal))).toThrow(UsageError);
    },
  );
});
