import { UsageError } from '../errors.ts';
import {
  parseInstrumentChoice,
  placesOf,
  programsNamed,
  writeMidi,
  type BarPlace,
  type Instrument,
  type Meter,
  type Note,
  type WriteOptions,
} from '../midi/index.ts';
import { GRID, QUARTER_SECONDS } from '../midi/beats.ts';
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

/** Ticks a quarter note where notes stand on a grid of 24 places: each is a whole number of them. */
const GRID_RESOLUTION = 480;
const MINUTE = 60;

/** The tempo that music in beats is written in. */
export interface WrittenTime {
  /** Quarters a minute. */
  tempo: number;
}

/** How music in beats is written. */
export interface WrittenBeats extends WrittenTime {
  /** Where in its bar the first note starts. */
  first: BarPlace;
}

/**
 * The tempo of a model's music, in the whole microseconds that a file can say; undefined for a model that counts seconds.
 * @param asked quarters a minute; the median of what it learned from unless given
 * @throws UsageError for a tempo that a file cannot say, or one asked of a model that counts seconds
 */
export function writtenTime({ codec }: Pick<MusicModel, 'codec'>, asked?: number): WrittenTime | undefined {
  const { beats } = codec.spec;
  if (!beats) {
    if (asked === undefined) return undefined;
    throw new UsageError(
      'tempo: this model counts time in seconds and knows no tempo. Leave it out, or train with --time beats.',
    );
  }
  const tempo = asked ?? beats.tempo;
  if (!(tempo >= 4 && tempo <= 60_000)) {
    throw new UsageError(`tempo: expected 4 to 60000 quarters a minute, got ${tempo}.`);
  }
  // Rounded down, since programs that show whole numbers cut off the rest: 108 must not become 107.
  // What is whole but for a rounding, as the tempo of a file, stays.
  return { tempo: 6e7 / Math.floor(6e7 / tempo + 1e-6) };
}

/** What the model's seconds, of 120 quarters a minute, are multiplied by. */
export function scaleOf({ tempo }: WrittenTime): number {
  return MINUTE / tempo / QUARTER_SECONDS;
}

/**
 * The bytes of a MIDI file with some notes on one instrument. A model that has learned little may make notes of an hour;
 * then the ticks are made longer, so that the file can hold them.
 * @param beats gives the file a tempo and bars: music that begins within a bar begins with a short one, as a pickup is written
 */
export function midiOf(
  notes: readonly Note[],
  { program, isDrum }: OutputInstrument,
  beats?: WrittenBeats,
): Uint8Array {
  const { delay = 0, ...bars } = beats ? barsOf(beats) : {};
  const moved = delay === 0 ? [...notes] : notes.map((note) => ({ ...note, start: note.start + delay, end: note.end + delay })); // prettier-ignore
  const instrument: Instrument = { program, isDrum, name: '', notes: moved };
  const seconds = moved.reduce((latest, { end }) => Math.max(latest, end), 0);
  const quarters = beats ? beats.tempo / MINUTE : QUARTERS;
  const fitting = Math.floor(LAST_TICK / (quarters * Math.max(1, seconds)));
  const resolution = Math.max(1, Math.min(beats ? GRID_RESOLUTION : RESOLUTION, fitting));
  return writeMidi([instrument], { ...bars, ...(beats && { tempo: beats.tempo }), resolution });
}

/** The time signatures of music that begins at a place in a bar, and by how many seconds its first bar is late. */
function barsOf({
  tempo,
  first: { meter, place },
}: WrittenBeats): Pick<WriteOptions, 'timeSignature' | 'laterSignatures'> & { delay?: number } {
  const seconds = MINUTE / tempo / GRID;
  const pickup = (placesOf(meter) - place) % placesOf(meter);
  if (pickup === 0) return { timeSignature: meter };
  const short = meterOf(pickup);
  // No time signature is as long as, say, a third of a quarter: the bar begins with a rest.
  if (!short) return { timeSignature: meter, delay: place * seconds };
  return { timeSignature: short, laterSignatures: [[pickup * seconds, ...meter]] };
}

/** The time signature of a bar of so many places, if there is one. */
function meterOf(places: number): Meter | undefined {
  const unit = [4, 8, 16, 32].find((each) => places % ((4 * GRID) / each) === 0);
  return unit === undefined ? undefined : [(places * unit) / (4 * GRID), unit];
}
