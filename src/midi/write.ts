import { UsageError } from '../errors.ts';
import { isMeter } from './beats.ts';
import { Keyboard } from './keyboard.ts';
import { roundHalfToEven } from './ticks.ts';
import type { Instrument, Note } from './types.ts';
import { encodeMidiFile, type TrackEvent } from './write-bytes.ts';

/** Notes or options that no MIDI file can hold. */
export class MidiWriteError extends UsageError {
  override name = 'MidiWriteError';
}

/** What a file says about itself besides its notes. None of it moves a note: seconds stay seconds. */
export interface WriteOptions {
  /** Quarter notes a minute, for the bar lines of notation software; 4 to 60,000. @default 120 */
  tempo?: number;
  /** Ticks a quarter note: the grid that times are rounded to. 1 to 32,767. @default 220 */
  resolution?: number;
  /** For instance [3, 4]; the lower number a power of two. @default [4, 4] */
  timeSignature?: [beats: number, unit: number];
  /** Those that follow it, as [seconds, beats, unit] in order of their times. */
  laterSignatures?: [seconds: number, beats: number, unit: number][];
  /** Sharps above zero, flats below, -7 to 7. Left out of the file when not given. */
  keySignature?: { fifths: number; minor: boolean };
}

/** The reader's own bound, after pretty_midi: a file with a later tick is taken for a damaged one. */
const LARGEST_TICK = 9_999_999;

/** pretty_midi's: all channels but the drums' (index 9), dealt by the instrument's place in the list, drums counted. */
const MELODIC_CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];
const DRUM_CHANNEL = 9;

/**
 * Notes to the bytes of a MIDI file of format 1: a track of tempo and time signature, then a track for each instrument.
 * Without options these are the very bytes that pretty_midi 0.2 writes for the same notes (220 ticks a quarter, 120 to
 * the minute), but for what it gets wrong: a note shorter than half a tick is kept, one tick long; pitch, velocity and
 * program are rounded and clamped into 0..127, 1..127 and 0..127; and no two notes of one key overlap on an instrument,
 * which readers make different things of: a note ends where its key is struck again, and of notes that strike a key in the
 * same tick one is written, as long as the longest and as loud as the loudest.
 *
 * @param instruments one track each; times in seconds from the start of the file
 * @throws MidiWriteError when a time is not finite, a start is below 0, an end before its start, a time past the
 *   9,999,999th tick, or an option out of its range
 */
export function writeMidi(instruments: readonly Instrument[], options: WriteOptions = {}): Uint8Array {
  const { resolution = 220, timeSignature = [4, 4], laterSignatures = [], keySignature, tempo = 120 } = options;
  checkOptions(tempo, resolution, keySignature, instruments.length);
  checkMeter(timeSignature);
  // The file can only say whole microseconds, so the notes are laid on the tempo that it says.
  const microsecondsPerQuarter = Math.round(6e7 / tempo);
  const secondsPerTick =
    microsecondsPerQuarter === 500_000 ? 60 / (120 * resolution) : microsecondsPerQuarter / 1e6 / resolution;

  const timing: TrackEvent[] = [
    { tick: 0, type: 'tempo', microsecondsPerQuarter },
    { tick: 0, type: 'meter', numerator: timeSignature[0], denominator: timeSignature[1] },
  ];
  if (keySignature) timing.push({ tick: 0, type: 'key', ...keySignature });
  for (const [seconds, ...meter] of laterSignatures) {
    checkMeter(meter);
    const tick = roundHalfToEven(seconds / secondsPerTick);
    if (!(tick >= timing.at(-1)!.tick && tick <= LARGEST_TICK)) {
      throw new MidiWriteError(
        `laterSignatures: expected seconds in ascending order that the file can hold, got ${seconds}.`,
      );
    }
    timing.push({ tick, type: 'meter', numerator: meter[0], denominator: meter[1] });
  }
  timing.push({ tick: timing.at(-1)!.tick + 1, type: 'end' });
  return encodeMidiFile(resolution, [timing, ...instruments.map((each, i) => trackOf(each, i, secondsPerTick))]);
}

