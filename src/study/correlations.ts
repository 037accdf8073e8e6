import { Random, type Floats, type Kernels, type Tensor } from '../tensor/index.ts';
import type { Label } from './labels.ts';
import { familyWiseP, shuffledPieces, type Permutation } from './permutation-test.ts';
import { columnOf, standardise } from './statistics/moments.ts';
import { trendOf } from './trend-test.ts';
import type { StudyCorrelation, StudyCorrelationTest } from './study-data.ts';

/** What a layer did, [steps * size] each; a recording of a layer is one. */
export interface LayerActivity {
  size: number;
  c: ArrayLike<number>;
  h: ArrayLike<number>;
}

export interface CorrelationOptions {
  seed: number;
  /** What multiplies; its arena keeps the buffers. */
  kernels: Kernels;
  /** @default 499 */
  permutations?: number;
  /** Multiplications that the test may cost; notes beyond are not looked at. @default 1e10 */
  work?: number;
  /** Of so many tables of noise one shows something. @default 0.01 */
  level?: number;
}

export interface CorrelationTable {
  test: StudyCorrelationTest;
  /** [layer][unit]: the strongest first. */
  units: StudyCorrelation[][][];
}

/** Labels are cut into so many pieces: each longer than a phrase lasts, or a unit drifts. */
const PIECES = 10;
/** Moves that are one matrix product. */
const AT_ONCE = 64;
/** So few still find what is significant at a hundredth. */
const LEAST_PERMUTATIONS = 199;
/** A song must be looked at over so many notes, whatever the work. */
const LEAST_NOTES = 400;

/**
 * Correlates every unit's output and cell with every label, and tests all of it at once: labels are cut into pieces and
 * moved against the activations again and again, and what any unit reaches with any label then is what chance can do. Within
 * a piece all stays in order, so that slow units and slow labels are as slow as before. The position in the song, which is a
 * trend, has a test of its own ({@link trendOf}).
 *
 * @param layers [steps * size]; steps as many as the labels have
 */
export function correlateUnits(
  layers: readonly LayerActivity[],
  labels: readonly Label[],
  options: CorrelationOptions,
): CorrelationTable {
  const { seed, kernels, permutations: wanted = 499, work = 1e10, level = 0.01 } = options;
  const units = layers.reduce((sum, { size }) => sum + size, 0);
  const steps = units > 0 ? layers[0].h.length / layers[0].size : 0;
  const columns = labels.reduce((sum, label) => sum + (label.kind === 'number' ? 1 : label.names.length), 0);
  // Long songs get fewer permutations first, then fewer notes.
  const each = Math.max(1, 2 * units * columns);
  const affordable = Math.floor(work / Math.max(1, each * steps));
  const permutations = Math.min(wanted, Math.max(LEAST_PERMUTATIONS, affordable));
  const notes = Math.min(steps, Math.max(LEAST_NOTES, Math.floor(work / (each * permutations))));
  const random = Random.stream(seed, 'permutations');
  const moves = Array.from({ length: permutations }, () => shuffledPieces(notes, PIECES, random));
  const series = standardisedSeries(kernels, layers, notes);
  const tested = labels.map((label) =>
    label.name === 'position' ? undefined : new LabelTest(label, notes).run(kernels, series, moves),
  );
  const trends = labels.some(({ name }) => name === 'position') ? trendsOf(series.data, notes) : [];
  const found = tested.map((test) => test?.found ?? trends);
  const p = testTogether(tested, trends);
  const table = Array.from({ length: units }, (_, unit) =>
    labels
      .map((label, k): StudyCorrelation => {
        return { with: label.name, ...found[k][unit], p: p[k][unit], significant: p[k][unit] <= level };
      })
      .sort((a, b) => a.p - b.p || Math.abs(b.value) - Math.abs(a.value)),
  );
  let first = 0;
  return {
    test: {
      correlates: labels.map(({ name }) => name),
      notes,
      permutations,
      seed,
      comparisons: units * labels.length,
      level,
    },
    units: layers.map(({ size }) => table.slice(first, (first += size))),
  };
}

interface TestedLabel {
  /** For each unit what was found with the song as it is. */
  found: Pick<StudyCorrelation, 'of' | 'value' | 'peak'>[];
  /** The sizes of these values. */
  sizes: Float64Array;
  /** The largest size among all units in each permutation. */
  largest: Float64Array;
}

/**
 * The statistics of every series with one label, in place and moved. Each is a product of the series with columns made of
 * the label (its standardised numbers, or a column of zeros and ones for each class), so many moves are one matrix product.
 */
class LabelTest {
  readonly #label: Label;
  readonly #notes: number;
  /** Columns of one move. */
  readonly #width: number;
  /** The standardised numbers, or nothing for classes. */
  readonly #values?: Float64Array;
  /** How many notes each class has. */
  readonly #sizes: Float64Array;

  constructor(label: Label, notes: number) {
    this.#label = label;
    this.#notes = notes;
    this.#width = label.kind === 'number' ? 1 : label.names.length;
    this.#sizes = new Float64Array(this.#width);
    if (label.kind === 'number') this.#values = standardise(label.values.subarray(0, notes));
    else for (const group of label.groups.subarray(0, notes)) this.#sizes[group]++;
  }

