import { headName } from '../../music/head-words.ts';
import type { Gate } from '../../nn/index.ts';
import { decimals, digits, percent } from '../../text/numbers.ts';
import { counted, formatP } from '../../text/words.ts';
import type { Correlate, StudyControlFigures, StudyFinding, StudySpan, StudyUnit } from '../study-data.ts';
import { CORRELATE_WORDS } from '../correlate-words.ts';
import { QUANTITY_NAMES } from '../quantity-names.ts';
import { beside, capital, found, lower, nameOf, NOTHING, place, UNTRAINED, type Finder } from './finding.ts';

/** A span, counted from one note, is longer than an untrained network's when it is so many times as long. */
const LONGER = Math.log(1.5);
/** By how much Fisher's z of a correlation must be above that of any untrained unit. */
const CLOSER = 0.3;
/** A unit is missed when its absence costs so many times as much as in an untrained network, in parts of the loss. */
const MISSED = Math.log(2);
/** Rises below this part of the loss are none. */
const LEAST_COST = 1e-3;
/** By how much a share must differ from an untrained network's. */
const SHARE = 0.05;

/** The unit that keeps things longest. */
export const memory: Finder = (study) => {
  const { units, model } = study;
  const living = units.flatMap(({ layer, unit, dead, span }) => (dead || !span ? [] : { layer, unit, span }));
  if (living.length === 0) return NOTHING;
  const sorted = living.sort((a, b) => stepsOf(b.span) - stepsOf(a.span));
  const [best] = sorted;
  const [longest, usual] = [stepsOf(best.span), stepsOf(sorted[Math.floor(sorted.length / 2)].span)];
  const { most, trained } = beside(
    study,
    ({ longestSpan }) => longestSpan!,
    LONGER,
    (span) => Math.log(1 + span),
  );
  if (trained !== 'above') return { findings: [], alike: 'memory spans' };
  const atLeast = best.span.steps === null ? 'at least ' : '';
  const seconds = best.span.seconds ?? best.span.atLeastSeconds;
  return found({
    kind: 'memory',
    text:
      `${nameOf(best, model)} has the longest memory: half of what it writes is still there after ${atLeast}${counted(longest, 'note')} ` +
      `(${seconds.toFixed(1)} s). The median unit keeps it for ${counted(usual, 'note')}, and no unit of ${UNTRAINED} for more than ${most}.`,
    strength: 1 - 2 / (1 + longest / Math.max(1, usual)),
    units: [place(best)],
    notes: [],
  });
};

/** For each thing known of a note the unit that follows it most closely, if no untrained unit does as much. */
export const correlation: Finder = (study) => {
  const { correlationTest } = study;
  const looked = correlationTest.correlates.map((correlate) => followersOf(study, correlate));
  const findings = looked.flatMap((finding) => (finding === undefined || finding === 'alike' ? [] : [finding]));
  const alike = correlationTest.correlates.filter((_, k) => looked[k] === 'alike').map((name) => CORRELATE_WORDS[name]);
  return { findings, ...(alike.length > 0 && { alike: `what units follow (${alike.join(', ')})` }) };
};

function followersOf(study: Parameters<Finder>[0], correlate: Correlate): StudyFinding | 'alike' | undefined {
  const { units, model } = study;
  const followers = units.flatMap((unit) => {
    const match = unit.correlations.find(({ with: name, significant }) => name === correlate && significant);
    return match ? [{ unit, match }] : [];
  });
  if (followers.length === 0) return undefined;
  const valueIn = ({ correlations }: StudyControlFigures): number =>
    correlations.find(({ with: name }) => name === correlate)?.value ?? 0;
  const { most, trained } = beside(study, valueIn, CLOSER, fisher);
  if (trained !== 'above') return 'alike';
  followers.sort((a, b) => Math.abs(b.match.value) - Math.abs(a.match.value));
  const [{ unit, match }] = followers;
  const beyond = followers.filter((follower) => Math.abs(follower.match.value) > most);
  const symbol = match.peak === undefined ? 'r' : 'η';
  const how = match.peak === undefined ? (match.value < 0 ? ' inversely' : '') : `, most of all ${match.peak}`;
  const also = beyond.length > 1 ? `; ${beyond.length - 1} more ${beyond.length === 2 ? 'unit exceeds' : 'units exceed'} that` : ''; // prettier-ignore
  return {
    kind: 'correlation',
    text:
      `${nameOf(unit, model)} follows ${CORRELATE_WORDS[correlate]}${how} (${symbol} = ${decimals(match.value, 2)}, corrected ${formatP(match.p)}). ` +
      `In ${UNTRAINED} no unit gets beyond ${decimals(most, 2)}${also}.`,
    strength: Math.abs(match.value) - most / 2,
    units: beyond.slice(0, 5).map((follower) => place(follower.unit)),
    notes: unit.top.map(({ note }) => note),
  };
}

