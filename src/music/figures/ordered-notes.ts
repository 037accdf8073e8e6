import type { Note } from '../../midi/index.ts';

/** Notes that start within this time after the one before make one chord with it. */
export const CHORD_SECONDS = 0.03;

/** Notes that start together. */
export interface Chord {
  /** The start of its first note. */
  start: number;
  /** As they start, low before high at one moment. */
  pitches: number[];
}

/** Notes in order of starts, low before high at one moment, as one list for each of their parts. */
export interface OrderedNotes {
  pitches: number[];
  velocities: number[];
  starts: number[];
  ends: number[];
  durations: number[];
  /** Every note belongs to one, most of them to one of a single note. */
  chords: Chord[];
}

/** Sorts by starts, low before high at one moment. */
export function inOrder(notes: readonly Note[]): Note[] {
  return [...notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch);
}

export function orderedNotes(notes: readonly Note[]): OrderedNotes {
  const ordered = inOrder(notes);
  const chords: Chord[] = [];
  ordered.forEach(({ pitch, start }, i) => {
    if (i > 0 && start - ordered[i - 1].start <= CHORD_SECONDS) chords[chords.length - 1].pitches.push(pitch);
    else chords.push({ start, pitches: [pitch] });
  });
  return {
    pitches: ordered.map(({ pitch }) => pitch),
    velocities: ordered.map(({ velocity }) => velocity),
    starts: ordered.map(({ start }) => start),
    ends: ordered.map(({ end }) => end),
    durations: ordered.map(({ start, end }) => end - start),
    chords,
  };
}
