import { Keyboard, TICK_SECONDS, type Note } from '../midi/index.ts';

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
  const ordered = [...notes].sort((a, b) => a.start - b.start || a.pitch - b.pitch);
  const pitches = ordered.map(({ pitch }) => pitch);
  const repeated = repeatedLengths(pitches);
  const runs = Math.max(0, pitches.length - REPETITION_NOTES + 1);
  const seconds = spanOf(notes);
  return {
    notes: notes.length,
    seconds,
    lowest: pitches.length > 0 ? least(pitches) : null,
    highest: pitches.length > 0 ? most(pitches) : null,
    distinctPitches: new Set(pitches).size,
    repetition: runs < 2 ? 0 : repeated.filter((length) => length >= REPETITION_NOTES).length / runs,
    longestRepeat: most([0, ...repeated]),
    longestSamePitch: longestRun(pitches),
    struckWhileHeld: notes.length > 0 ? strikesWhileHeld(ordered) / notes.length : 0,
    density: seconds > 0 ? notes.length / seconds : 0,
    ...polyphonyOf(notes),
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

/**
 * For each place of a sequence, how many of the symbols that end there had occurred in the same order earlier on: the longest
 * suffix of `symbols[0..i]` that also ends before i. Linear in the length, times the number of distinct symbols at worst.
 *
 * The suffix automaton of Blumer et al., "The smallest automaton recognizing the subwords of a text" (1985): when symbol i
 * is added, the suffix link of the new state leads to exactly that suffix.
 */
export function repeatedLengths(symbols: readonly number[]): number[] {
  const next: Map<number, number>[] = [new Map()];
  const link = [-1];
  const length = [0];
  let last = 0;
  const addState = (size: number, edges: Map<number, number>): number => {
    next.push(edges);
    length.push(size);
    link.push(-1);
    return length.length - 1;
  };
  return symbols.map((symbol) => {
    const state = addState(length[last] + 1, new Map());
    let from = last;
    while (from !== -1 && !next[from].has(symbol)) {
      next[from].set(symbol, state);
      from = link[from];
    }
    last = state;
    if (from === -1) {
      link[state] = 0;
      return 0;
    }
    const to = next[from].get(symbol)!;
    if (length[to] === length[from] + 1) {
      link[state] = to;
      return length[to];
    }
    const clone = addState(length[from] + 1, new Map(next[to]));
    link[clone] = link[to];
    while (from !== -1 && next[from].get(symbol) === to) {
      next[from].set(symbol, clone);
      from = link[from];
    }
    link[to] = link[state] = clone;
    return length[clone];
  });
}

/** The spread of some numbers. */
export interface Spread {
  count: number;
  min: number;
  /** The value that a twentieth of the numbers do not exceed. */
  p5: number;
  median: number;
  mean: number;
  p95: number;
  max: number;
}

/** The spread of some numbers, or undefined of none. */
export function spreadOf(values: ArrayLike<number>): Spread | undefined {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return undefined;
  return {
    count: sorted.length,
    min: sorted[0],
    p5: quantile(sorted, 0.05),
    median: quantile(sorted, 0.5),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p95: quantile(sorted, 0.95),
    max: sorted[sorted.length - 1],
  };
}

/**
 * The value below which a part of some numbers lies, interpolated (type 7 of Hyndman and Fan, 1996); NaN of none.
 * @param sorted in rising order
 * @param part from 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  const place = part * (sorted.length - 1);
  const below = Math.max(0, Math.floor(place));
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

function strikesWhileHeld(ordered: readonly Note[]): number {
  const keyboard = new Keyboard(TICK_SECONDS);
  for (const note of ordered) keyboard.strike({ ...note });
  return keyboard.struckWhileHeld;
}

function polyphonyOf(notes: readonly Note[]): Pick<MusicAnalysis, 'meanPolyphony' | 'maxPolyphony'> {
  const changes = notes.flatMap(({ start, end }) => [
    { time: start, by: 1 },
    { time: end, by: -1 },
  ]);
  // At one moment, ends before starts: a note that follows another does not sound with it.
  changes.sort((a, b) => a.time - b.time || a.by - b.by);
  let sounding = 0;
  let maxPolyphony = 0;
  let noteSeconds = 0;
  let soundingSeconds = 0;
  changes.forEach(({ time, by }, i) => {
    const passed = i === 0 ? 0 : time - changes[i - 1].time;
    noteSeconds += sounding * passed;
    if (sounding > 0) soundingSeconds += passed;
    sounding += by;
    maxPolyphony = Math.max(maxPolyphony, sounding);
  });
  return { meanPolyphony: soundingSeconds > 0 ? noteSeconds / soundingSeconds : 0, maxPolyphony };
}

function spanOf(notes: readonly Note[]): number {
  if (notes.length === 0) return 0;
  return most(notes.map(({ end }) => end)) - least(notes.map(({ start }) => start));
}

function longestRun(symbols: readonly number[]): number {
  let longest = 0;
  let run = 0;
  symbols.forEach((symbol, i) => {
    run = i > 0 && symbol === symbols[i - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
}

/** Not Math.max(...values): a long piece would overflow the stack. */
function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}
