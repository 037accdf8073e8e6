import { TICK_SECONDS, type Note } from '../../midi/index.ts';
import { inOrder } from './ordered-notes.ts';

/** What MusPy counts on a piano roll, whose columns are the ticks of the files that Etude writes. */
export interface RollFigures {
  /** MusPy's: the mean number of keys that sound, over the ticks in which any does. */
  polyphony: number;
  /** MusPy's: the share of the ticks, from time 0 to the last end, in which more than two keys sound. */
  polyphony_rate: number;
}

/** As `muspy.polyphony` and `muspy.polyphony_rate`, where a key that is struck while held counts once. */
export function rollFigures(notes: readonly Note[]): RollFigures {
  const tick = (seconds: number): number => Math.round(seconds / TICK_SECONDS);
  const length = notes.reduce((last, { end }) => Math.max(last, tick(end)), 0);
  const sounding = new Uint8Array(length);
  /** By key: up to where it is counted. */
  const counted = new Map<number, number>();
  for (const { pitch, start, end } of inOrder(notes)) {
    const until = counted.get(pitch) ?? 0;
    for (let at = Math.max(until, tick(start)); at < tick(end); at++) sounding[at]++;
    counted.set(pitch, Math.max(until, tick(end)));
  }
  let [keys, any, many] = [0, 0, 0];
  for (const count of sounding) {
    keys += count;
    if (count > 0) any++;
    if (count > 2) many++;
  }
  return { polyphony: keys / any, polyphony_rate: many / length };
}
