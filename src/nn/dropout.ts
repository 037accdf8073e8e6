import type { Kernels, Random, Tensor } from '../tensor/index.ts';

/**
 * Inverted dropout (Srivastava et al. 2014) on the output of an LSTM layer, or on inputs: in training each number is dropped with
 * probability `rate` and the others are scaled by 1 / (1 - rate), so that nothing needs scaling afterwards.
 */
export class Dropout {
  readonly output: Tensor;
  readonly dOutput: Tensor;
  readonly #mask: Tensor;
  readonly #kernels: Kernels;
  readonly #rate: number;
  /** What is dropped from. */
  readonly input: Tensor;
  readonly #dInput?: Tensor;

  /** @param dInput where gradients are added; nobody wants them unless given */
  constructor(kernels: Kernels, rate: number, input: Tensor, dInput?: Tensor) {
    this.#kernels = kernels;
    this.#rate = rate;
    this.input = input;
    this.#dInput = dInput;
    this.output = kernels.arena.tensor(input.shape);
    this.dOutput = kernels.arena.tensor(input.shape);
    this.#mask = kernels.arena.tensor(input.shape);
  }

  /** Draws a new mask from `random` (the stream `dropout`) and writes `output`. */
  forward(random: Random): void {
    const mask = this.#mask.data;
    const keep = 1 / (1 - this.#rate);
    const threshold = this.#rate * 2 ** 32;
    for (let j = 0; j < mask.length; j++) mask[j] = random.bits() < threshold ? 0 : keep;
    this.#kernels.dropout(this.output, this.input, this.#mask);
  }

  /** Adds `dOutput` through the last mask to the input's gradient. */
  backward(): void {
    if (this.#dInput) this.#kernels.dropoutBackward(this.#dInput, this.dOutput, this.#mask);
  }
}
