import { mainHead } from '../../../study/main-head.ts';
import type { StudyData } from '../../../study/study-data.ts';
import type { UnitId } from './unit-lists.ts';

/**
 * What the page opens with: the note that was asked for, else the first note and the first unit that the findings name (notes of
 * the detail, so that there is something to see), else the most surprising note and the unit that is missed the most.
 */
export function firstChoice(data: StudyData): { note: number; unit: UnitId | null } {
  const { detail, song, findings } = data;
  const inDetail = (note: number): boolean => note >= detail.from && note < detail.to;
  const asked = data.saliency?.integrated.map(({ note }) => note).find(inDetail);
  const named = findings.flatMap(({ notes }) => notes).find(inDetail);
  const unit = findings.flatMap(({ units }) => units)[0] ?? [...data.units].sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity))[0]; // prettier-ignore
  return {
    note: song.notes === 0 ? -1 : (asked ?? named ?? mostSurprising(data) ?? Math.min(detail.from, song.notes - 1)),
    unit: unit ? { layer: unit.layer, unit: unit.unit } : null,
  };
}

function mostSurprising({ heads, detail }: StudyData): number | undefined {
  let best: number | undefined;
  const surprise = heads[mainHead(heads)]?.surprise ?? [];
  for (let note = detail.from; note < detail.to; note++) {
    const value = surprise[note];
    if (value !== null && value !== undefined && (best === undefined || value > surprise[best]!)) best = note;
  }
  return best;
}
