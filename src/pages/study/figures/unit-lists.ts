import type { StudyAblationRow, StudyCorrelation, StudyData, StudyUnit } from '../../../study/study-data.ts';
import { spanSteps } from './words.ts';

export interface UnitId {
  layer: number;
  unit: number;
}

export function sameUnit(a: UnitId | null | undefined, b: UnitId | null | undefined): boolean {
  return !!a && !!b && a.layer === b.layer && a.unit === b.unit;
}

/** `unit 18`, and with several layers `layer 2, unit 18`: counted from 1. */
export function unitName({ layer, unit }: UnitId, layers: number): string {
  return layers > 1 ? `layer ${layer + 1}, unit ${unit + 1}` : `unit ${unit + 1}`;
}

/** A unit's key in maps, and in addresses such as `#unit-1-18`: counted from 1. */
export function unitKey({ layer, unit }: UnitId): string {
  return `${layer + 1}-${unit + 1}`;
}

/** What the cards can be sorted by; by memory where units have a span. */
export const UNIT_ORDERS = {
  cost: 'highest cost',
  span: 'longest memory',
  correlation: 'strongest correlation',
  similarity: 'similar units together',
  number: 'number',
} as const;
export type UnitOrder = keyof typeof UNIT_ORDERS;

/** Which units are shown. */
export const UNIT_FILTERS = {
  all: 'all units',
  significant: 'with a significant correlation',
  idle: 'dead or always on',
} as const;
export type UnitFilter = keyof typeof UNIT_FILTERS;

/** The strongest correlation that is significant, or undefined. */
export function strongestSignificant({ correlations }: StudyUnit): StudyCorrelation | undefined {
  return correlations.find(({ significant }) => significant);
}

/** Units that pass the filter, in the order asked for; ties by layer and number. */
export function listUnits(data: StudyData, order: UnitOrder, filter: UnitFilter): StudyUnit[] {
  const passes = (unit: StudyUnit): boolean => {
    if (filter === 'significant') return strongestSignificant(unit) !== undefined;
    return filter === 'all' || unit.dead || unit.alwaysOn;
  };
  const place = placeOf(data, order);
  return data.units
    .filter(passes)
    .map((unit) => ({ unit, place: place(unit) }))
    .sort((a, b) => a.place - b.place || a.unit.layer - b.unit.layer || a.unit.unit - b.unit.unit)
    .map(({ unit }) => unit);
}

/** A number that rises along the order. */
function placeOf({ layers }: StudyData, order: UnitOrder): (unit: StudyUnit) => number {
  switch (order) {
    case 'cost':
      return ({ rank }) => rank ?? Infinity;
    case 'span':
      return ({ span }) => (span ? -spanSteps(span) : 0);
    case 'correlation':
      return (unit) => -Math.abs((strongestSignificant(unit) ?? { value: 0 }).value);
    case 'similarity': {
      const places = new Map(
        layers.flatMap(({ layer, order: leaves }) => leaves.map((unit, at) => [unitKey({ layer, unit }), at] as const)),
      );
      return (unit) => unit.layer * 1e6 + (places.get(unitKey(unit)) ?? 1e5);
    }
    case 'number':
      return () => 0;
  }
}

/** The units of a layer's heat maps from top to bottom: their numbers as people count, and row indices into the matrices, those alike together. */
export function heatRows(layer: {
  order: readonly number[];
  shown: readonly number[];
}): { unit: number; row: number; name: string }[] {
  const rowOf = new Map(layer.shown.map((unit, row) => [unit, row]));
  const known = layer.order.flatMap((unit) => (rowOf.has(unit) ? [{ unit, row: rowOf.get(unit)! }] : []));
  const ordered = new Set(known.map(({ unit }) => unit));
  const others = layer.shown.flatMap((unit, row) => (ordered.has(unit) ? [] : [{ unit, row }]));
  return [...known, ...others].map((each) => ({ ...each, name: String(each.unit + 1) }));
}

/** The numbers of a row of the ablation table: the weighted loss, then each head's. */
export type AblationColumn = 'name' | 'loss' | number;

/** Rows sorted by a column, `falling` or rising; by name means layer, then gate, then unit. */
export function sortAblation(
  rows: readonly StudyAblationRow[],
  column: AblationColumn,
  falling: boolean,
): StudyAblationRow[] {
  const number = (row: StudyAblationRow): number =>
    column === 'loss' ? row.loss : column === 'name' ? nameNumber(row) : row.losses[column];
  const sign = falling ? -1 : 1;
  return [...rows].sort((a, b) => sign * (number(a) - number(b)) || nameNumber(a) - nameNumber(b));
}

function nameNumber({ layer, unit, gate, held }: StudyAblationRow): number {
  return layer * 1e8 + (gate ? 'ifgorzn'.indexOf(gate) * 1e7 : 0) + (unit ?? 0) * 2 + (held === 'mean' ? 1 : 0);
}
