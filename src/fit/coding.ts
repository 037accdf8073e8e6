import { DataError } from '../errors.ts';
import { nameOf, type Table } from './table.ts';

/** How a model writes classes or numbers: as indices into a list, or standardised. Plain JSON, saved with the model. */
export type Coding =
  | { kind: 'classes'; classes: string[] }
  /** Of each number of a row what is subtracted from it, and by what the rest is divided. */
  | { kind: 'numbers'; mean: number[]; deviation: number[] };

/** All classes that occur, in the order of their code units, which is the same everywhere. */
export function classesOf(tables: readonly Table[]): string[] {
  const seen = new Set<string>();
  for (const table of tables) if (table.kind === 'classes') for (const value of table.values) seen.add(value);
  return [...seen].sort((a, b) => (a < b ? -1 : 1));
}

/** The mean and deviation of each number of a row, over all rows; a number that never changes is divided by 1. */
export function standardOf(tables: readonly Table[]): Coding {
  const rows = tables.filter((table) => table.kind === 'numbers');
  const { width } = rows[0];
  const count = rows.reduce((sum, { length }) => sum + length, 0);
  const meanOf = (k: number, of: (value: number) => number): number => {
    let sum = 0;
    for (const { values } of rows) for (let at = k; at < values.length; at += width) sum += of(values[at]);
    return sum / count;
  };
  const mean = Array.from({ length: width }, (_, k) => meanOf(k, (value) => value));
  const deviation = mean.map((m, k) => {
    const found = Math.sqrt(meanOf(k, (value) => (value - m) ** 2));
    // Less is what rounding leaves of a constant.
    return found > 1e-12 * Math.abs(m) && found > 1e-30 ? found : 1;
  });
  return { kind: 'numbers', mean, deviation };
}

/** Numbers as they are. */
export function plainNumbers(width: number): Coding {
  return { kind: 'numbers', mean: new Array<number>(width).fill(0), deviation: new Array<number>(width).fill(1) };
}

/** How many classes there are, or how many numbers in a row. */
export function widthOf(coding: Coding): number {
  return coding.kind === 'classes' ? coding.classes.length : coding.mean.length;
}

/** Writes tables as a model reads them, and one step at a time. */
export class Coder {
  readonly #coding: Coding;
  readonly #indices: ReadonlyMap<string, number>;

  constructor(coding: Coding) {
    this.#coding = coding;
    this.#indices = new Map(coding.kind === 'classes' ? coding.classes.map((name, index) => [name, index]) : []);
  }

  /**
   * A class for each step, or the numbers of each, row by row.
   * @param place what the table is called in errors
   * @throws DataError where it holds something else than the model knows
   */
  encode(table: Table, place: string): Int32Array | Float32Array {
    if (table.kind === 'classes' && this.#coding.kind === 'classes') {
      return Int32Array.from(table.values, (name, step) => this.indexOf(name, `${place}, step ${step}`));
    }
    const width = table.kind === 'numbers' ? table.width : 0;
    if (table.kind === 'classes' || this.#coding.kind === 'classes' || width !== widthOf(this.#coding)) {
      const got = table.kind === 'classes' ? 'classes (strings)' : `rows of ${width}`;
      throw new DataError(`${place}: expected ${this.#expected}, got ${got}.`);
    }
    const { mean, deviation } = this.#coding;
    return Float32Array.from(table.values, (value, at) => (value - mean[at % width]) / deviation[at % width]);
  }

  /**
   * Writes one step to `to`: a class, or a row of numbers.
   * @throws DataError as `encode` does
   */
  encodeStep(value: unknown, to: Int32Array | Float32Array, place: string): void {
    if (this.#coding.kind === 'classes') {
      to[0] = this.indexOf(value, place);
      return;
    }
    const { mean, deviation } = this.#coding;
    const row = typeof value === 'number' ? undefined : (value as ArrayLike<number> | undefined);
    if ((row?.length ?? 1) !== mean.length) throw new DataError(`${place}: expected ${this.#expected}, got ${nameOf(value)}.`); // prettier-ignore
    for (let k = 0; k < mean.length; k++) {
      const number = row ? row[k] : value;
      to[k] = (Number(number) - mean[k]) / deviation[k];
      if (typeof number !== 'number' || !Number.isFinite(to[k])) throw new DataError(`${place}: expected a finite number, got ${nameOf(number)}.`); // prettier-ignore
    }
  }

  /** @throws DataError where the model does not know such a class */
  indexOf(name: unknown, place: string): number {
    const index = this.#indices.get(name as string);
    if (index !== undefined) return index;
    throw new DataError(`${place}: expected ${this.#expected}, got ${nameOf(name)}.`);
  }

  get #expected(): string {
    const coding = this.#coding;
    if (coding.kind === 'numbers') return coding.mean.length === 1 ? 'a number' : `a row of ${coding.mean.length} numbers`; // prettier-ignore
    const some = coding.classes.slice(0, 8).map((name) => JSON.stringify(name));
    return `one of the ${coding.classes.length} classes that the model knows (${some.join(', ')}${coding.classes.length > 8 ? ', …' : ''})`;
  }
}
