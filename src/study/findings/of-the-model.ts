import { noteName } from '../../midi/index.ts';
import { givenWords, headName } from '../../music/head-words.ts';
import { digits, percent } from '../../text/numbers.ts';
import { counted } from '../../text/words.ts';
import { dequantise } from '../byte-matrix.ts';
import { checkpointName } from '../checkpoint-name.ts';
import { lagBelow } from '../gradient.ts';
import { mainHead } from '../main-head.ts';
import { beside, found, lower, nameOf, NOTHING, place, UNTRAINED, type Finder } from './finding.ts';

/** Nats a note by which the order of the notes must matter to matter at all. */
const ORDER_MATTERS = 0.05;
/** By how much a share must differ from that of any untrained network. */
const SHARE = 0.1;
/** The gradient reaches otherwise when the sum of its norms over the lags is so many times larger or smaller. */
const REACH = Math.log(1.25);

/** The least expected note, and whether the frequencies of the training music expected it. */
export const surprise: Finder = ({ heads, song }) => {
  const head = heads[mainHead(heads)];
  const { worst, loss, standing } = head;
  // What a model finds surprising that predicts no better than frequencies says nothing of the music.
  if (!worst || !(loss > 0) || standing === 'no better') return NOTHING;
  const { note, surprise: most, baseline } = worst;
  const numbers = head.kind === 'scalar';
  const size = numbers
    ? `its loss is ${digits(most)}, ${(most / loss).toFixed(1)} times the mean`
    : `the model gave it ${chance(most)}`;
  const usual =
    baseline === null || numbers
      ? ''
      : baseline < most
        ? `, the frequencies of the training music ${chance(baseline)}`
        : `; it is rare in the training music as well (${chance(baseline)})`;
  return found({
    kind: 'surprise',
    text: `Note ${note + 1} (${noteName(song.pitch[note])}, at ${song.start[note].toFixed(1)} s) is the most surprising in ${headName(head.name)}${givenWords(head.reads)}: ${size}${usual}.`,
    strength: 1 - Math.exp(-Math.max(0, most / loss - 1) / 3),
    units: [],
    notes: [note],
  });
};

/** What the order of the notes is worth: the same notes shuffled. */
export const order: Finder = ({ control, heads }) => {
  const inNats = heads.every(({ unit }) => unit === 'nats');
  const told = control.order.heads.filter((_, k) => inNats || k === mainHead(heads));
  const sum = (of: (head: (typeof told)[number]) => number): number =>
    told.reduce((total, head) => total + of(head), 0);
  const [inOrder, shuffled] = [sum((head) => head.inOrder), sum((head) => head.shuffled)];
  const error = Math.hypot(...told.map((head) => head.error ?? Infinity));
  const rise = shuffled - inOrder;
  const where = inNats && heads.length > 1 ? 'a note' : `in ${headName(told[0].name)}`;
  const matters = rise > Math.max(ORDER_MATTERS, 2 * error);
  const text = matters
    ? `The model uses the order of the notes: in random order the same notes cost ${digits(shuffled)} nats ${where}, ${digits(rise)} more than in the order of the song.`
    : `The model hardly uses the order of the notes: in random order the same notes cost ${digits(shuffled)} nats ${where}, in the order of the song ${digits(inOrder)}.`;
  return found({
    kind: 'order',
    text,
    strength: matters ? Math.min(0.9, rise / Math.max(shuffled, 1e-9)) : 0.9,
    units: [],
    notes: [],
  });
};

/** How far back a prediction teaches. */
export const gradient: Finder = (study) => {
  const { gradient: told, control } = study;
  const top = told.byLag.dh.length - 1;
  const norms = told.byLag.dh[top] ?? [];
  if (norms.length < 2) return NOTHING;
  const { trained } = beside(study, (figures) => reach(figures.gradient), REACH, Math.log);
  if (trained === 'alike') return { findings: [], alike: 'the reach of the gradient' };
  const own = reach(control.trained.gradient);
  // Of the untrained networks the one whose gradient reaches nearest to the studied one's.
  const nearest = control.untrained.map((figures) => figures.gradient).sort((a, b) => Math.abs(reach(a) - own) - Math.abs(reach(b) - own))[0]; // prettier-ignore
  const hundredth = told.hundredthLag[top];
  return found({
    kind: 'gradient',
    text:
      `Backwards in time the gradient of a prediction ${fall(norms)}; in ${UNTRAINED} it ${fall(nearest)}. ` +
      `Training made it reach ${trained === 'above' ? 'further back' : 'less far back'}.`,
    strength: hundredth === null ? 0.4 + 0.5 * Math.min(1, norms[norms.length - 1] / Math.max(norms[0], 1e-30)) : 0.85 - (0.5 * hundredth) / norms.length, // prettier-ignore
    units: [],
    notes: [],
  });
};

