import { UsageError } from '../errors.ts';

/** Where a training window begins: the inputs are notes [start, start + T) of the piece, the targets [start + 1, start + T + 1). */
export interface WindowPlace {
  /** Index into the list of pieces. */
  piece: number;
  /** Index of the window's first input note. */
  start: number;
}

/**
 * How many windows of `seqLength` input notes fit into a piece of `length` notes together with the note that follows
 * each: max(0, length - seqLength).
 * @throws UsageError when length is no whole number >= 0 or seqLength none >= 1.
 */
export function windowCount(length: number, seqLength: number): number {
  if (!Number.isInteger(length) || length < 0)
    throw new UsageError(`a piece has a whole number of notes, got ${length}.`);
  if (!Number.isInteger(seqLength) || seqLength < 1) {
    throw new UsageError(`seqLength: expected a whole number of notes, at least 1, got ${seqLength}.`);
  }
  return Math.max(0, length - seqLength);
}

/** Every window of every piece, piece by piece and in order of time; no window crosses the border of a piece. */
export function* enumerateWindows(lengths: readonly number[], seqLength: number): Generator<WindowPlace> {
  for (const [piece, length] of lengths.entries()) {
    const count = windowCount(length, seqLength);
    for (let start = 0; start < count; start++) yield { piece, start };
  }
}
