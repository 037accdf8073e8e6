import { joinChords, noteTable, sustained, type NoteEvent, type NoteTable, type Pedal } from '../midi/index.ts';
import type { Settings } from './settings.ts';

/** What of the settings decides how notes are heard. */
export type Hearing = Pick<Settings, 'sustain' | 'chords'>;

/**
 * The notes of a piece as a model with these settings hears them: with the pedal, and with chords as one onset. Whatever a
 * model reads or is judged by goes through here once; a second time changes nothing, but for the pedal, which is used up.
 */
export function prepareTable(piece: { table: NoteTable; pedal?: Pedal }, { sustain, chords }: Hearing): NoteTable {
  return joinChords(sustain ? sustained(piece.table, piece.pedal) : piece.table, chords / 1000);
}

/** The same for all of a piece, which then has no pedal any more. */
export function preparePiece<P extends { table: NoteTable; pedal?: Pedal }>(piece: P, hearing: Hearing): P {
  const prepared = { ...piece, table: prepareTable(piece, hearing) };
  delete prepared.pedal;
  return prepared;
}

/** Notes one after another as a table that begins at 0: the first note's step leads nowhere. */
export function tableOfEvents(events: readonly NoteEvent[]): NoteTable {
  let start = 0;
  const notes = events.map(({ pitch, step, duration, velocity }, k) => {
    if (k > 0) start += step;
    return { pitch, velocity, start, end: start + duration };
  });
  return noteTable(notes);
}
