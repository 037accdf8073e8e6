import type { Dataset } from './dataset.ts';
import { HighLossError } from './errors.ts';
import type { HeadSpec, ModelSpec } from './spec.ts';

/** After so many steps with a high loss, one after the other, a training has diverged. */
const STEPS = 10;

/** So many are enough where the mean of the epoch is high too, and that of the validation windows. */
const STEPS_OF_HIGH_EPOCH = 3;

/**
 * Tells a training that has diverged though its numbers are finite: with steps far too large the loss goes to where knowing
 * nothing at all would be better, and stays there. A single batch of unusual music can do that too, several in a row do not.
 *
 * A loss is high above twice that of knowing nothing and a margin. Who knows nothing gives all n classes of a head the same
 * probability, which costs ln n, and says 0 for a number, which costs the mean of the squares, or what its loss makes of it. The
 * margin is a nat for classes, 1 for a number, and more where it is pressed: being wrong by 1 on that side.
 */
export class HighLossWatch {
  readonly #spec: ModelSpec;
  readonly #nothing: number;
  readonly #margin: number;
  #streak = 0;
  #loss = 0;
  #losses: readonly number[] = [];

  constructor(spec: ModelSpec, data: Dataset) {
    this.#spec = spec;
    this.#nothing = lossOfNothing(spec, data);
    this.#margin = spec.heads.reduce((sum, head) => sum + head.lossWeight * marginOf(head), 0);
  }

  /** Whether the loss of the last step was high: nothing that such a step leaves is worth keeping. */
  get isHigh(): boolean {
    return this.#streak > 0;
  }

  /**
   * Looks at a step.
   * @returns what to say when that was one too many
   */
  step(loss: number, losses: readonly number[]): HighLossError | undefined {
    this.#loss = loss;
    this.#losses = losses;
    this.#streak = loss > this.#limit(this.#nothing) ? this.#streak + 1 : 0;
    return this.#streak >= STEPS ? this.#error() : undefined;
  }

  /**
   * Looks at the end of an epoch, or of the part of it that was trained.
   *
   * @param mean the mean loss of its steps
   * @param validation the loss on the validation windows, and these windows
   * @returns what to say when it ends high
   */
  end(mean: number, validation?: { loss: number; data: Dataset }): HighLossError | undefined {
    if (this.#streak < STEPS_OF_HIGH_EPOCH || !(mean > this.#limit(this.#nothing))) return undefined;
    if (!validation) return this.#error();
    const limit = this.#limit(lossOfNothing(this.#spec, validation.data));
    return validation.loss > limit ? this.#error() : undefined;
  }

  #limit(nothing: number): number {
    // A density can be above 1, and its loss below 0.
    return nothing + Math.abs(nothing) + this.#margin;
  }

  #error(): HighLossError {
    const parts = this.#spec.heads.map(({ lossWeight }, k) => lossWeight * this.#losses[k]);
    const { name } = this.#spec.heads[parts.indexOf(Math.max(...parts))];
    const [limit, nothing] = [this.#limit(this.#nothing), this.#nothing];
    return new HighLossError(name, this.#loss, { limit, nothing, steps: this.#streak });
  }
}

/** The weighted loss of giving every class the same probability, and 0 for every number. */
function lossOfNothing({ heads }: ModelSpec, data: Dataset): number {
  return heads.reduce((sum, head) => {
    return sum + head.lossWeight * lossOfNothingOf(head, data);
  }, 0);
}

/** Of a loss of one's own nothing is known: it is never called high. */
function lossOfNothingOf(head: HeadSpec, data: Dataset): number {
  if (head.kind === 'categorical') return Math.log(head.size);
  return head.kind === 'numbers' && head.loss.kind === 'own' ? Infinity : data.meanLossOfNothing(head);
}

function marginOf(head: HeadSpec): number {
  return head.kind === 'scalar' ? 1 + head.positivePressure : 1;
}
