import { UsageError } from '../../errors.ts';

/** A place in a song, notes `from` up to, not including, `to`. */
export interface NotePlace {
  from: number;
  to: number;
}

/** Longer lists are a slip of the finger. */
const LONGEST = 10_000;

/**
 * Whole numbers from 0 on, and ranges of them: `3,17,40-47`. In rising order, none twice.
 * @throws UsageError
 */
export function parseWholeList(given: string, most = LONGEST): number[] {
  const numbers = new Set<number>();
  for (const part of given.split(',')) {
    const [, first, last = first] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || to < from) throw new UsageError(expectedList(most));
    if (to - from >= most) throw new UsageError(expectedList(most));
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  if (numbers.size > most) throw new UsageError(expectedList(most));
  return [...numbers].sort((a, b) => a - b);
}

/**
 * A number alone says how many units, anything else which: `16`, or `3,17,40-47` (`17-17` is unit 17 alone).
 * @throws UsageError
 */
export function parseUnits(given: string): number | readonly number[] {
  if (!/^\s*\d+\s*$/.test(given)) return parseWholeList(given);
  const [count] = parseWholeList(given, 1);
  if (count === 0) throw new UsageError('Expected a list such as 3,17,40-47, or how many units, at least 1.');
  return count;
}

/**
 * Notes from the first to the last, both included: `24-31`, or `24`.
 * @throws UsageError
 */
export function parsePlace(given: string): NotePlace {
  const [, first, last = first] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(given) ?? [];
  if (first === undefined || Number(last) < Number(first)) {
    throw new UsageError('Expected the first and the last note of a place, such as 24-31.');
  }
  return { from: Number(first), to: Number(last) + 1 };
}

function expectedList(most: number): string {
  return most === 1
    ? 'Expected a whole number, 0 or more.'
    : `Expected whole numbers and ranges such as 3,17,40-47, no more than ${most}.`;
}
