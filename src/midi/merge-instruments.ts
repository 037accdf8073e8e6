import { Keyboard } from './keyboard.ts';
import { TICK_SECONDS } from './ticks.ts';
import type { Instrument, Pedal } from './types.ts';

/**
 * Several instruments as one, for a model that hears a whole piece: their notes in order of start and pitch, in which a key
 * sounds once at a time ({@link Keyboard}, on the grid on which Etude writes). Of notes that strike one key at one time one is
 * left, as long as the longest and as loud as the loudest, and a note ends where its key is struck again, by whichever
 * instrument. The order of the instruments says nothing, but for the program where several have the most notes.
 *
 * A pedal holds the notes of its own channel only, which cannot be told apart any more: the result has one where all
 * instruments have the same, as those of one channel do, and else none.
 *
 * @param instruments left alone
 * @returns with the program of the instrument that has the most notes, and no name; undefined without instruments
 */
export function mergeInstruments(instruments: readonly Instrument[]): Instrument | undefined {
  if (instruments.length === 0) return undefined;
  const { program, isDrum, pedal } = instruments.reduce((a, b) => (b.notes.length > a.notes.length ? b : a));
  const keyboard = new Keyboard(TICK_SECONDS);
  const notes = instruments
    .flatMap((instrument) => instrument.notes.map((note) => ({ ...note })))
    .sort((a, b) => a.start - b.start || a.pitch - b.pitch)
    .filter((note) => keyboard.strike(note) !== 'joined');
  const shared = pedal && instruments.every((instrument) => isSamePedal(instrument.pedal, pedal));
  return { program, isDrum, name: '', notes, ...(shared && { pedal }) };
}

function isSamePedal(a: Pedal | undefined, b: Pedal): boolean {
  return a === b || (a?.length === b.length && a.every((seconds, i) => seconds === b[i]));
}
