import { DataError } from '../errors.ts';
import { evenlySpaced } from '../evenly.ts';
import type { Random } from '../tensor/index.ts';
import { assertCanCarry } from './carried-state.ts';
import { emptyBatch, meanLossOfNothing, type Dataset, type Streams, type Vary, type WindowBatch } from './dataset.ts';
import type { Pieces } from './in-turns.ts';
import { assertSequence } from './input-checks.ts';
import type { Sequence } from './sequence.ts';
import { targetWidth, type HeadSpec, type ModelSpec } from './spec.ts';

/** How the steps of pieces are asked, and what other forms pieces have. */
export interface StreamOptions {
  /** `next`: each step for what follows it; `steps`: each for the target that stands there. @default next */
  asked?: 'next' | 'steps';
  /** Another form for each piece that is filled with something to draw from: of the whole piece, once an epoch. */
  vary?: Vary;
}

/** The form that a piece has in an epoch. */
interface Form {
  piece: number;
  /** The random state that it was drawn from. */
  drawn: string;
  sequence: Sequence;
}

/**
 * Whole pieces of any lengths as streams, for training with a state that is carried from window to window (`Batch.carry`).
 * Each row of a batch reads one piece after the other, T steps at a time: it goes on where its row of the batch before ended,
 * and begins anew with a piece. The last window of a piece is filled up (`lengths`); a row that has run out counts nothing.
 * So every step of every piece is taught once an epoch, knowing all of the piece before it.
 */
export class StreamDataset implements Dataset {
  /** How many windows there are. */
  readonly size: number;
  readonly steps: number;
  readonly isVaried: boolean;
  readonly streams: Streams;
  /** The numbers of the pieces that ask for nothing: of a single position, where each is asked for the next. */
  readonly tooShort: readonly number[];
  readonly #spec: ModelSpec;
  readonly #pieces: readonly Sequence[];
  readonly #vary?: Vary;
  /** How far behind what is read the target stands. */
  readonly #ahead: 0 | 1;
  /** The number of the first window of each piece, and after them the number of all windows. */
  readonly #firstWindow: Float64Array;
  /** The piece that each window lies in. */
  readonly #pieceOf: Uint32Array;
  /** The newest form in each row. */
  readonly #forms: Form[] = [];

