import { EtudeError } from '../src/errors.ts';

/** Something that was to be timed does not compute what it should. */
export class VerificationError extends EtudeError {
  override name = 'VerificationError';
}
