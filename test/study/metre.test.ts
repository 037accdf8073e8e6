import { describe, expect, it } from 'vitest';
import { noteTable, type Note } from '../../src/midi/index.ts';
import { labelsOf } from '../../src/study/labels.ts';
import { metreGrid } from '../../src/study/metre.ts';

/** Quarter notes in bars of so many, the first of each bar long; `beat` seconds each. */
function bars(beats: number, count: number, beat = 0.5): Note[] {
  return Array.from({ length: beats * count }, (_, k) => {
    const start = k * beat;
    return { pitch: 60 + (k % beats), velocity: 80, start, end: start + (k % beats === 0 ? 0.9 : 0.2) * beat };
  });
}

describe('metreGrid', () => {
  it.each([2, 3, 4])('finds bars of %i beats by their accents', (beats) => {
    const grid = metreGrid(noteTable(bars(beats, 20)), [[0, 120]]);
    // Bars of two beats may be heard as half a bar of four.
    expect(grid.beats).toBe(beats === 2 ? 4 : beats);
    expect(grid.cells).toBe(4 * grid.beats);
    expect([...grid.cell.slice(0, beats)]).toEqual(Array.from({ length: beats }, (_, k) => 4 * k));
  });

  it("follows the file's tempo", () => {
    const notes = [0, 0.5, 1, 2, 3, 4].map((start) => ({ pitch: 60, velocity: 80, start, end: start + 0.1 }));
    const { cell, beatSeconds } = metreGrid(noteTable(notes), [[0, 120], [1, 60]]); // prettier-ignore
    expect(beatSeconds).toBe(0.5);
    expect([...cell]).toEqual([0, 4, 8, 12, 0, 4]);
  });

  it('takes no notes, no tempo, and a pause of a day', () => {
    expect(metreGrid(noteTable([]), [])).toMatchObject({ beats: 4, beatSeconds: 0.5 });
    const late = [0, 86_400].map((start) => ({ pitch: 60, velocity: 80, start, end: start + 1 }));
    expect(metreGrid(noteTable(late), []).cell).toHaveLength(2);
  });
});

describe('labelsOf', () => {
  const INPUTS = ['pitch', 'step', 'duration', 'velocity'];

  it('leaves out what the network does not read', () => {
    const table = noteTable(bars(4, 4).map((note, k) => ({ ...note, velocity: 60 + k, pitch: 48 + 5 * k })));
    const names = (inputs: string[]): string[] => labelsOf(table, metreGrid(table, []), inputs).map(({ name }) => name);
    expect(names(INPUTS)).toContain('velocity');
    expect(names(['pitch', 'step', 'duration'])).not.toContain('velocity');
    expect(names(['pitchClass', 'step'])).toEqual(['pitchClass', 'step', 'metre', 'position']);
  });

  it('leaves out what does not vary', () => {
    const table = noteTable(bars(3, 4));
    const names = labelsOf(table, metreGrid(table, []), INPUTS).map(({ name }) => name);
    expect(names).toEqual(['pitch', 'pitchClass', 'step', 'duration', 'metre', 'position']);
  });

  it('names pitch classes, octaves and places in the bar', () => {
    const table = noteTable(bars(4, 4).map((note, k) => ({ ...note, pitch: 48 + 5 * k })));
    const labels = labelsOf(table, metreGrid(table, []), INPUTS);
    const nameAt = (label: string, note: number): string => {
      const found = labels.find(({ name }) => name === label)!;
      return found.kind === 'class' ? found.names[found.groups[note]] : '';
    };
    expect([0, 1, 3].map((note) => nameAt('pitchClass', note))).toEqual(['C', 'F', 'D#']);
    expect([0, 4].map((note) => nameAt('register', note))).toEqual(['octave 3', 'octave 4']);
    expect([0, 1].map((note) => nameAt('metre', note))).toEqual(['beat 1', 'beat 2']);
  });
});
