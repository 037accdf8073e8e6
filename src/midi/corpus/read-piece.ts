import { chooseInstrument } from '../instruments.ts';
import type { InstrumentChoice } from '../instruments.ts';
import { readMidi, type ReadOptions } from '../read/read-midi.ts';
import { sha256 } from '../../sha256.ts';
import { noteTable } from '../table.ts';
import type { NoteTable } from '../table.ts';
import type { MidiFile, Problem, Timing, Pedal } from '../types.ts';

/** The code of the problem that says that a file has more instruments than the one that was taken. */
export const OTHER_INSTRUMENTS = 'other-instruments';

/** What a reading depends on besides the bytes. */
export interface ReadPieceOptions extends ReadOptions {
  /** @default the first instrument that is no drum kit, see `chooseInstrument` */
  instrument?: InstrumentChoice;
}

/** Only what a reading depends on, of options that may hold more. */
export function readingOptions(options: ReadPieceOptions): ReadPieceOptions {
  const { instrument, compat, charset, maxBytes, maxNotes, maxHours } = options;
  return { instrument, compat, charset, maxBytes, maxNotes, maxHours };
}

/** One file's music before anything is decided about it: whether it is damaged, too short or a duplicate. */
export interface PieceReading {
  /** Of length 0 when the file has no notes. */
  table: NoteTable;
  /** The sustain pedal, where it is ever down; the table's notes end with their keys. */
  pedal?: Pedal;
  timing: Timing;
  problems: Problem[];
  /** SHA-256 of the table in hexadecimal: equal for the same notes in whatever container. */
  notesDigest: string;
}

/**
 * All the work that one file takes: bytes to notes to the table of the chosen instrument. Pure: the same bytes and
 * options give the same reading, in whatever thread.
 * @throws MidiError when nothing can be read; InstrumentNotFoundError when the file has notes, but not of that
 * instrument; UsageError when the choice can never mean one.
 */
export function readPiece(bytes: Uint8Array, options: ReadPieceOptions = {}): PieceReading {
  const { instrument } = options;
  const file = readMidi(bytes, options);
  // Without notes the list of problems says more than the missing instrument would.
  const chosen = file.instruments.length > 0 ? chooseInstrument(file, instrument) : undefined;
  const table = noteTable(chosen?.notes ?? []);
  const reading: PieceReading = {
    table,
    timing: { tempo: file.tempo, meter: file.meter },
    problems: [...file.problems, ...otherInstruments(file, instrument)],
    notesDigest: digestOfNotes(table),
  };
  if (chosen?.pedal) reading.pedal = chosen.pedal;
  return reading;
}

/** A note of what the first instrument leaves out: a piano's left hand, say, on a track of its own. */
function otherInstruments({ instruments }: MidiFile, choice: InstrumentChoice = { by: 'first' }): Problem[] {
  const pitched = instruments.filter(({ isDrum }) => !isDrum).length;
  if (choice.by !== 'first' || pitched < 2) return [];
  const message = `The file has ${pitched} instruments beside drums, of which the first was taken.`;
  return [{ code: OTHER_INSTRUMENTS, message, severity: 'note' }];
}

/** SHA-256 of pitches, velocities, starts and durations, bit for bit, in hexadecimal. */
export function digestOfNotes({ pitch, velocity, start, duration }: NoteTable): string {
  return sha256(pitch, velocity, start, duration);
}
