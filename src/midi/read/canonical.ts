import { MTHD, MTRK } from './bytes.ts';

const TEXT = 0x01;
const TRACK_NAME = 0x03;
const END_OF_TRACK = 0x2f;
const SET_TEMPO = 0x51;
const TIME_SIGNATURE = 0x58;
const CONTROLLER = 0xb0;

/** The most ticks that a delta time of four bytes holds. */
const MAX_DELTA = 0xfffffff;

/**
 * Events in a packet. midi-parser-js makes an object of some 200 bytes for an event of three, so that a file which is parsed
 * whole takes eighty times its size; a packet's objects are gone before the next are made.
 */
const PACKET_EVENTS = 1024;

/** Some events of one track: a whole MIDI file of one track by itself. */
export interface Packet {
  /** Which track of the file, counted from 0. */
  track: number;
  /** The tick from which the first delta time counts. */
  tick: number;
  /** Where its bytes lie among those of all packets. */
  from: number;
  to: number;
  /** How many events the parser must find in it, End-of-Track included. */
  events: number;
  /** Whether there are tempos in it. */
  tempos: boolean;
  /** Whether there are time signatures in it. */
  meters: boolean;
  /** A bit for each channel that has notes in it, and for each that has programs. */
  notes: number;
  programs: number;
  /** Whether there are controllers in it; only those that silence a channel are written. */
  silences: boolean;
}

/**
 * Writes the one spelling of MIDI that every parser reads alike: a header of six bytes, exact chunk lengths, explicit
 * status bytes, no event that Etude has no use for, one End-of-Track. It comes in packets, so that a parser which makes an
 * object of every event need not hold a file's worth of them.
 *
 * Room: an event is at most twice as long as its source, and a packet has 26 bytes more where its source has at least 11 (a
 * track that is not empty) or thousands; so that three times the source is always enough. What is not written to is not
 * taken from the machine.
 */
export class CanonicalWriter {
  readonly packets: Packet[] = [];
  readonly bytes: Uint8Array;
  /** Where the track names lie in the source, two numbers a name: its first byte, and the one after its last. */
  readonly names: number[] = [];
  readonly #division: number;
  #length = 0;
  #track = -1;
  #packet: Packet | undefined;
  /** The tick of the last event written. */
  #tick = 0;
  /** Ticks since then. */
  #delta = 0;

  /** @param division the two division bytes of the header */
  constructor(sourceBytes: number, division: number) {
    this.bytes = new Uint8Array(3 * sourceBytes + 64);
    this.#division = division;
  }

  /** Opens a track; one without events takes no room. */
  beginTrack(): void {
    this.#track++;
    this.#tick = 0;
    this.#delta = 0;
  }

  /** Lets time pass. The ticks of events that are left out are so carried on to the next one that is written. */
  advance(ticks: number): void {
    this.#delta += ticks;
  }

  /** A note or a controller: a channel message with two data bytes. */
  channel2(status: number, first: number, second: number): void {
    const packet = this.#deltaTime();
    if (status < CONTROLLER) packet.notes |= 1 << (status & 0xf);
    else packet.silences = true;
    const at = this.#length;
    this.bytes[at] = status;
    this.bytes[at + 1] = first;
    this.bytes[at + 2] = second;
    this.#length = at + 3;
  }

  /** A program change. */
  program(status: number, data: number): void {
    this.#deltaTime().programs |= 1 << (status & 0xf);
    this.bytes[this.#length++] = status;
    this.bytes[this.#length++] = data;
  }

  /** A set-tempo event with the three bytes of `source` at `pos`. */
  tempo(source: Uint8Array, pos: number): void {
    this.#deltaTime().tempos = true;
    this.#meta(SET_TEMPO, 3);
    for (let i = 0; i < 3; i++) this.bytes[this.#length++] = source[pos + i];
  }

  /** A time signature with the first two bytes of its four; the others only concern metronomes, and are 0. */
  meter(beats: number, power: number): void {
    this.#deltaTime().meters = true;
    this.#meta(TIME_SIGNATURE, 4);
    for (const byte of [beats, power, 0, 0]) this.bytes[this.#length++] = byte;
  }

  /**
   * A track name, from its first byte in the source to `end`. Its number is written in its place: the parser makes a string
   * of 32 bytes a letter, and knows no charset. {@link nameNumber} reads the number back.
   */
  name(start: number, end: number): void {
    this.#deltaTime();
    this.#meta(TRACK_NAME, 4);
    const number = this.names.length / 2;
    for (const shift of [21, 14, 7, 0]) this.bytes[this.#length++] = (number >> shift) & 0x7f;
    this.names.push(start, end);
  }

  /** Closes the track. */
  endTrack(): void {
    this.#closePacket();
  }

  #deltaTime(): Packet {
    this.#packet ??= this.#openPacket();
    for (; this.#delta > MAX_DELTA; this.#delta -= MAX_DELTA) {
      this.#varLen(MAX_DELTA);
      this.#meta(TEXT, 0);
      this.#tick += MAX_DELTA;
      this.#packet.events++;
    }
    if (this.#packet.events >= PACKET_EVENTS) {
      this.#closePacket();
      this.#packet = this.#openPacket();
    }
    this.#varLen(this.#delta);
    this.#tick += this.#delta;
    this.#delta = 0;
    this.#packet.events++;
    return this.#packet;
  }

  #openPacket(): Packet {
    const from = this.#length;
    this.#u32(from, MTHD);
    this.#u32(from + 4, 6);
    this.#u32(from + 8, 1);
    this.#u32(from + 12, (this.#division << 16) | (MTRK >>> 16));
    this.#u32(from + 14, MTRK);
    this.#length += 22;
    return {
      track: this.#track,
      tick: this.#tick,
      from,
      to: from,
      events: 0,
      tempos: false,
      meters: false,
      notes: 0,
      programs: 0,
      silences: false,
    };
  }

  #closePacket(): void {
    const packet = this.#packet;
    if (packet === undefined) return;
    this.bytes[this.#length++] = 0;
    this.#meta(END_OF_TRACK, 0);
    packet.events++;
    packet.to = this.#length;
    this.#u32(packet.from + 18, packet.to - packet.from - 22);
    this.packets.push(packet);
    this.#packet = undefined;
  }

  /** The status, type and length of a meta event of fewer than 128 bytes. */
  #meta(type: number, length: number): void {
    this.bytes[this.#length++] = 0xff;
    this.bytes[this.#length++] = type;
    this.bytes[this.#length++] = length;
  }

  #varLen(value: number): void {
    const bytes = this.bytes;
    if (value >= 0x80) {
      if (value >= 0x200000) bytes[this.#length++] = 0x80 | (value >> 21);
      if (value >= 0x4000) bytes[this.#length++] = 0x80 | ((value >> 14) & 0x7f);
      bytes[this.#length++] = 0x80 | ((value >> 7) & 0x7f);
    }
    bytes[this.#length++] = value & 0x7f;
  }

  #u32(pos: number, value: number): void {
    this.bytes[pos] = value >>> 24;
    this.bytes[pos + 1] = (value >>> 16) & 0xff;
    this.bytes[pos + 2] = (value >>> 8) & 0xff;
    this.bytes[pos + 3] = value & 0xff;
  }
}

/** The number of a track name, of the four letters in which {@link CanonicalWriter.name} wrote it. */
export function nameNumber(text: string): number {
  return [...text].reduce((number, letter) => number * 128 + letter.charCodeAt(0), 0);
}
