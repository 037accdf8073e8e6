import { TICK_SECONDS, type NoteEvent } from '../../midi/index.ts';
import { roundHalfToEven } from '../../midi/ticks.ts';

const KEYS = 128;

/** Which keys are down while music is drawn, in the ticks of its file: a key that sounds cannot be struck. */
export class HeldKeys {
  /** The tick in which each key is up again. */
  readonly #until = new Float64Array(KEYS);
  /** Seconds from the first note to the newest. */
  #now = 0;
  #first = true;

  /** Takes a note that was drawn. */
  add({ pitch, step, duration }: NoteEvent): void {
    this.#now = this.#first ? 0 : this.#now + step;
    this.#first = false;
    const end = this.#now + Math.max(duration, TICK_SECONDS);
    this.#until[pitch] = Math.max(tickOf(this.#now) + 1, tickOf(end));
  }

  /**
   * Takes the probability from the keys that are still down when the next note starts, unless nothing would be left.
   * @param step seconds from the last note to the next
   * @returns whether anything is left
   */
  mask(probabilities: Float64Array, step: number): boolean {
    const tick = tickOf(this.#now + step);
    let left = 0;
    for (let key = 0; key < KEYS; key++) if (this.#until[key] <= tick) left += probabilities[key];
    if (!(left > 0)) return false;
    for (let key = 0; key < KEYS; key++) if (this.#until[key] > tick) probabilities[key] = 0;
    return true;
  }
}

function tickOf(seconds: number): number {
  return roundHalfToEven(seconds / TICK_SECONDS);
}
