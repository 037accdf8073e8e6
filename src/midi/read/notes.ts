import type { Instrument } from '../types.ts';
import type { ParsedEvent } from './parse.ts';
import { pieceAt, secondsAt, type TempoMap } from './tempo.ts';

/** Channel 10, counted from 0. */
const DRUM_CHANNEL = 9;

/** The numbers that midi-parser-js gives to kinds of events. */
const NOTE_OFF = 8;
const NOTE_ON = 9;
const PROGRAM_CHANGE = 12;
const META = 255;
const TRACK_NAME = 3;

/** A key that is down. */
interface OpenNote {
  tick: number;
  start: number;
  velocity: number;
}

/** What became of the notes of one track. */
export interface TrackNotes {
  /** In order of their first closed note. */
  instruments: Instrument[];
  /** Notes that were never closed, dropped. */
  unclosed: number;
  /** Notes that ended where they began, dropped. */
  zeroLength: number;
}

/**
 * The notes of one track by the rules of pretty_midi. A note-off closes every note of its key and channel that began at
 * an earlier tick, in order of onset. Notes that began at the same tick stay open if something else was closed (they
 * follow on it), and vanish otherwise (they have no length). A note belongs to the program that its channel has when it
 * is closed; the instrument is made, and named, at its first closed note.
 *
 * @param map seconds at ticks, for the whole file
 */
export function readTrackNotes(events: ParsedEvent[], map: TempoMap): TrackNotes {
  const track = new TrackReader();
  let tick = 0;
  let piece = 0;
  for (const event of events) {
    tick += event.deltaTime;
    const { type } = event;
    if (type === NOTE_ON || type === NOTE_OFF) {
      piece = pieceAt(map, tick, piece);
      const channel = event.channel!;
      const data = event.data as number[];
      const seconds = secondsAt(map, piece, tick);
      if (type === NOTE_ON && data[1] > 0) track.noteOn(channel, data[0], { tick, start: seconds, velocity: data[1] });
      else track.noteOff(channel, data[0], tick, seconds);
    } else if (type === PROGRAM_CHANGE) track.programs[event.channel!] = event.data as number;
    else if (type === META && event.metaType === TRACK_NAME) track.name = event.data as string;
  }
  return track.finish();
}

class TrackReader {
  /** The program of each channel. */
  readonly programs = new Uint8Array(16);
  name = '';
  /** By channel * 128 + pitch; in order of onset. */
  readonly #open = new Map<number, OpenNote[]>();
  /** By channel * 128 + program; a Map keeps the order of creation. */
  readonly #instruments = new Map<number, Instrument>();
  #zeroLength = 0;

  noteOn(channel: number, pitch: number, note: OpenNote): void {
    const notes = this.#open.get(channel * 128 + pitch);
    if (notes === undefined) this.#open.set(channel * 128 + pitch, [note]);
    else notes.push(note);
  }

  noteOff(channel: number, pitch: number, tick: number, end: number): void {
    const notes = this.#open.get(channel * 128 + pitch);
    if (notes === undefined) return;
    let closed = 0;
    // A tick is at least 6e-8 of the longest tick, and float64 tells 5e-9 of it apart at the last tick allowed: the end
    // is always after the start.
    for (; closed < notes.length && notes[closed].tick !== tick; closed++) {
      const { start, velocity } = notes[closed];
      this.#instrument(channel).notes.push({ pitch, velocity, start, end });
    }
    if (closed === 0) {
      this.#zeroLength += notes.length;
      notes.length = 0;
    } else notes.splice(0, closed);
  }

  finish(): TrackNotes {
    let unclosed = 0;
    for (const notes of this.#open.values()) unclosed += notes.length;
    return { instruments: [...this.#instruments.values()], unclosed, zeroLength: this.#zeroLength };
  }

  #instrument(channel: number): Instrument {
    const program = this.programs[channel];
    const key = channel * 128 + program;
    let instrument = this.#instruments.get(key);
    if (instrument === undefined) {
      instrument = { program, isDrum: channel === DRUM_CHANNEL, name: this.name, notes: [] };
      this.#instruments.set(key, instrument);
    }
    return instrument;
  }
}
