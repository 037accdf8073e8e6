import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noteTable, TICK_SECONDS, type Note, type NoteEvent } from '../../src/midi/index.ts';
import { layOut, NoteLayout } from '../../src/music/lay-out.ts';
import { noteEvents } from '../../src/music/index.ts';
import { tune } from '../cli/tiny-music.ts';
import { differencesFromFile } from '../support/written-and-read.ts';

const event = (pitch: number, step: number, duration: number, velocity = 80): NoteEvent => ({
  pitch,
  step,
  duration,
  velocity,
});
const note = (pitch: number, start: number, end: number, velocity = 80): Note => ({ pitch, velocity, start, end });

/** Few keys, so that they are struck while held; steps and durations of nothing, of parts of a tick, and of seconds. */
const seconds = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0, max: 3 * TICK_SECONDS, noNaN: true }),
  fc.double({ min: 0, max: 2, noNaN: true }),
);
const events = fc.array(
  fc.record({
    pitch: fc.oneof(fc.integer({ min: 60, max: 63 }), fc.integer({ min: 0, max: 127 })),
    step: seconds,
    duration: seconds,
    velocity: fc.integer({ min: 0, max: 127 }),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('events on a time axis', () => {
  it('are the notes that they were made of', () => {
    const notes = tune(20, 60);
    expect(layOut(noteEvents(noteTable(notes)))).toEqual(notes);
  });

  it('start at 0, are heard, and last a tick at least', () => {
    expect(layOut([event(60, 3, 1, 0), event(62, 0.5, 0)])).toEqual([
      note(60, 0, 1, 1),
      note(62, 0.5, 0.5 + TICK_SECONDS),
    ]);
  });

  it('end where their key is struck again, and not where another is', () => {
    const struck = [event(60, 0, 5), event(64, 1, 5), event(60, 1, 0.5)];
    expect(layOut(struck)).toEqual([note(60, 0, 2), note(64, 1, 6), note(60, 2, 2.5)]);
  });

  it('that strike one key at once are one note, as long as the longer and as loud as the louder', () => {
    expect(layOut([event(60, 0, 1, 50), event(64, 0, 1), event(60, 0, 2, 90)])).toEqual([
      note(60, 0, 2, 90),
      note(64, 0, 1),
    ]);
  });

  it('are told one by one: what was told, with what each ended or joined, is what there is at last', () => {
    fc.assert(
      fc.property(events, (drawn) => {
        const layout = new NoteLayout();
        const told: Note[] = [];
        for (const each of drawn) {
          const { note, index, cut } = layout.add(each);
          told[index] = { ...note };
          if (cut !== undefined) told[cut].end = note.start;
        }
        expect(told).toEqual(layout.notes);
      }),
    );
  });

  it('survive their own file: every reader has the notes as they were, to a tick', () => {
    fc.assert(
      fc.property(events, (drawn) => {
        expect(differencesFromFile(layOut(drawn))).toEqual([]);
      }),
    );
  });
});