  run(kernels: Kernels, series: Tensor, moves: readonly Permutation[]): TestedLabel {
    const here = Int32Array.from({ length: this.#notes }, (_, k) => k);
    const found = this.#inPlace(this.#products(kernels, series, [here]).data);
    const largest = new Float64Array(moves.length);
    for (let from = 0; from < moves.length; from += AT_ONCE) {
      const some = moves.slice(from, from + AT_ONCE);
      const products = this.#products(kernels, series, some);
      for (let row = 0; row < series.rows; row++) {
        for (let k = 0; k < some.length; k++) {
          const at = (row * AT_ONCE + k) * this.#width;
          largest[from + k] = Math.max(largest[from + k], Math.abs(this.#statistic(products.data, at)));
        }
      }
    }
    return { found, sizes: Float64Array.from(found, ({ value }) => Math.abs(value)), largest };
  }

  /** [series, AT_ONCE * width]: the sums of each series over the label's columns, for each move. */
  #products(kernels: Kernels, series: Tensor, moves: readonly Permutation[]): Tensor {
    const { columns, products } = this.#buffers(kernels, series.rows);
    const width = this.#width;
    kernels.fill(columns, 0);
    const to = columns.data;
    for (let note = 0; note < this.#notes; note++) {
      const row = note * AT_ONCE * width;
      for (let k = 0; k < moves.length; k++) {
        const from = moves[k][note];
        if (this.#label.kind === 'number') to[row + k] = this.#values![from];
        else to[row + k * width + this.#label.groups[from]] = 1;
      }
    }
    kernels.fill(products, 0);
    kernels.matmul(products, series, columns);
    return products;
  }

  #kept?: { columns: Tensor; products: Tensor };

  #buffers({ arena }: Kernels, rows: number): { columns: Tensor; products: Tensor } {
    this.#kept ??= {
      columns: arena.tensor([this.#notes, AT_ONCE * this.#width]),
      products: arena.tensor([rows, AT_ONCE * this.#width]),
    };
    return this.#kept;
  }

  /** Pearson's r, or the correlation ratio: the root of the part of the variance that the means of the classes explain. */
  #statistic(products: ArrayLike<number>, at: number): number {
    if (this.#label.kind === 'number') return products[at] / this.#notes;
    let explained = 0;
    for (let group = 0; group < this.#width; group++) {
      if (this.#sizes[group] > 0) explained += products[at + group] ** 2 / this.#sizes[group];
    }
    return Math.sqrt(Math.min(1, explained / this.#notes));
  }

  /** For each unit, whose output and cell are two rows, the one that follows the label more closely. */
  #inPlace(products: ArrayLike<number>): TestedLabel['found'] {
    const stride = AT_ONCE * this.#width;
    return Array.from({ length: products.length / stride / 2 }, (_, unit) => {
      const [h, c] = [2 * unit * stride, (2 * unit + 1) * stride];
      const [ofH, ofC] = [this.#statistic(products, h), this.#statistic(products, c)];
      const best = Math.abs(ofC) > Math.abs(ofH) ? { of: 'c' as const, value: ofC } : { of: 'h' as const, value: ofH };
      if (this.#label.kind === 'number') return best;
      const peak = this.#peak(products, best.of === 'h' ? h : c);
      return peak === undefined ? best : { ...best, peak };
    });
  }

  /** The class whose mean is farthest from that of all; a class of one or two notes has an extreme mean by chance. */
  #peak(products: ArrayLike<number>, at: number): string | undefined {
    const means = Array.from(this.#sizes, (size, group) => (size < 3 ? -1 : Math.abs(products[at + group]) / size));
    const best = means.indexOf(Math.max(...means));
    return means[best] < 0 || this.#label.kind === 'number' ? undefined : this.#label.names[best];
  }
}

/**
 * Corrected chances of all that was found: those of the permutations, and those of the trends for each label without any.
 * Both are doubled when there are both (Bonferroni), and a trend counts for as many as were looked at.
 */
function testTogether(tested: readonly (TestedLabel | undefined)[], trends: readonly FoundTrend[]): Float64Array[] {
  const permuted = tested.flatMap((test) => test ?? []);
  const groups = Number(permuted.length > 0) + Number(trends.length > 0);
  const chances = familyWiseP(
    permuted.map(({ sizes }) => sizes.map(fisher)),
    permuted.map(({ largest }) => largest.map(fisher)),
  );
  let next = 0;
  return tested.map((test) => {
    const raw = test ? chances[next++] : Float64Array.from(trends, ({ p }) => 2 * trends.length * p);
    return raw.map((chance) => Math.min(1, groups * chance));
  });
}

/** Fisher's transform: correlations near 1 differ by more than their numbers say. */
function fisher(correlation: number): number {
  return Math.atanh(Math.min(correlation, 1 - 1e-6));
}

/** How a unit goes with the position in the song: its output or its cell, whichever more closely. */
type FoundTrend = Pick<StudyCorrelation, 'of' | 'value' | 'p'>;

/** @param series rows 2u and 2u + 1 are h and c of unit u */
function trendsOf(series: Floats, notes: number): FoundTrend[] {
  return Array.from({ length: series.length / notes / 2 }, (_, unit): FoundTrend => {
    const [h, c] = [0, 1].map((k) => trendOf(series.subarray((2 * unit + k) * notes, (2 * unit + k + 1) * notes)));
    return Math.abs(c.r) > Math.abs(h.r) ? { of: 'c', value: c.r, p: c.p } : { of: 'h', value: h.r, p: h.p };
  });
}

/** Both values of every unit, standardised, [2 * units, notes]: rows 2u and 2u + 1 are h and c of unit u. */
function standardisedSeries(kernels: Kernels, layers: readonly LayerActivity[], notes: number): Tensor {
  const rows = layers.flatMap(({ size, h, c }) =>
    Array.from({ length: 2 * size }, (_, row) => columnOf(row % 2 === 0 ? h : c, size, row >> 1).subarray(0, notes)),
  );
  const series = kernels.arena.tensor([rows.length, notes]);
  const { data } = series;
  rows.forEach((values, row) => {
    data.set(standardise(values), row * notes);
  });
  return series;
}
