import { noteName } from '../midi/index.ts';
import { checkpointName } from './checkpoint-name.ts';
import { dequantise } from './byte-matrix.ts';
import type { Correlate, FindingKind, StudyData, StudyFinding, StudySpan, StudyUnit } from './study-data.ts';
import { inputName } from './input-names.ts';
import { mainHead } from './main-head.ts';
import { decimals, digits, gainPercent, percent } from '../text/numbers.ts';
import { counted, formatP } from '../text/words.ts';

/** What findings are made of: a study without them. */
export type StudiedFacts = Omit<StudyData, 'findings'>;

/**
 * What is worth knowing first, in plain words with the numbers: the strongest of each kind in falling strength, so that the
 * first five tell of five things, then what is left.
 */
export function findingsOf(study: StudiedFacts): StudyFinding[] {
  const all = FINDERS.flatMap((find) => find(study)).sort((a, b) => b.strength - a.strength);
  const seen = new Set<FindingKind>();
  const first = all.filter(({ kind }) => !seen.has(kind) && seen.add(kind));
  return [...first, ...all.filter((finding) => !first.includes(finding))];
}

type Finder = (study: StudiedFacts) => StudyFinding[];

/** The unit that keeps things longest. */
const memory: Finder = ({ units, model }) => {
  const alive = units.filter(({ dead }) => !dead);
  const sorted = [...alive].sort((a, b) => stepsOf(b.span) - stepsOf(a.span));
  if (sorted.length === 0) return [];
  const [best] = sorted;
  const usual = stepsOf(sorted[Math.floor(sorted.length / 2)].span);
  const longest = stepsOf(best.span);
  if (longest <= 0) return [];
  const ratio = longest / Math.max(1, usual);
  const atLeast = best.span.steps === null ? 'at least ' : '';
  const seconds = best.span.seconds ?? best.span.atLeastSeconds;
  return [
    {
      kind: 'memory',
      text:
        `${nameOf(best, model)} remembers longest: half of what it writes is still there after ${atLeast}${counted(longest, 'note')} ` +
        `(${seconds.toFixed(1)} s); the middle unit keeps it for ${counted(usual, 'note')}.`,
      strength: 1 - 2 / (1 + ratio),
      units: [place(best)],
      notes: [],
    },
  ];
};

/** For each thing known of a note the unit that follows it most closely. */
const correlation: Finder = ({ units, model, correlationTest }) =>
  correlationTest.correlates.flatMap((correlate): StudyFinding[] => {
    const followers = units.flatMap((unit) => {
      const found = unit.correlations.find(({ with: name, significant }) => name === correlate && significant);
      return found ? [{ unit, found }] : [];
    });
    if (followers.length === 0) return [];
    followers.sort((a, b) => Math.abs(b.found.value) - Math.abs(a.found.value));
    const [{ unit, found }] = followers;
    const grouped = found.peak !== undefined;
    const direction = grouped ? `most at ${found.peak}` : found.value > 0 ? 'rising with it' : 'falling as it rises';
    const also = followers.length > 1 ? `; ${followers.length} units follow it in all` : '';
    return [
      {
        kind: 'correlation',
        text:
          `${nameOf(unit, model)} follows ${CORRELATE_WORDS[correlate]}, ${direction} ` +
          `(${grouped ? 'η' : 'r'} = ${decimals(found.value, 2)}, corrected ${formatP(found.p)})${also}.`,
        strength: Math.abs(found.value),
        units: followers.slice(0, 5).map((follower) => place(follower.unit)),
        notes: unit.top.map(({ note }) => note),
      },
    ];
  });

/** The unit, and the gate, that is missed most. */
const ablation: Finder = ({ ablation: tried, model }) => {
  if (!tried || tried.units.length === 0) return [];
  const [best] = tried.units;
  const share = best.loss / Math.max(tried.baseline.loss, 1e-9);
  if (!(share > 0)) return [];
  const most = best.losses.reduce((top, rise, k) => (rise > best.losses[top] ? k : top), 0);
  const useless = tried.units.filter(({ loss }) => loss <= 0).length;
  const spare = useless > 0 ? `; ${counted(useless, 'unit')} could be silenced at no cost` : '';
  return [
    {
      kind: 'ablation',
      text:
        `Without ${lower(nameOf({ layer: best.layer, unit: best.unit! }, model))} the loss on ${tried.on} rises by ` +
        `${percent(share)}, most of it for ${model.heads[most].name} (+${digits(best.losses[most])})${spare}.`,
      strength: 1 - Math.exp(-15 * share),
      units: tried.units.slice(0, 3).map(({ layer, unit }) => ({ layer, unit: unit! })),
      notes: [],
    },
  ];
};

