/** The longest that training keeps its thread to itself, in milliseconds: messages come in between. */
const SLICE = 12;

/**
 * The turnstile between training steps: lets so many steps pass, or all, or none; and now and then lets the thread's other
 * work have its turn, since a training step by itself never does.
 */
export class Gate {
  #left = 0;
  #waiting?: () => void;
  #sliceEnd = 0;
  readonly #yield = turns();

  /** Steps that may still be taken. */
  get left(): number {
    return this.#left;
  }

  /** Lets `steps` more pass; Infinity lets all. */
  allow(steps: number): void {
    this.#left = steps;
    this.#waiting?.();
    this.#waiting = undefined;
  }

  close(): void {
    this.#left = 0;
  }

  /**
   * After a step: returns when the next may be taken.
   * @param onStop called, and waited for, when it has to wait
   */
  async pass(onStop: () => Promise<void>): Promise<void> {
    this.#left = Math.max(0, this.#left - 1);
    if (this.#left > 0 && performance.now() < this.#sliceEnd) return;
    await this.#yield();
    if (this.#left === 0) await onStop();
    // What was asked for meanwhile may have let it go on already.
    while (this.#left === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
    this.#sliceEnd = performance.now() + SLICE;
  }
}

/** A wait for whatever else stands in the queue: at once, where a timer would take some milliseconds. */
function turns(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  let resume: (() => void) | undefined;
  port1.onmessage = () => resume?.();
  return () =>
    new Promise((resolve) => {
      resume = resolve;
      port2.postMessage(null);
    });
}
