import { evenly } from '../../evenly.ts';
import type { GeneratedPieces } from '../../music/index.ts';
import { pianoRoll } from '../../plot/index.ts';
import { describeQuality } from '../../music/evaluation/quality.ts';
import { headName } from '../../music/head-words.ts';
import { decimals } from '../../text/numbers.ts';
import { counted, formatCount } from '../../text/words.ts';
import type { Results } from '../../music/evaluation/results.ts';
import { escapeHtml, htmlTable, page, paragraph, section, type Cell } from '../kit/html.ts';
import { REPORT_STYLE } from './style.ts';
import { HOW_TO_READ, noteRows, wholeParts } from './whole-parts.ts';
import { figureParts } from './figure-parts.ts';

/** So many generated pieces are drawn, beside as many of people's. */
const ROLLS = 3;
/** A roll shows so much from the beginning, in seconds: more would be too small to be read. */
const ROLL_SECONDS = 30;

/** What was found out about a model as a page: everything that it shows is in it. */
export function evaluationPage({ model, on, windows, whole, generated }: Results): string {
  const body = [
    `<h1>${escapeHtml(model)}</h1>`,
    paragraph(`Evaluated on ${on}.`, 'verdict'),
    windows ? section('Each note from the window before it', ...windowsParts(windows, on)) : '',
    whole ? section('Whole pieces, each note from everything before it', ...wholeParts(whole)) : '',
    generated ? section('Generated pieces beside people’s', ...figureParts(generated)) : '',
    generated ? section('Rolls', ...rolls(generated)) : '',
    '<footer>Made by Etude. This page needs nothing from the network.</footer>',
  ];
  return page(`${model}: evaluation`, REPORT_STYLE, body.filter((part) => part !== '').join('\n'));
}

function windowsParts(windows: NonNullable<Results['windows']>, on: string): string[] {
  const { heads, note } = windows;
  const rows = heads.map(({ name, loss, baseline, perplexity, unit }): Cell[] => [
    headName(name),
    { number: decimals(loss), strong: true },
    { number: decimals(baseline) },
    { number: decimals(perplexity, 2) },
    unit,
  ]);
  const sums = note ? noteRows([note.loss, note.baseline]).map((row): Cell[] => [...row, { number: '' }, '']) : [];
  return [
    htmlTable(['Head', 'Loss', 'Baseline', 'Perplexity', 'Unit'], [...rows, ...sums]),
    paragraph(describeQuality({ ...windows, music: `of ${on}` })),
    paragraph(HOW_TO_READ, 'note'),
  ];
}

/** Generated pieces beside people's, from the beginning of each. */
function rolls({ pieces, clips, names }: NonNullable<Results['generated']>): string[] {
  const generated = evenly(pieces, ROLLS).map(({ seed, primer, notes }) =>
    rollOf(`Generated with seed ${seed}, after the opening of ${names[primer]}`, notes),
  );
  const human = evenly(clips, ROLLS).map(({ piece, from, notes }) =>
    rollOf(`Played: ${names[piece]}, from note ${formatCount(from + 1)}`, notes),
  );
  const pairs = generated.flatMap((roll, k) => [roll, human[k] ?? '']);
  return [
    paragraph(`The first ${counted(ROLL_SECONDS, 'second')} of each, as the model hears them.`, 'note'),
    ...pairs.filter((roll) => roll !== '').map((roll) => `<div class="wide">${roll}</div>`),
  ];
}

function rollOf(title: string, notes: GeneratedPieces['pieces'][number]['notes']): string {
  const last = notes.reduce((most, { end }) => Math.max(most, end), 1);
  return pianoRoll({ title, notes, range: [0, Math.min(ROLL_SECONDS, last)] });
}
