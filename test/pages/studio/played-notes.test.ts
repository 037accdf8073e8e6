import { describe, expect, it } from 'vitest';
import { keyMessage, PlayedNotes } from '../../../src/pages/studio/played-notes.ts';

describe('what is played on a keyboard', () => {
  it('becomes notes of pitch, step, duration and velocity', () => {
    const played = new PlayedNotes();
    played.press(60, 80, 10);
    played.press(64, 90, 10.5);
    played.release(60, 11);
    expect(played.holding).toBe(true);
    played.release(64, 11.25);
    expect(played.holding).toBe(false);
    expect(played.take(12)).toEqual([
      { pitch: 60, velocity: 80, step: 0, duration: 1 },
      { pitch: 64, velocity: 90, step: 0.5, duration: 0.75 },
    ]);
    expect(played.length).toBe(0);
  });

  it('ends a key that is struck again, and holds one that is down until now', () => {
    const played = new PlayedNotes();
    played.press(60, 80, 1);
    played.press(60, 70, 2);
    expect(played.take(5).map(({ duration }) => duration)).toEqual([1, 3]);
  });

  it('passes over the release of a key that was not down', () => {
    const played = new PlayedNotes();
    played.release(60, 1);
    expect(played.length).toBe(0);
  });
});

describe('a message of a MIDI device', () => {
  it.each([
    [[0x90, 60, 100], { kind: 'press', pitch: 60, velocity: 100 }],
    [[0x9f, 21, 1], { kind: 'press', pitch: 21, velocity: 1 }],
    [[0x90, 60, 0], { kind: 'release', pitch: 60 }],
    [[0x83, 60, 64], { kind: 'release', pitch: 60 }],
    [[0xb0, 64, 127], undefined],
    [[0xf8], undefined],
    [[], undefined],
  ])('%j means %j', (bytes, meaning) => {
    expect(keyMessage(bytes)).toEqual(meaning);
  });
});
