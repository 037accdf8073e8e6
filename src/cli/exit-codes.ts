import { EtudeError } from '../errors.ts';

/** What the command line's exit codes mean. Scripts rely on them; `etude --help` lists them. */
export const EXIT = {
  ok: 0,
  /** Data or files that cannot serve, a check that failed, or a defect of Etude. */
  failure: 1,
  /** Unknown words, values out of range. */
  usage: 2,
  /** Training met a value that is not finite, or a loss far above that of knowing nothing. */
  diverged: 3,
  /** Ctrl-C or SIGTERM, after what was done so far had been saved. */
  interrupted: 130,
} as const;

/** The user asked to stop, and everything worth keeping is on disk. */
export class InterruptedError extends EtudeError {
  override name = 'InterruptedError';
}
