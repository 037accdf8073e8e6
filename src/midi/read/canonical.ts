import { MTHD, MTRK } from './bytes.ts';

const TRACK_NAME = 0x03;
const END_OF_TRACK = 0x2f;
const SET_TEMPO = 0x51;

/**
 * Writes the one spelling of MIDI that every parser reads alike: a header of six bytes, exact chunk lengths, explicit
 * status bytes, no event that Etude has no use for, one End-of-Track a track.
 *
 * Room: an event gains at most one byte (its status) over at least two of the source, and a track at most 7 over its
 * 8 bytes of header, so that twice the source is always enough.
 */
export class CanonicalWriter {
  readonly #bytes: Uint8Array;
  #length = 14;
  #trackStart = 0;
  /** Events in the track being written. */
  #events = 0;
  /** Ticks since the last event written; below 2 ** 28, the most that four bytes hold. */
  #delta = 0;
  readonly #eventsPerTrack: number[] = [];

  constructor(sourceBytes: number) {
    this.#bytes = new Uint8Array(2 * sourceBytes + 32);
  }

  /** Opens a track. */
  beginTrack(): void {
    this.#trackStart = this.#length;
    this.#length += 8;
    this.#events = 0;
    this.#delta = 0;
  }

  /** Lets time pass. The ticks of events that are left out are so carried on to the next one that is written. */
  advance(ticks: number): void {
    this.#delta += ticks;
  }

  /** A channel message with two data bytes. */
  channel2(status: number, first: number, second: number): void {
    this.#deltaTime();
    const at = this.#length;
    this.#bytes[at] = status;
    this.#bytes[at + 1] = first;
    this.#bytes[at + 2] = second;
    this.#length = at + 3;
  }

  /** A channel message with one data byte. */
  channel1(status: number, data: number): void {
    this.#deltaTime();
    this.#bytes[this.#length++] = status;
    this.#bytes[this.#length++] = data;
  }

  /** A set-tempo event with the three bytes of `source` at `pos`. */
  tempo(source: Uint8Array, pos: number): void {
    this.#meta(SET_TEMPO, source.subarray(pos, pos + 3));
  }

  /** A track name. */
  name(text: Uint8Array): void {
    this.#meta(TRACK_NAME, text);
  }

  /** Closes the track with its End-of-Track. */
  endTrack(): void {
    this.#meta(END_OF_TRACK, this.#bytes.subarray(0, 0));
    this.#u32(this.#trackStart, MTRK);
    this.#u32(this.#trackStart + 4, this.#length - this.#trackStart - 8);
    this.#eventsPerTrack.push(this.#events);
  }

  /** The file, and how many events each track of it has, End-of-Track included. */
  finish(format: number, division: number): { bytes: Uint8Array; eventsPerTrack: number[] } {
    const bytes = this.#bytes;
    this.#u32(0, MTHD);
    this.#u32(4, 6);
    this.#u32(8, format * 0x10000 + this.#eventsPerTrack.length);
    bytes[12] = division >> 8;
    bytes[13] = division & 0xff;
    return { bytes: bytes.subarray(0, this.#length), eventsPerTrack: this.#eventsPerTrack };
  }

  #meta(type: number, data: Uint8Array): void {
    this.#deltaTime();
    this.#bytes[this.#length++] = 0xff;
    this.#bytes[this.#length++] = type;
    this.#varLen(data.length);
    this.#bytes.set(data, this.#length);
    this.#length += data.length;
  }

  #deltaTime(): void {
    this.#varLen(this.#delta);
    this.#delta = 0;
    this.#events++;
  }

  #varLen(value: number): void {
    if (value >= 0x80) {
      if (value >= 0x200000) this.#bytes[this.#length++] = 0x80 | (value >> 21);
      if (value >= 0x4000) this.#bytes[this.#length++] = 0x80 | ((value >> 14) & 0x7f);
      this.#bytes[this.#length++] = 0x80 | ((value >> 7) & 0x7f);
    }
    this.#bytes[this.#length++] = value & 0x7f;
  }

  #u32(pos: number, value: number): void {
    this.#bytes[pos] = value >>> 24;
    this.#bytes[pos + 1] = (value >>> 16) & 0xff;
    this.#bytes[pos + 2] = (value >>> 8) & 0xff;
    this.#bytes[pos + 3] = value & 0xff;
  }
}