/** The note that nobody saw coming. */
const surprise: Finder = ({ heads, song }) => {
  const head = heads[mainHead(heads)];
  const note = head.surprise.reduce<number>(
    (best, value, k) => ((value ?? -1) > (head.surprise[best] ?? -1) ? k : best),
    0,
  );
  const most = head.surprise[note];
  if (most === null || !(head.loss > 0)) return [];
  const size = head.kind === 'categorical' ? `the model gave it ${chance(Math.exp(-most))}` : `loss ${digits(most)}`;
  return [
    {
      kind: 'surprise',
      text:
        `Note ${note} (${noteName(song.pitch[note])}, at ${song.start[note].toFixed(1)} s) surprises most in ${head.name}${given(head)}: ` +
        `${size}, ${(most / head.loss).toFixed(1)} times the usual surprise.`,
      strength: 1 - Math.exp(-Math.max(0, most / head.loss - 1) / 3),
      units: [],
      notes: [note],
    },
  ];
};

const gradient: Finder = ({ gradient: { byLag, halfLag, hundredthLag } }) => {
  const lags = byLag.dh[0]?.length ?? 0;
  if (lags < 2) return [];
  const top = byLag.dh.length - 1;
  const [half, hundredth] = [halfLag[top], hundredthLag[top]];
  const left = byLag.dh[top][lags - 1] / Math.max(byLag.dh[top][0], 1e-30);
  const text =
    hundredth === null
      ? `Going back in time the gradient does not vanish: it is halved after ${counted(half ?? lags, 'note')}, and ${counted(lags - 1, 'note')} before a prediction it still has ${percent(left)} of its size.`
      : `Going back in time the gradient is halved after ${counted(half ?? hundredth, 'note')} and below 1 % after ${hundredth}: ` +
        'what lies further back hardly teaches.';
  const strength = hundredth === null ? 0.4 + 0.5 * Math.min(1, left) : 0.85 - (0.5 * hundredth) / lags;
  return [{ kind: 'gradient', text, strength, units: [], notes: [] }];
};

/** How near the notes are that a prediction rests on. */
const saliency: Finder = ({ saliency: told }) => {
  if (!told || told.lags < 8) return [];
  const head = told.heads[mainHead(told.heads)];
  const values = dequantise(head.values);
  const width = told.inputs.length;
  const byLag = new Float64Array(told.lags);
  const byInput = new Float64Array(width);
  values.forEach((value, k) => {
    if (Number.isNaN(value)) return;
    byLag[Math.floor(k / width) % told.lags] += Math.abs(value);
    byInput[k % width] += Math.abs(value);
  });
  const total = byLag.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return [];
  const near = byLag.slice(0, 4).reduce((sum, value) => sum + value, 0) / total;
  const input = byInput.indexOf(Math.max(...byInput));
  return [
    {
      kind: 'saliency',
      text:
        `What speaks for or against the next ${head.name} lies near: ${percent(near)} of it in the last 4 of ${told.lags} notes, ` +
        `${percent(byLag[0] / total)} in the last one; ${inputName(told.inputs[input])} counts most (${percent(byInput[input] / total)}).`,
      strength: 0.2 + 0.6 * Math.abs(near - 4 / told.lags),
      units: [],
      notes: [],
    },
  ];
};

const idle: Finder = ({ units }) => {
  const dead = units.filter((unit) => unit.dead);
  const steady = units.filter((unit) => unit.alwaysOn);
  const share = (dead.length + steady.length) / Math.max(1, units.length);
  if (share === 0) return [];
  return [
    {
      kind: 'idle',
      text:
        `Of ${counted(units.length, 'unit')}, ${dead.length} never ${dead.length === 1 ? 'speaks' : 'speak'} (|h| below 0.01) and ` +
        `${steady.length} ${steady.length === 1 ? 'is' : 'are'} always on with one sign.`,
      strength: share,
      units: [...dead, ...steady].map(place),
      notes: [],
    },
  ];
};

const saturation: Finder = ({ units }) => {
  const names = { i: 'input', f: 'forget', o: 'output' } as const;
  const found = (['i', 'f', 'o'] as const).flatMap((gate) => [
    { gate, state: 'open', share: meanOf(units.map((unit) => unit.saturation[gate].high)) },
    { gate, state: 'shut', share: meanOf(units.map((unit) => unit.saturation[gate].low)) },
  ]);
  const best = found.reduce((most, each) => (each.share > most.share ? each : most));
  if (best.share < 0.05) return [];
  const unit = units.reduce((most, each) => (shareOf(each, best) > shareOf(most, best) ? each : most));
  const limit = best.state === 'open' ? 'above 0.9' : 'below 0.1';
  return [
    {
      kind: 'saturation',
      text:
        `${names[best.gate].replace(/^./, (letter) => letter.toUpperCase())} gates are ${best.state} (${limit}) ` +
        `${percent(best.share)} of the time, more than any other gate is open or shut; that of unit ${unit.unit} ` +
        `${percent(shareOf(unit, best))}.`,
      strength: 0.75 * best.share,
      units: [place(unit)],
      notes: [],
    },
  ];
};

