import { keyRange, rowCount, type KeyRange } from '../../plot/keys.ts';

/** A note on a roll; seconds. */
export interface RollNote {
  pitch: number;
  start: number;
  end: number;
}

/** The notes of a timeline; seconds. */
export interface TrackNotes {
  pitch: readonly number[];
  start: readonly number[];
  duration: readonly number[];
}

/** Where the rows of keys stand, in pixels from the top of a canvas. */
export interface KeyAxis {
  keys: KeyRange;
  height: number;
}

/** Where the row of a key begins. A pitch may lie between two keys. */
export function keyTop({ keys, height }: KeyAxis, pitch: number): number {
  return ((keys.high - pitch) * height) / rowCount(keys);
}

/** The key at `y`. */
export function keyAt({ keys, height }: KeyAxis, y: number): number {
  return keys.high - Math.floor((y / height) * rowCount(keys));
}

/** Where a whole piece stands on a roll of its own: keys over seconds, from the left edge to the right one. */
export interface PieceAxes extends KeyAxis {
  width: number;
  /** What the width shows. */
  seconds: number;
}

/** @param seconds what the width shows; to the end of the last note unless given */
export function pieceAxes(
  notes: readonly RollNote[],
  { width, height }: { width: number; height: number },
  seconds = endOf(notes),
): PieceAxes {
  return { keys: keyRange(notes.map(({ pitch }) => pitch)), width, height, seconds };
}

/** When the last of some notes ends. */
export function endOf(notes: readonly RollNote[]): number {
  return notes.reduce((end, note) => Math.max(end, note.end), 0.001);
}

/** The note at a place of a piece's roll: the one on which it lies, else the last that had begun there; -1 before all. */
export function noteAt(notes: readonly RollNote[], axes: PieceAxes, [x, y]: readonly [x: number, y: number]): number {
  const at = (x / axes.width) * axes.seconds;
  const key = keyAt(axes, y);
  const under = notes.findLastIndex(({ pitch, start, end }) => pitch === key && start <= at && at < end);
  return under >= 0 ? under : notes.findLastIndex(({ start }) => start <= at);
}
