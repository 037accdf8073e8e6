import { describe, expect, it } from 'vitest';
import { Keyboard } from '../../src/midi/keyboard.ts';
import type { Note } from '../../src/midi/types.ts';

const note = (pitch: number, start: number, end: number, velocity = 80): Note => ({ pitch, velocity, start, end });

function strikeAll(notes: Note[], tick = 1): { strikes: string[]; struckWhileHeld: number } {
  const keyboard = new Keyboard(tick);
  return { strikes: notes.map((each) => keyboard.strike(each)), struckWhileHeld: keyboard.struckWhileHeld };
}

describe('a key that is struck', () => {
  it('again while it is held ends there and sounds anew', () => {
    const notes = [note(60, 0, 10), note(62, 2, 9), note(60, 4, 6)];
    expect(strikeAll(notes)).toEqual({ strikes: ['free', 'free', 'again'], struckWhileHeld: 1 });
    expect(notes).toEqual([note(60, 0, 4), note(62, 2, 9), note(60, 4, 6)]);
  });

  it('as it is let go is free, and the note before it is left alone', () => {
    const notes = [note(60, 0, 4), note(60, 4, 6)];
    expect(strikeAll(notes)).toEqual({ strikes: ['free', 'free'], struckWhileHeld: 0 });
    expect(notes[0].end).toBe(4);
  });

  it('twice in one tick sounds once, as long as the longer and as loud as the louder', () => {
    const notes = [note(60, 3.8, 5, 100), note(60, 4.2, 9, 70)];
    expect(strikeAll(notes)).toEqual({ strikes: ['free', 'joined'], struckWhileHeld: 1 });
    expect(notes[0]).toEqual(note(60, 3.8, 9, 100));
  });

  it('in the tick after it was struck ends the note before, which is a tick long', () => {
    const notes = [note(60, 3.4, 9), note(60, 3.6, 9)];
    expect(strikeAll(notes).strikes).toEqual(['free', 'again']);
    expect(notes[0]).toEqual(note(60, 3.4, 3.6));
  });

  it('counts as held for as long as any note before it said, however these were cut', () => {
    const notes = [note(60, 0, 10), note(60, 4, 6), note(60, 8, 9), note(60, 10, 11)];
    expect(strikeAll(notes)).toEqual({ strikes: ['free', 'again', 'free', 'free'], struckWhileHeld: 2 });
  });
});
