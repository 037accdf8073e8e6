import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseMidi, writeMidi as midiFileWrite } from 'midi-file';
import { describe, expect, it } from 'vitest';
import { readMidi } from '../../src/midi/read/read-midi.ts';
import type { Instrument, Note } from '../../src/midi/types.ts';
import { notesByMidiFile, notesByTone } from '../support/other-readers.ts';
import { MidiWriteError, writeMidi, type WriteOptions } from '../../src/midi/write.ts';

/** Bytes from lines of hexadecimal, everything after `;` a remark. */
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/;.*$/gm, '').replace(/\s/g, ''), 'hex'));

const instrument = (notes: Note[], rest: Partial<Instrument> = {}): Instrument => ({
  program: 0,
  isDrum: false,
  name: '',
  notes,
  ...rest,
});
const note = (pitch: number, velocity: number, start: number, end: number): Note => ({ pitch, velocity, start, end });

/** Format 1, so many tracks, 220 ticks a quarter; then 120 to the minute, 4/4, and the end a tick later. */
const opening = (tracks: number) => `
  4d546864 00000006 0001 000${tracks} 00dc
  4d54726b 00000013
    00 ff5103 07a120
    00 ff5804 04021808
    01 ff2f00`;

/**
 * Notes of one instrument of which no two of the same pitch overlap or touch: made of gaps and lengths, pitch by pitch,
 * each above two of the longest ticks used here (31 ms).
 */
const tidyNotes = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 127 }),
      fc.array(
        fc.tuple(
          fc.double({ min: 0.07, max: 3, noNaN: true }),
          fc.double({ min: 0.07, max: 5, noNaN: true }),
          fc.integer({ min: 1, max: 127 }),
        ),
        { maxLength: 12 },
      ),
    ),
    { maxLength: 8 },
  )
  .map((keys) => {
    const notes: Note[] = [];
    for (const [pitch, played] of new Map(keys)) {
      let now = 0;
      for (const [gap, length, velocity] of played) {
        notes.push(note(pitch, velocity, now + gap, now + gap + length));
        now += gap + length;
      }
    }
    return notes;
  });

const anyInstrument = fc
  .record({
    program: fc.integer({ min: 0, max: 127 }),
    isDrum: fc.boolean(),
    name: fc.string({ maxLength: 200 }),
    notes: tidyNotes,
  })
  .map((each): Instrument => each);

/** Notes in ticks of 1/440 s, by key and start: what two readers of one file must agree on. */
const inTicks = (notes: readonly Note[]): number[][] =>
  notes
    .map(({ pitch, velocity, start, end }) => [pitch, Math.round(start * 440), Math.round(end * 440), velocity])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);

const byPitchAndStart = (a: Note, b: Note) => a.pitch - b.pitch || a.start - b.start;

