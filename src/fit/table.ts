import { DataError } from '../errors.ts';
import { LARGEST_FLOAT32 } from '../finite.ts';
import { counted } from '../text/words.ts';

/** Numbers of one kind or another: an array, or a typed array. */
export type Numbers = ArrayLike<number>;
/** A sequence of classes: a text, each of its characters being one, or a list of names. */
export type Classes = string | readonly string[];
/** Sequences of classes: one text, or a list of texts or of lists of names. */
export type ClassSequences = string | readonly Classes[];
/** Sequences of numbers: one series, or a list of series. */
export type NumberSequences = Numbers | readonly Numbers[];
/** Sequences of rows of numbers. */
export type RowSequences = readonly (readonly Numbers[])[];
/** What a model learns from or is asked about: sequences of one kind. */
export type Sequences = ClassSequences | NumberSequences | RowSequences;

/** One answer for each sequence, or a list for each with one for every step. */
export type Answers = readonly string[] | readonly (readonly string[])[] | NumberSequences | RowSequences;
/** A sequence: of classes, of numbers, or of rows of numbers. */
export type AnySequence = Classes | Numbers | readonly Numbers[];

/** A sequence as it was read: `length` classes, or rows of `width` numbers. */
export type Table =
  | { kind: 'classes'; length: number; values: readonly string[] }
  | { kind: 'numbers'; length: number; width: number; values: Float64Array };

/** Tables of one kind and width, and whether they were given as a list or as one sequence alone. */
export interface Tables {
  tables: Table[];
  alone: boolean;
}

/**
 * Reads sequences. A text or a flat list of numbers is one sequence alone; any other list is a list of sequences.
 *
 * @param name what the argument is called in errors: `sequences`
 * @throws DataError that names the place of the first thing that is no part of a sequence
 */
export function readSequences(given: unknown, name: string): Tables {
  if (isAlone(given)) return { tables: [readSequence(given, name)], alone: true };
  if (!Array.isArray(given)) {
    throw new DataError(`${name}: expected a sequence, or an array of sequences, got ${nameOf(given)}.`);
  }
  if (given.length === 0) throw new DataError(`${name}: expected at least one, got an empty array.`);
  const tables = given.map((each: unknown, index) => readSequence(each, `${name}[${index}]`));
  tables.forEach((table, index) => {
    assertAlike(table, tables[0], `${name}[${index}]`, `${name}[0]`);
  });
  return { tables, alone: false };
}

function isAlone(given: unknown): boolean {
  return typeof given === 'string' || isTyped(given) || (Array.isArray(given) && typeof given[0] === 'number');
}

/**
 * Reads one sequence.
 * @throws DataError that names the place of the first thing that is no part of one
 */
export function readSequence(given: unknown, place: string): Table {
  if (typeof given !== 'string' && !isList(given)) {
    throw new DataError(`${place}: expected a text, an array or a typed array, got ${nameOf(given)}.`);
  }
  const items: ArrayLike<unknown> = typeof given === 'string' ? Array.from(given) : given;
  if (items.length === 0) throw new DataError(`${place}: expected at least one step, got none.`);
  if (typeof items[0] === 'string') return { kind: 'classes', length: items.length, values: readClasses(items, place) };
  return isList(items[0]) ? readRows(items, place) : readNumbers(items, place);
}

/** @throws DataError unless two tables hold the same: classes, or rows of one width */
export function assertAlike(table: Table, other: Table, place: string, otherPlace: string): void {
  if (contentsOf(table) === contentsOf(other)) return;
  throw new DataError(`${place}: expected ${contentsOf(other)}, as in ${otherPlace}, got ${contentsOf(table)}.`);
}

/** The steps from `from` up to, not including, `to`. */
export function cutTable(table: Table, from: number, to: number): Table {
  const length = to - from;
  if (table.kind === 'classes') return { ...table, length, values: table.values.slice(from, to) };
  return { ...table, length, values: table.values.slice(from * table.width, to * table.width) };
}

function contentsOf(table: Table): string {
  if (table.kind === 'classes') return 'classes (strings)';
  return table.width === 1 ? 'numbers' : `rows of ${counted(table.width, 'number')}`;
}

function readClasses(items: ArrayLike<unknown>, place: string): string[] {
  return Array.from(items, (item, step) => {
    if (typeof item === 'string') return item;
    throw new DataError(`${place}, step ${step}: expected a class (a string), as at step 0, got ${nameOf(item)}.`);
  });
}

function readNumbers(items: ArrayLike<unknown>, place: string): Table {
  const values = Float64Array.from(items, (item, step) => readNumber(item, `${place}, step ${step}`));
  return { kind: 'numbers', length: items.length, width: 1, values };
}

function readRows(items: ArrayLike<unknown>, place: string): Table {
  const width = (items[0] as ArrayLike<unknown>).length;
  if (width === 0) throw new DataError(`${place}, step 0: expected a row of at least one number, got an empty one.`);
  const values = new Float64Array(items.length * width);
  for (let step = 0; step < items.length; step++) {
    const row = items[step];
    const where = `${place}, step ${step}`;
    if (!isList(row)) throw new DataError(`${where}: expected a row of ${counted(width, 'number')}, as at step 0, got ${nameOf(row)}.`); // prettier-ignore
    if (row.length !== width) throw new DataError(`${where}: expected a row of ${counted(width, 'number')}, as at step 0, got one of ${row.length}.`); // prettier-ignore
    for (let k = 0; k < width; k++) values[step * width + k] = readNumber(row[k], `${where}, number ${k}`);
  }
  return { kind: 'numbers', length: items.length, width, values };
}

function readNumber(item: unknown, place: string): number {
  if (typeof item === 'number' && Math.abs(item) <= LARGEST_FLOAT32) return item;
  throw new DataError(`${place}: expected a finite number, got ${nameOf(item)}.`);
}

function isTyped(given: unknown): given is ArrayLike<unknown> {
  return ArrayBuffer.isView(given) && !(given instanceof DataView);
}

export function isList(given: unknown): given is ArrayLike<unknown> {
  return Array.isArray(given) || isTyped(given);
}

/** What was given instead, in a word or two. */
export function nameOf(given: unknown): string {
  if (typeof given === 'string') return JSON.stringify(given);
  if (typeof given === 'bigint') return `${given}n`;
  if (Array.isArray(given)) return 'an array';
  if (isTyped(given)) return `a ${(given as object).constructor.name}`;
  return typeof given === 'object' && given !== null ? 'an object' : typeof given === 'function' ? 'a function' : String(given); // prettier-ignore
}
