import { describe, expect, it } from 'vitest';
import { endOf, noteAt } from '../../../src/pages/studio/draw/roll.ts';

describe('the note at a place of a roll', () => {
  const note = (pitch: number, start: number, end: number) => ({ pitch, velocity: 80, start, end });
  const chord = [note(60, 0, 2), note(64, 0, 2), note(72, 0, 1), note(60, 3, 4)];
  // Keys 59 to 73, one above and one below what sounds: fifteen rows of ten.
  const size = { width: 400, height: 150 };
  const yOf = (pitch: number): number => 150 - (pitch - 59) * 10 - 5;
  const at = (seconds: number, pitch: number): number => noteAt(chord, endOf(chord), size, [100 * seconds, yOf(pitch)]);

  it('is the one on which it lies, of a chord too', () => {
    expect([at(0.5, 60), at(0.5, 64), at(0.5, 72), at(3.5, 60)]).toEqual([0, 1, 2, 3]);
  });

  it('is else the last that had begun, and none before the first', () => {
    expect([at(1.5, 72), at(2.5, 60), at(3.9, 65)]).toEqual([2, 2, 3]);
    expect(noteAt([note(60, 1, 2)], 2, size, [10, 75])).toBe(-1);
  });
});
