import { DataError } from '../../errors.ts';

/** What is wrong with an archive. */
export type ArchiveErrorCode =
  | 'not-a-zip'
  /** A name that leads out of the folder, or means something else on another system. */
  | 'name'
  /** More than the limits, which can be raised. */
  | 'too-large'
  /** Made so that a small archive unpacks to a large one. */
  | 'bomb'
  /** Encrypted, or packed in a way that is not known here. */
  | 'unsupported'
  /** It says of itself what is not so. */
  | 'damaged';

/** An archive that is not unpacked. Nothing of it is left. */
export class ArchiveError extends DataError {
  override name = 'ArchiveError';
  readonly code: ArchiveErrorCode;

  constructor(code: ArchiveErrorCode, path: string, message: string, cause?: unknown) {
    super(`${path}: ${message} Nothing was unpacked.`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
