import type { Note } from '../../midi/index.ts';
import { chordFigures, type ChordFigures } from './chords.ts';
import { dynamicsFigures, type DynamicsFigures } from './dynamics.ts';
import { orderedNotes } from './ordered-notes.ts';
import { rollFigures, type RollFigures } from './piano-roll.ts';
import { pitchFigures, type PitchFigures } from './pitch.ts';
import { repetitionFigures, type RepetitionFigures } from './repetition.ts';
import { rhythmFigures, type RhythmFigures } from './rhythm.ts';
import { soundingTimes, type SoundingFigures } from './sounding.ts';

/**
 * What can be counted in a piece to set it beside others. Names with underscores are MusPy's, and so are their
 * definitions (Dong, Chen, McAuley and Berg-Kirkpatrick, "MusPy: A Toolkit for Symbolic Music Generation", 2020). A figure that the notes
 * do not have, such as the correlation of what never varies, is NaN.
 */
export interface PieceFigures
  extends RhythmFigures, SoundingFigures, ChordFigures, PitchFigures, RepetitionFigures, DynamicsFigures, RollFigures {}

/** The name of a figure. */
export type FigureName = keyof PieceFigures;

/**
 * All figures of some notes. Figures depend on how many notes there are: those of pieces that are compared should be as long.
 * @param notes in any order, times in seconds
 */
export function pieceFigures(notes: readonly Note[]): PieceFigures {
  const ordered = orderedNotes(notes);
  return {
    ...rhythmFigures(ordered),
    ...soundingTimes(notes),
    ...chordFigures(ordered),
    ...pitchFigures(ordered),
    ...repetitionFigures(ordered),
    ...dynamicsFigures(ordered),
    ...rollFigures(notes),
  };
}

/** The names of all figures, in the order in which they are shown. */
export const FIGURE_NAMES = Object.keys(pieceFigures([])) as FigureName[];