describe('the bytes of pretty_midi', () => {
  it('no instruments make a file of the timing track alone', () => {
    expect(writeMidi([])).toEqual(hex(opening(1)));
  });

  it('one note: program change, note-on, note-off as velocity 0 under running status, the end a tick later', () => {
    expect(writeMidi([instrument([note(60, 100, 0, 0.5)])])).toEqual(
      hex(`${opening(2)}
        4d54726b 0000000f
          00 c000
          00 90 3c64
          815c 3c00 ; 220 ticks on, in two bytes; the status is not said again
          01 ff2f00`),
    );
  });

  it('a name comes first; at one tick the order is by pitch, and off before on for the same pitch', () => {
    const notes = [note(64, 80, 0.5, 1), note(64, 70, 1, 1.5), note(60, 90, 1, 2)];
    const expected = hex(`${opening(2)}
        4d54726b 00000036
          00 ff03 14 41636f75 73746963 20477261 6e642050 69616e6f
          00 c000
          815c 90 4050
          815c 3c5a ; tick 440: pitch 60 on,
          00 4000   ; then 64 off,
          00 4046   ; then 64 on
          815c 4000
          815c 3c00
          01 ff2f00`);
    // In whatever order the notes come.
    for (const order of [notes, notes.toReversed()]) {
      expect(writeMidi([instrument(order, { name: 'Acoustic Grand Piano' })])).toEqual(expected);
    }
  });

  it('channels are dealt by the place in the list, so that the third instrument after a drum gets channel index 2', () => {
    const three = [
      instrument([note(67, 64, 0, 1)], { program: 40 }),
      instrument([note(38, 110, 0.25, 0.5)], { isDrum: true }),
      instrument([note(43, 50, 0, 2)], { program: 32, name: 'Baß' }),
    ];
    expect(writeMidi(three)).toEqual(
      hex(`${opening(4)}
        4d54726b 0000000f 00 c028 00 90 4340 8338 4300 01 ff2f00
        4d54726b 0000000e 00 c900 6e 99 266e 6e 2600 01 ff2f00
        4d54726b 00000016 00 ff03 03 4261df 00 c220 00 92 2b32 8670 2b00 01 ff2f00 ; ß in Latin-1`),
    );
  });

  it('half a tick goes to the even tick', () => {
    const halves = [note(60, 1, 0.5 / 440, 1.5 / 440), note(62, 127, 2.5 / 440, 60)];
    expect(writeMidi([instrument(halves)])).toEqual(
      hex(`${opening(2)}
        4d54726b 00000016
          00 c000
          00 90 3c01 ; 0.5 is 0
          02 3c00    ; 1.5 is 2
          00 3e7f    ; 2.5 is 2
          81ce1e 3e00
          01 ff2f00`),
    );
  });

  it('an instrument without notes is a track with its name and program', () => {
    expect(writeMidi([instrument([], { name: 'Silence' })])).toEqual(
      hex(`${opening(2)} 4d54726b 00000012 00 ff03 07 53696c656e6365 00 c000 01 ff2f00`),
    );
  });
});