function trackOf(instrument: Instrument, place: number, secondsPerTick: number): TrackEvent[] {
  const channel = instrument.isDrum ? DRUM_CHANNEL : MELODIC_CHANNELS[place % MELODIC_CHANNELS.length];
  const track: TrackEvent[] = [];
  if (instrument.name) track.push({ tick: 0, type: 'name', text: instrument.name });
  const where = `instrument ${place} (${instrument.name || `program ${instrument.program}`})`;
  track.push({ tick: 0, type: 'program', channel, program: dataByte(instrument.program, 0, `${where}: the program`) });

  const notes = instrument.notes.map((note, i) => inTicks(note, secondsPerTick, `${where}, note ${i}`));
  const events = struckOnce(notes).flatMap((note) => eventsOf(note, channel));
  // A note-off is a note-on of velocity 0, so that it goes before a note-on of its own pitch and tick.
  events.sort((a, b) => a.tick - b.tick || a.pitch - b.pitch || a.velocity - b.velocity);
  for (const event of events) track.push(event);
  track.push({ tick: track.at(-1)!.tick + 1, type: 'end' });
  return track;
}

type NoteEvent = Extract<TrackEvent, { type: 'note' }>;

/** A note with its times in ticks, and everything in it what a file can say. */
function inTicks(note: Note, secondsPerTick: number, where: string): Note {
  const { start, end } = note;
  if (!Number.isFinite(start) || !Number.isFinite(end) || start < 0 || end < start) {
    throw new MidiWriteError(
      `${where}: expected 0 <= start <= end in seconds, got start ${start} and end ${end}. ` +
        'Clamp the times before writing.',
    );
  }
  const onset = roundHalfToEven(start / secondsPerTick);
  const release = Math.max(onset + 1, roundHalfToEven(end / secondsPerTick));
  if (release > LARGEST_TICK) {
    throw new MidiWriteError(
      `${where}: it ends at ${end} s, which is tick ${release}; a file may go up to tick ${LARGEST_TICK} ` +
        `(${(LARGEST_TICK * secondsPerTick).toFixed(0)} s here). Write less, or with a lower resolution.`,
    );
  }
  const pitch = dataByte(note.pitch, 0, `${where}: the pitch`);
  const velocity = dataByte(note.velocity, 1, `${where}: the velocity`);
  return { pitch, velocity, start: onset, end: release };
}

/** The notes that are left when each key sounds once at a time, in order of their starts; changes them in place. */
function struckOnce(notes: Note[]): Note[] {
  const keyboard = new Keyboard(1);
  return notes.sort((a, b) => a.start - b.start).filter((note) => keyboard.strike(note) !== 'joined');
}

function eventsOf({ pitch, velocity, start, end }: Note, channel: number): [NoteEvent, NoteEvent] {
  return [
    { tick: start, type: 'note', channel, pitch, velocity },
    { tick: end, type: 'note', channel, pitch, velocity: 0 },
  ];
}

function dataByte(value: number, least: number, what: string): number {
  if (!Number.isFinite(value))
    throw new MidiWriteError(`${what}: expected a number from ${least} to 127, got ${value}.`);
  return Math.min(127, Math.max(least, Math.round(value)));
}

function checkOptions(
  tempo: number,
  resolution: number,
  keySignature: WriteOptions['keySignature'],
  instruments: number,
): void {
  // 60e6 / tempo microseconds must fit the file's 24 bits.
  if (!(tempo >= 4 && tempo <= 60_000)) {
    throw new MidiWriteError(`tempo: expected 4 to 60000 quarter notes a minute, got ${tempo}.`);
  }
  if (!Number.isInteger(resolution) || resolution < 1 || resolution > 32_767) {
    throw new MidiWriteError(
      `resolution: expected a whole number of ticks a quarter from 1 to 32767, got ${resolution}.`,
    );
  }
  if (keySignature && (!Number.isInteger(keySignature.fifths) || Math.abs(keySignature.fifths) > 7)) {
    throw new MidiWriteError(`keySignature: expected fifths from -7 to 7, got ${keySignature.fifths}.`);
  }
  if (instruments > 65_534) {
    throw new MidiWriteError(`a file holds at most 65,534 instruments, got ${instruments}.`);
  }
}

function checkMeter(meter: readonly [number, number]): void {
  if (isMeter(meter)) return;
  throw new MidiWriteError(`timeSignature: expected [1 to 255, 1 or 2 or 4 … or 64], got [${meter.join(', ')}].`);
}
