import { UsageError } from '../errors.ts';
import { assertFinite, BROKEN_MODEL } from '../finite.ts';
import type { Random } from '../tensor/index.ts';

/** How a class is drawn from logits. */
export interface SamplingOptions {
  /** Divides the logits: below 1 safer and more predictable, above 1 more surprising. More than 0. */
  temperature: number;
  /** Only the K most probable classes; 0 keeps all. */
  topK: number;
  /** Only the most probable classes that together reach this probability (Holtzman et al. 2020); 1 keeps all. */
  topP: number;
}

/** The distribution as it is. */
export const PLAIN_SAMPLING: SamplingOptions = { temperature: 1, topK: 0, topP: 1 };

/** @throws UsageError that names the option, the range and the value */
export function validateSampling({ temperature, topK, topP }: SamplingOptions): void {
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new UsageError(
      `temperature: expected a number above 0, got ${temperature}. Small values such as 0.2 come close to always taking the likeliest.`,
    );
  }
  if (!(Number.isInteger(topK) && topK >= 0))
    throw new UsageError(`top-k: expected 0 (all) or a whole number, got ${topK}.`);
  if (!(topP > 0 && topP <= 1)) throw new UsageError(`top-p: expected a number above 0 and up to 1, got ${topP}.`);
}

/** Draws classes from logits again and again without allocating. */
export class CategoricalSampler {
  readonly #probabilities: Float64Array;
  readonly #order: Uint32Array;
  readonly #options: SamplingOptions;

  /** @throws UsageError when an option is out of range */
  constructor(classes: number, options: SamplingOptions) {
    validateSampling(options);
    this.#probabilities = new Float64Array(classes);
    this.#order = Uint32Array.from({ length: classes }, (_, index) => index);
    this.#options = options;
  }

  /**
   * Draws a class from `logits`. One number of `random` is used, whatever the options.
   *
   * @param adjust changes the probabilities in place, after the temperature and before top-k and top-p: they need not add up
   *   to 1 afterwards, but one must be left
   * @throws NotFiniteError when they give no probabilities: one is NaN, or all are infinite
   */
  sample(logits: ArrayLike<number>, random: Random, adjust?: (probabilities: Float64Array) => void): number {
    this.#softmax(logits);
    if (adjust) {
      adjust(this.#probabilities);
      this.#normalise();
    }
    const { topK, topP } = this.#options;
    const classes = this.#probabilities.length;
    const kept = topK === 0 && topP === 1 ? classes : this.#keepMostProbable();
    return this.#draw(kept, kept < classes, random.uniform());
  }

  /** The probability, under temperature and as adjusted but before top-k and top-p, of `index` in the last draw. */
  probability(index: number): number {
    return this.#probabilities[index];
  }

  #softmax(logits: ArrayLike<number>): void {
    const p = this.#probabilities;
    const { temperature } = this.#options;
    let largest = -Infinity;
    for (let j = 0; j < p.length; j++) largest = Math.max(largest, logits[j]);
    let sum = 0;
    for (let j = 0; j < p.length; j++) sum += p[j] = Math.exp((logits[j] - largest) / temperature);
    // Of NaN nothing is drawn: it would always be the last class. Written so that NaN fails.
    if (!(sum > 0)) assertFinite(logits, 'What the model says of the classes', BROKEN_MODEL);
    for (let j = 0; j < p.length; j++) p[j] /= sum;
  }

  #normalise(): void {
    const p = this.#probabilities;
    let sum = 0;
    for (const each of p) sum += each;
    assertFinite(1 / sum, 'What is left of the probabilities', BROKEN_MODEL);
    for (let j = 0; j < p.length; j++) p[j] /= sum;
  }

  /** Sorts the classes by falling probability and counts how many stay. Equal probabilities keep the order of classes. */
  #keepMostProbable(): number {
    const p = this.#probabilities;
    const { topK, topP } = this.#options;
    this.#order.sort((a, b) => p[b] - p[a] || a - b);
    const most = topK === 0 ? p.length : Math.min(topK, p.length);
    let sum = 0;
    for (let kept = 0; kept < most; kept++) {
      sum += p[this.#order[kept]];
      if (sum >= topP) return kept + 1;
    }
    return most;
  }

  /** Inverts the cumulative distribution of the first `kept` classes at `u`. */
  #draw(kept: number, sorted: boolean, u: number): number {
    const p = this.#probabilities;
    const classAt = (k: number): number => (sorted ? this.#order[k] : k);
    let total = 0;
    for (let k = 0; k < kept; k++) total += p[classAt(k)];
    let left = u * total;
    for (let k = 0; k < kept; k++) {
      left -= p[classAt(k)];
      if (left < 0) return classAt(k);
    }
    return classAt(kept - 1);
  }
}
