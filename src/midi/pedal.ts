import { UsageError } from '../errors.ts';
import { rowsOf } from './table.ts';
import type { NoteTable } from './table.ts';
import type { Pedal } from './types.ts';

/** A note's end comes back as start + duration with an error of at most 3e-11 seconds within 24 hours. */
const ROUNDING = 1e-9;

/**
 * The notes as long as they sound: one whose key is let go while the sustain pedal is down lasts until the pedal comes up,
 * or until its key is struck again with the pedal down, whichever is first; so does one whose key is still down then. Of
 * notes that strike one key at one time with the pedal down, the last remains. This is the rule of note-seq's
 * `apply_sustain_control_changes`; what happens at one time happens in the order pedal, strikes, releases. Starts stay.
 * @param pedal nothing is changed where there is none
 * @throws UsageError when the pedal's times are not pairs that ascend
 */
export function sustained(table: NoteTable, pedal: Pedal | undefined): NoteTable {
  if (pedal === undefined || pedal.length === 0) return table;
  checkPedal(pedal);
  const { length, start } = table;
  const duration = table.duration.slice();
  const struckAgain = new Float64Array(128).fill(Infinity);
  const gone: number[] = [];
  for (let i = length - 1; i >= 0; i--) {
    const pitch = table.pitch[i];
    const keyUp = start[i] + duration[i];
    const pedalUp = pedalUpAfter(pedal, keyUp + ROUNDING);
    const end = Math.min(pedalUp > keyUp ? pedalUp : Infinity, struckAgain[pitch]);
    // Left as they were, durations keep their last bit.
    if (end < keyUp || (end < Infinity && pedalUp > keyUp)) duration[i] = end - start[i];
    if (end === start[i] && keyUp > end) gone.push(i);
    if (pedalUpAfter(pedal, start[i]) > 0) struckAgain[pitch] = start[i];
  }
  const result = { ...table, duration };
  if (gone.length === 0) return result;
  const lost = new Set(gone);
  return rowsOf(result, Array.from({ length }, (_, i) => i).filter((i) => !lost.has(i))); // prettier-ignore
}

/** Whether the times are pairs, each after the one before: seconds from 0 up. */
export function isPedal(pedal: Pedal): boolean {
  let sound = pedal.length % 2 === 0;
  for (let i = 0, before = 0; i < pedal.length; before = pedal[i++]) {
    const follows = i % 2 === 0 ? pedal[i] >= before : pedal[i] > before;
    if (!follows || pedal[i] === Infinity) sound = false;
  }
  return sound;
}

function checkPedal(pedal: Pedal): void {
  if (isPedal(pedal)) return;
  throw new UsageError('pedal: expected finite seconds in pairs, down and up, each after the one before.');
}

/** When the pedal comes up that is down at `seconds`; 0 where it is not down. */
function pedalUpAfter(pedal: Pedal, seconds: number): number {
  let low = 0;
  let high = pedal.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pedal[2 * middle] <= seconds) low = middle + 1;
    else high = middle;
  }
  return low > 0 && pedal[2 * low - 1] > seconds ? pedal[2 * low - 1] : 0;
}
