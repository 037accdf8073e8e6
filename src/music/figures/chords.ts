import type { OrderedNotes } from './ordered-notes.ts';
import { differences, mean, shareOf } from './statistics.ts';

/** What sounds together, and the line on top of it. */
export interface ChordFigures {
  /** The mean number of notes that start together. */
  groupSize: number;
  /** The share of notes that start with two others at least. */
  chordNotes: number;
  /** Of all pairs of notes that start together, the share of semitones and major sevenths, in any octave; NaN without pairs, as the next three. */
  chordSemitone: number;
  /** Of tritones. */
  chordTritone: number;
  /** Of octaves. */
  chordOctave: number;
  /** Of pairs that are two semitones apart at most. */
  chordCluster: number;
  /** The mean distance, in semitones, from the highest note of a chord to that of the next. */
  topLeap: number;
  /** The share of these distances that are one or two semitones. */
  topStep: number;
}

export function chordFigures({ pitches, chords }: OrderedNotes): ChordFigures {
  const sizes = chords.map((chord) => chord.pitches.length);
  const pairs = chords.flatMap((chord) => intervalsOf(chord.pitches));
  const top = differences(chords.map((chord) => chord.pitches.reduce((a, b) => Math.max(a, b)))).map(Math.abs);
  const inChords = sizes.filter((size) => size >= 3).reduce((a, b) => a + b, 0);
  return {
    groupSize: mean(sizes),
    chordNotes: inChords / pitches.length,
    chordSemitone: shareOf(pairs, (interval) => interval % 12 === 1 || interval % 12 === 11),
    chordTritone: shareOf(pairs, (interval) => interval % 12 === 6),
    chordOctave: shareOf(pairs, (interval) => interval % 12 === 0 && interval > 0),
    chordCluster: shareOf(pairs, (interval) => interval <= 2),
    topLeap: mean(top),
    topStep: shareOf(top, (leap) => leap === 1 || leap === 2),
  };
}

/** The distances of all pairs of notes. */
function intervalsOf(pitches: readonly number[]): number[] {
  return pitches.flatMap((pitch, i) => pitches.slice(0, i).map((other) => Math.abs(pitch - other)));
}
