import { assertFinite } from '../finite.ts';

/**
 * A value as JSON. JSON knows no NaN and no infinity, and JSON.stringify writes null in their place, which a reader takes for
 * something that is not there.
 *
 * @throws NotFiniteError that names the first number that is not finite
 */
export function finiteJson(value: unknown, space?: number): string {
  assertFinite(
    value,
    'The result',
    'JSON has no word for it. If the model is sound, this is a defect of Etude: please report it.',
  );
  return JSON.stringify(value, undefined, space);
}
