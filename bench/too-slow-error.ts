import { EtudeError } from '../src/errors.ts';

/** Something that would take far longer than what it is measured beside. The message is a clause that says how long. */
export class TooSlowError extends EtudeError {
  override name = 'TooSlowError';
}
