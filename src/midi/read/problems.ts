import type { Problem } from '../types.ts';

/** Words for the problems that the reader reports; see the table in {@link severityOf}. */
export type ProblemCode = keyof typeof severityOf;

/**
 * Every problem and how bad it is. `note`: the notes are those that the file means. `damage`: notes or times may be lost or
 * wrong.
 */
export const severityOf = {
  /** Bytes before the header were skipped. */
  'junk-before-header': 'note',
  /** The file is wrapped in RIFF (an .rmi file). */
  riff: 'note',
  /** The header states a length that does not lead to the first chunk. */
  'header-length': 'note',
  /** A format other than 0, 1 and 2; read as 1. */
  'unknown-format': 'note',
  /** Format 2 (independent patterns); the tracks are laid in parallel, as pretty_midi does. */
  'format-2': 'note',
  /** Times are in SMPTE frames; tempo events do not apply. */
  'smpte-time': 'note',
  /** SMPTE with a frame rate that the standard does not have. */
  'smpte-rate': 'damage',
  /** A chunk of another kind between the tracks was skipped. */
  'unknown-chunk': 'note',
  /** Bytes between two chunks were skipped. */
  'junk-between-chunks': 'note',
  /** The stated length of a track is not its length. */
  'track-length': 'damage',
  /** The file ends inside a track. */
  'truncated-track': 'damage',
  /** Fewer tracks than the header declares. */
  'missing-tracks': 'damage',
  /** Fewer tracks than the header declares, by no more than there are chunks of other kinds: a vendor's was counted. */
  'chunk-counted-as-track': 'note',
  /** More tracks than the header declares, read as players do. */
  'undeclared-tracks': 'note',
  /** More tracks than are read: under pretty_midi's reading those after the declared number, else after the 65,535th. */
  'extra-tracks': 'damage',
  /** A version-control or transfer tool turned CR LF into LF; bytes are lost. */
  'line-ends-converted': 'damage',
  /** A track was read up to an event that cannot be decoded. */
  'undecodable-event': 'damage',
  /** Variable-length numbers padded to more than four bytes, the most that the standard has. */
  'padded-number': 'note',
  /** Delta times of more than 28 bits, taken for 0; what follows is read, too early perhaps. */
  'huge-delta': 'damage',
  /** A track of no bytes. */
  'empty-track': 'note',
  /** A track without its End-of-Track event. */
  'no-end-of-track': 'note',
  /** Events after End-of-Track, inside the chunk; they count. */
  'events-after-end': 'note',
  /** Status bytes that MIDI leaves undefined (F4, F5, F9, FD), taken to have no data. */
  'undefined-message': 'note',
  /** Running status taken up again after a sysex or another system message, which the standard forbids. */
  'running-status': 'note',
  /** A time signature of no beats, of notes shorter than a 64th, or of fewer than four bytes; no note depends on it. */
  'bad-time-signature': 'note',
  /** A key signature that names no key; nothing in Etude depends on it. */
  'bad-key-signature': 'note',
  /** Bytes after End-of-Track, inside the chunk, that are no events. */
  'junk-after-end': 'note',
  /** Bytes after the last declared track. */
  'trailing-bytes': 'note',
  /** Key numbers, velocities or programs above 127, clipped. */
  'clipped-notes': 'damage',
  /** Data bytes above 127 in messages that make no notes. */
  'clipped-controllers': 'note',
  /** A tempo of 0 or of fewer than three bytes, ignored. */
  'bad-tempo': 'damage',
  /** Tempo events outside the first track, ignored: under pretty_midi's reading, and in format 2. */
  'tempo-outside-first-track': 'note',
  /** Tempo events outside the first track; they count, as players have it. */
  'tempo-in-other-track': 'note',
  /** Notes of a track that sets no program on its channel sound with what another track set. */
  'program-from-other-track': 'note',
  /** Notes that nothing in their own track ends, ended by a note-off in another. */
  'ended-in-other-track': 'note',
  /** Notes that nothing in their own track ends, ended by "all notes off" or "all sound off". */
  'ended-by-all-notes-off': 'note',
  /** Notes that begin and never end, dropped. */
  'unclosed-notes': 'note',
  /** Notes that end the moment they begin, dropped. */
  'zero-length-notes': 'note',
  /** Only drum kits, whose keys are sounds and no pitches. */
  'only-drums': 'note',
  /** Not one note in the file. */
  'no-notes': 'note',
} as const satisfies Record<string, Problem['severity']>;

/** Collects problems; what happens a thousand times is said once, with the number. */
export class ProblemList {
  readonly #found = new Map<ProblemCode, { message: string; times: number }>();

  /** Notes a problem. Only the first message of a code is kept, so that a hostile file cannot make a long list. */
  add(code: ProblemCode, message: string): void {
    const before = this.#found.get(code);
    if (before === undefined) this.#found.set(code, { message, times: 1 });
    else before.times++;
  }

  /** How often a problem was met. */
  times(code: ProblemCode): number {
    return this.#found.get(code)?.times ?? 0;
  }

  /** One line a code, in the order in which they were met. */
  toArray(): Problem[] {
    return [...this.#found].map(([code, { message, times }]) => ({
      code,
      message: times === 1 ? message : `${message} (And ${times - 1} more like this.)`,
      severity: severityOf[code],
    }));
  }
}
