import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readMidi } from '../../../src/midi/read/read-midi.ts';
import * as midi from '../../support/midi-bytes.ts';

/** Each delta is a second: 96 ticks a quarter, 120 bpm. */
const SECOND = 192;
const pedal = (delta: number, value: number, channel = 0): number[] => [
  ...midi.varLen(delta * SECOND),
  0xb0 | channel,
  64,
  value,
];
const note = (channel = 0): number[][] => [midi.noteOn(0, 60, 80, channel), midi.noteOff(SECOND, 60, channel)];

/** The pedal of each instrument. */
const pedalsOf = (tracks: number[][][], options = {}, compat?: 'pretty_midi'): (number[] | undefined)[] =>
  readMidi(midi.midiFile(tracks, options), { compat }).instruments.map((each) => each.pedal && [...each.pedal]);

describe('the sustain pedal of a file', () => {
  it('is down from 64 on, and up below', () => {
    const events = [pedal(0, 63), pedal(1, 64), pedal(1, 127), pedal(1, 65), pedal(1, 63), pedal(1, 0), pedal(1, 100)];
    expect(pedalsOf([[...note(), ...events, pedal(1, 0)]])).toEqual([[2, 5, 7, 8]]);
  });

  it('is no key of an instrument that has none', () => {
    expect(readMidi(midi.midiFile([note()])).instruments[0]).not.toHaveProperty('pedal');
    const other = [...midi.varLen(0), 0xb0, 66, 127];
    expect(pedalsOf([[other, pedal(0, 20), ...note()]])).toEqual([undefined]);
  });

  it('that never comes up ends with the last note or pedal of the file', () => {
    expect(pedalsOf([[pedal(0, 127), ...note()]])).toEqual([[0, 1]]);
    expect(pedalsOf([[pedal(0, 127), ...note(), pedal(2, 90)]])).toEqual([[0, 3]]);
    expect(pedalsOf([[pedal(0, 127), ...note()], [pedal(1, 0, 1), ...note(1), ...note(1)]])[0]).toEqual([0, 3]); // prettier-ignore
    expect(pedalsOf([[...note(), pedal(0, 127)]])).toEqual([undefined]);
  });

  it('that is lifted and put down at one time keeps both, and for no time at all neither', () => {
    expect(pedalsOf([[pedal(0, 127), pedal(1, 0), pedal(0, 127), ...note(), pedal(1, 0)]])).toEqual([[0, 1, 1, 3]]);
    expect(pedalsOf([[pedal(1, 127), pedal(0, 0), ...note()]])).toEqual([undefined]);
  });

  it('holds its own channel, in all tracks as players have it, and under pretty_midi in its own', () => {
    const tracks = [
      [pedal(0, 127), pedal(2, 0), ...note()],
      [...note(), ...note(1)],
    ];
    expect(pedalsOf(tracks)).toEqual([[0, 2], [0, 2], undefined]);
    expect(pedalsOf(tracks, {}, 'pretty_midi')).toEqual([[0, 2], undefined, undefined]);
    expect(pedalsOf(tracks, { format: 2 })).toEqual([[0, 2], undefined, undefined]);
  });

  it('of several tracks is down while any of them holds it down', () => {
    const hands = [
      [pedal(0, 127), pedal(2, 0), pedal(4, 127), pedal(1, 0), ...note()],
      [pedal(1, 127), pedal(3, 0), pedal(1, 127), pedal(1, 0)],
    ];
    expect(pedalsOf(hands)).toEqual([[0, 4, 5, 6, 6, 7]]);
  });

  it('follows the tempo, and ends where music must end', () => {
    const slow = [midi.tempo(0, 1_000_000), pedal(1, 127), midi.tempo(0, 500_000), pedal(1, 0), ...note()];
    expect(pedalsOf([slow])).toEqual([[2, 3]]);
    const long = [...note(), pedal(1, 127), pedal(3600, 0), pedal(1, 127), pedal(1, 0)];
    const [{ pedal: ended }] = readMidi(midi.midiFile([long]), { maxHours: 0.5 }).instruments;
    expect(ended).toEqual(Float64Array.of(2, 1800));
  });

  it('is none for drums', () => {
    expect(pedalsOf([[pedal(0, 127, 9), ...note(9), pedal(0, 0, 9)]])).toEqual([undefined]);
  });

  it('is down at each second when the values that players hear say so', () => {
    const sent = fc.array(fc.record({ delta: fc.integer({ min: 1, max: 3 }), value: fc.nat(127) }), { maxLength: 20 });
    fc.assert(
      fc.property(sent, (events) => {
        const [spans] = pedalsOf([[...note(), ...events.map(({ delta, value }) => pedal(delta, value)), ...note()]]);
        let at = 1;
        const heard = events.map(({ delta, value }) => ({ at: (at += delta), isDown: value >= 64 }));
        for (let second = 0.5; second < at + 1; second++) {
          const last = heard.findLast((event) => event.at <= second);
          const isDown = (spans ?? []).some((down, k) => k % 2 === 0 && down <= second && second < spans![k + 1]);
          expect(isDown, `at ${second}`).toBe(last?.isDown ?? false);
        }
      }),
    );
  });
});
