import { copyBatch, type Batch } from './batch.ts';
import { DisposedError } from './errors.ts';

/**
 * The order of an engine's calls: one that comes while another runs waits for all that came before it, as if each had been
 * awaited. A call that finds the engine free begins at once, before it returns.
 */
export class Turns {
  /** Settles, and never fails, when the newest call has ended; undefined when nothing runs. */
  #newest?: Promise<void>;
  #closing?: Promise<void>;

  /**
   * Runs `work` when its turn has come.
   * @throws DisposedError after `close`
   */
  take<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(new DisposedError());
    const result = this.#newest ? this.#newest.then(work) : new Promise<T>((resolve) => resolve(work())); // prettier-ignore
    // The first to hear of the end, so that whoever awaited the call finds the engine free.
    const ended = (): void => {
      if (this.#newest === newest) this.#newest = undefined;
    };
    const newest: Promise<void> = result.then(ended, ended);
    this.#newest = newest;
    return result;
  }

  /** The same for work on batches: what has to wait is copied, so that the caller may fill its batches again meanwhile. */
  takeWith<T>(batches: readonly Batch[], work: (batches: readonly Batch[]) => T | Promise<T>): Promise<T> {
    const kept = this.#newest ? batches.map(copyBatch) : batches;
    return this.take(() => work(kept));
  }

  /** The last turn: `work` runs when all calls have ended, once, and none is taken from here on. */
  close(work: () => void | Promise<void>): Promise<void> {
    this.#closing ??= this.take(work);
    return this.#closing;
  }
}