  /**
   * @throws UsageError when the loss of the model looks at the last step alone
   * @throws DataError when no piece asks for anything
   * @throws InputError when a class does not exist, or a number is not finite; ShapeError when an array has another length
   */
  constructor(
    spec: ModelSpec,
    pieces: readonly Sequence[],
    steps: number,
    { asked = 'next', vary }: StreamOptions = {},
  ) {
    assertCanCarry(spec);
    pieces.forEach((piece, index) => {
      assertSequence(spec, piece, `piece ${index}`);
    });
    this.#spec = spec;
    this.#pieces = pieces;
    this.steps = steps;
    this.#vary = vary;
    this.isVaried = vary !== undefined;
    this.#ahead = asked === 'next' ? 1 : 0;
    this.#firstWindow = new Float64Array(pieces.length + 1);
    const windows = pieces.map(({ length }) => Math.ceil(Math.max(0, length - this.#ahead) / steps));
    for (const [index, count] of windows.entries()) this.#firstWindow[index + 1] = this.#firstWindow[index] + count;
    this.tooShort = [...pieces.keys()].filter((index) => windows[index] === 0);
    this.size = this.#firstWindow[pieces.length];
    if (this.size === 0) throw new DataError(`None of ${pieces.length} pieces has a step to be asked at; give longer ones.`); // prettier-ignore
    this.#pieceOf = new Uint32Array(this.size);
    windows.forEach((count, index) => this.#pieceOf.fill(index, this.#firstWindow[index], this.#firstWindow[index] + count)); // prettier-ignore
    this.streams = this.#streamsOf(windows);
  }

  meanLossOfNothing(head: HeadSpec): number {
    return meanLossOfNothing(head, this.#pieces);
  }

  createBatch(count: number, lossOn: 'last' | 'all'): WindowBatch {
    if (lossOn === 'last') throw new DataError('Streams take a model with lossOn "all" and evaluateOn "all".');
    return {
      ...emptyBatch(this.#spec, count, this.steps, lossOn),
      lengths: new Int32Array(count),
      weights: new Float32Array(count),
      carry: new Int32Array(count),
    };
  }

  /**
   * Writes windows into a batch, all of it: inputs, targets, lengths, weights, and which rows go on from the state before.
   * @param windows numbers of windows, or `size` for a row that has nothing to read
   * @param from the place in `windows` of the batch's first row
   * @param randomOf the random numbers with which the row at a place is varied
   * @throws RangeError when a window does not exist
   */
  fill(batch: WindowBatch, windows: ArrayLike<number>, from = 0, randomOf?: (place: number) => Random): void {
    for (const values of [...batch.categories, batch.features, ...Object.values(batch.targets)]) values.fill(0);
    const [lengths, carry] = [batch.lengths as Int32Array, batch.carry as Int32Array];
    const weights = batch.weights as Float32Array;
    for (let b = 0; b < batch.size; b++) {
      const window = windows[from + b];
      if (!(window >= 0 && window <= this.size)) throw new RangeError(`window ${window} of ${this.size} does not exist.`); // prettier-ignore
      const isNone = window === this.size;
      weights[b] = isNone ? 0 : 1;
      lengths[b] = 1;
      carry[b] = 0;
      if (isNone) continue;
      const piece = this.#pieceOf[window];
      const number = window - this.#firstWindow[piece];
      carry[b] = number === 0 ? 0 : 1;
      lengths[b] = this.#fillRow(batch, b, this.#formOf(piece, b, randomOf), number * this.steps);
    }
  }

  /** @returns how many steps the row has */
  #fillRow(batch: WindowBatch, b: number, piece: Sequence, start: number): number {
    const { size: B } = batch;
    const count = Math.min(batch.steps, piece.length - this.#ahead - start);
    const copy = (to: Int32Array | Float32Array, values: ArrayLike<number>, width: number, first: number): void => {
      for (let t = 0; t < count; t++) {
        for (let k = 0; k < width; k++) to[(t * B + b) * width + k] = values[(first + t) * width + k];
      }
    };
    piece.categories.forEach((each, k) => { copy(batch.categories[k], each, 1, start); }); // prettier-ignore
    copy(batch.features, piece.features, this.#spec.inputs.features.length, start);
    for (const head of this.#spec.heads) {
      copy(batch.targets[head.name], piece.targets[head.name], targetWidth(head), start + this.#ahead);
    }
    return count;
  }

  /** A piece in the form that it has in this epoch; it is kept for the windows of the row that follow. */
  #formOf(piece: number, b: number, randomOf?: (place: number) => Random): Sequence {
    const sequence = this.#pieces[piece];
    if (!this.#vary || !randomOf) return sequence;
    const random = randomOf(piece);
    const drawn = random.state().join();
    const known = this.#forms.at(b);
    if (known?.piece === piece && known.drawn === drawn) return known.sequence;
    this.#forms[b] = { piece, drawn, sequence: copyOf(this.#vary(piece, 0, sequence.length, random)) };
    return this.#forms[b].sequence;
  }

  #streamsOf(windows: readonly number[]): Streams {
    const pieces = [...windows.keys()].filter((index) => windows[index] > 0);
    const laidOut = (order: readonly number[], rows: number): Uint32Array => {
      const dealt = deal(order, windows, rows);
      const laid = new Uint32Array(Math.max(...dealt.loads) * rows).fill(this.size);
      const next = new Uint32Array(rows);
      for (const piece of order) {
        const row = dealt.rowOf[piece];
        for (let k = 0; k < windows[piece]; k++) laid[next[row]++ * rows + row] = this.#firstWindow[piece] + k;
      }
      return laid;
    };
    return {
      rows: pieces.length,
      batches: (rows) => Math.max(...deal(pieces, windows, rows).loads),
      *order(rows, shuffle): Pieces<Uint32Array> {
        const order = yield* shuffle.shufflePieces([...pieces]);
        return laidOut(order, rows);
      },
      toJudge: (rows, atMost) => {
        const share = Math.min(1, atMost / windows.reduce((sum, count) => sum + count, 0));
        const some = evenlySpaced(pieces.length, Math.max(1, Math.floor(share * pieces.length)));
        return laidOut(Array.from(some, (at) => pieces[at]), rows); // prettier-ignore
      },
    };
  }
}

/**
 * Gives each piece the row that has the least to read so far, the longest pieces first (Graham 1969): the rows are about
 * equally long, and however pieces of equal length are ordered the longest row is the same.
 */
function deal(
  pieces: readonly number[],
  windows: readonly number[],
  rows: number,
): { rowOf: Record<number, number>; loads: Float64Array } {
  const loads = new Float64Array(rows);
  const rowOf: Record<number, number> = {};
  for (const piece of [...pieces].sort((a, b) => windows[b] - windows[a])) {
    const row = loads.indexOf(Math.min(...loads));
    rowOf[piece] = row;
    loads[row] += windows[piece];
  }
  return { rowOf, loads };
}

/** What `Vary` gives may be overwritten by the next call. */
function copyOf({ length, categories, features, targets }: Sequence): Sequence {
  return {
    length,
    categories: categories.map((each) => Array.from(each)),
    features: Array.from(features),
    targets: Object.fromEntries(Object.entries(targets).map(([name, each]) => [name, Array.from(each)])),
  };
}
