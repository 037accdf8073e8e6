import { DataError, UsageError } from '../errors.ts';
import type { Random } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import type { Pieces } from './in-turns.ts';
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

/** What a trainer learns from: stretches of sequences, by number, that are put side by side in batches. */
export interface Dataset {
  /** How many there are. */
  readonly size: number;
  /** The steps of a batch. */
  readonly steps: number;
  /** Whether they have other forms in training. */
  readonly isVaried: boolean;
  /** The mean loss of a head over all that is asked when its outputs are all 0: of logits, when all classes are equally likely. */
  meanLossOfNothing(head: HeadSpec): number;
  /** A batch for `count` of them, to be filled again and again. */
  createBatch(count: number, lossOn: 'last' | 'all'): WindowBatch;
  /**
   * Fills `batch` with those numbered `windows[from]`, `windows[from + 1]`, and so on.
   * @param randomOf what the form of the one at a place in `windows` is drawn from; without it they are as they are
   */
  fill(batch: WindowBatch, windows: ArrayLike<number>, from?: number, randomOf?: (place: number) => Random): void;
  /** How batches follow one another, where each goes on where the one before ended. */
  readonly streams?: Streams;
}

/** Pieces that are read side by side, each row of a batch one after the other. */
export interface Streams {
  /** The most rows that have something to read: a piece each. */
  readonly rows: number;
  /** How many batches of so many rows read all pieces. */
  batches(rows: number): number;
  /**
   * An epoch's order: which windows are in each batch, `rows` of them, batch after batch, and where a row has run out `size`.
   * @param shuffle draws the order of the pieces
   */
  order(rows: number, shuffle: Random): Pieces<Uint32Array>;
  /** The same without chance, for whole pieces that are evenly spaced and have about `atMost` windows together. */
  toJudge(rows: number, atMost: number): Uint32Array;
}

/**
 * All windows of T steps of some sequences, none across a border: window w of a sequence sees positions w to w + T - 1,
 * and is asked for positions w + 1 to w + T, or for w + T alone. A sequence of n positions has max(0, n - T) windows, or one where
 * short ones fill up a window; `tooShort` names those that have none.
 */
export class WindowDataset implements Dataset {
  /** How many windows there are. */
  readonly size: number;
  readonly steps: number;
  /** The numbers of the sequences that are too short for a window, from 0: nothing of them is learned. */
  readonly tooShort: readonly number[];
  readonly #spec: ModelSpec;
  readonly #sequences: Sequence[];
  readonly #vary?: Vary;
  readonly #fillsUp: boolean;
  /** The number of the first window of each sequence, and after them the number of all windows. */
  readonly #firstWindow: Float64Array;

  /**
   * @param vary another form for each window that is filled with something to draw from; the same windows always unless given
   * @param short what becomes of sequences that are not longer than a window: they are left out and named in `tooShort`, or
   *   fill a window of their own as far as they go (which takes a model whose loss looks at every step)
   * @throws DataError when no sequence is longer than a window
   * @throws InputError when a class does not exist, or a number is not finite
   * @throws ShapeError when an array has another length than its sequence
   * @throws UsageError when the model is bidirectional and asked at every step: what follows a step it has read by then
   */
  constructor(
    spec: ModelSpec,
    sequences: Sequence[],
    steps: number,
    vary?: Vary,
    short: 'leave out' | 'fill up' = 'leave out',
  ) {
    if (spec.lstm.bidirectional && spec.lossOn === 'all') {
      throw new UsageError('windows: each step is asked for what follows it, which a bidirectional model has read already. Label steps with SequenceDataset, or take lossOn "last".'); // prettier-ignore
    }
    // Batches hold whole numbers for classes: NaN or a half would become one without a word, so all are looked at here.
    sequences.forEach((sequence, index) => {
      assertSequence(spec, sequence, `sequence ${index}`);
    });
    this.#spec = spec;
    this.#sequences = sequences;
    this.steps = steps;
    this.#vary = vary;
    this.#fillsUp = short === 'fill up';
    // What follows a position must be there.
    const least = this.#fillsUp ? 2 : steps + 1;
    this.tooShort = [...sequences.keys()].filter((index) => sequences[index].length < least);
    this.#firstWindow = new Float64Array(sequences.length + 1);
    sequences.forEach(({ length }, index) => {
      const windows = length < least ? 0 : Math.max(1, length - steps);
      this.#firstWindow[index + 1] = this.#firstWindow[index] + windows;
    });
    this.size = this.#firstWindow[sequences.length];
    if (this.size === 0) {
      const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
      throw new DataError(
        `No window of ${steps} steps fits: the longest of ${sequences.length} sequences has ${longest}, ` +
          `and ${least} are needed. Give longer pieces or a shorter window (--seq-length).`,
      );
    }
  }

