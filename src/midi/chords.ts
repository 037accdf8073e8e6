import { UsageError } from '../errors.ts';
import { rowsOf } from './table.ts';
import type { NoteTable } from './table.ts';
import type { Note } from './types.ts';

/** How chords were joined, and how they are spread again. */
export interface ChordSpread {
  /** Seconds after a chord's first note within which others belong to it. */
  within: number;
  /**
   * How far the others came after the first, in seconds: evenly spaced quantiles from the smallest to the largest,
   * ascending; empty where the music had no chords.
   */
  spread: number[];
}

/** The quantiles that are kept: from 0 to 1 in steps of 1/32. */
const QUANTILES = 33;
/** Plenty for 33 quantiles. */
const MAX_SAMPLE = 1_000_000;
/** A note's end comes back as start + duration with an error of at most 3e-11 seconds within 24 hours. */
const ROUNDING = 1e-9;
/** Of a note at most so much goes to its delay. */
const LATEST = 0.5;

/**
 * The table with chords as one onset: notes that start within `within` seconds of a chord's first note start with it, and are
 * ordered low to high. Ends stay where they are; but a note that had ended when its key was struck again ends where that
 * strike is now. Of notes that strike one key in one chord the last remains. To join again changes nothing.
 */
export function joinChords(table: NoteTable, within: number): NoteTable {
  if (within === 0 || table.length === 0) return table;
  const { length, pitch } = table;
  const onset = onsetsOf(table, within);
  const duration = table.duration.slice();
  const again = new Int32Array(128).fill(-1);
  const rows: number[] = [];
  for (let i = length - 1; i >= 0; i--) {
    const end = table.start[i] + table.duration[i];
    if (onset[i] < table.start[i]) duration[i] = end - onset[i];
    const next = again[pitch[i]];
    again[pitch[i]] = i;
    if (next >= 0 && onset[next] === onset[i]) again[pitch[i]] = next;
    else rows.push(i);
    if (next >= 0 && onset[next] < end && end <= table.start[next] + ROUNDING) duration[i] = onset[next] - onset[i];
  }
  rows.reverse();
  rows.sort((a, b) => onset[a] - onset[b] || pitch[a] - pitch[b]);
  return rowsOf({ ...table, start: onset, duration }, rows);
}

/**
 * How the notes of chords are spread in tables as they were played.
 * @throws UsageError unless `within` is above 0
 */
export function fitChordSpread(tables: readonly NoteTable[], within: number): ChordSpread {
  if (!(within > 0)) throw new UsageError(`chords: expected seconds above 0, got ${within}.`);
  const stride = Math.ceil(tables.reduce((sum, { length }) => sum + length, 0) / MAX_SAMPLE);
  const delays: number[] = [];
  let seen = 0;
  for (const table of tables) {
    const onset = onsetsOf(table, within);
    for (let i = 1; i < table.length; i++) {
      if (onset[i] === onset[i - 1] && seen++ % stride === 0) delays.push(table.start[i] - onset[i]);
    }
  }
  const sorted = Float64Array.from(delays).sort();
  const spread =
    sorted.length === 0 ? [] : Array.from({ length: QUANTILES }, (_, k) => quantile(sorted, k / (QUANTILES - 1)));
  return { within, spread };
}

/**
 * Notes as hands play them: of each chord (notes that start at one time) one note, drawn by chance, starts then, and each
 * other comes later by a delay from the spread, at most half its length. Ends stay, so that joining gives the chords back.
 * @param notes in order of their starts; the result is in the same order as they are
 * @param random numbers in [0, 1): two for each note of a chord at most
 */
export function spreadChords(notes: readonly Note[], { spread }: ChordSpread, random: () => number): Note[] {
  const result = notes.map((note) => ({ ...note }));
  if (spread.length === 0) return result;
  for (let from = 0, to = 1; from < notes.length; from = to++) {
    while (to < notes.length && notes[to].start === notes[from].start) to++;
    if (to - from === 1) continue;
    const first = from + Math.floor(random() * (to - from));
    for (let i = from; i < to; i++) {
      if (i === first) continue;
      const { start, end } = notes[i];
      result[i].start = start + Math.min(quantile(spread, random()), LATEST * (end - start));
    }
  }
  return result;
}

/**
 * A spread from JSON that may come from anywhere; `name` is what messages call it.
 * @throws UsageError that says what was expected
 */
export function parseChordSpread(json: unknown, name: string): ChordSpread {
  const { within, spread, ...rest } = (json ?? {}) as Record<string, unknown>;
  for (const key of Object.keys(rest)) {
    throw new UsageError(`${name}: unknown key "${key}"; the keys are within, spread.`);
  }
  const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
  if (!isTime(within) || within === 0) {
    throw new UsageError(`${name}.within: expected seconds above 0 and at most 1.`);
  }
  const isSpread =
    Array.isArray(spread) &&
    spread.length <= 4096 &&
    spread.every((delay, k) => isTime(delay) && delay <= within && (k === 0 || delay >= spread[k - 1]));
  if (!isSpread) throw new UsageError(`${name}.spread: expected ascending seconds from 0 to ${within}.`);
  return { within, spread: [...(spread as number[])] };
}

/** For each note the start of the first note of its chord. */
function onsetsOf({ length, start }: NoteTable, within: number): Float64Array {
  const onset = new Float64Array(length);
  let first = -Infinity;
  for (let i = 0; i < length; i++) {
    if (start[i] > first + within) first = start[i];
    onset[i] = first;
  }
  return onset;
}

/** The value at a part from 0 to 1 of the way through sorted values, between its neighbours. */
function quantile(sorted: ArrayLike<number>, part: number): number {
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
