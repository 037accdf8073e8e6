import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { TICK_SECONDS } from '../../src/midi/index.ts';
import { generateNotes, type GenerateOptions } from '../../src/music/generate.ts';
import { layOut } from '../../src/music/lay-out.ts';
import { PLAIN_SAMPLING } from '../../src/nn/index.ts';
import { thatDraws, toyModel, toySettings } from '../support/toy-music.ts';
import { differencesFromFile } from '../support/written-and-read.ts';

const quick = await toyModel(toySettings('quick'));
const tutorial = await toyModel(toySettings('tutorial'));
const OPTIONS: GenerateOptions = { ...PLAIN_SAMPLING, seed: 1 };

describe('music of so many seconds', () => {
  it('is the beginning of longer music from the same seed, cut there', () => {
    const cases = fc.record({ seconds: fc.double({ min: 0.1, max: 30, noNaN: true }), seed: fc.nat(9) });
    fc.assert(
      fc.property(cases, fc.constantFrom(quick, tutorial), ({ seconds, seed }, model) => {
        const drawn = generateNotes(model, { ...OPTIONS, seed, seconds });
        const { length } = drawn.events;
        // One more note: the one that had no room.
        const long = generateNotes(model, { ...OPTIONS, seed, notes: length + 1 });
        expect(drawn.events).toEqual(long.events.slice(0, length));
        expect(drawn.ended).toBe('seconds');
        const starts = layOut(long.events).map(({ start }) => start);
        expect(starts[length]).toBeGreaterThan(seconds - TICK_SECONDS);
        expect(drawn.notes).toEqual(
          layOut(drawn.events).map((note) => ({ ...note, end: Math.min(note.end, seconds) })),
        );
        expect(drawn.probabilities).toHaveLength(length);
      }),
      { numRuns: 20 },
    );
  });

  it('is what its file says, and what is told as it is drawn', () => {
    const told: unknown[] = [];
    const { notes } = generateNotes(quick, {
      ...OPTIONS,
      seconds: 20,
      onNote(_, total, { note, index }) {
        expect(total).toBe(Infinity);
        told[index] = { ...note };
      },
    });
    expect(differencesFromFile(notes)).toEqual([]);
    expect(told).toEqual(notes);
    expect(Math.max(...notes.map(({ end }) => end))).toBeLessThanOrEqual(20);
  });

  it('ends after its notes where those come first, and the other way round', () => {
    const few = generateNotes(quick, { ...OPTIONS, notes: 3, seconds: 100 });
    expect([few.notes.length, few.ended]).toEqual([3, 'notes']);
    const short = generateNotes(quick, { ...OPTIONS, notes: 1000, seconds: 5 });
    expect(short.notes.length).toBeLessThan(100);
    expect(short.ended).toBe('seconds');
  });

  it('ends where a model never gets there', () => {
    const stuck = thatDraws(quick, { step: 0, pitch: 60 });
    const short = generateNotes(stuck, { ...OPTIONS, seconds: 3 });
    expect([short.events.length, short.notes.length, short.ended]).toEqual([1000, 1, 'stuck']);
    expect(generateNotes(stuck, { ...OPTIONS, seconds: 20 }).events).toHaveLength(2000);
    expect(generateNotes(stuck, { ...OPTIONS, seconds: 20, notes: 8 }).events).toHaveLength(16);
  });

  it('is refused where the number makes no sense, or nothing ends the music', () => {
    for (const seconds of [0, -1, 0.05, NaN, Infinity]) {
      expect(() => generateNotes(quick, { ...OPTIONS, seconds })).toThrow(UsageError);
      expect(() => generateNotes(quick, { ...OPTIONS, seconds })).toThrow(/seconds: expected a number of at least 0.1/);
    }
    expect(() => generateNotes(quick, OPTIONS)).toThrow(/expected a number of notes, or seconds, got neither/);
  });
});
