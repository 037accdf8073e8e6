import { watchedPhrase, watchModel } from '../../music/watch.ts';
import type { PreparedData } from '../../music/index.ts';
import type { Engine, Sequence, StepReport } from '../../nn/index.ts';
import { LogFile } from '../log-file.ts';

/**
 * Looks into a network every so many steps of its training, on a phrase that stays the same, and writes what it sees as a
 * line of watch.jsonl. It reads the weights and nothing else: the training's numbers are those of a run without it.
 */
export class RunWatch {
  readonly #log: LogFile;
  readonly #engine: Engine;
  readonly #phrase: Sequence;
  readonly #every: number;

  /**
   * Opens the file: lines after step `step` go, so that a run that goes on from there writes them anew.
   * @param data whose primer is the phrase
   */
  constructor(path: string, every: number, data: PreparedData, engine: Engine, step: number) {
    const { name, notes } = data.primer;
    this.#log = new LogFile(path);
    this.#engine = engine;
    this.#every = every;
    this.#phrase = watchedPhrase(data.codec, notes);
    const kept = step > 0 ? this.#log.truncateAfter(step) : [];
    if (kept.length === 0) this.#log.append({ event: 'begin', step, every, phrase: { name, notes } });
  }

  async onStep({ step, epoch }: StepReport): Promise<void> {
    if (step % this.#every !== 0 || this.#phrase.length < 2) return;
    const seen = await watchModel(this.#engine.spec, await this.#engine.readParameters(), this.#phrase);
    this.#log.append({ event: 'watch', step, epoch, ...seen });
  }
}
