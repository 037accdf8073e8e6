import { describe, expect, it } from 'vitest';
import type { Label } from '../../src/study/labels.ts';
import { labelsOf } from '../../src/study/labels.ts';
import { metreGrid } from '../../src/study/metre.ts';
import { correlateUnits, spreadStretches, type LayerActivity } from '../../src/study/correlations.ts';
import type { StudyCorrelation } from '../../src/study/study-data.ts';
import { recordSequence } from '../../src/nn/index.ts';
import { noteTable, type NoteTable } from '../../src/midi/index.ts';
import { createKernels, Random } from '../../src/tensor/index.ts';
import { countedSequence, countingNetwork } from '../support/wired-networks.ts';

const NOTES = 240;
const INPUTS = ['pitch', 'step', 'duration', 'velocity'];
const song = melody(NOTES);
const labels = labelsOf(song, metreGrid(song, [[0, 120]]), INPUTS);
const correlate = (layers: LayerActivity[], seed = 1, of: readonly Label[] = labels) =>
  correlateUnits(layers, of, { seed, kernels: createKernels(), permutations: 199 });
const significant = (units: StudyCorrelation[][][]): StudyCorrelation[] =>
  units.flat(2).filter((correlation) => correlation.significant);

/** A layer whose units do what `of` says at each step; h and c the same. */
function activity(size: number, of: (step: number, unit: number) => number, steps = NOTES): LayerActivity {
  const values = Float32Array.from({ length: steps * size }, (_, k) => of(Math.floor(k / size), k % size));
  return { size, h: values, c: values };
}

describe('correlateUnits', () => {
  it.each([1, 2, 3, 4, 5, 6])('finds nothing in noise (seed %i)', (seed) => {
    const random = Random.stream(seed, 'noise');
    const layer = { ...activity(24, () => random.normal()), c: activity(24, () => random.normal()).h };
    const { units, test } = correlate([layer], seed);
    expect(test.comparisons).toBe(24 * labels.length);
    expect(significant(units)).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6])('finds nothing in noise that drifts slowly (seed %i)', (seed) => {
    const random = Random.stream(seed, 'drift');
    const state = new Float64Array(24);
    const drift = activity(24, (_, unit) => (state[unit] = 0.97 * state[unit] + random.normal()));
    expect(significant(correlate([drift], seed).units)).toEqual([]);
  });

  it.each([1, 2, 3])('finds nothing when labels are random and the network is real (seed %i)', (seed) => {
    const { spec, parameters } = countingNetwork(0.01, 16);
    const { layers } = recordSequence(spec, parameters, countedSequence(NOTES, seed));
    const random = Random.stream(seed, 'labels');
    const random_ = [
      { name: 'pitch', kind: 'number', values: Float64Array.from({ length: NOTES }, () => random.normal()) },
      { name: 'pitchClass', kind: 'class', groups: Int32Array.from({ length: NOTES }, () => random.integer(12)), names: Array.from({ length: 12 }, String) }, // prettier-ignore
    ] satisfies Label[];
    expect(significant(correlate(layers, seed, random_).units)).toEqual([]);
  });

  it('errs in about one noise table of a hundred, no more', () => {
    const wrong = Array.from({ length: 60 }, (_, k) => k + 100).filter((seed) => {
      const random = Random.stream(seed, 'noise');
      const { units } = correlate([activity(6, () => random.normal(), 120)], seed, labelsOfFirst(120));
      return significant(units).length > 0;
    });
    // 0.6 are expected; four or more would come with a chance of 3 in 1,000.
    expect(wrong.length).toBeLessThan(4);
  });

  it('finds the unit that counts steps, by its position in the song', () => {
    const { spec, parameters, unit } = countingNetwork();
    const { layers } = recordSequence(spec, parameters, countedSequence(NOTES));
    const { units } = correlate(layers);
    const position = units[0].map((found) => found.find((one) => one.with === 'position')!);
    expect(Math.abs(position[unit].value)).toBeGreaterThan(0.99);
    expect(position[unit].significant).toBe(true);
    expect(position.filter((one) => one.significant)).toHaveLength(1);
    expect(units[0][unit][0].with).toBe('position');
  });

  it('tells what a unit follows, by r with its sign or by class with its peak', () => {
    const random = Random.stream(9, 'planted');
    const planted = activity(20, (step, unit) => {
      const noise = 0.3 * random.normal();
      if (unit === 3) return noise - song.pitch[step] / 4;
      if (unit === 5) return noise + (song.pitch[step] % 12 === 7 ? 1 : 0);
      return random.normal();
    });
    const { units } = correlate([activity(2, () => random.normal()), planted]);
    const pitch = units[1][3].find((one) => one.with === 'pitch')!;
    expect(pitch).toMatchObject({ significant: true });
    expect(pitch.value).toBeLessThan(-0.9);
    expect(pitch.peak).toBeUndefined();
    const g = units[1][5].find((one) => one.with === 'pitchClass')!;
    expect(g).toMatchObject({ significant: true, peak: 'G' });
    expect(g.value).toBeGreaterThan(0.5);
    expect(units[0].flat().some((one) => one.significant)).toBe(false);
  });

  it('is the same for the same seed, whatever the kernels', () => {
    const random = Random.stream(4, 'x');
    const layer = activity(5, (step) => song.duration[step] + random.normal());
    const values = (kernels: string) =>
      correlateUnits([layer], labels, { seed: 8, kernels: createKernels(kernels), permutations: 99 }).units.flat(2);
    const [one, other] = [values('auto'), values('reference')];
    expect(one.map(({ p }) => p)).toEqual(other.map(({ p }) => p));
    one.forEach(({ value }, k) => { expect(value).toBeCloseTo(other[k].value, 5); }); // prettier-ignore
  });

  it('looks at stretches from all over the song when all notes would cost too much', () => {
    const random = Random.stream(2, 'x');
    const long = melody(3000);
    const given = labelsOf(long, metreGrid(long, []), INPUTS);
    const { test } = correlateUnits([activity(4, () => random.normal(), 3000)], given, {
      seed: 1,
      kernels: createKernels(),
      work: 1e5,
    });
    expect(test).toMatchObject({ notes: 400, permutations: 199 });
  });

  it('finds in a sample what only the end of a song shows', () => {
    const random = Random.stream(6, 'x');
    const long = melody(3000);
    const given = labelsOf(long, metreGrid(long, []), INPUTS);
    const layer = activity(6, (step, unit) => random.normal() + (unit === 2 && step > 1500 ? long.pitch[step] - 66 : 0), 3000); // prettier-ignore
    const { units, test } = correlateUnits([layer], given, { seed: 1, kernels: createKernels(), work: 2e6 });
    expect(test.notes).toBeLessThan(1500);
    expect(significant(units).some((found) => found.with === 'pitch')).toBe(true);
  });
});

