import type { Instrument, Note } from '../types.ts';
import type { WriteOptions } from '../write.ts';
import { isMeter } from '../beats.ts';
import { add, equal, fraction, ZERO, type Fraction } from './fraction.ts';
import { NotationError } from './notation-error.ts';
import type { Bar, Score, WrittenNote } from './score.ts';

/** A score in seconds. */
export interface Performance {
  /** Parallel to the header's voices: each as it is written, ties joined, repeats played. */
  voices: { name: string; notes: Note[] }[];
  /** All voices on one instrument, in order of start and pitch; no pitch begins while it sounds. */
  instruments: [Instrument];
  /** Bars played, repeats counted. */
  bars: number;
  /** Until the last bar's end. */
  seconds: number;
  /** For `writeMidi`, so that the file's bar lines are the score's: no time is rounded but by tuplets of 7, 9, 11…. */
  options: WriteOptions;
}

/** Ticks a quarter: a multiple of 2^5 * 3 * 5, so that 32nds, triplets and quintuplets of eighths all fall on ticks. */
const RESOLUTION = 480;

/** A note in whole notes from the start of the piece. */
interface TimedNote {
  written: WrittenNote;
  start: Fraction;
  end: Fraction;
  velocity: number;
  /** The next note of this pitch belongs to it. */
  tied: boolean;
}

/**
 * Plays a score: sections in their order, ties joined, both hands on one instrument, so that a reader's first instrument
 * is the whole piece. Where a voice strikes a key that another voice holds, the held note ends there, as it must on a
 * piano; two voices striking one key together make one note, as long as the longer.
 *
 * @throws NotationError for a tie that leads nowhere
 */
export function performScore(score: Score): Performance {
  const { header } = score;
  const bars = score.order.flatMap((section) => score.sections[section].bars);
  // In the whole microseconds that a MIDI file can say, so that every note falls on a tick.
  const secondsPerWhole = (4 * Math.round(6e7 / header.tempo)) / 1e6;
  const seconds = (time: Fraction) => (time.n / time.d) * secondsPerWhole;

  const voices = header.voices.map(({ name, velocity }, voice) => {
    const notes: TimedNote[] = [];
    let at = ZERO;
    for (const bar of bars) {
      playBar(bar.voices[voice], at, velocity, header.accent, notes);
      at = add(at, bar.length);
    }
    const loose = notes.find((note) => note.tied);
    if (loose) throw new NotationError('this tie leads to no note of its pitch.', loose.written);
    return {
      name,
      notes: notes.map((each): Note => ({
        pitch: each.written.pitch,
        velocity: each.velocity,
        start: seconds(each.start),
        end: seconds(each.end),
      })),
    };
  });
  return {
    voices,
    instruments: [
      {
        program: header.instrument,
        isDrum: false,
        name: header.title,
        notes: onOneInstrument(voices.flatMap(({ notes }) => notes)),
      },
    ],
    bars: bars.length,
    seconds: seconds(bars.reduce((sum, bar) => add(sum, bar.length), ZERO)),
    options: {
      tempo: header.tempo,
      resolution: RESOLUTION,
      ...signaturesOf(score, bars, seconds),
      keySignature: header.key && { fifths: header.key.fifths, minor: header.key.minor },
    },
  };
}

/** The time signature of the first bar, and each that differs from that of the bar before: a pickup has one of its own. */
function signaturesOf(
  { header: { meter } }: Score,
  bars: readonly Bar[],
  seconds: (time: Fraction) => number,
): Pick<WriteOptions, 'timeSignature' | 'laterSignatures'> {
  const main = fraction(meter.beats, meter.unit);
  const signatures: [seconds: number, beats: number, unit: number][] = [];
  let at = ZERO;
  for (const { length } of bars) {
    const [beats, unit] = (equal(length, main) ? undefined : written(length)) ?? [meter.beats, meter.unit];
    const last = signatures.at(-1);
    if (!last || last[1] !== beats || last[2] !== unit) signatures.push([seconds(at), beats, unit]);
    at = add(at, length);
  }
  const [[, beats, unit] = [0, meter.beats, meter.unit], ...laterSignatures] = signatures;
  return { timeSignature: [beats, unit], laterSignatures };
}

/** A length in whole notes as a time signature, in quarters at least; undefined of what none can say, such as the third of a quarter. */
function written({ n, d }: Fraction): [beats: number, unit: number] | undefined {
  const [beats, unit] = d < 4 && 4 % d === 0 ? [(n * 4) / d, 4] : [n, d];
  return isMeter([beats, unit]) ? [beats, unit] : undefined;
}

/** Appends a bar that begins at `at` to `notes`, which may end in notes tied into it. */
function playBar(bar: WrittenNote[], at: Fraction, velocity: number, accent: number, notes: TimedNote[]): void {
  for (const written of bar) {
    const start = add(at, written.start);
    const end = add(start, written.length);
    const held = notes.find((note) => note.tied && note.written.pitch === written.pitch);
    if (held && equal(held.end, start)) {
      held.end = end;
      held.tied = written.tied;
    } else if (held) {
      throw new NotationError('this tie leads to no note of its pitch.', held.written);
    } else {
      const accented = written.start.n === 0 ? Math.min(127, velocity + accent) : velocity;
      notes.push({ written, start, end, velocity: accented, tied: written.tied });
    }
  }
}

/** Notes of several voices as one player's: ordered, and no key struck again before it is released. */
export function onOneInstrument(notes: readonly Note[]): Note[] {
  const ordered = notes.map((note) => ({ ...note })).sort((a, b) => a.start - b.start || a.pitch - b.pitch);
  const sounding = new Map<number, Note>();
  const kept: Note[] = [];
  for (const note of ordered) {
    const before = sounding.get(note.pitch);
    if (before && before.start === note.start) {
      before.end = Math.max(before.end, note.end);
      before.velocity = Math.max(before.velocity, note.velocity);
      continue;
    }
    if (before && before.end > note.start) {
      note.end = Math.max(before.end, note.end);
      before.end = note.start;
    }
    sounding.set(note.pitch, note);
    kept.push(note);
  }
  return kept;
}
