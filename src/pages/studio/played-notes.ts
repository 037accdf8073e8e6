import type { NoteEvent } from '../../midi/table.ts';

/** A key that was pressed; times in seconds on any clock. */
interface Played {
  pitch: number;
  velocity: number;
  start: number;
  end: number | null;
}

/** Collects what is played on a keyboard, until it is asked for as notes of the kind that the network reads. */
export class PlayedNotes {
  #notes: Played[] = [];

  get length(): number {
    return this.#notes.length;
  }

  /** Whether a key is down. */
  get holding(): boolean {
    return this.#notes.some(({ end }) => end === null);
  }

  /** A key goes down; one that is down already is struck again. */
  press(pitch: number, velocity: number, seconds: number): void {
    this.release(pitch, seconds);
    this.#notes.push({ pitch, velocity, start: seconds, end: null });
  }

  release(pitch: number, seconds: number): void {
    const held = this.#notes.find((note) => note.pitch === pitch && note.end === null);
    if (held) held.end = seconds;
  }

  /** The notes in order, held ones as long as until now; and forgets them. */
  take(seconds: number): NoteEvent[] {
    const notes = this.#notes;
    this.#notes = [];
    return notes.map(({ pitch, velocity, start, end }, index) => ({
      pitch,
      velocity,
      step: index === 0 ? 0 : start - notes[index - 1].start,
      duration: Math.max(0.01, (end ?? seconds) - start),
    }));
  }
}

/** What a MIDI keyboard sends, as far as it is heard here. */
export type KeyMessage = { kind: 'press'; pitch: number; velocity: number } | { kind: 'release'; pitch: number };

/** Reads a message of a MIDI device: note on and note off of any channel; a note on of velocity 0 is a note off. */
export function keyMessage(bytes: ArrayLike<number>): KeyMessage | undefined {
  const [status, pitch, velocity] = [bytes[0] & 0xf0, bytes[1], bytes[2]];
  if (bytes.length < 3) return undefined;
  if (status === 0x90 && velocity > 0) return { kind: 'press', pitch, velocity };
  if (status === 0x80 || status === 0x90) return { kind: 'release', pitch };
  return undefined;
}