/** `falls to half after 1 note and to 1 % after 29`, or `… after 2 notes, then levels off: 5.9 % is left 63 notes back`. */
function fall(norms: readonly number[]): string {
  const [half, hundredth] = [lagBelow(norms, 0.5), lagBelow(norms, 0.01)];
  const last = norms.length - 1;
  const first =
    half === null
      ? `keeps more than half for ${counted(last, 'note')}`
      : `falls to half within ${counted(half, 'note')}`;
  if (hundredth !== null) return `${first} and to 1 % within ${hundredth}`;
  return half === null
    ? first
    : `${first}, then levels off: ${percent(norms[last] / Math.max(norms[0], 1e-30))} is left ${last} notes back`;
}

/** The sum of the norms over the lags, in parts of the first: how many notes back it reaches if all reached as well. */
function reach(norms: readonly number[]): number {
  return norms.reduce((sum, norm) => sum + norm, 0) / Math.max(norms[0] ?? 0, 1e-30);
}

/** How near the notes are that a prediction depends on. */
export const saliency: Finder = (study) => {
  const { saliency: told, control } = study;
  const own = control.trained.nearSaliency;
  if (!told || own === null) return NOTHING;
  const { least, most, trained } = beside(study, ({ nearSaliency }) => nearSaliency ?? 0, SHARE);
  if (trained === 'alike') return { findings: [], alike: 'how near the notes are that predictions depend on' };
  const head = told.heads[mainHead(told.heads)];
  const { near, all, last } = sharesOf(dequantise(head.values), told.lags, told.inputs.length);
  if (!(all > 0)) return NOTHING;
  const usual = trained === 'above' ? `at most ${percent(most)}` : `at least ${percent(least)}`;
  return found({
    kind: 'saliency',
    text:
      `Of what speaks for or against the ${head.name === 'step' ? headName(head.name) : `next ${head.name}`}, ${percent(near / all)} lies in the last 4 of ${told.lags} notes ` +
      `(${percent(last / all)} in the last one); in ${UNTRAINED} ${usual}.`,
    strength: 0.2 + 0.6 * Math.abs(near / all - 4 / told.lags),
    units: [],
    notes: [],
  });
};

function sharesOf(values: ArrayLike<number>, lags: number, width: number): { near: number; last: number; all: number } {
  const sums = { near: 0, last: 0, all: 0 };
  for (let k = 0; k < values.length; k++) {
    if (Number.isNaN(values[k])) continue;
    const lag = Math.floor(k / width) % lags;
    const size = Math.abs(values[k]);
    sums.all += size;
    if (lag < 4) sums.near += size;
    if (lag === 0) sums.last += size;
  }
  return sums;
}

/** In how few directions the hidden state moves. */
export const path: Finder = (study) => {
  const explained = study.layers.at(-1)?.path?.explained ?? [];
  const own = study.control.trained.twoDirections;
  if (explained.length < 2 || own === null) return NOTHING;
  const { least, most, trained } = beside(study, ({ twoDirections }) => twoDirections ?? 0, SHARE);
  if (trained === 'alike') return { findings: [], alike: 'the dimensions of the hidden state' };
  const two = explained[0] + explained[1];
  const usual = trained === 'above' ? `${percent(most)} at most` : `${percent(least)} at least`;
  return found({
    kind: 'path',
    text: `Two directions hold ${percent(two)} of the variance of the hidden state (${percent(explained[0])} and ${percent(explained[1])}); in ${UNTRAINED} ${usual}.`,
    strength: 0.55 * two,
    units: [],
    notes: [],
  });
};

/** What changed most between two checkpoints. */
export const comparison: Finder = ({ comparison: compared, model }) => {
  const change = compared?.units[0];
  if (!compared || !change) return NOTHING;
  const tensor = compared.tensors.reduce((most, each) => (each.relative > most.relative ? each : most));
  const [before, after] = [checkpointName(compared.before), checkpointName(compared.after)];
  const text =
    tensor.change === 0
      ? `The two checkpoints have the same weights: ${before} and ${after}.`
      : `From ${before} to ${after}, ${lower(nameOf(change, model))} changed most: ${change.what} ` +
        `from ${digits(change.before)} to ${digits(change.after)}; of the weights, ${tensor.name} (by ${percent(tensor.relative)}).`;
  return found({
    kind: 'comparison',
    text,
    strength: 0.95,
    units: tensor.change === 0 ? [] : compared.units.slice(0, 3).map(place),
    notes: [],
  });
};

/** `a chance of 1 in 5,000`, from a surprise in nats. */
function chance(surprise: number): string {
  const p = Math.exp(-surprise);
  return p > 0 ? `a chance of 1 in ${Math.round(1 / p).toLocaleString('en-US')}` : 'no chance';
}
