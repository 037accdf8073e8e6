import { DataError, UsageError } from '../errors.ts';
import type { Meter, Note } from './types.ts';

/** One row of a note table without its place in time: what the network reads and what it predicts. */
export interface NoteEvent {
  /** MIDI key number, 0 to 127. */
  pitch: number;
  /** Seconds since the note before began; 0 for the first note and inside a chord. */
  step: number;
  /** Seconds. */
  duration: number;
  /** 0 to 127. */
  velocity: number;
  /** Where in its bar it starts, if the music's time is counted in beats; see `inBeats`. */
  bar?: BarPlace;
}

/** A place in a bar, on a grid of 24 places a quarter. */
export interface BarPlace {
  meter: Meter;
  place: number;
}

/**
 * The notes of one piece in order of their starts, column by column. `step[0]` is 0 and
 * `step[i] = start[i] - start[i - 1]`; every column has `length` entries.
 */
export interface NoteTable {
  length: number;
  pitch: Uint8Array;
  velocity: Uint8Array;
  /** Seconds from the beginning of the file. */
  start: Float64Array;
  /** Seconds since the start of the note before. */
  step: Float64Array;
  /** Seconds. */
  duration: Float64Array;
  /** Where time is counted in beats: the time signature, and each note's place in its bar. */
  bars?: { meter: Meter; place: Uint8Array };
}

/**
 * The training table of TensorFlow's tutorial: a stable sort by start (notes that start together keep their reading
 * order), step = start - previous start, duration = end - start.
 * @throws DataError when a pitch or velocity is not an integer from 0 to 127, or a note has no finite start and end
 * with start <= end.
 */
export function noteTable(notes: readonly Note[]): NoteTable {
  const length = notes.length;
  const table = emptyTable(length);
  const { pitch, velocity, start, duration } = table;
  const order = sortedByStart(notes);
  for (let i = 0; i < length; i++) {
    const note = notes[order[i]];
    checkNote(note, order[i]);
    pitch[i] = note.pitch;
    velocity[i] = note.velocity;
    start[i] = note.start;
    duration[i] = note.end - note.start;
  }
  fillSteps(start, table.step);
  return table;
}

/** The notes of a table in order of their starts; `end` is start + duration, which may differ from the end that was read by one rounding. */
export function tableToNotes(table: NoteTable): Note[] {
  const notes: Note[] = [];
  for (let i = 0; i < table.length; i++) {
    const start = table.start[i];
    notes.push({ pitch: table.pitch[i], velocity: table.velocity[i], start, end: start + table.duration[i] });
  }
  return notes;
}

/**
 * The rows from `from` up to, not including, `to`, as a table of its own: its first step is 0, the starts stay where
 * they were. Copies; the given table is left alone.
 * @throws UsageError unless 0 <= from <= to <= length, in whole rows.
 */
export function sliceTable(table: NoteTable, from: number, to: number = table.length): NoteTable {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from || to > table.length) {
    throw new UsageError(`sliceTable: expected 0 <= from <= to <= ${table.length}, got ${from} and ${to}.`);
  }
  const start = table.start.slice(from, to);
  const step = table.step.slice(from, to);
  if (step.length > 0) step[0] = 0;
  return {
    length: to - from,
    pitch: table.pitch.slice(from, to),
    velocity: table.velocity.slice(from, to),
    start,
    step,
    duration: table.duration.slice(from, to),
    ...(table.bars && { bars: { meter: table.bars.meter, place: table.bars.place.slice(from, to) } }),
  };
}

/** Some rows of a table, in the order of their numbers in `rows`, which must be that of their starts. */
export function rowsOf(table: NoteTable, rows: readonly number[]): NoteTable {
  const picked = emptyTable(rows.length);
  for (const [to, from] of rows.entries()) {
    picked.pitch[to] = table.pitch[from];
    picked.velocity[to] = table.velocity[from];
    picked.start[to] = table.start[from];
    picked.duration[to] = table.duration[from];
  }
  fillSteps(picked.start, picked.step);
  const { bars } = table;
  return bars
    ? { ...picked, bars: { meter: bars.meter, place: Uint8Array.from(rows, (row) => bars.place[row]) } }
    : picked;
}

/** Writes step[0] = 0 and step[i] = start[i] - start[i - 1]. */
export function fillSteps(start: Float64Array, step: Float64Array): void {
  if (step.length > 0) step[0] = 0;
  for (let i = 1; i < start.length; i++) step[i] = start[i] - start[i - 1];
}

/** A table of so many notes, all numbers 0. */
export function emptyTable(length: number): NoteTable {
  return {
    length,
    pitch: new Uint8Array(length),
    velocity: new Uint8Array(length),
    start: new Float64Array(length),
    step: new Float64Array(length),
    duration: new Float64Array(length),
  };
}

/** Moves that an insertion sort may take for each note before a general one is cheaper. */
const MOVES_PER_NOTE = 64;

/**
 * The order of the notes by start, stable. Readers hand over notes in the order of their ends, in which a note stands only as
 * many places off as others sounded with it: an insertion sort then needs few moves, and no calls of a comparator.
 */
function sortedByStart(notes: readonly Note[]): Uint32Array | number[] {
  const order = new Uint32Array(notes.length);
  const starts = new Float64Array(notes.length);
  let moves = MOVES_PER_NOTE * notes.length;
  for (let i = 0; i < notes.length; i++) {
    const { start } = notes[i];
    let to = i;
    for (; to > 0 && starts[to - 1] > start && moves > 0; to--, moves--) {
      starts[to] = starts[to - 1];
      order[to] = order[to - 1];
    }
    if (moves === 0) return sortedByComparison(notes);
    starts[to] = start;
    order[to] = i;
  }
  return order;
}

function sortedByComparison(notes: readonly Note[]): number[] {
  return Array.from(notes, (_, i) => i).sort((a, b) => notes[a].start - notes[b].start);
}

/** A typed column would wrap 300 to 44 without a word, so every note is looked at before it is stored. */
function checkNote({ pitch, velocity, start, end }: Note, index: number): void {
  if (!isMidiByte(pitch) || !isMidiByte(velocity)) {
    throw new DataError(
      `note ${index}: expected pitch and velocity as integers from 0 to 127, got pitch ${pitch} and velocity ${velocity}.`,
    );
  }
  if (!Number.isFinite(start) || !Number.isFinite(end) || end < start) {
    throw new DataError(`note ${index}: expected finite seconds with start <= end, got start ${start} and end ${end}.`);
  }
}

function isMidiByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 127;
}
