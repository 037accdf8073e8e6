import { LARGEST_FLOAT32 } from '../finite.ts';
import { ShapeError } from '../tensor/index.ts';
import { InputError } from './errors.ts';
import type { Sequence } from './sequence.ts';
import { targetWidth, type ModelSpec } from './spec.ts';

/** What an array of inputs or targets holds. */
export interface Expected {
  /** What it is, in words: `the input "pitch"`. */
  what: string;
  /** How many classes there are; undefined for real numbers. */
  classes?: number;
  /** Whether -1 may stand for a class that is not asked for. */
  ignorable?: true;
}

/** What categorical input `k` must be. */
export function expectedCategory({ inputs }: ModelSpec, k: number): Expected {
  const { name, size } = inputs.categories[k];
  return { what: `the input "${name}"`, classes: size };
}

/** What feature `f` must be. */
export function expectedFeature({ inputs }: ModelSpec, f: number): Expected {
  return { what: `the input "${inputs.features[f]}"` };
}

/** What the targets of a head must be. */
export function expectedTarget(head: ModelSpec['heads'][number]): Expected {
  const what = `the target "${head.name}"`;
  return head.kind === 'categorical' ? { what, classes: head.size, ignorable: true } : { what };
}

/**
 * The place of the first of `values[from]` up to, not including, `values[to]` that a network cannot take, or -1.
 *
 * @param classes they must be whole and from `least` up to, not including, this; without it finite in float32
 */
export function firstUnusable(
  values: ArrayLike<number>,
  classes: number | undefined,
  from = 0,
  to = values.length,
  least = 0,
): number {
  if (classes === undefined) {
    for (let at = from; at < to; at++) if (!(Math.abs(values[at]) <= LARGEST_FLOAT32)) return at;
    return -1;
  }
  for (let at = from; at < to; at++) {
    const value = values[at];
    if (!(value >= least && value < classes && Math.floor(value) === value)) return at;
  }
  return -1;
}

function leastOf({ ignorable }: Expected): number {
  return ignorable ? -1 : 0;
}

/** @throws ShapeError unless there are `length` numbers */
export function assertLength(values: ArrayLike<number> | undefined, length: number, { what }: Expected): void {
  if (values?.length === length) return;
  throw new ShapeError(`network: ${what} should be ${length} numbers, got ${values ? values.length : 'none'}.`);
}

/**
 * The error for a number that cannot be taken.
 * @param place where it stands: `row 3 at step 7`
 */
export function unusable({ what, classes }: Expected, value: number, place?: string): InputError {
  const wanted = classes === undefined ? 'a finite number' : `a class from 0 to ${classes - 1}`;
  const where = place === undefined ? '' : ` of ${place}, counted from 0,`;
  return new InputError(`${what[0].toUpperCase()}${what.slice(1)}${where} should be ${wanted}, got ${value}.`);
}

/**
 * Looks through numbers of a batch, whose row t * size + b is step t of sequence b.
 *
 * @param columns what each column must be; all of the same kind
 * @param size how many sequences there are
 * @throws InputError that names the row and step of the first of `source[from]` up to, not including, `source[to]` that a
 *   network cannot take
 */
export function assertUsable(
  source: ArrayLike<number>,
  columns: readonly Expected[],
  size: number,
  from = 0,
  to = source.length,
): void {
  const bad = firstUnusable(source, columns[0].classes, from, to, leastOf(columns[0]));
  if (bad < 0) return;
  const row = Math.floor(bad / columns.length);
  throw unusable(columns[bad % columns.length], source[bad], `row ${row % size} at step ${Math.floor(row / size)}`);
}

/**
 * Looks through all numbers of a sequence, its targets too where it has any.
 *
 * @param name what it is called in errors: `sequence 3`
 * @throws InputError when a class does not exist, or a number is not finite
 * @throws ShapeError when an array has another length than the sequence
 */
export function assertSequence(
  spec: ModelSpec,
  { length, categories, features, targets }: Pick<Sequence, 'length' | 'categories' | 'features'> & Partial<Sequence>,
  name: string,
): void {
  const check = (values: ArrayLike<number> | undefined, columns: Expected[]): void => {
    assertLength(values, length * columns.length, columns[0]);
    const bad = firstUnusable(values!, columns[0].classes, 0, values!.length, leastOf(columns[0]));
    if (bad < 0) return;
    throw unusable(columns[bad % columns.length], values![bad], `${name} at step ${Math.floor(bad / columns.length)}`);
  };
  spec.inputs.categories.forEach((_, k) => {
    check(categories[k], [expectedCategory(spec, k)]);
  });
  const columns = spec.inputs.features.map((_, f) => expectedFeature(spec, f));
  if (columns.length > 0) check(features, columns);
  for (const head of targets ? spec.heads : []) {
    check(
      targets![head.name],
      Array.from({ length: targetWidth(head) }, () => expectedTarget(head)),
    );
  }
}
