import { expect, it } from 'vitest';
import {
  countedFromOne,
  countedFromZero,
  detailCountedFromOne,
  detailCountedFromZero,
} from '../../src/study/counting.ts';
import { syntheticStudy } from '../support/study-data.ts';

const indexed = syntheticStudy({ notes: 60, units: 6, layers: 2, detail: { from: 10, to: 50 } });
const counted = countedFromOne(indexed);

it('goes from indices to numbers from 1 and back, and loses nothing', () => {
  expect(countedFromZero(counted)).toEqual(indexed);
});

it('counts every note, unit and layer from 1, with the last of a range included', () => {
  expect(counted.detail).toEqual({ from: 11, to: 50 });
  expect(counted.layers.map(({ layer }) => layer)).toEqual([1, 2]);
  expect([...counted.layers[0].order].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(counted.layers[0].shown).toEqual([1, 2, 3, 4, 5, 6]);
  expect(counted.units.map(({ layer, unit }) => `${layer} ${unit}`).slice(5, 8)).toEqual(['1 6', '2 1', '2 2']);
  expect(counted.matches).toMatchObject({ layer: 1, units: [4, 6], from: 41, to: 44 });
  expect(counted.matches!.places[1]).toMatchObject({ from: 91, to: 94 });
  expect(counted.comparison!.units.map(({ layer, unit }) => [layer, unit])).toEqual([[1, 4], [1, 6]]); // prettier-ignore
});

it('counts the notes of other details in the same way', () => {
  const { detail, layers, gradient, saliency } = indexed;
  const other = { detail, layers, byStep: gradient.byStep, saliency: saliency!.heads };
  expect(detailCountedFromOne(other)).toEqual({ ...other, detail: counted.detail });
  expect(detailCountedFromZero(detailCountedFromOne(other))).toEqual(other);
});

/** Everything in a study that is called by a number of a note, a unit or a layer; whatever is added to it later is among them. */
it('leaves no number of a note, unit or layer at 0', () => {
  const zeros: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (['note', 'unit', 'layer'].includes(key) && typeof each === 'number' && each < 1) zeros.push(`${path}.${key}`);
      if (['notes', 'units', 'order', 'shown', 'ends'].includes(key) && Array.isArray(each) && each.includes(0)) zeros.push(`${path}.${key}`); // prettier-ignore
      look(each, `${path}.${key}`);
    }
  };
  look(counted, 'study');
  expect(zeros).toEqual([]);
});

it('leaves what has an entry for every note, and the numbers that are no numbers of notes', () => {
  expect(counted.song).toEqual(indexed.song);
  expect(counted.heads.map(({ surprise }) => surprise)).toEqual(indexed.heads.map(({ surprise }) => surprise));
  expect(counted.gradient).toEqual(indexed.gradient);
});
