import { Keyboard, TICK_SECONDS, type Note } from '../midi/index.ts';
import { inOrder } from './figures/ordered-notes.ts';
import { longestRun, repeatedLengths, repeatedShare } from './figures/repetition.ts';
import { soundingTimes } from './figures/sounding.ts';
import { least, most } from './figures/statistics.ts';

/** The length of the pitch sequences that `repetition` looks for. */
export const REPETITION_NOTES = 4;

/** What can be said of some notes by counting. */
export interface MusicAnalysis {
  notes: number;
  /** From the first start to the last end. */
  seconds: number;
  /** MIDI keys; null without notes. */
  lowest: number | null;
  highest: number | null;
  distinctPitches: number;
  /**
   * Of all runs of four successive pitches the share that had occurred before; 0 when there are fewer than two runs.
   * Music repeats itself; a model that is stuck does nothing else.
   */
  repetition: number;
  /** The notes of the longest pitch sequence that occurs twice; the two may overlap. */
  longestRepeat: number;
  /** The notes of the longest run of one pitch. */
  longestSamePitch: number;
  /**
   * The share of notes that strike a key which still sounds, which no piano can do; 0 without notes. Music that was drawn is
   * cut there: what is counted is what was drawn.
   */
  struckWhileHeld: number;
  /** Notes that start in a second; 0 when they last no time. */
  density: number;
  /** How many notes sound at a time while any does: the mean over that time, and the most. */
  meanPolyphony: number;
  maxPolyphony: number;
}

/**
 * Counts what a listener would notice about a piece. Pitch sequences are taken in order of starts, low before high within a
 * chord, so that the order in which a file happens to write a chord does not matter.
 *
 * @param notes in any order, times in seconds
 */
export function analyseNotes(notes: readonly Note[]): MusicAnalysis {
  const ordered = inOrder(notes);
  const pitches = ordered.map(({ pitch }) => pitch);
  const repeated = repeatedLengths(pitches);
  const seconds = spanOf(notes);
  const { meanPolyphony, maxPolyphony } = soundingTimes(notes);
  return {
    notes: notes.length,
    seconds,
    lowest: pitches.length > 0 ? least(pitches) : null,
    highest: pitches.length > 0 ? most(pitches) : null,
    distinctPitches: new Set(pitches).size,
    repetition: repeatedShare(repeated, REPETITION_NOTES),
    longestRepeat: most([0, ...repeated]),
    longestSamePitch: longestRun(pitches),
    struckWhileHeld: notes.length > 0 ? strikesWhileHeld(ordered) / notes.length : 0,
    density: seconds > 0 ? notes.length / seconds : 0,
    meanPolyphony: meanPolyphony || 0,
    maxPolyphony,
  };
}

/**
 * What the analyses of several pieces have in common: the mean of each figure, the range from the lowest to the highest key
 * of all. Undefined of none.
 */
export function meanAnalysis(analyses: readonly MusicAnalysis[]): MusicAnalysis | undefined {
  if (analyses.length === 0) return undefined;
  const mean = (figure: (analysis: MusicAnalysis) => number): number =>
    analyses.reduce((sum, analysis) => sum + figure(analysis), 0) / analyses.length;
  const lows = analyses.flatMap(({ lowest }) => lowest ?? []);
  const highs = analyses.flatMap(({ highest }) => highest ?? []);
  return {
    notes: mean((a) => a.notes),
    seconds: mean((a) => a.seconds),
    lowest: lows.length > 0 ? least(lows) : null,
    highest: highs.length > 0 ? most(highs) : null,
    distinctPitches: mean((a) => a.distinctPitches),
    repetition: mean((a) => a.repetition),
    longestRepeat: mean((a) => a.longestRepeat),
    longestSamePitch: mean((a) => a.longestSamePitch),
    struckWhileHeld: mean((a) => a.struckWhileHeld),
    density: mean((a) => a.density),
    meanPolyphony: mean((a) => a.meanPolyphony),
    maxPolyphony: mean((a) => a.maxPolyphony),
  };
}

function strikesWhileHeld(ordered: readonly Note[]): number {
  const keyboard = new Keyboard(TICK_SECONDS);
  for (const note of ordered) keyboard.strike({ ...note });
  return keyboard.struckWhileHeld;
}

function spanOf(notes: readonly Note[]): number {
  if (notes.length === 0) return 0;
  return most(notes.map(({ end }) => end)) - least(notes.map(({ start }) => start));
}
