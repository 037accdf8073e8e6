import { noteName, type NoteTable } from '../midi/index.ts';
import type { MetreGrid } from './metre.ts';
import type { Correlate } from './study-data.ts';

/** Something known of every note, with which a unit can be compared: a number, or a class without order. */
export type Label =
  | { name: Correlate; kind: 'number'; values: Float64Array }
  | { name: Correlate; kind: 'class'; groups: Int32Array; names: string[] };

/**
 * What each label is told from: one of these inputs must be read. The place in the bar is told from times, or is read; the position in
 * the song can be counted from any note.
 */
const TOLD_FROM: Record<Correlate, readonly string[] | null> = {
  pitch: ['pitch'],
  pitchClass: ['pitch', 'pitchClass'],
  register: ['pitch'],
  step: ['step'],
  duration: ['duration'],
  velocity: ['velocity'],
  metre: ['step', 'place'],
  position: null,
};

/**
 * What is known of every note of a song, and can be known to a network that reads `inputs`. Labels that do not vary in the song are
 * left out too: nothing can follow either.
 */
export function labelsOf(table: NoteTable, metre: MetreGrid, inputs: readonly string[]): Label[] {
  const { length, pitch, step, duration, velocity } = table;
  const numbers = (name: Correlate, of: (note: number) => number): Label => ({
    name,
    kind: 'number',
    values: Float64Array.from({ length }, (_, note) => of(note)),
  });
  const classes = (name: Correlate, of: (note: number) => number, names: string[]): Label => ({
    name,
    kind: 'class',
    groups: Int32Array.from({ length }, (_, note) => of(note)),
    names,
  });
  const labels = [
    numbers('pitch', (note) => pitch[note]),
    classes('pitchClass', (note) => pitch[note] % 12, PITCH_CLASSES),
    // By octaves: a unit for the middle of the keyboard has no r with pitch, but a high η.
    classes('register', (note) => Math.floor(pitch[note] / 12), OCTAVES),
    // Times are heard as ratios.
    numbers('step', (note) => Math.log(Math.max(step[note], SHORTEST))),
    numbers('duration', (note) => Math.log(Math.max(duration[note], SHORTEST))),
    numbers('velocity', (note) => velocity[note]),
    classes('metre', (note) => metre.cell[note], cellNames(metre)),
    numbers('position', (note) => note),
  ];
  return labels.filter((label) => canFollow(label.name, inputs) && varies(label));
}

function canFollow(name: Correlate, inputs: readonly string[]): boolean {
  return TOLD_FROM[name]?.some((input) => inputs.includes(input)) ?? true;
}

/** Steps within a chord would have a logarithm without end; 10 ms apart sounds as one. */
const SHORTEST = 0.01;

const PITCH_CLASSES = Array.from({ length: 12 }, (_, pitch) => noteName(pitch).replace(/-?\d+$/, ''));
const OCTAVES = Array.from({ length: 11 }, (_, octave) => `octave ${octave - 1}`);

function cellNames({ cells, cellsPerBeat }: MetreGrid): string[] {
  return Array.from({ length: cells }, (_, cell) => {
    const within = cell % cellsPerBeat;
    const beat = `beat ${Math.floor(cell / cellsPerBeat) + 1}`;
    return within === 0 ? beat : `${beat} + ${within}/${cellsPerBeat}`;
  });
}

function varies(label: Label): boolean {
  const values = label.kind === 'number' ? label.values : label.groups;
  return values.some((value) => value !== values[0]);
}
