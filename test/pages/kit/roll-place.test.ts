import { describe, expect, it } from 'vitest';
import { keyAt, keyTop, noteAt, pieceAxes } from '../../../src/pages/kit/roll-place.ts';

describe('the note at a place of a roll', () => {
  const note = (pitch: number, start: number, end: number) => ({ pitch, start, end });
  const chord = [note(60, 0, 2), note(64, 0, 2), note(72, 0, 1), note(60, 3, 4)];
  // Keys 57 to 75, three above and below what sounds: nineteen rows of ten.
  const axes = pieceAxes(chord, { width: 400, height: 190 });
  const at = (seconds: number, pitch: number): number => noteAt(chord, axes, [100 * seconds, keyTop(axes, pitch) + 5]);

  it('is the one on which it lies, of a chord too', () => {
    expect(axes).toEqual({ keys: { low: 57, high: 75 }, width: 400, height: 190, seconds: 4 });
    expect([at(0.5, 60), at(0.5, 64), at(0.5, 72), at(3.5, 60)]).toEqual([0, 1, 2, 3]);
  });

  it('is else the last that had begun, and none before the first', () => {
    expect([at(1.5, 72), at(2.5, 60), at(3.9, 65)]).toEqual([2, 2, 3]);
    const late = [note(60, 1, 2)];
    expect(noteAt(late, pieceAxes(late, { width: 400, height: 190 }), [10, 75])).toBe(-1);
  });

  it('has the rows that are drawn', () => {
    for (let pitch = 57; pitch <= 75; pitch++) {
      expect(keyAt(axes, keyTop(axes, pitch) + 0.01)).toBe(pitch);
      expect(keyAt(axes, keyTop(axes, pitch) + 9.99)).toBe(pitch);
    }
  });
});
