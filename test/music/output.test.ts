import { describe, expect, it } from 'vitest';
import { instrumentOf, midiOf } from '../../src/music/output.ts';
import { resolveSettings } from '../../src/music/index.ts';
import { readMidi } from '../../src/midi/index.ts';
import { tune } from '../cli/tiny-music.ts';

describe('the instrument of what a model plays', () => {
  it.each([
    ['first', { program: 0, isDrum: false }],
    ['all', { program: 0, isDrum: false }],
    ['name:violin', { program: 0, isDrum: false }],
    ['program:40', { program: 40, isDrum: false }],
    ['Program:40', { program: 40, isDrum: false }],
    ['program:violin', { program: 40, isDrum: false }],
    ['drums', { program: 0, isDrum: true }],
  ])('trained on %s is %o', (instrument, expected) => {
    expect(instrumentOf({ settings: resolveSettings('quick', { instrument }) })).toEqual(expected);
  });
});

it('writes a file with one instrument that reads back', () => {
  const { instruments } = readMidi(midiOf(tune(10, 60), { program: 40, isDrum: false }));
  expect(instruments).toHaveLength(1);
  expect(instruments[0]).toMatchObject({ program: 40, isDrum: false });
  expect(instruments[0].notes).toHaveLength(10);
});

it('writes hours of music with longer ticks', () => {
  const notes = [0, 1, 2].map((i) => ({ pitch: 60, velocity: 80, start: i * 40_000, end: i * 40_000 + 3600 }));
  const { endTime, resolution } = readMidi(midiOf(notes, { program: 0, isDrum: false }));
  expect(endTime).toBeCloseTo(83_600, 0);
  expect(resolution).toBe(59);
});
