import { describe, expect, it } from 'vitest';
import { LabelTest } from '../../src/study/label-test.ts';
import type { Label } from '../../src/study/labels.ts';
import { shuffledPieces } from '../../src/study/permutation-test.ts';
import { standardise } from '../../src/study/statistics/moments.ts';
import { createKernels, Random } from '../../src/tensor/index.ts';
import { plainStatistic } from '../support/plain-study.ts';

/** More notes than one block of the series has, and more moves than are made at once. */
const NOTES = 5000;
const SERIES = 14;
const MOVES = 40;
const random = Random.stream(3, 'label test');
const series = Array.from({ length: SERIES }, () => Float64Array.from({ length: NOTES }, () => random.normal()));
const moves = Array.from({ length: MOVES }, () => shuffledPieces(NOTES, 10, random));
const labels: Label[] = [
  { name: 'step', kind: 'number', values: Float64Array.from({ length: NOTES }, () => random.normal()) },
  {
    name: 'pitchClass',
    kind: 'class',
    groups: Int32Array.from({ length: NOTES }, () => random.integer(11)),
    names: Array.from({ length: 12 }, String), // of the last class there is no note
  },
];

describe.each(labels)('a label that is a $kind', (label) => {
  it.each(['auto', 'reference'])('gives the statistics that plain sums give, in place and moved (%s)', (backend) => {
    const kernels = createKernels(backend);
    const table = kernels.arena.tensor([NOTES, SERIES]);
    series.forEach((values, column) => {
      standardise(values).forEach((value, note) => (table.data[note * SERIES + column] = value));
    });
    const sample = Int32Array.from({ length: NOTES }, (_, note) => note);
    const { found, largest } = new LabelTest(label, sample, 2).run(kernels, table, moves);
    found.forEach(({ of, value }, unit) => {
      const [h, c] = [0, 1].map((k) => plainStatistic(series[2 * unit + k], label, sample));
      expect(value).toBeCloseTo(Math.abs(c) > Math.abs(h) ? c : h, 5);
      expect(of).toBe(Math.abs(c) > Math.abs(h) ? 'c' : 'h');
    });
    moves.forEach((move, k) => {
      const all = series.map((values) => Math.abs(plainStatistic(values, label, move)));
      expect(largest[k]).toBeCloseTo(Math.max(...all), 5);
    });
  });

  it('has one series a unit where units have no cell', () => {
    const kernels = createKernels();
    const table = kernels.arena.tensor([NOTES, SERIES]);
    series.forEach((values, column) => {
      standardise(values).forEach((value, note) => (table.data[note * SERIES + column] = value));
    });
    const sample = Int32Array.from({ length: NOTES }, (_, note) => note);
    const { found } = new LabelTest(label, sample, 1).run(kernels, table, moves);
    expect(found).toHaveLength(SERIES);
    found.forEach(({ of, value }, unit) => {
      expect(of).toBe('h');
      expect(value).toBeCloseTo(plainStatistic(series[unit], label, sample), 5);
    });
  });

  it('looks at a sample of the notes alone', () => {
    const sample = Int32Array.from({ length: 300 }, (_, k) => 7 * k);
    const kernels = createKernels();
    const table = kernels.arena.tensor([300, SERIES]);
    const chosen = series.map((values) => Float64Array.from(sample, (note) => values[note]));
    chosen.forEach((values, column) => {
      standardise(values).forEach((value, row) => (table.data[row * SERIES + column] = value));
    });
    const here = Int32Array.from({ length: 300 }, (_, k) => k);
    const [part] = [label].map((one): Label =>
      one.kind === 'number'
        ? { ...one, values: Float64Array.from(sample, (note) => one.values[note]) }
        : { ...one, groups: Int32Array.from(sample, (note) => one.groups[note]) },
    );
    new LabelTest(label, sample, 2).run(kernels, table, [here]).found.forEach(({ value }, unit) => {
      const [h, c] = [0, 1].map((k) => plainStatistic(chosen[2 * unit + k], part, here));
      expect(value).toBeCloseTo(Math.abs(c) > Math.abs(h) ? c : h, 5);
    });
  });
});
