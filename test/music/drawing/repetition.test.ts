import { describe, expect, it } from 'vitest';
import { noteTable, type NoteTable } from '../../../src/midi/index.ts';
import { defaultBudget, repetitionIn } from '../../../src/music/drawing/repetition.ts';
import { generateNotes } from '../../../src/music/generate.ts';
import { musicModel } from '../../../src/music/music-model.ts';
import { CheckpointError, PLAIN_SAMPLING } from '../../../src/nn/index.ts';
import { markedSettings, toyCheckpoint, toyModel } from '../../support/toy-music.ts';

function tune(pitches: readonly number[]): NoteTable {
  return noteTable(pitches.map((pitch, k) => ({ pitch, velocity: 80, start: k / 4, end: k / 4 + 0.2 })));
}

const NEW = tune(Array.from({ length: 40 }, (_, k) => 30 + k));
const TWICE = tune([0, 1].flatMap(() => Array.from({ length: 20 }, (_, k) => 30 + k)));

describe('how much music repeats itself', () => {
  it('is the share of notes that end four pitches which had occurred before, in the median piece', () => {
    expect(repetitionIn([NEW])).toBe(0);
    // Of the 37 runs of four, the last 17 were heard before.
    const twice = repetitionIn([TWICE]);
    expect(twice).toBeCloseTo(17 / 37, 1);
    expect(repetitionIn([NEW, TWICE, TWICE])).toBe(twice);
    expect(repetitionIn([NEW, NEW, TWICE])).toBe(0);
  });

  it('looks at the beginnings, since longer music repeats more', () => {
    const long = tune([...Array.from({ length: 400 }, (_, k) => (k * k) % 127), ...Array<number>(400).fill(60)]);
    expect(repetitionIn([long])).toBe(repetitionIn([tune([...long.pitch.subarray(0, 400)])]));
  });

  it('decides how much is recalled, within bounds', () => {
    expect(defaultBudget({})).toBe(0.1);
    expect(defaultBudget({ repetition: 0 })).toBeCloseTo(0.02, 9);
    expect(defaultBudget({ repetition: 0.2 })).toBeCloseTo(0.24, 9);
    expect(defaultBudget({ repetition: 0.9 })).toBe(0.5);
  });

  it('is kept in a model, and music is drawn by it unless told', async () => {
    const model = await toyModel(markedSettings());
    expect(model.repetition).toBeGreaterThanOrEqual(0);
    const draw = (repetition: number | undefined, budget?: number) =>
      generateNotes({ ...model, repetition }, { ...PLAIN_SAMPLING, seed: 2, notes: 80, recall: budget === undefined ? {} : { budget } }).notes; // prettier-ignore
    expect(draw(0.2)).toEqual(draw(undefined, 0.24));
    expect(draw(undefined)).toEqual(draw(undefined, 0.1));
  });

  it('is refused in a file where it is none', async () => {
    const checkpoint = await toyCheckpoint(markedSettings());
    const read = (repetition: unknown) => musicModel({ ...checkpoint, extra: { ...checkpoint.extra, repetition } });
    expect(read(0.5).repetition).toBe(0.5);
    for (const wrong of [-0.1, 1.5, 'much', null]) expect(() => read(wrong)).toThrow(CheckpointError);
  });
});
