import { UsageError } from '../../errors.ts';
import { MidiError } from './midi-error.ts';

/** What the reading of one file may cost. Each is generous: only what no piece of music needs is refused. */
export interface ReadLimits {
  /** Refuse files of more bytes than this. @default 64 MiB */
  maxBytes?: number;
  /** Refuse files that strike more notes than this; a note takes some 100 bytes of memory. @default 10 million */
  maxNotes?: number;
  /** Refuse music that goes on for more hours than this, by the end of its last note. @default 24 */
  maxHours?: number;
}

export const DEFAULT_LIMITS: Readonly<Required<ReadLimits>> = {
  maxBytes: 64 * 1024 * 1024,
  maxNotes: 10_000_000,
  maxHours: 24,
};

/**
 * The limits of options, or the defaults.
 * @throws UsageError for one that is no number above 0; Infinity is one
 */
export function checkedLimits(given: ReadLimits): Required<ReadLimits> {
  const { maxBytes = DEFAULT_LIMITS.maxBytes, maxNotes = DEFAULT_LIMITS.maxNotes } = given;
  const limits = { maxBytes, maxNotes, maxHours: given.maxHours ?? DEFAULT_LIMITS.maxHours };
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value !== 'number' || !(value > 0)) {
      throw new UsageError(`${name} must be a number above 0, not ${String(value)}.`);
    }
  }
  return limits;
}

/** A file of too many bytes. */
export function tooLarge(bytes: number, maxBytes: number): MidiError {
  return new MidiError(
    'too-large',
    `The file has ${bytes} bytes; at most ${maxBytes} are read. ${raise('maxBytes', '--max-bytes')}`,
  );
}

/** A file that strikes too many notes. */
export function tooManyNotes(notes: number, maxNotes: number): MidiError {
  return new MidiError(
    'too-many-notes',
    `The file strikes ${notes} notes; at most ${maxNotes} are read. ${raise('maxNotes', '--max-notes')}`,
  );
}

/** Music that goes on for too long. */
export function tooLong(seconds: number, maxHours: number): MidiError {
  const hours = Number((seconds / 3600).toPrecision(4));
  return new MidiError(
    'too-long',
    `A note ends after ${hours} hours; music of at most ${maxHours} ${maxHours === 1 ? 'hour' : 'hours'} is read. ${raise('maxHours', '--max-hours')}`,
  );
}

function raise(option: string, flag: string): string {
  return `If it is meant so, allow more: ${flag} on the command line, ${option} in the library.`;
}