function labelsOfFirst(count: number): Label[] {
  const part = melody(count);
  return labelsOf(part, metreGrid(part, []), INPUTS);
}

/** A tune that wanders, in a rhythm of its own. */
function melody(count: number): NoteTable {
  const random = Random.stream(7, 'melody');
  let pitch = 60;
  let start = 0;
  return noteTable(
    Array.from({ length: count }, () => {
      pitch = Math.min(84, Math.max(40, pitch + random.integer(9) - 4));
      const length = [0.25, 0.25, 0.5, 1][random.integer(4)];
      const note = { pitch, velocity: 60 + random.integer(40), start, end: start + 0.9 * length };
      start += length;
      return note;
    }),
  );
}

describe('spreadStretches', () => {
  it('takes all notes where they are no more than wanted', () => {
    expect([...spreadStretches(5, 5, 10)]).toEqual([0, 1, 2, 3, 4]);
    expect([...spreadStretches(5, 9, 10)]).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes stretches of neighbours from the first note to the last, rising, none twice', () => {
    expect([...spreadStretches(10, 4, 2)]).toEqual([0, 1, 8, 9]);
    expect([...spreadStretches(9, 6, 3)]).toEqual([0, 1, 4, 5, 7, 8]);
    for (const [length, count] of [
      [1000, 437],
      [411, 410],
      [20, 3],
    ]) {
      // prettier-ignore
      const places = spreadStretches(length, count, 10);
      expect(places).toHaveLength(count);
      expect([places[0], places[count - 1]]).toEqual([0, length - 1]);
      for (let k = 1; k < count; k++) expect(places[k]).toBeGreaterThan(places[k - 1]);
    }
  });
});
