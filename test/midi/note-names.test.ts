import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { isBlackKey, noteName } from '../../src/midi/note-names.ts';

describe('noteName', () => {
  it('calls 60 middle C, C4, and 69 the concert pitch, A4', () => {
    expect([0, 21, 59, 60, 61, 69, 108, 127].map(noteName)).toEqual(['C-1', 'A0', 'B3', 'C4', 'C#4', 'A4', 'C8', 'G9']);
  });

  it('gives each of the 128 keys a name of its own, one octave number higher every twelve', () => {
    const names = Array.from({ length: 128 }, (_, pitch) => noteName(pitch));
    expect(new Set(names).size).toBe(128);
    for (let pitch = 12; pitch < 128; pitch++) {
      const [letter, octave] = /^([A-G]#?)(-?\d+)$/.exec(names[pitch])!.slice(1);
      expect(names[pitch - 12]).toBe(`${letter}${Number(octave) - 1}`);
    }
  });

  it('refuses what is no MIDI key, and says what it got', () => {
    for (const pitch of [-1, 128, 60.5, NaN, Infinity]) expect(() => noteName(pitch)).toThrow(UsageError);
    expect(() => noteName(60.5)).toThrow('60.5');
  });
});

describe('isBlackKey', () => {
  it('is true of exactly the keys with a sharp in their name', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 127 }), (pitch) => {
        expect(isBlackKey(pitch)).toBe(noteName(pitch).includes('#'));
      }),
    );
  });
});
