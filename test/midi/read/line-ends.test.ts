import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineEndsConverted } from '../../../src/midi/read/line-ends.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import { midiFile, noteOff, noteOn } from '../../support/midi-bytes.ts';

const END = [0xff, 0x2f, 0];

describe('lineEndsConverted', () => {
  it('asks for missing bytes, enough LF, no CR LF, and End-of-Track at the end', () => {
    const ask = (bytes: number[], missing: number) => lineEndsConverted(Uint8Array.from(bytes), missing);
    expect(ask([10, 1, 10, ...END], 2)).toBe(true);
    expect(ask([10, 1, 10, ...END], 3)).toBe(false);
    expect(ask([10, 1, 10, ...END], 0)).toBe(false);
    expect(ask([10, 13, 10, ...END], 1)).toBe(false);
    expect(ask([13, 1, 10, ...END], 1)).toBe(true);
    expect(ask([10, 1, 10, 0xff, 0x2f], 1)).toBe(false);
    expect(ask([], 1)).toBe(false);
  });

  it('is found in a converted file of two tracks wherever the line ends were, and marks it damaged', () => {
    const place = fc.integer({ min: 0, max: 19 });
    fc.assert(
      fc.property(place, place, (first, second) => {
        // A velocity of 13 and then a delta of 10, somewhere in each track.
        const track = (at: number) => [
          ...Array.from({ length: 20 }, (_, i) => [
            ...noteOn(i === at + 1 ? 10 : 20, 60, i === at ? 13 : 80),
            ...noteOff(20, 60),
          ]),
        ];
        const crlf = (at: number) => [...noteOn(20, 70 + at, 13), ...noteOn(10, 60), ...noteOff(20, 60)];
        const whole = midiFile([
          [...track(first), crlf(first)],
          [crlf(second), ...track(second)],
        ]);
        const bytes = whole.filter((byte, i) => !(byte === 13 && whole[i + 1] === 10));
        expect(bytes).toHaveLength(whole.length - 2);
        expect(readMidi(whole).problems.filter(({ severity }) => severity === 'damage')).toEqual([]);
        const file = readMidi(bytes);
        expect(file.problems).toContainEqual(
          expect.objectContaining({ code: 'line-ends-converted', severity: 'damage' }),
        );
        expect(file.instruments[0].notes.length).toBeGreaterThan(15);
      }),
    );
  });
});
