import { expect, test } from 'vitest';
import {
  heatRows,
  listUnits,
  sortAblation,
  strongestSignificant,
  UNIT_ORDERS,
  unitName,
  type UnitOrder,
} from '../../../../src/pages/study/figures/unit-lists.ts';
import { spanSteps } from '../../../../src/pages/study/figures/words.ts';
import { syntheticStudy } from '../../../support/study-data.ts';

const study = syntheticStudy({ notes: 40, units: 64, layers: 2 });

test.each(Object.keys(UNIT_ORDERS) as UnitOrder[])('in the order %s every unit stands once', (order) => {
  const keys = listUnits(study, order, 'all').map(({ layer, unit }) => `${layer} ${unit}`);
  expect(new Set(keys).size).toBe(128);
});

test('units are ordered by rank, by span, by correlation and by likeness', () => {
  const ranks = listUnits(study, 'cost', 'all').map(({ rank }) => rank);
  expect(ranks).toEqual(Array.from({ length: 128 }, (_, k) => k + 1));
  const spans = listUnits(study, 'span', 'all').map(({ span }) => spanSteps(span!));
  expect(spans).toEqual([...spans].sort((a, b) => b - a));
  const strengths = listUnits(study, 'correlation', 'significant').map((unit) =>
    Math.abs(strongestSignificant(unit)!.value),
  );
  expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
  const likeness = listUnits(study, 'similarity', 'all').slice(0, 64);
  expect(likeness.map(({ unit }) => unit)).toEqual(study.layers[0].order);
});

test('idle units are those that are dead or always on', () => {
  const idle = listUnits(study, 'number', 'idle');
  expect(idle.length).toBeGreaterThan(0);
  expect(idle.every(({ dead, alwaysOn }) => dead || alwaysOn)).toBe(true);
});

test('the rows of a heat map are its units in the order of likeness, with their numbers from 1', () => {
  expect(heatRows({ order: [4, 2, 0, 1, 3], shown: [0, 2, 3] })).toEqual([
    { unit: 2, row: 1, name: '3' },
    { unit: 0, row: 0, name: '1' },
    { unit: 3, row: 2, name: '4' },
  ]);
  expect(heatRows({ order: [], shown: [7, 8] })).toEqual([
    { unit: 7, row: 0, name: '8' },
    { unit: 8, row: 1, name: '9' },
  ]);
});

test('the ablation table is sorted by any of its columns, both ways', () => {
  const rows = study.ablation!.units;
  for (const falling of [true, false]) {
    const sign = falling ? -1 : 1;
    const losses = sortAblation(rows, 'loss', falling).map(({ loss }) => loss);
    expect(losses).toEqual([...losses].sort((a, b) => sign * (a - b)));
    const second = sortAblation(rows, 1, falling).map((row) => row.losses[1]);
    expect(second).toEqual([...second].sort((a, b) => sign * (a - b)));
  }
  const named = sortAblation(rows, 'name', false).map(({ layer, unit }) => layer * 1000 + unit!);
  expect(named).toEqual([...named].sort((a, b) => a - b));
  const gates = sortAblation(study.ablation!.gates, 'name', false).filter(({ layer }) => layer === 0);
  expect(gates.map(({ gate }) => gate).join('')).toBe('ifgo'.repeat(gates.length / 4));
});

test('a unit says its layer only where there are several', () => {
  expect(unitName({ layer: 0, unit: 5 }, 1)).toBe('unit 6');
  expect(unitName({ layer: 1, unit: 5 }, 2)).toBe('layer 2, unit 6');
});
