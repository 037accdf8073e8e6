import type { IndexTensor, Kernels, Tensor } from '../tensor/index.ts';
import type { Label } from './labels.ts';
import type { Permutation } from './permutation-test.ts';
import { standardise } from './statistics/moments.ts';
import type { StudyCorrelation } from './study-data.ts';

/** Moves whose sums are formed together. */
const AT_ONCE = 32;
/** Bytes of the series that all moves go over before the next are fetched: what stays in the second cache. */
const BLOCK_BYTES = 2 ** 17;

export interface TestedLabel {
  /** For each unit what was found with the song as it is. */
  found: Pick<StudyCorrelation, 'of' | 'value' | 'peak'>[];
  /** The sizes of these values. */
  sizes: Float64Array;
  /** The largest size among all units in each permutation. */
  largest: Float64Array;
}

/**
 * The statistics of every series with one label, in place and moved. Each is made of sums of the series: with the label's
 * standardised numbers as weights, which for many moves is one matrix product; or over the notes of each class, which adds
 * every note once to a row of a table, however many classes there are.
 */
export class LabelTest {
  readonly #label: Label;
  readonly #notes: number;
  /** Sums that one move has for every series: one, or one a class. */
  readonly #width: number;
  /** The standardised numbers, or nothing for classes. */
  readonly #values?: Float64Array;
  /** The classes, or nothing for numbers, and how many notes each has. */
  readonly #groups?: Int32Array;
  readonly #sizes: Float64Array;
  readonly #states: number;

  /**
   * @param sample the notes that are looked at
   * @param states the series of a unit: its output, and its cell where it has one
   */
  constructor(label: Label, sample: Int32Array, states: number) {
    this.#label = label;
    this.#states = states;
    this.#notes = sample.length;
    this.#width = label.kind === 'number' ? 1 : label.names.length;
    this.#sizes = new Float64Array(this.#width);
    if (label.kind === 'number') this.#values = standardise(Float64Array.from(sample, (note) => label.values[note]));
    else {
      this.#groups = sample.map((note) => label.groups[note]);
      for (const group of this.#groups) this.#sizes[group]++;
    }
  }

  /** @param series standardised, [notes, series]; those of a unit side by side, h first */
  run(kernels: Kernels, series: Tensor, moves: readonly Permutation[]): TestedLabel {
    const here = Int32Array.from({ length: this.#notes }, (_, k) => k);
    const found = this.#inPlace(this.#sums(kernels, series, [here]));
    const largest = new Float64Array(moves.length);
    for (let from = 0; from < moves.length; from += AT_ONCE) {
      const some = moves.slice(from, from + AT_ONCE);
      const sums = this.#sums(kernels, series, some);
      const { data, columns } = sums;
      for (let k = 0; k < some.length; k++) {
        for (let column = 0; column < columns; column++) {
          const size = Math.abs(this.#statistic(data, k * this.#width * columns + column, columns));
          largest[from + k] = Math.max(largest[from + k], size);
        }
      }
    }
    return { found, sizes: Float64Array.from(found, ({ value }) => Math.abs(value)), largest };
  }

  /** [moves * width, series]: the sums of each series for each move, and there for each class. */
  #sums(kernels: Kernels, series: Tensor, moves: readonly Permutation[]): Tensor {
    const { sums, weights, classes } = this.#buffers(kernels, series);
    kernels.fill(sums, 0);
    for (let from = 0; from < this.#notes; from += weights.rows) {
      const to = Math.min(this.#notes, from + weights.rows);
      const block = series.slice(from, to);
      if (this.#values) this.#addProducts(kernels, sums, weights.slice(0, to - from), block, moves, from);
      else {
        moves.forEach((move, k) => {
          const table = sums.slice(k * this.#width, (k + 1) * this.#width);
          const indices = classes.first(to - from);
          const { data } = indices;
          for (let note = from; note < to; note++) data[note - from] = this.#groups![move[note]];
          kernels.embeddingBackward(table, block, indices);
        });
      }
    }
    return sums;
  }

  #addProducts(
    kernels: Kernels,
    sums: Tensor,
    weights: Tensor,
    block: Tensor,
    moves: readonly Permutation[],
    from: number,
  ): void {
    const { data, rows } = weights;
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < moves.length; k++) data[row * AT_ONCE + k] = this.#values![moves[k][from + row]];
    }
    kernels.matmulBackwardB(sums, weights, block);
  }

  #kept?: { sums: Tensor; weights: Tensor; classes: IndexTensor };

  #buffers({ arena }: Kernels, series: Tensor): { sums: Tensor; weights: Tensor; classes: IndexTensor } {
    const rows = Math.max(1, Math.min(this.#notes, Math.floor(BLOCK_BYTES / 4 / series.columns)));
    this.#kept ??= {
      sums: arena.tensor([AT_ONCE * this.#width, series.columns]),
      weights: arena.tensor([rows, AT_ONCE]),
      classes: arena.indices([rows]),
    };
    return this.#kept;
  }

  /**
   * Pearson's r, or the correlation ratio: the root of the part of the variance that the means of the classes explain.
   * @param stride from the sum of one class to that of the next
   */
  #statistic(sums: ArrayLike<number>, at: number, stride: number): number {
    if (this.#values) return sums[at] / this.#notes;
    let explained = 0;
    for (let group = 0, place = at; group < this.#width; group++, place += stride) {
      if (this.#sizes[group] > 0) explained += sums[place] ** 2 / this.#sizes[group];
    }
    return Math.sqrt(Math.min(1, explained / this.#notes));
  }

  /** For each unit the one of its series that follows the label more closely. */
  #inPlace({ data: sums, columns }: Tensor): TestedLabel['found'] {
    return Array.from({ length: columns / this.#states }, (_, unit) => {
      const at = this.#states * unit;
      const ofH = this.#statistic(sums, at, columns);
      const ofC = this.#states > 1 ? this.#statistic(sums, at + 1, columns) : 0;
      const inC = Math.abs(ofC) > Math.abs(ofH);
      const best = inC ? { of: 'c' as const, value: ofC } : { of: 'h' as const, value: ofH };
      const peak = this.#peak(sums, at + (inC ? 1 : 0), columns);
      return peak === undefined ? best : { ...best, peak };
    });
  }

  /** The class whose mean is farthest from that of all; a class of one or two notes has an extreme mean by chance. */
  #peak(sums: ArrayLike<number>, at: number, stride: number): string | undefined {
    if (this.#label.kind === 'number') return undefined;
    const means = Array.from(this.#sizes, (size, group) => (size < 3 ? -1 : Math.abs(sums[at + group * stride]) / size)); // prettier-ignore
    const best = means.indexOf(Math.max(...means));
    return means[best] < 0 ? undefined : this.#label.names[best];
  }
}
