import { inWords } from '../../text/words.ts';
import type { FindingKind, StudyFinding, StudyOmission } from '../study-data.ts';
import type { Finder, StudiedFacts } from './finding.ts';
import { comparison, gradient, order, path, saliency, surprise } from './of-the-model.ts';
import { ablation, correlation, idle, memory, saturation } from './of-units.ts';

const FINDERS: readonly Finder[] = [
  memory,
  correlation,
  ablation,
  surprise,
  order,
  gradient,
  saliency,
  idle,
  saturation,
  path,
  comparison,
];

/**
 * What is worth knowing first, in plain words with the numbers: the strongest of each kind in falling strength, so that the
 * first five tell of five things, then what is left. What untrained networks do as well is no finding; `leftOut` names it.
 */
export function findingsOf(study: StudiedFacts): { findings: StudyFinding[]; leftOut: StudyOmission[] } {
  const told = FINDERS.map((find) => find(study));
  const all = told.flatMap(({ findings }) => findings).sort((a, b) => b.strength - a.strength);
  const seen = new Set<FindingKind>();
  const first = all.filter(({ kind }) => !seen.has(kind) && seen.add(kind));
  const alike = told.flatMap((each) => each.alike ?? []);
  return {
    findings: [...first, ...all.filter((finding) => !first.includes(finding))],
    leftOut: alike.length === 0 ? [] : [{ what: `findings about ${inWords(alike, 'and')}`, why: ALIKE }],
  };
}

const ALIKE = 'untrained networks of this shape do the same, so that they say nothing of what was learned';
