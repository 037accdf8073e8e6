import { DataError } from '../errors.ts';
import type { Random } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import { assertSequence } from './input-checks.ts';
import type { Sequence } from './sequence.ts';
import { lossOf } from './losses/loss-of.ts';
import { targetWidth, type HeadSpec, type ModelSpec } from './spec.ts';

/**
 * Another form of a stretch of a sequence, such as a melody in another key: positions `from` up to, not including,
 * `from + count` of sequence number `index`, as a sequence of `count` positions. It depends on its arguments alone, and on
 * what it draws from `random`. What it gives is read at once, so that it may give the same arrays again and again.
 */
export type Vary = (index: number, from: number, count: number, random: Random) => Sequence;

/**
 * All windows of T steps of some sequences, none across a border: window w of a sequence sees positions w to w + T - 1,
 * and is asked for positions w + 1 to w + T, or for w + T alone. A sequence of n positions has max(0, n - T) windows;
 * `tooShort` names those that have none.
 */
export class WindowDataset {
  /** How many windows there are. */
  readonly size: number;
  readonly steps: number;
  /** The numbers of the sequences that are too short for a window, from 0: nothing of them is learned. */
  readonly tooShort: readonly number[];
  readonly #spec: ModelSpec;
  readonly #sequences: Sequence[];
  readonly #vary?: Vary;
  /** The number of the first window of each sequence, and after them the number of all windows. */
  readonly #firstWindow: Float64Array;

  /**
   * @param vary another form for each window that is filled with something to draw from; the same windows always unless given
   * @throws DataError when no sequence is longer than a window
   * @throws InputError when a class does not exist, or a number is not finite
   * @throws ShapeError when an array has another length than its sequence
   */
  constructor(spec: ModelSpec, sequences: Sequence[], steps: number, vary?: Vary) {
    // Batches hold whole numbers for classes: NaN or a half would become one without a word, so all are looked at here.
    sequences.forEach((sequence, index) => {
      assertSequence(spec, sequence, `sequence ${index}`);
    });
    this.#spec = spec;
    this.#sequences = sequences;
    this.steps = steps;
    this.#vary = vary;
    this.tooShort = [...sequences.keys()].filter((index) => sequences[index].length <= steps);
    this.#firstWindow = new Float64Array(sequences.length + 1);
    sequences.forEach(({ length }, index) => {
      this.#firstWindow[index + 1] = this.#firstWindow[index] + Math.max(0, length - steps);
    });
    this.size = this.#firstWindow[sequences.length];
    if (this.size === 0) {
      const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
      throw new DataError(
        `No window of ${steps} steps fits: the longest of ${sequences.length} sequences has ${longest}, ` +
          `and ${steps + 1} are needed. Give longer pieces or a shorter window (--seq-length).`,
      );
    }
  }

  /** Whether windows have other forms in training. */
  get isVaried(): boolean {
    return this.#vary !== undefined;
  }

  /** The mean loss of a head over all positions when its outputs are all 0: of logits, when all classes are equally likely. */
  meanLossOfNothing(head: HeadSpec): number {
    const loss = lossOf(head);
    const [values, slope] = [new Float64Array(loss.outputs), new Float64Array(loss.outputs)];
    let [sum, count] = [0, 0];
    for (const { length, targets } of this.#sequences) {
      for (let t = 0; t < length; t++) {
        const wanted = Float64Array.from({ length: loss.targets }, (_, k) => targets[head.name][t * loss.targets + k]);
        sum += loss.row(values, wanted, slope);
      }
      count += length;
    }
    return sum / count;
  }

  /** A batch for `count` windows, to be filled again and again. */
  createBatch(count: number, lossOn: 'last' | 'all'): WindowBatch {
    const rows = count * this.steps;
    const targetRows = lossOn === 'last' ? count : rows;
    return {
      size: count,
      steps: this.steps,
      lossOn,
      categories: this.#spec.inputs.categories.map(() => new Int32Array(rows)),
      features: new Float32Array(rows * this.#spec.inputs.features.length),
      targets: Object.fromEntries(
        this.#spec.heads.map((head) => [
          head.name,
          head.kind === 'categorical' ? new Int32Array(targetRows) : new Float32Array(targetRows * targetWidth(head)),
        ]),
      ),
    };
  }

  /**
   * Fills `batch` with the windows numbered `windows[from]`, `windows[from + 1]`, and so on.
   * @param randomOf what the form of the window at a place in `windows` is drawn from; without it they are as they are
   */
  fill(batch: WindowBatch, windows: ArrayLike<number>, from = 0, randomOf?: (place: number) => Random): void {
    for (let b = 0; b < batch.size; b++) {
      const window = windows[from + b];
      const index = this.#sequenceOf(window);
      const start = window - this.#firstWindow[index];
      if (this.#vary && randomOf) {
        this.#fillWindow(batch, b, this.#vary(index, start, this.steps + 1, randomOf(from + b)), 0);
      } else {
        this.#fillWindow(batch, b, this.#sequences[index], start);
      }
    }
  }

  #fillWindow(batch: WindowBatch, b: number, sequence: Sequence, start: number): void {
    const { size: B, steps: T } = batch;
    const F = this.#spec.inputs.features.length;
    const { categories, features, targets } = sequence;
    for (let t = 0; t < T; t++) {
      const row = t * B + b;
      for (let k = 0; k < categories.length; k++) batch.categories[k][row] = categories[k][start + t];
      for (let f = 0; f < F; f++) batch.features[row * F + f] = features[(start + t) * F + f];
    }
    for (const head of this.#spec.heads) {
      const [to, from, width] = [batch.targets[head.name], targets[head.name], targetWidth(head)];
      const first = batch.lossOn === 'last' ? T : 1;
      for (let t = first; t <= T; t++) {
        for (let k = 0; k < width; k++) to[((t - first) * B + b) * width + k] = from[(start + t) * width + k];
      }
    }
  }

  /** The sequence that window `window` lies in, by bisection. */
  #sequenceOf(window: number): number {
    if (!(window >= 0 && window < this.size)) throw new RangeError(`window ${window} of ${this.size} does not exist.`);
    let low = 0;
    let high = this.#sequences.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#firstWindow[middle] <= window) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** A batch whose arrays a WindowDataset fills. */
export interface WindowBatch extends Batch {
  lossOn: 'last' | 'all';
  categories: Int32Array[];
  features: Float32Array;
  targets: Record<string, Int32Array | Float32Array>;
}
