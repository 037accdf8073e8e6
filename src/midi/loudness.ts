import type { NoteTable } from './table.ts';

/** Octaves of MIDI keys. */
const OCTAVES = 11;
const SEMITONES = 12;
/** What is known of a group counts as much as the mean of all from so many notes on. */
const PRIOR = 8;
/** What a group of no music at all has. */
const USUAL = 100;

/** How many numbers tell how loud music is. */
export const LOUDNESS_SIZE = 2 * OCTAVES;

/**
 * How loud written music is: the mean velocity of the notes of each octave that begin a bar, and of those that do not. A few notes
 * of an octave count little beside the mean of all.
 * @param tables in beats (`inBeats`)
 * @returns [2, 11] velocities, row by row: those that begin a bar first
 */
export function fitLoudness(tables: readonly NoteTable[]): number[] {
  const sums = new Float64Array(LOUDNESS_SIZE);
  const counts = new Float64Array(LOUDNESS_SIZE);
  for (const { length, pitch, velocity, bars } of tables) {
    for (let i = 0; i < length; i++) {
      const group = groupOf(pitch[i], bars?.place[i] ?? 0);
      sums[group] += velocity[i];
      counts[group]++;
    }
  }
  const notes = counts.reduce((sum, count) => sum + count, 0);
  const mean = notes === 0 ? USUAL : sums.reduce((sum, each) => sum + each, 0) / notes;
  return Array.from(sums, (sum, group) => Math.round((sum + PRIOR * mean) / (counts[group] + PRIOR)));
}

/** The velocity of a key at a place in a bar: see `fitLoudness`. */
export function velocityIn(loudness: readonly number[], pitch: number, place: number): number {
  return loudness[groupOf(pitch, place)];
}

function groupOf(pitch: number, place: number): number {
  return (place === 0 ? 0 : OCTAVES) + Math.floor(pitch / SEMITONES);
}
