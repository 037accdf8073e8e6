import { noteTable, sustained, type Instrument, type NoteTable } from '../../midi/index.ts';
import { spreadOf } from '../../music/index.ts';

/** What the sustain pedal does to the notes of an instrument. */
export interface PedalFigures {
  /** When it goes down and comes up, in seconds. */
  times: [down: number, up: number][];
  /** The part of the time from the first note to the end of the last sound for which it is down. */
  share: number;
  /** The median time for which a key is down, and for which a note sounds; in seconds. */
  median: { keys: number; sounds: number };
}

/** The figures, and the notes as they sound; undefined where there is no pedal, or there are no notes. */
export function pedalFigures({ notes, pedal }: Instrument): { figures: PedalFigures; sounding: NoteTable } | undefined {
  if (!pedal || notes.length === 0) return undefined;
  const table = noteTable(notes);
  const sounding = sustained(table, pedal);
  const times = Array.from({ length: pedal.length / 2 }, (_, k): [number, number] => [pedal[2 * k], pedal[2 * k + 1]]);
  const first = sounding.start[0];
  const last = sounding.start.reduce((latest, start, i) => Math.max(latest, start + sounding.duration[i]), first);
  const down = times.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, last) - Math.max(from, first)), 0);
  const median = (durations: Float64Array): number => spreadOf(durations)!.median;
  return {
    figures: {
      times,
      share: last > first ? down / (last - first) : 0,
      median: { keys: median(table.duration), sounds: median(sounding.duration) },
    },
    sounding,
  };
}
