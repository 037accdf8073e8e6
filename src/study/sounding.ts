import { DEFAULT_TIMING, mainTempo, type NoteTable, type Timing } from '../midi/index.ts';
import { scaleOf } from '../music/output.ts';

/** What a model hears, and how it sounds: the same notes, unless their time is counted in beats. */
export interface HeardNotes {
  table: NoteTable;
  /** Quarters a minute at which notes in beats are shown: the tempo that stands longest in their piece. */
  tempo: number;
}

/** The tempo of a piece as it was read: the one that stands longest. */
export function tempoOf({ table, timing = DEFAULT_TIMING }: { table: NoteTable; timing?: Timing }): number {
  const last = table.length - 1;
  return mainTempo(timing, last < 0 ? 0 : table.start[last] + table.duration[last]);
}

/** What the seconds of a model are multiplied by, so that they are those of a listener: 1 but for time in beats. */
export function secondsScale({ table, tempo }: HeardNotes): number {
  return table.bars ? scaleOf({ tempo }) : 1;
}

/** The notes in a listener's seconds: a model that counts beats hears every piece at one tempo, and nobody else does. */
export function asSounding(heard: HeardNotes): NoteTable {
  const { table } = heard;
  const scale = secondsScale(heard);
  if (scale === 1) return table;
  const scaled = (seconds: Float64Array): Float64Array => seconds.map((value) => scale * value);
  return { ...table, start: scaled(table.start), step: scaled(table.step), duration: scaled(table.duration) };
}
