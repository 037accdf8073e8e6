import { DataError } from '../../errors.ts';

/**
 * Why a file was refused. Stable words, for programs:
 * - `too-short`, `not-midi`, `bad-header`, `bad-division`, `no-tracks`: there is nothing to read notes from;
 * - `too-large`, `too-many-notes`, `too-long`: more bytes, notes or hours than `maxBytes`, `maxNotes` and `maxHours` allow;
 * - `tick-too-large`: under pretty_midi's reading, an event at tick 10,000,000 or later, where pretty_midi gives up;
 * - `not-found`, `is-directory`, `not-a-file`, `not-readable`: the disk, not the file's contents;
 * - `parser-mismatch`: a defect of Etude: the parser gave back something else than the guard had written.
 */
export type MidiErrorCode =
  | 'too-short'
  | 'too-large'
  | 'too-many-notes'
  | 'too-long'
  | 'not-midi'
  | 'bad-header'
  | 'bad-division'
  | 'no-tracks'
  | 'tick-too-large'
  | 'not-found'
  | 'is-directory'
  | 'not-a-file'
  | 'not-readable'
  | 'parser-mismatch';

/** A MIDI file that cannot be read at all. Whatever can be read in part comes back with a list of problems instead. */
export class MidiError extends DataError {
  override name = 'MidiError';
  readonly code: MidiErrorCode;
  /** The file, where the reader knows it. */
  readonly path: string | undefined;

  constructor(code: MidiErrorCode, message: string, options?: { path?: string; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = options?.path;
  }
}
