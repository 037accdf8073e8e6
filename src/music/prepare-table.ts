import {
  inBeats,
  joinChords,
  noteTable,
  sustained,
  type NoteEvent,
  type NoteTable,
  type Pedal,
  type Timing,
} from '../midi/index.ts';
import type { Settings } from './settings.ts';

/** What of the settings decides how notes are heard. */
export type Hearing = Pick<Settings, 'sustain' | 'chords' | 'time'>;

/** What of a piece is heard. */
export interface Heard {
  table: NoteTable;
  pedal?: Pedal;
  /** How its file counts time: 120 quarters a minute in 4/4 unless given. */
  timing?: Timing;
}

/**
 * The notes of a piece as a model with these settings hears them: with the pedal, in beats, and with chords as one onset. Whatever
 * a model reads or is judged by goes through here once; a second time changes nothing, but for the pedal, which is used up.
 */
export function prepareTable(piece: Heard, { sustain, chords, time }: Hearing): NoteTable {
  const table = sustain ? sustained(piece.table, piece.pedal) : piece.table;
  return joinChords(time === 'beats' && !table.bars ? inBeats(table, piece.timing) : table, chords / 1000);
}

/** The same for all of a piece, which then has no pedal any more. */
export function preparePiece<P extends Heard>(piece: P, hearing: Hearing): P {
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
  const table = noteTable(notes);
  const meter = events[0]?.bar?.meter;
  return meter ? { ...table, bars: { meter, place: Uint8Array.from(events, ({ bar }) => bar?.place ?? 0) } } : table;
}
