import { evenly } from '../../evenly.ts';
import { median } from '../../median.ts';
import type { NoteTable } from '../../midi/index.ts';
import { repeatedLengths, repeatedShare } from '../figures/repetition.ts';
import { GENERATION_RECALL } from '../memory/recall-options.ts';
import type { MusicModel } from '../music-model.ts';

/** Notes of a piece that are looked at: the longer, the more comes back. */
const NOTES = 400;
/** No more pieces change it. */
const MOST_PIECES = 200;
/** Pitches in a figure. */
const FIGURE = 4;
/** How far above the share in people's music the budget lies, so that the share in generated music comes out as theirs. */
const [MARGIN, FACTOR] = [0.02, 1.1];
/** With more, short tunes go round for ever. */
const MOST = 0.5;

/** How much pieces repeat themselves: of the notes at their beginnings, how many end four pitches that had occurred before; the median. */
export function repetitionIn(tables: readonly NoteTable[]): number {
  const shares = evenly(tables, MOST_PIECES).map(({ pitch }) =>
    repeatedShare(repeatedLengths([...pitch.subarray(0, NOTES)]), FIGURE),
  );
  return median(shares);
}

/** The share of repeated figures at which the recall of a model falls silent unless somebody says: by what it learned from, where it knows. */
export function defaultBudget({ repetition }: Pick<MusicModel, 'repetition'>): number {
  return repetition === undefined ? GENERATION_RECALL.budget : Math.min(MOST, MARGIN + FACTOR * repetition);
}
