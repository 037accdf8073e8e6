import type { GuardedMidi } from './guarded-midi.ts';
import { type ProblemList } from './problems.ts';
import { eventsOf } from './reading.ts';
import { counted } from '../../text/words.ts';

/** A tempo in microseconds a quarter note, above 0, from a tick on. */
export type TempoChange = [tick: number, tempo: number];

/** The tempo events of a file in columns: a file may have millions. */
export class TempoChanges {
  readonly #ticks: number[] = [];
  readonly #tempos: number[] = [];
  /** How many of them stand in the first track. */
  #first = 0;

  /**
   * Gathers the tempos of the first track, or of all. Tempos of 0 are left out, and reported.
   * @param isOne whether all tracks are parts of one piece
   */
  constructor(guarded: GuardedMidi, isOne: boolean, problems: ProblemList) {
    const zeros = new Map<number, number>();
    for (const packet of guarded.packets) {
      const { track } = packet;
      if (!packet.tempos || (track > 0 && !isOne)) continue;
      let { tick } = packet;
      for (const { deltaTime, type, metaType, data } of eventsOf(guarded, packet)) {
        tick += deltaTime;
        if (type !== 255 || metaType !== 0x51) continue;
        if (data === 0) zeros.set(track, (zeros.get(track) ?? 0) + 1);
        else this.#add(track, tick, data as number);
      }
    }
    for (const [track, count] of zeros) {
      const what = `Track ${track + 1}: ${counted(count, 'tempo event')} of 0`;
      problems.add('bad-tempo', `${what}; left out, so that times may be wrong.`);
    }
  }

  /** How many stand outside the first track. */
  get elsewhere(): number {
    return this.#ticks.length - this.#first;
  }

  /** Those of the first track, in order of time. */
  *ofFirstTrack(): Generator<TempoChange> {
    for (let i = 0; i < this.#first; i++) yield [this.#ticks[i], this.#tempos[i]];
  }

  /** All of them in order of time, and at one tick in order of their tracks. */
  *all(): Generator<TempoChange> {
    if (this.elsewhere === 0) yield* this.ofFirstTrack();
    else for (const i of inOrder(this.#ticks)) yield [this.#ticks[i], this.#tempos[i]];
  }

  #add(track: number, tick: number, tempo: number): void {
    this.#ticks.push(tick);
    this.#tempos.push(tempo);
    if (track === 0) this.#first++;
  }
}

/**
 * The places of numbers in their order, equal ones as they come. Sorting takes linear time for a few sorted runs, which is
 * what tracks are.
 */
export function inOrder(numbers: readonly number[]): number[] {
  return Array.from(numbers, (_, i) => i).sort((a, b) => numbers[a] - numbers[b]);
}
