import { roundHalfToEven } from './ticks.ts';
import type { Note } from './types.ts';

/**
 * What a note finds when it strikes its key. `free`: the key was up. `again`: it was held; the note that held it ends here.
 * `joined`: it was struck in this very tick; the note that is there lasts as long as the longer of both and is as loud as
 * the louder, and the new one is not another.
 */
export type Strike = 'free' | 'again' | 'joined';

interface Key {
  note: Note;
  tick: number;
  /** The last tick in which a note of this key would sound, had none been cut. */
  heldUntil: number;
}

/**
 * A keyboard: each key sounds once at a time, and ends where it is struck again. A MIDI file can say nothing else. Where two
 * notes of a key overlap, some readers end both at the first note-off, others the older or the newer one, others drop one.
 */
export class Keyboard {
  /** How many notes struck a key that would still have sounded, as the notes came and not as they were cut. */
  struckWhileHeld = 0;
  readonly #keys = new Map<number, Key>();
  readonly #tick: number;

  /** @param tick the grid of the file, in the unit of the notes' times: onsets that round to the same tick are one */
  constructor(tick: number) {
    this.#tick = tick;
  }

  /**
   * Strikes a key. The note that held it is changed in place; so may be the given one, by the next that strikes its key.
   * @param note begins no earlier than those before it, and lasts a tick or longer
   */
  strike(note: Note): Strike {
    const tick = roundHalfToEven(note.start / this.#tick);
    const before = this.#keys.get(note.pitch);
    if (before && tick < before.heldUntil) this.struckWhileHeld++;
    const release = Math.max(tick + 1, roundHalfToEven(note.end / this.#tick));
    const heldUntil = Math.max(release, before?.heldUntil ?? 0);
    if (before?.tick === tick) {
      before.note.end = Math.max(before.note.end, note.end);
      before.note.velocity = Math.max(before.note.velocity, note.velocity);
      before.heldUntil = heldUntil;
      return 'joined';
    }
    this.#keys.set(note.pitch, { note, tick, heldUntil });
    if (!before || before.note.end <= note.start) return 'free';
    before.note.end = note.start;
    return 'again';
  }
}
