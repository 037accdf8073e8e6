import { DataError } from '../errors.ts';
import { assertLength, assertSequence } from './input-checks.ts';
import { emptyBatch, meanLossOfNothing, type Dataset, type WindowBatch } from './dataset.ts';
import type { Sequence } from './sequence.ts';
import { targetWidth, type HeadSpec, type ModelSpec } from './spec.ts';

/** What sequences are asked for: something at every step of theirs, or one thing when they have been read. */
export type Asked = 'steps' | 'ends';

/**
 * Whole sequences of any lengths, side by side. For labelling (`steps`) each has a target at every step, which belongs to what was
 * read there; for classification (`ends`) it has one, asked for at its last step. Shorter ones are filled up at the end, and
 * what fills them neither counts nor teaches. The model takes its loss at every step (lossOn and evaluateOn `all`).
 */
export class SequenceDataset implements Dataset {
  readonly size: number;
  readonly steps: number;
  readonly isVaried = false;
  readonly #spec: ModelSpec;
  readonly #sequences: readonly Sequence[];
  readonly #asked: Asked;
  readonly #weights?: ArrayLike<number>;

  /**
   * @param options `steps` of a batch: as many as the longest sequence has, unless given; `weights`: how much each sequence
   * counts; 1 each unless given
   * @throws DataError when there are none, one is empty, or one is longer than a batch
   * @throws InputError when a class does not exist, or a number is not finite; ShapeError when an array has another length
   */
  constructor(
    spec: ModelSpec,
    sequences: readonly Sequence[],
    asked: Asked,
    { steps, weights }: { steps?: number; weights?: ArrayLike<number> } = {},
  ) {
    sequences.forEach((sequence, index) => {
      checkSequence(spec, sequence, asked, index);
    });
    if (sequences.length === 0) throw new DataError('There are no sequences to learn from; give at least one.');
    const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
    this.steps = steps ?? longest;
    if (longest > this.steps) {
      throw new DataError(`The longest of ${sequences.length} sequences has ${longest} steps, and a batch ${this.steps}: give more steps, or cut it.`); // prettier-ignore
    }
    if (weights) assertLength(weights, sequences.length, { what: 'the weights' });
    this.#spec = spec;
    this.#sequences = sequences;
    this.#asked = asked;
    this.#weights = weights;
    this.size = sequences.length;
  }

  meanLossOfNothing(head: HeadSpec): number {
    return meanLossOfNothing(head, this.#sequences);
  }

  createBatch(count: number, lossOn: 'last' | 'all'): WindowBatch {
    if (lossOn === 'last') throw new DataError('Sequences of several lengths take a model with lossOn "all" and evaluateOn "all".'); // prettier-ignore
    return {
      ...emptyBatch(this.#spec, count, this.steps, lossOn),
      lengths: new Int32Array(count),
      ...(this.#asked === 'ends' && { asked: 'ends' as const }),
      ...(this.#weights && { weights: new Float32Array(count) }),
    };
  }

  fill(batch: WindowBatch, windows: ArrayLike<number>, from = 0): void {
    for (const values of [...batch.categories, batch.features, ...Object.values(batch.targets)]) values.fill(0);
    for (let b = 0; b < batch.size; b++) {
      const index = windows[from + b];
      if (!(index >= 0 && index < this.size)) throw new RangeError(`sequence ${index} of ${this.size} does not exist.`);
      this.#fillSequence(batch, b, this.#sequences[index]);
      if (batch.weights) (batch.weights as Float32Array)[b] = this.#weights![index];
    }
  }

  #fillSequence(batch: WindowBatch, b: number, { length, categories, features, targets }: Sequence): void {
    const { size: B } = batch;
    (batch.lengths as Int32Array)[b] = length;
    const copy = (to: Int32Array | Float32Array, values: ArrayLike<number>, width: number, first: number): void => {
      for (let t = first; t < length; t++) {
        for (let k = 0; k < width; k++) to[(t * B + b) * width + k] = values[(t - first) * width + k];
      }
    };
    categories.forEach((each, k) => { copy(batch.categories[k], each, 1, 0); }); // prettier-ignore
    copy(batch.features, features, this.#spec.inputs.features.length, 0);
    const first = this.#asked === 'ends' ? length - 1 : 0;
    for (const head of this.#spec.heads) copy(batch.targets[head.name], targets[head.name], targetWidth(head), first);
  }
}

function checkSequence(spec: ModelSpec, sequence: Sequence, asked: Asked, index: number): void {
  const name = `sequence ${index}`;
  if (sequence.length < 1)
    throw new DataError(`Sequence ${index}, counted from 0, is empty: it has no step to be asked at.`);
  if (asked === 'steps') {
    assertSequence(spec, sequence, name);
    return;
  }
  const { targets, ...inputs } = sequence;
  assertSequence(spec, inputs, name);
  // Of the one step that is asked for.
  assertSequence({ ...spec, inputs: { categories: [], features: [] } }, { length: 1, categories: [], features: [], targets }, `the answer of ${name}`); // prettier-ignore
}
