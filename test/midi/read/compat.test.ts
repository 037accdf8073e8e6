import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { severityOf } from '../../../src/midi/read/problems.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import type { MidiFile } from '../../../src/midi/types.ts';
import { arbitrarySpelling, arbitraryTrack, spell, type Spelling } from '../../support/arbitrary-midi.ts';
import * as midi from '../../support/midi-bytes.ts';
import { playerInstruments } from '../../support/player-model.ts';
import type { ModelEvent, ModelInstrument } from '../../support/pretty-midi-model.ts';

const tracks = fc.array(arbitraryTrack, { minLength: 1, maxLength: 4 });
const division = fc.constantFrom(1, 96, 480, 10_080, 32_767);

function bytesOf(ppq: number, events: ModelEvent[][], spelling: Spelling, format = 1, declared = events.length) {
  const chunks = events.flatMap((track) => midi.chunk('MTrk', spell(track, spelling)));
  return Uint8Array.from([...midi.header(format, declared, ppq), ...chunks]);
}

const rows = ({ instruments }: MidiFile): ModelInstrument[] =>
  instruments.map(({ program, isDrum, name, notes }) => ({
    program,
    isDrum,
    name,
    notes: notes.map(({ pitch, velocity, start, end }) => [pitch, velocity, start, end]),
  }));

/** The notes without their instruments' programs, as text to look them up by. */
const notesOf = (file: MidiFile): string[] =>
  file.instruments.flatMap(({ isDrum, notes }) => notes.map((note) => JSON.stringify({ isDrum, ...note })));

/** Tracks whose channels, tempos and controllers concern nobody else. */
const apart = tracks.map((all) =>
  all.map((events, i) =>
    events
      .filter(({ kind }) => kind !== 'silence' && (i === 0 || kind !== 'tempo'))
      .map((event) => ('channel' in event ? { ...event, channel: i * 4 + (event.channel % 4) } : event)),
  ),
);

const DEPARTURES = [
  'undeclared-tracks',
  'tempo-in-other-track',
  'program-from-other-track',
  'ended-in-other-track',
  'ended-by-all-notes-off',
] as const;

describe('what a player plays', () => {
  it('is read by default, in any spelling, whether all tracks are declared or not', () => {
    fc.assert(
      fc.property(division, tracks, arbitrarySpelling, fc.constantFrom(0, 1), (ppq, events, spelling, format) => {
        const expected = playerInstruments(ppq, events);
        for (const declared of new Set([1, events.length])) {
          expect(rows(readMidi(bytesOf(ppq, events, spelling, format, declared), { maxHours: Infinity }))).toEqual(
            expected,
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is what pretty_midi reads, problems and all, where no track concerns another', () => {
    fc.assert(
      fc.property(division, apart, arbitrarySpelling, (ppq, events, spelling) => {
        const bytes = bytesOf(ppq, events, spelling);
        expect(readMidi(bytes, { maxHours: Infinity })).toEqual(
          readMidi(bytes, { compat: 'pretty_midi', maxHours: Infinity }),
        );
      }),
    );
  });

  it('is what pretty_midi reads in format 2, whose tracks are pieces of their own', () => {
    fc.assert(
      fc.property(division, tracks, arbitrarySpelling, (ppq, events, spelling) => {
        const bytes = bytesOf(ppq, events, spelling, 2);
        expect(readMidi(bytes, { maxHours: Infinity })).toEqual(
          readMidi(bytes, { compat: 'pretty_midi', maxHours: Infinity }),
        );
      }),
    );
  });

  it('has every note that pretty_midi reads, to the bit, where no other track sets the tempo', () => {
    const oneTempo = tracks.map((all) =>
      all.map((events, i) => events.filter(({ kind }) => i === 0 || kind !== 'tempo')),
    );
    fc.assert(
      fc.property(division, oneTempo, arbitrarySpelling, (ppq, events, spelling) => {
        const bytes = bytesOf(ppq, events, spelling);
        const played = notesOf(readMidi(bytes, { maxHours: Infinity }));
        for (const note of notesOf(readMidi(bytes, { compat: 'pretty_midi', maxHours: Infinity }))) {
          const at = played.indexOf(note);
          expect(at, note).not.toBe(-1);
          played.splice(at, 1);
        }
      }),
    );
  });

  it('is noted wherever it differs from pretty_midi, and a note keeps no file from training', () => {
    let departures = 0;
    fc.assert(
      fc.property(division, tracks, arbitrarySpelling, (ppq, events, spelling) => {
        const bytes = bytesOf(ppq, events, spelling, 1, 1);
        const file = readMidi(bytes, { maxHours: Infinity });
        const pretty = readMidi(bytes, { compat: 'pretty_midi', maxHours: Infinity });
        const noted = file.problems.some(({ code }) => (DEPARTURES as readonly string[]).includes(code));
        const differs = JSON.stringify(rows(file)) !== JSON.stringify(rows(pretty));
        if (differs) {
          expect(noted).toBe(true);
          departures++;
        }
        expect(file.problems.filter(({ severity }) => severity === 'damage')).toEqual([]);
      }),
    );
    expect(departures).toBeGreaterThan(0);
    for (const code of DEPARTURES) expect(severityOf[code]).toBe('note');
  });
});
