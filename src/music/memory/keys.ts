import { UsageError } from '../../errors.ts';
import type { Floats, Kernels, Tensor } from '../../tensor/index.ts';

/** Where a memory keeps the states of a network. */
export interface KeyStore {
  /** Their arena holds the states, and they compute the products. */
  kernels: Kernels;
  /** The numbers of a state: the units of the last layer. */
  width: number;
}

/** Rows that are compared by one call; a piece that is still short pays for what it has. */
const BLOCK = 256;

/** The states of the network at the newest `window` notes, each of length 1, and their likeness to the newest. */
export class Keys {
  /** By lag: cos(h_t, h_{t - lag}). */
  readonly likeness: Float64Array;
  readonly #kernels: Kernels;
  readonly #window: number;
  readonly #width: number;
  readonly #query: Tensor;
  readonly #rows: Tensor;
  readonly #blocks: { keys: Tensor; dots: Tensor }[] = [];
  readonly #dots: Tensor;
  readonly #release: () => void;

  constructor({ kernels, width }: KeyStore, window: number) {
    if (!(Number.isSafeInteger(width) && width >= 1)) {
      throw new UsageError(`width: expected the number of units of the network's last layer, got ${width}.`);
    }
    this.#kernels = kernels;
    this.#window = window;
    this.#width = width;
    const { value, release } = kernels.arena.lease(() => ({
      query: kernels.arena.tensor([1, width]),
      rows: kernels.arena.tensor([window, width]),
      dots: kernels.arena.tensor([window]),
    }));
    this.#query = value.query;
    this.#rows = value.rows;
    this.#dots = value.dots;
    this.#release = release;
    this.likeness = new Float64Array(window);
    for (let from = 0; from < window; from += BLOCK) {
      const to = Math.min(window, from + BLOCK);
      const dots = value.dots.slice(from, to).reshape([1, to - from]);
      this.#blocks.push({ keys: value.rows.slice(from, to), dots });
    }
  }

  /**
   * Keeps the state after the note of that number, counted from 0.
   * @throws UsageError when the state has another width
   */
  push(state: ArrayLike<number> | undefined, number: number): void {
    if (state?.length !== this.#width) {
      throw new UsageError(
        `push: expected the ${this.#width} numbers of the network's state, got ${state?.length ?? 'none'}. This memory was made to compare states.`,
      );
    }
    const from = (number % this.#window) * this.#width;
    normalise(state, this.#query.data);
    this.#rows.data.set(this.#query.data, from);
  }

  /** Compares the state of note `number`, the newest, with those of the `depth` notes before it. */
  compare(number: number, depth: number): void {
    const used = Math.min(this.#window, number + 1);
    this.#kernels.fill(this.#dots, 0);
    for (let block = 0; block * BLOCK < used; block++) {
      const { keys, dots } = this.#blocks[block];
      this.#kernels.matmulBackwardA(dots, this.#query, keys);
    }
    const dots = this.#dots.data;
    let slot = number % this.#window;
    for (let lag = 1; lag <= depth; lag++) {
      slot = slot === 0 ? this.#window - 1 : slot - 1;
      this.likeness[lag] = dots[slot];
    }
  }

  /** Gives the arena its bytes back; the keys must not be used after it. */
  dispose(): void {
    this.#release();
  }
}

/** Writes a vector of length 1 (or zeros, of zeros). */
function normalise(state: ArrayLike<number>, to: Floats): void {
  to.set(state);
  let squares = 0;
  for (const value of to) squares += value * value;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let j = 0; j < to.length; j++) to[j] *= scale;
}
