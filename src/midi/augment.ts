import { UsageError } from '../errors.ts';
import type { Piece } from './corpus/types.ts';
import { fillSteps } from './table.ts';
import type { NoteTable } from './table.ts';

/** Pitches that may occur, both ends included. */
export type PitchRange = readonly [lowest: number, highest: number];

/** Every pitch that MIDI knows. */
export const MIDI_RANGE: PitchRange = [0, 127];
/** The 88 keys of a piano, A0 to C8. */
export const PIANO_RANGE: PitchRange = [21, 108];

export interface AugmentOptions {
  /** Semitones of the copies, for instance [-2, -1, 1, 2]. @default [] */
  transpose?: readonly number[];
  /** Factors on the times of the copies: 1.05 is 5 % slower. @default [] */
  tempo?: readonly number[];
  /** Copies with a pitch outside are left out and named. @default MIDI_RANGE */
  range?: PitchRange;
}

export interface Augmented {
  /** Each piece as it was, followed by its copies. */
  pieces: Piece[];
  /** Transpositions that would have left the range. */
  skipped: { path: string; semitones: number }[];
}

/**
 * A copy of the table, every pitch moved by `semitones`; the times are shared with the original.
 * @throws UsageError when semitones is no whole number or a pitch would leave the range.
 */
export function transpose(table: NoteTable, semitones: number, range: PitchRange = MIDI_RANGE): NoteTable {
  checkSemitones(semitones);
  const [lowest, highest] = transposeBounds(table, 0, table.length, range);
  if (semitones !== 0 && (semitones < lowest || semitones > highest)) {
    throw new UsageError(
      `transpose: ${semitones} semitones would leave the pitches ${range[0]} to ${range[1]}; ` +
        (lowest > highest ? 'some notes are outside already.' : `these notes can go from ${lowest} to ${highest}.`),
    );
  }
  return { ...table, pitch: table.pitch.map((pitch) => pitch + semitones) };
}

/**
 * The lowest and highest whole number of semitones by which the notes [from, to) can be moved without leaving the
 * range; for augmentation window by window. Without notes [-Infinity, Infinity]; lowest > highest when no
 * transposition brings all of them into the range.
 */
export function transposeBounds(
  table: NoteTable,
  from = 0,
  to = table.length,
  range: PitchRange = MIDI_RANGE,
): [lowest: number, highest: number] {
  checkRange(range);
  let lowestPitch = Infinity;
  let highestPitch = -Infinity;
  for (let i = from; i < to; i++) {
    lowestPitch = Math.min(lowestPitch, table.pitch[i]);
    highestPitch = Math.max(highestPitch, table.pitch[i]);
  }
  return [range[0] - lowestPitch, range[1] - highestPitch];
}

/**
 * A copy of the table with every start, step and duration times `factor`: above 1 is slower. Pitches and velocities
 * are shared with the original.
 * @throws UsageError unless the factor is a finite number above 0.
 */
export function scaleTempo(table: NoteTable, factor: number): NoteTable {
  checkFactor(factor);
  const start = table.start.map((seconds) => seconds * factor);
  const step = new Float64Array(table.length);
  fillSteps(start, step);
  return { ...table, start, step, duration: table.duration.map((seconds) => seconds * factor) };
}

/**
 * Each piece together with a copy for every other combination of the given transpositions and tempo factors, the
 * unmoved and the unscaled always among them: transpose [-1, 1] and tempo [0.95, 1.05] make nine of one. Without
 * options the pieces come back as they are. Meant for training pieces only: a validation piece must stay as it was
 * played. A copy's name says what was done to it.
 * @throws UsageError for semitones that are no whole numbers, factors not above 0, a range that is none.
 */
export function augment(pieces: readonly Piece[], options: AugmentOptions = {}): Augmented {
  const { range = MIDI_RANGE } = options;
  const moves = [...new Set([0, ...(options.transpose ?? [])])];
  const factors = [...new Set([1, ...(options.tempo ?? [])])];
  moves.forEach(checkSemitones);
  factors.forEach(checkFactor);
  const result: Augmented = { pieces: [], skipped: [] };
  for (const piece of pieces) {
    const [lowest, highest] = transposeBounds(piece.table, 0, piece.table.length, range);
    for (const semitones of moves) {
      // The piece as it was played stays, even with notes outside the range.
      if (semitones !== 0 && (semitones < lowest || semitones > highest)) {
        result.skipped.push({ path: piece.path, semitones });
        continue;
      }
      const moved = semitones === 0 ? piece.table : transpose(piece.table, semitones, range);
      for (const factor of factors) result.pieces.push(copyOf(piece, moved, semitones, factor));
    }
  }
  return result;
}

function copyOf(piece: Piece, moved: NoteTable, semitones: number, factor: number): Piece {
  if (semitones === 0 && factor === 1) return piece;
  const labels: string[] = [];
  if (semitones !== 0) labels.push(`${semitones > 0 ? '+' : ''}${semitones} semitones`);
  if (factor !== 1) labels.push(`time x ${factor}`);
  const table = factor === 1 ? moved : scaleTempo(moved, factor);
  return { ...piece, name: `${piece.name} (${labels.join(', ')})`, table };
}

function checkSemitones(semitones: number): void {
  if (!Number.isInteger(semitones)) {
    throw new UsageError(`transpose: expected a whole number of semitones, got ${semitones}.`);
  }
}

function checkFactor(factor: number): void {
  if (!(factor > 0) || !Number.isFinite(factor)) {
    throw new UsageError(`tempo: expected a factor above 0, such as 0.95 or 1.05, got ${factor}.`);
  }
}

function checkRange([lowest, highest]: PitchRange): void {
  const inside = (pitch: number): boolean => Number.isInteger(pitch) && pitch >= 0 && pitch <= 127;
  if (!inside(lowest) || !inside(highest) || lowest > highest) {
    throw new UsageError(`range: expected two pitches from 0 to 127, the lower first, got ${lowest} and ${highest}.`);
  }
}
