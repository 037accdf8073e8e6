import { UsageError } from '../../errors.ts';

/** A place in a song, from its first note to its last. */
export interface NotePlace {
  from: number;
  to: number;
}

/** Longer lists are a slip of the finger. */
const LONGEST = 10_000;

/**
 * Whole numbers from 1 on, and ranges of them: `3,17,40-47`. In rising order, none twice.
 * @throws UsageError
 */
export function parseWholeList(given: string, most = LONGEST): number[] {
  const numbers = new Set<number>();
  for (const part of given.split(',')) {
    const [, first, last = first] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || from < 1 || to < from) throw new UsageError(expectedList(most));
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
  if (Number(given) === 0) throw new UsageError('Expected a list such as 3,17,40-47, or how many units, at least 1.');
  return parseWholeList(given, 1)[0];
}

/**
 * Notes from the first to the last, both included: `25-32`, or `25`.
 * @throws UsageError
 */
export function parsePlace(given: string): NotePlace {
  const [, first, last = first] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(given) ?? [];
  if (first === undefined || Number(first) < 1 || Number(last) < Number(first)) {
    throw new UsageError('Expected the first and the last note of a place, counted from 1, such as 25-32.');
  }
  return { from: Number(first), to: Number(last) };
}

function expectedList(most: number): string {
  return most === 1
    ? 'Expected a whole number, 1 or more.'
    : `Expected whole numbers from 1 on and ranges such as 3,17,40-47, no more than ${most}.`;
}
