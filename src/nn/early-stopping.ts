import { UsageError } from '../errors.ts';

/** What early stopping remembers, as it stands in a checkpoint. */
export interface EarlyStoppingState {
  best: number | null;
  bestEpoch: number;
  wait: number;
}

/**
 * Watches one loss from epoch to epoch: says when a new best was reached and when it has not been for `patience` epochs.
 * Whoever trains keeps the weights of the best epoch and puts them back at the end, whatever ended the training.
 */
export class EarlyStopping {
  readonly #patience: number;
  #state: EarlyStoppingState = { best: null, bestEpoch: -1, wait: 0 };

  /**
   * @param patience epochs without a new best before it stops, at least 1; Infinity never stops
   * @throws UsageError when `patience` is less
   */
  constructor(patience: number) {
    if (!(patience >= 1)) throw new UsageError(`patience: expected 1 or more epochs, got ${patience}.`);
    this.#patience = patience;
  }

  /** @returns whether `loss`, of epoch `epoch`, is the best so far; NaN never is */
  observe(epoch: number, loss: number): boolean {
    const { best } = this.#state;
    const improved = best === null ? !Number.isNaN(loss) : loss < best;
    this.#state = improved ? { best: loss, bestEpoch: epoch, wait: 0 } : { ...this.#state, wait: this.#state.wait + 1 };
    return improved;
  }

  /** Whether the loss has not fallen for `patience` epochs. */
  get shouldStop(): boolean {
    return this.#state.wait >= this.#patience;
  }

  /** What must be saved to go on later. */
  state(): EarlyStoppingState {
    return { ...this.#state };
  }

  /** Goes on from what `state` gave. */
  restore(state: EarlyStoppingState): void {
    this.#state = { ...state };
  }
}
