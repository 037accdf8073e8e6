import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { MidiError } from '../../../src/midi/read/midi-error.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import type { MidiFile } from '../../../src/midi/types.ts';
import { arbitrarySpelling, arbitraryTrack, spell } from '../../support/arbitrary-midi.ts';
import * as midi from '../../support/midi-bytes.ts';
import { modelInstruments, type ModelInstrument } from '../../support/pretty-midi-model.ts';

const rows = (file: MidiFile): ModelInstrument[] =>
  file.instruments.map(({ program, isDrum, name, notes }) => ({
    program,
    isDrum,
    name,
    notes: notes.map(({ pitch, velocity, start, end }) => [pitch, velocity, start, end]),
  }));

const division = fc.constantFrom(1, 96, 220, 480, 1024, 10_080, 32_767);
const tracks = fc.array(arbitraryTrack, { minLength: 1, maxLength: 3 });

const threeNotes = [
  [
    midi.noteOn(0, 60),
    midi.noteOff(96, 60),
    midi.noteOn(0, 62),
    midi.noteOff(96, 62),
    midi.noteOn(0, 64),
    midi.noteOff(96, 64),
  ],
];

describe('readMidi', () => {
  it('reads the notes of pretty_midi when it shall, in any spelling, bit for bit', () => {
    fc.assert(
      fc.property(division, tracks, arbitrarySpelling, (ppq, events, spelling) => {
        const bytes = [
          ...midi.header(1, events.length, ppq),
          ...events.flatMap((track) => midi.chunk('MTrk', spell(track, spelling))),
        ];
        const file = readMidi(Uint8Array.from(bytes), { compat: 'pretty_midi', maxHours: Infinity });
        const expected = modelInstruments(ppq, events);
        expect(rows(file)).toEqual(expected);
        expect(file.problems.filter(({ severity }) => severity === 'damage')).toEqual([]);
        const ends = expected.flatMap(({ notes }) => notes.map(([, , , end]) => end));
        expect(file.endTime).toBe(Math.max(0, ...ends));
      }),
      { numRuns: 300 },
    );
  });

  it('reads a prefix of the notes when the file is cut anywhere, and says so', () => {
    fc.assert(
      fc.property(
        arbitraryTrack,
        arbitrarySpelling,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (events, spelling, where) => {
          const whole = Uint8Array.from([...midi.header(0, 1, 96), ...midi.chunk('MTrk', spell(events, spelling))]);
          const length = Math.floor(where * (whole.length - 1));
          let cut: MidiFile;
          try {
            cut = readMidi(whole.subarray(0, length));
          } catch (error) {
            expect(error).toBeInstanceOf(MidiError);
            expect(length).toBeLessThan(22);
            return;
          }
          const full = rows(readMidi(whole));
          rows(cut).forEach((instrument, i) => {
            expect(full[i]).toMatchObject({ ...instrument, notes: full[i].notes });
            expect(full[i].notes.slice(0, instrument.notes.length)).toEqual(instrument.notes);
          });
          expect(cut.problems.some(({ severity }) => severity === 'damage')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('leaves the bytes alone, and reads a view into a larger buffer', () => {
    const file = midi.midiFile(threeNotes);
    const buffer = new Uint8Array(file.length + 20).fill(0x4d);
    buffer.set(file, 7);
    const before = buffer.slice();
    expect(readMidi(buffer.subarray(7, 7 + file.length))).toEqual(readMidi(file));
    expect(buffer).toEqual(before);
  });

  it('gives the resolution, the tempos and the format', () => {
    const track0 = [midi.tempo(0, 600_000), midi.tempo(480, 400_000)];
    const file = readMidi(midi.midiFile([track0, ...threeNotes], { division: 480 }));
    expect(file).toMatchObject({ format: 1, resolution: 480, problems: [] });
    expect(file.tempo).toEqual([
      [0, 60 / ((60 / ((6e7 / 600_000) * 480)) * 480)],
      [(60 / ((6e7 / 600_000) * 480)) * 480, 60 / ((60 / ((6e7 / 400_000) * 480)) * 480)],
    ]);
  });

  it('refuses more bytes than it was allowed, and says how to allow more', () => {
    const file = midi.midiFile(threeNotes);
    expect(readMidi(file, { maxBytes: file.length }).instruments).toHaveLength(1);
    expect(() => readMidi(file, { maxBytes: file.length - 1 })).toThrow(
      expect.objectContaining({
        code: 'too-large',
        message: expect.stringContaining('maxBytes') as string,
      }) as MidiError,
    );
    expect(() => readMidi(new Uint8Array(64 * 1024 * 1024 + 1))).toThrow(
      expect.objectContaining({
        code: 'too-large',
        message: expect.stringContaining('--max-bytes') as string,
      }) as MidiError,
    );
  });

  it('refuses more notes than it was allowed, and says how to allow more', () => {
    const file = midi.midiFile(threeNotes);
    expect(readMidi(file, { maxNotes: 3 }).instruments[0].notes).toHaveLength(3);
    const message = 'The file strikes 3 notes; at most 2 are read. If it is meant so, allow more: --max-notes on the command line, maxNotes in the library.'; // prettier-ignore
    expect(() => readMidi(file, { maxNotes: 2 })).toThrow(
      expect.objectContaining({ code: 'too-many-notes', message }) as MidiError,
    );
  });

  it('refuses music of more than a day unless it is allowed, and says how to allow more', () => {
    // At 96 ticks a quarter and 120 bpm an hour has 691,200 ticks.
    const long = (hours: number) => midi.midiFile([[midi.noteOn(0, 60), midi.noteOff(hours * 691_200, 60)]]);
    expect(readMidi(long(24)).endTime).toBe(24 * 3600);
    expect(() => readMidi(long(25))).toThrow(
      expect.objectContaining({
        code: 'too-long',
        message: expect.stringContaining('--max-hours') as string,
      }) as MidiError,
    );
    expect(readMidi(long(25), { maxHours: 25 }).endTime).toBe(25 * 3600);
    expect(() => readMidi(long(2), { maxHours: 1 })).toThrow(/A note ends after 2 hours; music of at most 1 hour is/);
  });

  it('reads a valid file of 200,000 notes, and one of 6 MB of controllers', () => {
    const fileOf = (first: number[], repeated: number[], times: number): Uint8Array => {
      const body = Buffer.concat([Buffer.from(first), Buffer.alloc(times * repeated.length, Buffer.from(repeated))]);
      const front = [...midi.header(0, 1, 96), ...midi.latin1('MTrk'), ...midi.be32(body.length)];
      return Buffer.concat([Uint8Array.from(front), body]);
    };
    const many = readMidi(fileOf([0, 0x90, 60, 0], [0, 60, 80, 1, 60, 0, 0, 62, 80, 1, 62, 0], 100_000));
    expect(many.instruments[0].notes).toHaveLength(200_000);
    expect(many.problems.map(({ code }) => code)).toEqual(['no-end-of-track']);
    const controllers = readMidi(fileOf([0, 0xb0, 7, 1], [1, 7, 80, 0, 7, 81], 1_000_000));
    expect(controllers.problems.map(({ code }) => code)).toEqual(['no-end-of-track', 'no-notes']);
  });

  it('does not call a fine time base corrupt: ticks past ten million count as seconds do', () => {
    const notes = Array.from({ length: 400 }, () => [midi.noteOn(0, 60), midi.noteOff(32_767 * 2, 60)]).flat();
    const file = readMidi(midi.midiFile([notes], { division: 32_767 }));
    expect(file).toMatchObject({ endTime: 400, problems: [] });
    expect(() => readMidi(midi.midiFile([notes], { division: 32_767 }), { compat: 'pretty_midi' })).toThrow(
      expect.objectContaining({
        code: 'tick-too-large',
        message: expect.stringContaining('--compat none') as string,
      }) as MidiError,
    );
  });

  it('asks for bytes and for a sensible limit', () => {
    expect(() => readMidi('song.mid' as unknown as Uint8Array)).toThrow(UsageError);
    expect(() => readMidi(new ArrayBuffer(50) as unknown as Uint8Array)).toThrow(/wrap an ArrayBuffer/);
    expect(() => readMidi(new Uint8Array(0), { compat: 'mido' as 'pretty_midi' })).toThrow(/expected "pretty_midi" or/);
    for (const name of ['maxBytes', 'maxNotes', 'maxHours']) {
      for (const limit of [0, -1, NaN, '5']) {
        expect(() => readMidi(new Uint8Array(0), { [name]: limit })).toThrow(new RegExp(`^${name} must be`));
      }
    }
  });

  it('says a problem of many tracks once, with their number', () => {
    const unclosed = [[midi.noteOn(0, 60)], [midi.noteOn(0, 60)], [midi.noteOn(0, 61), midi.noteOn(5, 62)]];
    const problems = readMidi(midi.midiFile(unclosed)).problems.filter(({ code }) => code === 'unclosed-notes');
    expect(problems).toEqual([
      {
        code: 'unclosed-notes',
        severity: 'note',
        message: 'Track 1: 1 note without an end; dropped. (And 2 more like this.)',
      },
    ]);
  });
});
