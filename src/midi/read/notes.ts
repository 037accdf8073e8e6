import type { Instrument, Pedal } from '../types.ts';
import { nameNumber } from './canonical.ts';
import type { EndsElsewhere } from './ends-elsewhere.ts';
import type { HeldNote, HeldNotes } from './held-notes.ts';
import { tooLong } from './limits.ts';
import type { ParsedEvent } from './parse.ts';
import type { ProgramsElsewhere } from './programs-elsewhere.ts';
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
  /** How long the music may be. */
  maxHours: number;
  /** The sustain pedal of a channel, as it is for a track. */
  pedalOf: (track: number, channel: number) => Pedal;
  /** Where its tracks concern each other: the programs that others set, and what ends notes that their own does not. */
  programs?: ProgramsElsewhere;
  ends?: EndsElsewhere;
}

/** What became of the notes of one track. */
export interface TrackNotes {
  /** In order of their first closed note; those of notes alone that other tracks ended come last. */
  instruments: Instrument[];
  /** Notes whose program another track had set. */
  foreignProgram: number;
  /** Notes that a note-off in another track ended. */
  endedInOtherTrack: number;
  /** Notes that a controller ended. */
  endedBySilence: number;
  /** Notes that nothing ended, dropped. */
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
 * Where tracks concern each other, notes that stay open end at the next note-off of their key and channel in any track, or
 * where their channel is silenced; and as long as the track has set no program on a channel, notes have the one that
 * another had set at their onset.
 */
export class TrackReader {
  readonly #track: number;
  readonly #context: FileContext;
  /** The program of each channel; -1 while the track has set none. */
  readonly #programs = new Int8Array(16).fill(-1);
  #name: number | undefined;
  /** By channel * 128 + program; a Map keeps the order of creation. */
  readonly #instruments = new Map<number, Instrument>();
  #zeroLength = 0;
  #foreignProgram = 0;
  #tick = 0;
  /** The piece of the tempo map in which the tick lies. */
  #piece = 0;

  /** @param track which track of the file, counted from 0 */
  constructor(track: number, context: FileContext) {
    this.#track = track;
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
    const instruments = [...this.#instruments.values()];
    const ended = this.#endOpenNotes();
    // Those that pretty_midi finds too keep their places.
    const more = [...this.#instruments.values()].slice(instruments.length);
    more.sort((a, b) => a.notes[0].end - b.notes[0].end);
    instruments.push(...more);
    return { instruments, foreignProgram: this.#foreignProgram, zeroLength: this.#zeroLength, ...ended };
  }

  /** Ends the notes that the track has not ended, or drops them, and puts them among the others in order of their ends. */
  #endOpenNotes(): Pick<TrackNotes, 'unclosed' | 'endedInOtherTrack' | 'endedBySilence'> {
    const { held, ends } = this.#context;
    const tally = { unclosed: 0, endedInOtherTrack: 0, endedBySilence: 0 };
    const changed = new Set<Instrument>();
    for (const key of held.keysDown()) {
      for (let note = held.first(key); note !== undefined; note = held.first(key)) {
        const end = ends?.after(key, note.tick);
        if (end === undefined) tally.unclosed++;
        else {
          changed.add(this.#close(key, note, end.tick, note.program));
          if (end.by === 'note-off') tally.endedInOtherTrack++;
          else tally.endedBySilence++;
        }
        held.release(key);
      }
    }
    for (const { notes } of changed) notes.sort((a, b) => a.end - b.end);
    return tally;
  }

  #note(type: number, channel: number, [pitch, velocity]: number[]): void {
    const key = channel * 128 + pitch;
    if (type === NOTE_OFF || velocity === 0) this.#release(key);
    else this.#context.held.press(key, this.#tick, velocity, this.#programOf(channel));
  }

  /** The program that a channel has now: the track's own, or as long as it has set none that of another. */
  #programOf(channel: number): number {
    const own = this.#programs[channel];
    return own >= 0 ? own : (this.#context.programs?.at(channel, this.#tick, this.#track) ?? 0);
  }

  #release(key: number): void {
    const { held } = this.#context;
    const own = this.#programs[key >> 7];
    let closed = 0;
    for (let note = held.first(key); note !== undefined && note.tick !== this.#tick; note = held.first(key)) {
      this.#close(key, note, this.#tick, own >= 0 ? own : note.program);
      held.release(key);
      closed++;
    }
    if (closed > 0) return;
    for (; held.first(key) !== undefined; held.release(key)) this.#zeroLength++;
  }

  /** @returns whose note it is */
  #close(key: number, { tick, velocity }: HeldNote, endTick: number, program: number): Instrument {
    const channel = key >> 7;
    if (program !== 0 && this.#programs[channel] < 0) this.#foreignProgram++;
    const start = this.#secondsAt(tick);
    // The shortest tick is 3e-11 seconds, and float64 tells 1.5e-11 apart at 24 hours: the end is after the start.
    const end = this.#secondsAt(endTick);
    if (end > this.#context.maxHours * 3600) throw tooLong(end, this.#context.maxHours);
    const note = { pitch: key & 127, velocity, start, end };
    const at = channel * 128 + program;
    let instrument = this.#instruments.get(at);
    if (instrument === undefined) {
      const name = this.#name === undefined ? '' : this.#context.nameOf(this.#name);
      instrument = { program, isDrum: channel === DRUM_CHANNEL, name, notes: [note] };
      const pedal = this.#context.pedalOf(this.#track, channel);
      if (pedal.length > 0 && !instrument.isDrum) instrument.pedal = pedal;
      this.#instruments.set(at, instrument);
    } else instrument.notes.push(note);
    return instrument;
  }

  #secondsAt(tick: number): number {
    const { map } = this.#context;
    // Onsets lie behind, but seldom far.
    if (tick < map.ticks[this.#piece]) return secondsAt(map, pieceAt(map, tick, 0), tick);
    this.#piece = pieceAt(map, tick, this.#piece);
    return secondsAt(map, this.#piece, tick);
  }
}
