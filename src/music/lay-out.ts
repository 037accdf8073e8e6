import { Keyboard, TICK_SECONDS, type Note, type NoteEvent } from '../midi/index.ts';

/** What became of an event on the time axis. */
export interface LaidNote {
  /** The note. It is ended anew when its key is struck again. */
  note: Note;
  /** Its place among the notes; an earlier one where it joined the note that struck the same key in the same tick. */
  index: number;
  /** The place of the note that held the key, and ends here. */
  cut?: number;
}

/** How events are laid on the time axis. */
export interface LayoutOptions {
  /** Seconds from the first note: what would sound longer ends there. */
  until?: number;
  /** What times are multiplied by: music in beats has a tempo of its own. */
  scale?: number;
}

/**
 * Lays events on a time axis one by one: each starts its step after the one before, the first at 0. A key sounds once at a
 * time (`Keyboard`), and every note lasts at least a tick, so that what is laid out is what a file of it says.
 */
export class NoteLayout {
  readonly notes: Note[] = [];
  readonly #keyboard = new Keyboard(TICK_SECONDS);
  /** The place of the last note of each key. */
  readonly #places = new Map<number, number>();
  readonly #until: number;
  readonly #scale: number;
  #start: number | undefined;

  constructor({ until = Infinity, scale = 1 }: LayoutOptions = {}) {
    this.#until = until;
    this.#scale = scale;
  }

  /** How many events struck a key that still sounded, going by their own durations. */
  get struckWhileHeld(): number {
    return this.#keyboard.struckWhileHeld;
  }

  /** When an event would start. */
  startOf({ step }: Pick<NoteEvent, 'step'>): number {
    return this.#start === undefined ? 0 : this.#start + step * this.#scale;
  }

  /** Whether of an event a tick would sound before the end. */
  hasRoom(event: Pick<NoteEvent, 'step'>): boolean {
    return this.startOf(event) + TICK_SECONDS <= this.#until;
  }

  /**
   * Adds a note.
   * @param event one that there is room for
   * @returns the note as it stands on the time axis; `cut` is the index of one that it ends
   */
  add({ pitch, step, duration, velocity }: NoteEvent): LaidNote {
    const start = this.startOf({ step });
    this.#start = start;
    const end = Math.min(start + Math.max(duration * this.#scale, TICK_SECONDS), this.#until);
    const note = { pitch, velocity: Math.max(1, velocity), start, end };
    const before = this.#places.get(pitch);
    const strike = this.#keyboard.strike(note);
    if (strike === 'joined') return { note: this.notes[before!], index: before! };
    const index = this.notes.push(note) - 1;
    this.#places.set(pitch, index);
    return strike === 'again' ? { note, index, cut: before } : { note, index };
  }
}

/**
 * The notes that events make on a time axis, the first at 0; see {@link NoteLayout}. There are fewer of them than events
 * where a key is struck twice in one tick.
 */
export function layOut(events: readonly NoteEvent[], options?: LayoutOptions): Note[] {
  const layout = new NoteLayout(options);
  for (const event of events) layout.add(event);
  return layout.notes;
}