/** The unit that is missed most. */
export const ablation: Finder = (study) => {
  const { ablation: tried, model } = study;
  if (!tried || tried.units.length === 0) return NOTHING;
  const [best] = tried.units;
  const share = best.loss / Math.max(tried.baseline.loss, 1e-9);
  const logarithm = (cost: number): number => Math.log(Math.max(cost, LEAST_COST));
  const { most, trained } = beside(study, ({ ablation: cost }) => cost, MISSED, logarithm);
  if (trained !== 'above' || !(share > most)) return { findings: [], alike: 'what single units are worth' };
  const head = best.losses.reduce((top, rise, k) => (rise > best.losses[top] ? k : top), 0);
  const spare = tried.units.filter(({ loss }) => loss <= 0).length;
  const unneeded = spare > 0 ? ` Of ${counted(tried.units.length, 'unit')}, ${spare} can each be silenced without any loss.` : ''; // prettier-ignore
  return found({
    kind: 'ablation',
    text:
      `Silencing ${lower(nameOf({ layer: best.layer, unit: best.unit! }, model))} costs the most: the loss on ${tried.on} rises by ` +
      `${percent(share)}, most of it in ${headName(model.heads[head].name)} (+${digits(best.losses[head])}); in ${UNTRAINED} a unit costs ${percent(most)} at most.${unneeded}`,
    strength: 1 - Math.exp(-15 * share),
    units: tried.units.slice(0, 3).map(({ layer, unit }) => ({ layer, unit: unit! })),
    notes: [],
  });
};

/** Units that say nothing, or always the same. */
export const idle: Finder = (study) => {
  const { units } = study;
  const dead = units.filter((unit) => unit.dead);
  const steady = units.filter((unit) => unit.alwaysOn);
  const share = (dead.length + steady.length) / Math.max(1, units.length);
  if (share === 0) return NOTHING;
  const { most, trained } = beside(study, (figures) => figures.idle, SHARE / 2);
  if (trained !== 'above') return { findings: [], alike: 'idle units' };
  return found({
    kind: 'idle',
    text:
      `Of ${counted(units.length, 'unit')}, ${dead.length} ${dead.length === 1 ? 'is' : 'are'} dead (|h| stays below 0.01) and ` +
      `${steady.length} ${steady.length === 1 ? 'is' : 'are'} always on with the same sign: ${percent(share)}, against ${percent(most)} in ${UNTRAINED}.`,
    strength: share,
    units: [...dead, ...steady].map(place),
    notes: [],
  });
};

/** The gate that training opened or shut most. */
export const saturation: Finder = (study) => {
  const { units, model, control } = study;
  const states = (Object.keys(control.trained.saturation) as Gate[]).flatMap((gate) =>
    (['open', 'shut'] as const).map((state) => {
      const { most, trained } = beside(study, (figures) => figures.saturation[gate]![state], SHARE);
      return { gate, state, most, gain: trained === 'above' ? control.trained.saturation[gate]![state] - most : 0 };
    }),
  );
  if (states.length === 0) return NOTHING;
  const best = states.reduce((most, each) => (each.gain > most.gain ? each : most));
  if (best.gain === 0) return { findings: [], alike: 'saturated gates' };
  const shareOf = ({ saturation: of }: StudyUnit): number => of[best.gate]![best.state === 'open' ? 'high' : 'low'];
  const share = units.reduce((sum, unit) => sum + shareOf(unit), 0) / Math.max(1, units.length);
  const unit = units.reduce((most, each) => (shareOf(each) > shareOf(most) ? each : most));
  const limit = best.state === 'open' ? 'open (above 0.9)' : 'shut (below 0.1)';
  return found({
    kind: 'saturation',
    text:
      `${capital(QUANTITY_NAMES[best.gate].name)}s are ${limit} ${percent(share)} of the time, against ${percent(best.most)} in ${UNTRAINED}; ` +
      `that of ${lower(nameOf(unit, model))} ${percent(shareOf(unit))}.`,
    strength: 0.75 * share,
    units: [place(unit)],
    notes: [],
  });
};

function stepsOf(span: StudySpan): number {
  return span.steps ?? span.atLeastSteps;
}

/** Fisher's transform: correlations near 1 differ by more than their numbers say. */
function fisher(correlation: number): number {
  return Math.atanh(Math.min(Math.abs(correlation), 1 - 1e-6));
}
