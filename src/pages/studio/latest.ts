/**
 * Runs the newest of many requests: one at a time, and of those that come in meanwhile only the last. What is on the page
 * then follows a dragged pointer as fast as it can, and never lags behind it.
 */
export class Latest<T> {
  readonly #run: (request: T) => Promise<void>;
  #running = false;
  #next?: { request: T };

  /** @param run must report its failures itself */
  constructor(run: (request: T) => Promise<void>) {
    this.#run = run;
  }

  ask(request: T): void {
    this.#next = { request };
    if (!this.#running) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running = true;
    while (this.#next) {
      const { request } = this.#next;
      this.#next = undefined;
      await this.#run(request);
    }
    this.#running = false;
  }
}
