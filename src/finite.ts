import { EtudeError } from './errors.ts';

/** The largest number that does not become infinite in float32. */
export const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** A result with a number that is not finite: nothing that rests on it can be believed. */
export class NotFiniteError extends EtudeError {
  override name = 'NotFiniteError';
}

/** A number that is not finite, and where it stands: `heads[0].loss`. */
export interface NotFinite {
  path: string;
  value: number;
}

/** Looks for the first number that is not finite in some nested objects and arrays, typed ones too. */
export function findNotFinite(value: unknown): NotFinite | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path: '', value };
  if (typeof value !== 'object' || value === null) return undefined;
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const list = value as unknown as ArrayLike<unknown>;
    for (let index = 0; index < (list.length ?? 0); index++) {
      const found = findNotFinite(list[index]);
      if (found) return within(`[${index}]`, found);
    }
    return undefined;
  }
  for (const [key, inner] of Object.entries(value)) {
    const found = findNotFinite(inner);
    if (found) return within(key, found);
  }
  return undefined;
}

/** The place seen from outside. Put together only when something was found: what a model says is looked through at every note. */
function within(outer: string, { path, value }: NotFinite): NotFinite {
  return { path: path === '' || path.startsWith('[') ? outer + path : `${outer}.${path}`, value };
}

/**
 * @param what the result, in words that begin a sentence: `The evaluation`
 * @param advice why that may be, and what to do
 * @throws NotFiniteError that names the first number of `value` that is not finite
 */
export function assertFinite(value: unknown, what: string, advice: string): void {
  const found = findNotFinite(value);
  if (!found) return;
  const where = found.path === '' ? '' : ` at ${found.path}`;
  throw new NotFiniteError(`${what} is not finite: ${found.value}${where}. ${advice}`);
}

/** As {@link assertFinite} for a list of numbers, without leaving anything on the heap: for what is looked at for every note. */
export function assertAllFinite(numbers: ArrayLike<number>, what: string, advice: string): void {
  const { length } = numbers;
  for (let index = 0; index < length; index++)
    if (!Number.isFinite(numbers[index])) assertFinite(numbers, what, advice);
}

/** Why the numbers of a model overflow although each of its weights is finite, and what to do. */
export const BROKEN_MODEL =
  "The model's weights are so large that what it computes overflows: its training has diverged, or the file is damaged. " +
  'Train it again with a smaller learning rate, or use an older checkpoint.';
