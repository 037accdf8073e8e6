import { isBlackKey, noteName } from '../midi/note-names.ts';

/** The keys of a piano roll, both ends included: its rows from the bottom up. */
export interface KeyRange {
  low: number;
  high: number;
}

/** One row of a roll. */
export interface KeyRow {
  pitch: number;
  /** Counted from the top. */
  row: number;
  isBlack: boolean;
  /** Of each C. */
  name?: string;
}

/** The lowest and the highest of some keys; undefined without any. */
function extentOf(pitch: Iterable<number>): KeyRange | undefined {
  let [low, high] = [127, 0];
  for (const key of pitch) [low, high] = [Math.min(low, key), Math.max(high, key)];
  return low > high ? undefined : { low, high };
}

/** The keys of some notes with one above and one below, and `fewest` rows at least, as far as there are keys; an octave from middle C without notes. */
export function keyRange(pitch: Iterable<number>, fewest = 19): KeyRange {
  const keys = extentOf(pitch);
  if (!keys) return { low: 60, high: 72 };
  const missing = Math.max(2, fewest - (keys.high - keys.low + 1));
  return { low: Math.max(0, keys.low - (missing >> 1)), high: Math.min(127, keys.high + (missing - (missing >> 1))) };
}

/** The keys of some notes, down to a C and up to a B, and `fewest` rows at least. */
export function octaveRange(pitch: Iterable<number>, fewest: number): KeyRange {
  const keys = extentOf(pitch) ?? { low: 60, high: 60 };
  const low = 12 * Math.floor(keys.low / 12);
  const high = Math.min(127, 12 * Math.floor(keys.high / 12) + 11);
  if (high - low + 1 >= fewest) return { low, high };
  return low >= 60 ? { low: low - 12, high } : { low, high: high + 12 };
}

export function rowCount({ low, high }: KeyRange): number {
  return high - low + 1;
}

/** The rows of a roll from the top down: which are shaded, and what is written beside them. */
export function keyRows({ low, high }: KeyRange): KeyRow[] {
  return Array.from({ length: high - low + 1 }, (_, row) => {
    const pitch = high - row;
    return { pitch, row, isBlack: isBlackKey(pitch), ...(pitch % 12 === 0 && { name: noteName(pitch) }) };
  });
}
