import { EtudeError } from '../errors.ts';

/** A training job that could not be done: its process ended, twice, without having done it. */
export class JobError extends EtudeError {
  override name = 'JobError';
  /** The run that was to be trained. */
  readonly run: string;

  constructor(run: string, message: string, options?: ErrorOptions) {
    super(`run ${run}: ${message}`, options);
    this.run = run;
  }
}
