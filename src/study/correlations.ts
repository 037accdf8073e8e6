import { Random, type Kernels, type Tensor } from '../tensor/index.ts';
import type { Label } from './labels.ts';
import { LabelTest, type TestedLabel } from './label-test.ts';
import { familyWiseP, shuffledPieces } from './permutation-test.ts';
import { mapColumns, scaleOf } from './statistics/moments.ts';
import { trendOf } from './trend-test.ts';
import type { StudyCorrelation, StudyCorrelationTest } from './study-data.ts';

/** What a layer did, [steps * size] each; a recording of a layer is one. */
export interface LayerActivity {
  size: number;
  c?: ArrayLike<number>;
  h: ArrayLike<number>;
}

export interface CorrelationOptions {
  seed: number;
  /** What multiplies; its arena keeps the buffers. */
  kernels: Kernels;
  /** @default 499 */
  permutations?: number;
  /** Multiplications that the test may cost; where all notes cost more, a sample of them is looked at. @default 1.5e10 */
  work?: number;
  /** Of so many tables of noise one shows something. @default 0.01 */
  level?: number;
  /** Called after each label. */
  onLabel?: (done: number) => void;
}

export interface CorrelationTable {
  test: StudyCorrelationTest;
  /** [layer][unit]: the strongest first. */
  units: StudyCorrelation[][][];
}

/** Labels are cut into so many pieces: each longer than a phrase lasts, or a unit drifts. */
const PIECES = 10;
/** What adding a note to its class takes beside a multiplication in a large product. */
const CLASS_WORK = 3;
/** So few still find what is significant at a hundredth. */
const LEAST_PERMUTATIONS = 199;
/** A song must be looked at over so many notes, whatever the work. */
const LEAST_NOTES = 400;
/** A sample of a song is so many stretches of neighbours: a slow unit is slow within one, and none but the beginning would tell of the beginning alone. */
const STRETCHES = 10;

/**
 * Correlates every unit's output and cell with every label, and tests all of it at once: labels are cut into pieces and
 * moved against the activations again and again, and what any unit reaches with any label then is what chance can do. Within
 * a piece all stays in order, so that slow units and slow labels are as slow as before. The position in the song, which is a
 * trend, has a test of its own ({@link trendOf}), which looks at all notes.
 *
 * @param layers [steps * size]; steps as many as the labels have
 */
export function correlateUnits(
  layers: readonly LayerActivity[],
  labels: readonly Label[],
  options: CorrelationOptions,
): CorrelationTable {
  const { seed, kernels, permutations: wanted = 499, work = 1.5e10, level = 0.01 } = options;
  const units = layers.reduce((sum, { size }) => sum + size, 0);
  const steps = units > 0 ? layers[0].h.length / layers[0].size : 0;
  const additions = labels.reduce((sum, label) => sum + (label.kind === 'number' ? 1 : CLASS_WORK), 0);
  // Long songs get fewer permutations first, then fewer notes.
  const each = Math.max(1, 2 * units * additions);
  const affordable = Math.floor(work / Math.max(1, each * steps));
  const permutations = Math.min(wanted, Math.max(LEAST_PERMUTATIONS, affordable));
  const notes = Math.min(steps, Math.max(LEAST_NOTES, Math.floor(work / (each * permutations))));
  const sample = spreadStretches(steps, notes, STRETCHES);
  const random = Random.stream(seed, 'permutations');
  const moves = Array.from({ length: permutations }, () => shuffledPieces(notes, PIECES, random));
  const series = standardisedSeries(kernels, layers, sample);
  const tested = labels.map((label, k) => {
    const test =
      label.name === 'position'
        ? undefined
        : new LabelTest(label, sample, series.columns / units).run(kernels, series, moves);
    options.onLabel?.(k + 1);
    return test;
  });
  const trends = labels.some(({ name }) => name === 'position') ? layers.flatMap(trendsOf) : [];
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

/**
 * `count` of the places 0 to `length` - 1, in order: all, or stretches of neighbours, of lengths that differ by 1 at most, the first
 * at the beginning, the last at the end and the gaps between them alike.
 */
export function spreadStretches(length: number, count: number, stretches: number): Int32Array {
  const gaps = Math.max(1, Math.min(stretches, count) - 1);
  return Int32Array.from({ length: Math.min(length, count) }, (_, k) => {
    const stretch = Math.floor((k * (gaps + 1)) / count);
    return count < length ? k + Math.round((stretch * (length - count)) / gaps) : k;
  });
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

function trendsOf(layer: LayerActivity): FoundTrend[] {
  const [ofH, ofC] = statesOf(layer).map((values) => mapColumns(values, layer.size, trendOf));
  return ofH.map((inH, unit): FoundTrend => {
    const inC = ofC?.[unit];
    return inC && Math.abs(inC.r) > Math.abs(inH.r)
      ? { of: 'c', value: inC.r, p: inC.p }
      : { of: 'h', value: inH.r, p: inH.p };
  });
}

/** What a unit is correlated by: its output, and its cell where it has one. */
export function statesOf({ h, c }: LayerActivity): ArrayLike<number>[] {
  return c ? [h, c] : [h];
}

/**
 * The states of every unit at the chosen notes, standardised, [notes, states * units]: h of each unit, with its c beside it where
 * it has one.
 */
function standardisedSeries(kernels: Kernels, layers: readonly LayerActivity[], sample: Int32Array): Tensor {
  const columns = layers.reduce((sum, layer) => sum + statesOf(layer).length * layer.size, 0);
  const series = kernels.arena.tensor([sample.length, columns]);
  const { data } = series;
  const chosen = new Float64Array(sample.length);
  let first = 0;
  for (const layer of layers) {
    const { size } = layer;
    const states = statesOf(layer);
    states.forEach((values, which) => {
      const scales = mapColumns(values, size, (column) => {
        for (let row = 0; row < chosen.length; row++) chosen[row] = column[sample[row]];
        return scaleOf(chosen);
      });
      sample.forEach((note, row) => {
        let at = row * columns + first + which;
        for (let unit = 0, from = note * size; unit < size; unit++, from++, at += states.length) {
          data[at] = (values[from] - scales[unit].mean) * scales[unit].factor;
        }
      });
    });
    first += states.length * size;
  }
  return series;
}
