import type { Instrument } from '../types.ts';
import { nameNumber } from './canonical.ts';
import type { HeldNotes } from './held-notes.ts';
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

/** What the notes of a track depend on besides its events. */
export interface FileContext {
  /** Seconds at ticks. */
  map: TempoMap;
  /** The text of a track name. */
  nameOf: (number: number) => string;
  /** Where the notes of the track are kept while they are down. */
  held: HeldNotes;
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
 */
export class TrackReader {
  readonly #context: FileContext;
  /** The program of each channel. */
  readonly #programs = new Uint8Array(16);
  #name: number | undefined;
  /** By channel * 128 + program; a Map keeps the order of creation. */
  readonly #instruments = new Map<number, Instrument>();
  #zeroLength = 0;
  #tick = 0;
  /** The piece of the tempo map in which the tick lies. */
  #piece = 0;

  constructor(context: FileContext) {
    this.#context = context;
  }

  /** Takes the next events of the track, the first of them `deltaTime` after `tick`. */
  read(events: readonly ParsedEvent[], tick: number): void {
    this.#tick = tick;
    for (const event of events) {
      this.#tick += event.deltaTime;
      const { type } = event;
      if (type === NOTE_ON || type === NOTE_OFF) this.#note(type, event.channel!, event.data as number[]);
      else if (type === PROGRAM_CHANGE) this.#programs[event.channel!] = event.data as number;
      else if (type === META && event.metaType === TRACK_NAME) this.#name = nameNumber(event.data as string);
    }
  }

  /** The notes, after the last event. */
  finish(): TrackNotes {
    const { held } = this.#context;
    const unclosed = held.count;
    for (const key of held.keysDown()) while (held.first(key)) held.release(key);
    return { instruments: [...this.#instruments.values()], unclosed, zeroLength: this.#zeroLength };
  }

  #note(type: number, channel: number, [pitch, velocity]: number[]): void {
    const key = channel * 128 + pitch;
    if (type === NOTE_ON && velocity > 0) this.#context.held.press(key, this.#tick, velocity, 0);
    else this.#release(key);
  }

  #release(key: number): void {
    const { held } = this.#context;
    let closed = 0;
    // A tick is at least 6e-8 of the longest tick, and float64 tells 5e-9 of it apart at the last tick allowed: the end
    // is always after the start.
    for (let note = held.first(key); note !== undefined && note.tick !== this.#tick; note = held.first(key)) {
      const start = this.#secondsAt(note.tick);
      const end = this.#secondsAt(this.#tick);
      this.#instrument(key >> 7).notes.push({ pitch: key & 127, velocity: note.velocity, start, end });
      held.release(key);
      closed++;
    }
    if (closed > 0) return;
    for (; held.first(key) !== undefined; held.release(key)) this.#zeroLength++;
  }

  #secondsAt(tick: number): number {
    const { map } = this.#context;
    // Onsets lie behind, but seldom far.
    if (tick < map.ticks[this.#piece]) return secondsAt(map, pieceAt(map, tick, 0), tick);
    this.#piece = pieceAt(map, tick, this.#piece);
    return secondsAt(map, this.#piece, tick);
  }

  #instrument(channel: number): Instrument {
    const program = this.#programs[channel];
    const key = channel * 128 + program;
    let instrument = this.#instruments.get(key);
    if (instrument === undefined) {
      const name = this.#name === undefined ? '' : this.#context.nameOf(this.#name);
      instrument = { program, isDrum: channel === DRUM_CHANNEL, name, notes: [] };
      this.#instruments.set(key, instrument);
    }
    return instrument;
  }
}