const path: Finder = ({ layers }) =>
  layers.slice(-1).flatMap(({ path: way }): StudyFinding[] => {
    if (!way || way.explained.length < 2) return [];
    const two = way.explained[0] + way.explained[1];
    const text = `Two directions hold ${percent(two)} of what happens in the hidden state (${percent(way.explained[0])} and ${percent(way.explained[1])}).`;
    return [{ kind: 'path', text, strength: 0.55 * two, units: [], notes: [] }];
  });

/** Which head knows more than the frequencies, and which less. */
const head: Finder = ({ heads }) => {
  const gains = heads
    .filter(({ baseline }) => baseline > 1e-9)
    .map(({ name, loss, baseline, unit }) => ({ name, loss, baseline, unit, gain: 1 - loss / baseline }))
    .sort((a, b) => b.gain - a.gain);
  if (gains.length === 0) return [];
  const say = ({ name, loss, baseline, unit }: (typeof gains)[number]): string =>
    `${gainPercent(loss, baseline)} in ${name} ` +
    `(${digits(loss)} against ${digits(baseline)} ${unit === 'nats' ? 'nats' : 'squared'})`;
  const [best, worst] = [gains[0], gains[gains.length - 1]];
  const text = `Over always giving this song's own frequencies the model gains ${say(best)}${worst === best ? '' : `, ${say(worst)}`}.`;
  return [{ kind: 'head', text, strength: Math.min(0.9, Math.abs(best.gain)), units: [], notes: [] }];
};

const comparison: Finder = ({ comparison: compared, model }) => {
  const change = compared?.units[0];
  if (!compared || !change) return [];
  const tensor = compared.tensors.reduce((most, each) => (each.relative > most.relative ? each : most));
  if (tensor.change === 0) {
    const text = `The two checkpoints hold the same weights: ${checkpointName(compared.before)} and ${checkpointName(compared.after)}.`;
    return [{ kind: 'comparison', text, strength: 0.95, units: [], notes: [] }];
  }
  return [
    {
      kind: 'comparison',
      text:
        `From ${checkpointName(compared.before)} to ${checkpointName(compared.after)}, ${lower(nameOf(change, model))} changed most: ${change.what} ` +
        `from ${digits(change.before)} to ${digits(change.after)}; of the weights ${tensor.name}, by ${percent(tensor.relative)}.`,
      strength: 0.95,
      units: compared.units.slice(0, 3).map(place),
      notes: [],
    },
  ];
};

const FINDERS: readonly Finder[] = [
  memory,
  correlation,
  ablation,
  surprise,
  gradient,
  saliency,
  idle,
  saturation,
  path,
  head,
  comparison,
];

const CORRELATE_WORDS: Record<Correlate, string> = {
  pitch: 'the pitch',
  pitchClass: 'the pitch class',
  register: 'the register',
  step: 'the time since the note before',
  duration: 'the duration',
  velocity: 'the velocity',
  metre: 'the place in the bar',
  position: 'the position in the song',
};

/** What a head was told of the same note: ` given its step`. */
function given({ reads }: { reads: readonly string[] }): string {
  return reads.length === 0 ? '' : ` given its ${reads.join(', ')}`;
}

function shareOf(unit: StudyUnit, { gate, state }: { gate: 'i' | 'f' | 'o'; state: string }): number {
  return state === 'open' ? unit.saturation[gate].high : unit.saturation[gate].low;
}

function nameOf({ layer, unit }: { layer: number; unit: number }, { layers }: { layers: number }): string {
  return layers > 1 ? `Unit ${unit} of layer ${layer}` : `Unit ${unit}`;
}

function place({ layer, unit }: { layer: number; unit: number }): { layer: number; unit: number } {
  return { layer, unit };
}

function stepsOf(span: StudySpan): number {
  return span.steps ?? span.atLeastSteps;
}

function lower(text: string): string {
  return text.replace(/^./, (letter) => letter.toLowerCase());
}

/** `a chance of 1 in 5,000`. */
function chance(p: number): string {
  return p > 0 ? `a chance of 1 in ${Math.round(1 / p).toLocaleString('en-US')}` : 'no chance';
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
