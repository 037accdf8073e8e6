import type { StudyData, StudyDetail, StudyMatches } from './study-data.ts';

/**
 * A study as people and JSON have it, from one as programs have it: notes, units and layers counted from 1, the last of a range
 * included. Lists that have an entry for every note, unit or layer stay as they are.
 */
export function countedFromOne(study: StudyData): StudyData {
  return recount(study, 1);
}

/** The other way round: numbers that are indices of lists, and ranges whose end is not included. */
export function countedFromZero(study: StudyData): StudyData {
  return recount(study, -1);
}

/** The same of the details of other notes. */
export function detailCountedFromOne(study: StudyDetail): StudyDetail {
  return { ...study, detail: recountRange(study.detail, 1) };
}

export function detailCountedFromZero(study: StudyDetail): StudyDetail {
  return { ...study, detail: recountRange(study.detail, -1) };
}

/** What is not included when counted from 0 is the last when counted from 1. */
function recountRange<T extends { from: number }>(at: T, by: 1 | -1): T {
  return { ...at, from: at.from + by };
}

interface Place {
  layer: number;
  unit?: number;
}

function recount(study: StudyData, by: 1 | -1): StudyData {
  const all = (numbers: readonly number[]): number[] => numbers.map((number) => number + by);
  const place = <T extends Place>(at: T): T => ({
    ...at,
    layer: at.layer + by,
    ...(at.unit !== undefined && { unit: at.unit + by }),
  });
  const noted = <T extends { note: number }>(at: T): T => ({ ...at, note: at.note + by });
  const range = <T extends { from: number }>(at: T): T => recountRange(at, by);
  const { detail, heads, layers, units, saliency, ablation, matches, comparison, findings } = study;
  return {
    ...study,
    detail: range(detail),
    heads: heads.map(({ worst, ends, ...head }) => ({
      ...head,
      worst: worst && noted(worst),
      ...(ends && { ends: all(ends) }),
    })),
    layers: layers.map((layer) => ({ ...place(layer), order: all(layer.order), shown: all(layer.shown) })),
    units: units.map((unit) => ({ ...place(unit), top: unit.top.map(noted) })),
    ...(saliency && { saliency: { ...saliency, integrated: saliency.integrated.map(noted) } }),
    ...(ablation && {
      ablation: {
        ...ablation,
        units: ablation.units.map(place),
        gates: ablation.gates.map(place),
        layers: ablation.layers.map(place),
      },
    }),
    ...(matches && {
      matches: {
        ...range(matches),
        layer: matches.layer + by,
        units: all(matches.units),
        places: matches.places.map(range) satisfies StudyMatches['places'],
      },
    }),
    ...(comparison && { comparison: { ...comparison, units: comparison.units.map(place) } }),
    findings: findings.map((finding) => ({
      ...finding,
      units: finding.units.map(place),
      notes: all(finding.notes),
    })),
  };
}
