import { DataError, EtudeError } from '../../errors.ts';

/** What went wrong between machines. */
export type DistributedErrorCode =
  /** The packages that talk to Redis are not installed. */
  | 'packages'
  /** Redis cannot be reached, refuses the password, or has no room. */
  | 'redis'
  /** A machine of another version of Etude, whose bits differ. */
  | 'version'
  /** What came from Redis is not what it should be. */
  | 'damaged'
  /** A machine could not train. */
  | 'failed';

/** Training on several machines failed; the message never holds a password. */
export class DistributedError extends EtudeError {
  override name = 'DistributedError';
  readonly code: DistributedErrorCode;

  constructor(code: DistributedErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Whether it is the fault of what came from others: it cannot be what it should be. */
export function isDamaged(thrown: unknown): thrown is EtudeError {
  return thrown instanceof DataError || (thrown instanceof DistributedError && thrown.code === 'damaged');
}

/** The end of a sentence that a message of another library begins: without its own full stop. */
export function clause(message: string): string {
  return message.replace(/\s+/g, ' ').replace(/\.$/, '');
}
