import { counted } from '../../../text/words.ts';
import type { Asker } from '../asker.ts';
import type { RedisMachinesOptions } from './options.ts';
import type { OpenRound } from './round.ts';

/** A round that waits for machines says so after this long. */
const SAY_MS = 10_000;

/** Finds the words for whom a round waits. */
export class Waiting {
  readonly #asker: Asker;
  readonly #options: Pick<RedisMachinesOptions, 'run' | 'rounds' | 'prefix'>;
  #round?: OpenRound;
  #since = 0;

  constructor(asker: Asker, options: Pick<RedisMachinesOptions, 'run' | 'rounds' | 'prefix'>) {
    this.#asker = asker;
    this.#options = options;
  }

  /** What is to be said of a round that has waited for a while because there are too few workers; undefined where there are enough. */
  async look(round: OpenRound, now: number): Promise<string | undefined> {
    if (this.#round !== round) [this.#round, this.#since] = [round, now];
    const { run, prefix } = this.#options;
    const count = this.#options.rounds.machines;
    if (now - this.#since < SAY_MS || round.missing.length === 0) return undefined;
    const there = await this.#asker.machines();
    const elsewhere = there.filter((machine) => machine.run !== undefined && machine.run !== run).length;
    if (there.length - elsewhere >= count) return undefined;
    const missing = round.missing.map((machine) => machine + 1).join(', ');
    const busy = elsewhere > 0 ? `, ${elsewhere} of them with other runs` : '';
    const words = `etude worker --redis ${this.#asker.link.address.shown}${prefix === undefined ? '' : ` --prefix ${prefix}`}`; // prettier-ignore
    return `Round ${round.round} waits for ${counted(round.missing.length, 'machine')} of ${count} (${missing}). At this Redis: ${counted(there.length, 'worker')}${busy}. Start more with: ${words}`;
  }
}
