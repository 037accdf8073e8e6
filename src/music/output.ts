import { parseInstrumentChoice, programsNamed, writeMidi, type Instrument, type Note } from '../midi/index.ts';
import type { MusicModel } from './music-model.ts';

/** Where each voice of the result sounds: a program, or the drum kit. */
export interface OutputInstrument {
  program: number;
  isDrum: boolean;
}

/** The instrument that a model's music is for: the one that it was trained on, a piano where that is any. */
export function instrumentOf({ settings }: Pick<MusicModel, 'settings'>): OutputInstrument {
  const choice = parseInstrumentChoice(settings.instrument);
  if (choice.by === 'drums') return { program: 0, isDrum: true };
  if (choice.by !== 'program') return { program: 0, isDrum: false };
  const program = typeof choice.program === 'number' ? choice.program : programsNamed(choice.program)[0];
  return { program, isDrum: false };
}

/** Ticks a quarter note, as usual. */
const RESOLUTION = 220;
/** Quarter notes a second, at the tempo that is written. */
const QUARTERS = 2;
/** The last tick that a file may have, less what rounding may add. */
const LAST_TICK = 9_999_990;

/**
 * The bytes of a MIDI file with some notes on one instrument. A model that has learned little may make notes of an hour;
 * then the ticks are made longer, so that the file can hold them.
 */
export function midiOf(notes: readonly Note[], { program, isDrum }: OutputInstrument): Uint8Array {
  const instrument: Instrument = { program, isDrum, name: '', notes: [...notes] };
  const seconds = notes.reduce((latest, { end }) => Math.max(latest, end), 0);
  const fitting = Math.floor(LAST_TICK / (QUARTERS * Math.max(1, seconds)));
  return writeMidi([instrument], { resolution: Math.max(1, Math.min(RESOLUTION, fitting)) });
}