describe('writeMidi', () => {
  it('gives what midi-file makes of the same events with running status', () => {
    fc.assert(
      fc.property(fc.array(anyInstrument, { maxLength: 4 }), (instruments) => {
        const bytes = writeMidi(instruments);
        expect(Array.from(bytes)).toEqual(midiFileWrite(parseMidi(bytes), { running: true, useByte9ForNoteOff: true }));
      }),
    );
  });

  it('keeps every note through another reader: pitch and velocity exactly, times within half a tick', () => {
    const tempo = fc.double({ min: 20, max: 300, noNaN: true });
    const resolution = fc.constantFrom(96, 220, 480, 960);
    fc.assert(
      fc.property(tidyNotes, fc.option(tempo, { nil: undefined }), resolution, (notes, bpm, ppq) => {
        const options: WriteOptions = { tempo: bpm, resolution: ppq };
        const read = notesByMidiFile(writeMidi([instrument(notes)], options)).sort(byPitchAndStart);
        const expected = notes.toSorted(byPitchAndStart);
        expect(read.map((n) => [n.pitch, n.velocity])).toEqual(expected.map((n) => [n.pitch, n.velocity]));
        const halfTick = 60 / (bpm ?? 120) / ppq / 2;
        // The file's tempo is in whole microseconds: up to one in a hundred thousand away from `bpm`.
        const tolerance = halfTick * 1.0001 + 1e-9;
        read.forEach((n, i) => {
          expect(Math.abs(n.start - expected[i].start)).toBeLessThanOrEqual(tolerance);
          expect(Math.abs(n.end - expected[i].end)).toBeLessThanOrEqual(tolerance);
        });
      }),
    );
  });

  it('is read back by readMidi: programs, drums and names exactly, notes in order of their ends within half a tick', () => {
    fc.assert(
      fc.property(fc.array(anyInstrument, { maxLength: 5 }), (instruments) => {
        const file = readMidi(writeMidi(instruments));
        // A track without notes makes no instrument.
        const expected = instruments.filter(({ notes }) => notes.length > 0);
        const onlyDrums = expected.length > 0 && expected.every(({ isDrum }) => isDrum);
        const said = onlyDrums ? ['only-drums'] : expected.length > 0 ? [] : ['no-notes'];
        expect(file.problems.map(({ code }) => code)).toEqual(said);
        const heads = (all: Instrument[]) => all.map(({ program, isDrum, name }) => ({ program, isDrum, name }));
        expect(heads(file.instruments)).toEqual(heads(expected));
        file.instruments.forEach(({ notes }, i) => {
          expect(notes.map(({ end }) => end)).toEqual(notes.map(({ end }) => end).sort((a, b) => a - b));
          const read = notes.toSorted(byPitchAndStart);
          const written = expected[i].notes.toSorted(byPitchAndStart);
          expect(read.map((n) => [n.pitch, n.velocity])).toEqual(written.map((n) => [n.pitch, n.velocity]));
          read.forEach((n, k) => {
            expect(Math.abs(n.start - written[k].start)).toBeLessThanOrEqual(0.5 / 440 + 1e-9);
            expect(Math.abs(n.end - written[k].end)).toBeLessThanOrEqual(0.5 / 440 + 1e-9);
          });
        });
      }),
    );
  });

  it('writes notes that overlap on a key so that no two do, and every reader has the same', () => {
    const ticks = (most: number) => fc.integer({ min: 0, max: most }).map((tick) => (tick + 0.3) / 440);
    const overlapping = fc.array(
      fc
        .tuple(fc.integer({ min: 60, max: 62 }), fc.integer({ min: 1, max: 127 }), ticks(40), ticks(60))
        .map(([pitch, velocity, start, length]) => note(pitch, velocity, start, start + length)),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(overlapping, (notes) => {
        const bytes = writeMidi([instrument(notes)]);
        expect(writeMidi([instrument(notes.toReversed())])).toEqual(bytes);
        const read = notesByMidiFile(bytes).map(({ pitch, velocity, start, end }) => ({ pitch, velocity, start, end }));
        const onset = ({ pitch, start }: Note) => `${pitch} ${Math.round(start * 440)}`;
        expect(new Set(read.map(onset))).toEqual(new Set(notes.map(onset)));
        expect(read).toHaveLength(new Set(notes.map(onset)).size);
        for (const others of [readMidi(bytes).instruments.flatMap((each) => each.notes), notesByTone(bytes)]) {
          expect(inTicks(others)).toEqual(inTicks(read));
        }
      }),
    );
  });

  it('writes back a key that is struck again while it is held so that nothing overlaps', () => {
    const file = readFileSync(new URL('../fixtures/midi/e-overlap.mid', import.meta.url));
    const { instruments } = readMidi(file);
    expect(instruments[0].notes).toEqual([note(60, 80, 0, 1), note(60, 80, 0.5, 1)]);
    const bytes = writeMidi(instruments);
    const expected = inTicks([note(60, 80, 0, 0.5), note(60, 80, 0.5, 1)]);
    for (const read of [readMidi(bytes).instruments[0].notes, notesByMidiFile(bytes), notesByTone(bytes)]) {
      expect(inTicks(read)).toEqual(expected);
    }
    expect(instruments[0].notes[0].end, 'what was given is left alone').toBe(1);
  });

  it('writes one of the notes that strike a key in the same tick: the longest and the loudest in one', () => {
    const notes = [note(60, 70, 1, 1.5), note(60, 90, 1.0001, 1.25), note(60, 80, 2, 3)];
    expect(inTicks(notesByMidiFile(writeMidi([instrument(notes)])))).toEqual(
      inTicks([note(60, 90, 1, 1.5), note(60, 80, 2, 3)]),
    );
  });

  it('deals 15 channels in turn to melodic instruments and the tenth to drums', () => {
    const band = Array.from({ length: 18 }, (_, i) =>
      instrument([note(60, 64, 0, 1)], { isDrum: i === 4, program: i }),
    );
    const channels = notesByMidiFile(writeMidi(band)).map((n) => n.channel);
    expect(channels).toEqual([0, 1, 2, 3, 9, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 0, 1, 2]);
    expect(notesByMidiFile(writeMidi(band)).map((n) => n.program)).toEqual(band.map((each) => each.program));
  });

  it('does not lose a note that is shorter than half a tick', () => {
    for (const end of [1, 1.0001, 1.5 / 440]) {
      const [read] = notesByMidiFile(writeMidi([instrument([note(60, 64, Math.min(1, end), end)])]));
      expect((read.end - read.start) * 440).toBeCloseTo(1, 9);
    }
  });

  it('rounds and clamps pitch, velocity and program into what a data byte holds', () => {
    const notes = [note(-3, 0, 0, 1), note(130.2, 500, 0, 1), note(60.4, 63.6, 0, 1)];
    const read = notesByMidiFile(writeMidi([instrument(notes, { program: 128 })]));
    expect(read.map((n) => [n.pitch, n.velocity, n.program])).toEqual([
      [0, 1, 127],
      [60, 64, 127],
      [127, 127, 127],
    ]);
  });

  it('writes tempo, time signature and key signature where asked, at the start of the timing track', () => {
    const options: WriteOptions = {
      tempo: 66,
      resolution: 480,
      timeSignature: [6, 8],
      keySignature: { fifths: -3, minor: true },
    };
    const { header, tracks } = parseMidi(writeMidi([], options));
    expect(header.ticksPerBeat).toBe(480);
    expect(tracks[0]).toMatchObject([
      { type: 'setTempo', microsecondsPerBeat: 909_091, deltaTime: 0 },
      { type: 'timeSignature', numerator: 6, denominator: 8, metronome: 24, thirtyseconds: 8, deltaTime: 0 },
      { type: 'keySignature', key: -3, scale: 1, deltaTime: 0 },
      { type: 'endOfTrack', deltaTime: 1 },
    ]);
  });

  it('spells a name beyond Latin-1 in UTF-8', () => {
    const bytes = writeMidi([instrument([], { name: '月光' })]);
    expect(Buffer.from(bytes).includes(Buffer.from('月光', 'utf8'))).toBe(true);
  });

  it('takes time linear in the notes: 40,000 of them within seconds, not minutes', () => {
    const notes = Array.from({ length: 40_000 }, (_, i) => note(i % 128, 64, i * 0.3, i * 0.3 + 5));
    const before = performance.now();
    expect(writeMidi([instrument(notes)]).length).toBeGreaterThan(240_000);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('what writeMidi refuses', () => {
  const write = (bad: Partial<Note>) => () =>
    writeMidi([instrument([note(60, 64, 0, 1), { ...note(60, 64, 1, 2), ...bad }])]);

  it.each([
    ['a start that is not a number', { start: NaN }],
    ['an infinite end', { end: Infinity }],
    ['a start before the file begins', { start: -0.001 }],
    ['an end before the start', { end: 0.5 }],
    ['a pitch that is not a number', { pitch: NaN }],
    ['an infinite velocity', { velocity: -Infinity }],
    ['a time that readers take for damage', { end: 30_000 }],
  ])('%s, naming the note', (_, bad) => {
    expect(write(bad)).toThrow(MidiWriteError);
    expect(write(bad)).toThrow(/instrument 0 \(program 0\), note 1/);
  });

  it.each([
    ['tempo', { tempo: 3 }],
    ['tempo', { tempo: NaN }],
    ['resolution', { resolution: 0 }],
    ['resolution', { resolution: 220.5 }],
    ['timeSignature', { timeSignature: [3, 5] }],
    ['timeSignature', { timeSignature: [0, 4] }],
    ['keySignature', { keySignature: { fifths: 8, minor: false } }],
  ] as [string, WriteOptions][])('a %s out of range', (name, options) => {
    expect(() => writeMidi([], options)).toThrow(MidiWriteError);
    expect(() => writeMidi([], options)).toThrow(name);
  });
});