  /** Whether windows have other forms in training. */
  get isVaried(): boolean {
    return this.#vary !== undefined;
  }

  meanLossOfNothing(head: HeadSpec): number {
    return meanLossOfNothing(head, this.#sequences);
  }

  /** A batch for `count` windows, to be filled again and again. */
  createBatch(count: number, lossOn: 'last' | 'all'): WindowBatch {
    const batch = emptyBatch(this.#spec, count, this.steps, lossOn);
    return this.#fillsUp ? { ...batch, lengths: new Int32Array(count) } : batch;
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
        const count = Math.min(this.steps + 1, this.#sequences[index].length);
        this.#fillWindow(batch, b, this.#vary(index, start, count, randomOf(from + b)), 0);
      } else {
        this.#fillWindow(batch, b, this.#sequences[index], start);
      }
    }
  }

  #fillWindow(batch: WindowBatch, b: number, sequence: Sequence, start: number): void {
    const { size: B } = batch;
    const T = Math.min(batch.steps, sequence.length - start - 1);
    if (batch.lengths) (batch.lengths as Int32Array)[b] = T;
    if (T < batch.steps) this.#clear(batch, b);
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

  /** Zeros in all that sequence b does not fill: what stood there before might not be a class. */
  #clear({ size, steps, categories, features, targets }: WindowBatch, b: number): void {
    for (const all of [...categories, features, ...Object.values(targets)]) {
      const width = all.length / (size * steps);
      for (let t = 0; t < steps; t++) all.fill(0, (t * size + b) * width, (t * size + b + 1) * width);
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

/** A batch of `count` sequences of `steps` steps, all zeros. */
export function emptyBatch(
  { inputs, heads }: ModelSpec,
  count: number,
  steps: number,
  lossOn: 'last' | 'all',
): WindowBatch {
  const rows = count * steps;
  const targetRows = lossOn === 'last' ? count : rows;
  return {
    size: count,
    steps,
    lossOn,
    categories: inputs.categories.map(() => new Int32Array(rows)),
    features: new Float32Array(rows * inputs.features.length),
    targets: Object.fromEntries(
      heads.map((head) => {
        const numbers = targetRows * targetWidth(head);
        return [head.name, head.kind === 'categorical' ? new Int32Array(numbers) : new Float32Array(numbers)];
      }),
    ),
  };
}

/** The mean loss of a head over all targets of some sequences when its outputs are all 0. */
export function meanLossOfNothing(head: HeadSpec, sequences: readonly Pick<Sequence, 'targets'>[]): number {
  const loss = lossOf(head);
  const [values, slope] = [new Float64Array(loss.outputs), new Float64Array(loss.outputs)];
  const wanted = new Float64Array(loss.targets);
  let [sum, count] = [0, 0];
  for (const { targets } of sequences) {
    const all = targets[head.name];
    for (let at = 0; at < all.length; at += loss.targets) {
      // Of a corpus there are millions: nothing is made for each.
      for (let k = 0; k < wanted.length; k++) wanted[k] = all[at + k];
      sum += loss.row(values, wanted, slope);
      count++;
    }
  }
  return sum / count;
}
