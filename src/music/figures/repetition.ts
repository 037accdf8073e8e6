import { differences, most } from './statistics.ts';
import type { OrderedNotes } from './ordered-notes.ts';

/** What comes back. */
export interface RepetitionFigures {
  /** Of all runs of four successive pitches the share that had occurred before. */
  rep4: number;
  /** The same of eight pitches. */
  rep8: number;
  /** The same of eight intervals: what comes back on any pitch. */
  repIv8: number;
  /** The pitches of the longest run that occurs twice; the two may overlap. */
  longestRepeat: number;
  /** The notes of the longest run of one pitch. */
  maxRun: number;
}

export function repetitionFigures({ pitches }: OrderedNotes): RepetitionFigures {
  const repeated = repeatedLengths(pitches);
  return {
    rep4: repeatedShare(repeated, 4),
    rep8: repeatedShare(repeated, 8),
    repIv8: repeatedShare(repeatedLengths(differences(pitches)), 8),
    longestRepeat: most([0, ...repeated]),
    maxRun: longestRun(pitches),
  };
}

/**
 * Of all runs of `length` symbols the share that had occurred before; 0 without runs.
 * @param repeated the `repeatedLengths` of the symbols
 */
export function repeatedShare(repeated: readonly number[], length: number): number {
  return repeated.filter((each) => each >= length).length / Math.max(1, repeated.length - length + 1);
}

/** The length of the longest run of one symbol; 0 of none. */
export function longestRun(symbols: readonly number[]): number {
  let longest = 0;
  let run = 0;
  symbols.forEach((symbol, i) => {
    run = i > 0 && symbol === symbols[i - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  });
  return longest;
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
