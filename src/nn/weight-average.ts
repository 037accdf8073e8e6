import { UsageError } from '../errors.ts';
import type { Engine } from './engine.ts';
import type { NamedArrays } from './parameters.ts';

/**
 * An exponential moving average of the weights (Polyak and Juditsky 1992): after step t
 *
 *     average = d · average + (1 - d) · weights        d = min(decay, (1 + t) / (10 + t))
 *
 * The smaller d of the first steps is TensorFlow's `ExponentialMovingAverage` with `num_updates`: without it the average would
 * carry the starting weights along for 1 / (1 - decay) steps. It begins with the weights after the first step.
 */
export class WeightAverage {
  readonly #decay: number;
  #arrays?: NamedArrays;

  /** @param decay in [0, 1) */
  constructor(decay: number) {
    this.#decay = decay;
  }

  /** A copy of the average; undefined before the first step. */
  get arrays(): NamedArrays | undefined {
    return this.#arrays && copyOf(this.#arrays);
  }

  /** Goes on from an average that was kept. */
  restore(arrays: NamedArrays): void {
    this.#arrays = copyOf(arrays);
  }

  /**
   * Takes in the weights of an engine after a step.
   * @param step the number of the step, from 1
   */
  async observe(engine: Engine, step: number): Promise<void> {
    const weights = await engine.readParameters();
    if (!this.#arrays) {
      this.#arrays = weights;
      return;
    }
    const share = 1 - Math.min(this.#decay, (1 + step) / (10 + step));
    for (const [name, average] of Object.entries(this.#arrays)) {
      const newest = weights[name];
      for (let j = 0; j < average.length; j++) average[j] += share * (newest[j] - average[j]);
    }
  }

  /** Does `work` while the engine has the average for its weights, and gives it back its own. */
  async inPlaceOf<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
    if (!this.#arrays) return work();
    const weights = await engine.readParameters();
    await engine.writeParameters(this.#arrays);
    try {
      return await work();
    } finally {
      await engine.writeParameters(weights);
    }
  }
}

function copyOf(arrays: NamedArrays): NamedArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
}

/**
 * The average of a run with an engine; none where no decay is given.
 * @throws UsageError when the engine takes its steps in rounds, between which nobody sees the weights
 */
export function averageFor(engine: Engine, decay: number | null = null): WeightAverage | undefined {
  if (decay === null) return undefined;
  if (engine.trainRound) {
    throw new UsageError('--ema: machines that train in rounds keep no moving average of the weights; leave it out.');
  }
  return new WeightAverage(decay);
}
