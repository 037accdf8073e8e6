import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeInstruments } from '../../src/midi/merge-instruments.ts';
import { noteTable } from '../../src/midi/table.ts';
import { TICK_SECONDS } from '../../src/midi/ticks.ts';
import type { Instrument, Note } from '../../src/midi/types.ts';

const note = (pitch: number, start: number, end: number, velocity = 80): Note => ({ pitch, velocity, start, end });
const playing = (notes: Note[], more: Partial<Instrument> = {}): Instrument => ({
  program: 0,
  isDrum: false,
  name: 'Track',
  notes,
  ...more,
});

/** Few keys on a coarse grid, so that tracks strike together, again, and beside each other. */
const anyNotes = fc.array(
  fc
    .record({
      pitch: fc.integer({ min: 60, max: 62 }),
      velocity: fc.integer({ min: 1, max: 127 }),
      start: fc.oneof(fc.nat(8), fc.double({ min: 0, max: 8, noNaN: true })),
      length: fc.constantFrom(TICK_SECONDS, 0.5, 1, 3),
    })
    .map(({ pitch, velocity, start, length }) => ({ pitch, velocity, start, end: start + length })),
  { maxLength: 12 },
);
const anyInstruments = fc.array(
  anyNotes.map((notes) => playing(notes)),
  { minLength: 1, maxLength: 4 },
);

const isAtOneTime = (a: number, b: number) => Math.abs(a - b) <= TICK_SECONDS;

describe('merged instruments', () => {
  it('sound each key once at a time, and every key that is struck', () => {
    fc.assert(
      fc.property(anyInstruments, (instruments) => {
        const before = structuredClone(instruments);
        const { notes } = mergeInstruments(instruments)!;
        expect(instruments).toEqual(before);
        const struck = instruments.flatMap((each) => each.notes);
        for (const { pitch, start } of struck) {
          expect(notes.some((kept) => kept.pitch === pitch && isAtOneTime(kept.start, start))).toBe(true);
        }
        const ends = new Map<number, number>();
        for (const { pitch, start, end, velocity } of notes) {
          expect(end).toBeGreaterThan(start);
          expect(start).toBeGreaterThanOrEqual(ends.get(pitch) ?? 0);
          ends.set(pitch, end);
          const together = struck.filter((each) => each.pitch === pitch && isAtOneTime(each.start, start));
          expect(together.map((each) => each.velocity)).toContain(velocity);
        }
      }),
    );
  });

  it('are the same in whatever order the instruments stand', () => {
    const shuffled = anyInstruments.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([instruments, others]) => {
        expect(mergeInstruments(others)).toEqual(mergeInstruments(instruments));
      }),
    );
  });

  it('leave the notes of one instrument as they are, where it strikes no key that is down', () => {
    const notes = [note(60, 0, 1), note(64, 0, 2), note(60, 1, 2), note(62, 1.5, 3)];
    expect(mergeInstruments([playing(notes)])!.notes).toEqual(notes);
    const merged = noteTable(mergeInstruments([playing(notes.slice(2)), playing(notes.slice(0, 2))])!.notes);
    expect(merged).toEqual(noteTable(notes));
  });

  it('strike a key once where two strike it, as long as the longer and as loud as the louder', () => {
    const [high, low] = [[note(60, 1, 2, 90)], [note(60, 1, 3, 70), note(48, 0, 4)]];
    expect(mergeInstruments([playing(high), playing(low)])!.notes).toEqual([note(48, 0, 4), note(60, 1, 3, 90)]);
  });

  it('end a note where another instrument strikes its key', () => {
    const merged = mergeInstruments([playing([note(60, 0, 4)]), playing([note(60, 1, 2)])])!;
    expect(merged.notes).toEqual([note(60, 0, 1), note(60, 1, 2)]);
  });

  it('have the program of the one with the most notes, the first of several', () => {
    const one = (program: number) => playing([note(60, 0, 1)], { program });
    const two = (program: number) => playing([note(60, 0, 1), note(62, 0, 1)], { program });
    expect(mergeInstruments([one(1), two(2), two(3)])!.program).toBe(2);
    expect(mergeInstruments([])).toBeUndefined();
  });

  it('have a pedal where all have the same, and else none', () => {
    const [pedal, same, other] = [Float64Array.of(0, 1), Float64Array.of(0, 1), Float64Array.of(0, 2)];
    const notes = [note(60, 0, 1)];
    const pedalOf = (...pedals: (Float64Array | undefined)[]) =>
      mergeInstruments(pedals.map((each) => playing(notes, each && { pedal: each })))!.pedal;
    expect(pedalOf(pedal)).toEqual(pedal);
    expect(pedalOf(pedal, same)).toEqual(pedal);
    for (const pedals of [[pedal, other], [pedal, undefined], [undefined, pedal], [undefined]]) {
      expect(pedalOf(...pedals)).toBeUndefined();
    } // prettier-ignore
    expect(mergeInstruments([playing(notes)])).not.toHaveProperty('pedal');
  });
});
