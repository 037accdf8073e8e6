import { noteName } from '../../midi/index.ts';
import { REPETITION_NOTES, type MusicAnalysis } from '../../music/index.ts';
import { pianoRoll } from '../../plot/index.ts';
import { headName } from '../../music/head-words.ts';
import { describeComparison } from '../../music/evaluation/describe.ts';
import { decimals, gainPercent, percent, trueMinus } from '../../text/numbers.ts';
import { clock } from '../../text/words.ts';
import { escapeHtml, htmlTable, page, paragraph, section, type Cell } from '../kit/html.ts';
import { pitchHistogram, secondsHistogram } from './histograms.ts';
import { figureParts } from './figure-parts.ts';
import { HALF, lossCharts, trainingCharts } from './loss-charts.ts';
import type { Fact, MusicData, ReportData, SampleData, SettingRow } from './report-data.ts';
import { REPORT_STYLE } from './style.ts';
import { noteRows, wholeParts } from './whole-parts.ts';

/** The page of a run: everything that it shows is in it, but for the files of the sample beside it. */
export function reportPage(data: ReportData): string {
  const { title, verdict, facts, history, bestEpoch, heads, whole, sample, generated, settings } = data;
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    ...verdict.map((text, k) => paragraph(text, k === 0 ? 'verdict' : undefined)),
    sample ? section('The sample', ...sampleParts(sample)) : '',
    section('Learning', grid(lossCharts(history, bestEpoch, heads)), learningNote(data)),
    section('How well it predicts the next note', predictions(data)),
    whole ? section('Whole pieces', ...wholeParts(whole)) : '',
    section('The sample, compared with the data', ...comparison(sample, data.data)),
    generated ? section('More pieces, compared with human music', ...unlikeParts(generated)) : '',
    section('Training', grid(trainingCharts(history))),
    section('The run', factList(facts)),
    section('Settings', settingTable(settings)),
    '<footer>Made by Etude. This page needs nothing from the network.</footer>',
  ];
  return page(title, REPORT_STYLE, body.filter((part) => part !== '').join('\n'));
}

function sampleParts({ notes, caption, midi, audio, name }: SampleData): string[] {
  const links = [midi, audio].flatMap((file) =>
    file === undefined ? [] : [`<a href="${address(file)}">${escapeHtml(file)}</a>`],
  );
  return [
    paragraph(caption),
    audio === undefined ? '' : `<audio controls preload="none" src="${address(audio)}"></audio>`,
    links.length === 0 ? '' : `<p>${links.join(' · ')}</p>`,
    `<div class="wide">${pianoRoll({ title: `Piano roll of ${name}`, notes })}</div>`,
  ];
}

/** A file name as a relative address. */
function address(file: string): string {
  return escapeHtml(file.split('/').map(encodeURIComponent).join('/'));
}

/** How much generated pieces are like people's, and the figures in which they are not. */
function unlikeParts(generated: NonNullable<ReportData['generated']>): string[] {
  const unlike = generated.comparison.figures.filter(({ inside }) => inside === false);
  if (unlike.length === 0) return [paragraph(describeComparison(generated))];
  return figureParts(generated, unlike);
}

function learningNote({ history, bestEpoch }: ReportData): string {
  if (history.length === 0) return paragraph('No epoch was finished.', 'note');
  const kept = bestEpoch === null ? '' : `The weights of epoch ${bestEpoch} were kept. `;
  const validation = history.some((record) => record.validation !== null)
    ? 'Training losses are means over the epoch, with dropout if there is any, and over every note of a window if the ' +
      'loss covers all; validation losses are for the note after the window, at the end of the epoch.'
    : 'No pieces were held out for validation, so a falling loss may be memorization.';
  return paragraph(kept + validation, 'note');
}

function predictions({ heads, note }: ReportData): string {
  if (heads.length === 0) return '';
  const rows = heads.map(({ name, loss, baseline, unit }): Cell[] => [
    headName(name),
    { number: figure(loss), strong: true },
    { number: figure(baseline ?? NaN) },
    { number: gainPercent(loss, baseline) },
    { number: unit === 'nats' ? figure(Math.exp(loss)) : '–' },
    unit,
  ]);
  const sums = note ? noteRows([note.loss, note.baseline]).map((row): Cell[] => [...row, { number: '' }, { number: '' }, '']) : []; // prettier-ignore
  return (
    htmlTable(['Head', 'Loss', 'Baseline', 'Gain', 'Perplexity', 'Unit'], [...rows, ...sums]) +
    paragraph(
      'Lower is better. Baseline: the loss of always predicting the frequencies of the training pieces. Perplexity: the number of ' +
        'equally likely choices with the same loss.',
      'note',
    )
  );
}

function comparison(sample: SampleData | undefined, data: MusicData): string[] {
  const groups = sample ? [data, sample] : [data];
  const of = (column: 'pitch' | 'step' | 'duration') =>
    groups.map((group) => ({ name: group.name, values: group[column] }));
  const pictures = [
    pitchHistogram('Pitches', of('pitch'), HALF),
    secondsHistogram('Times to the next note', 'seconds to the next note', of('step'), HALF),
    secondsHistogram('Durations', 'duration (s)', of('duration'), HALF),
  ];
  return [grid(pictures), figureTable(sample, data)];
}

function figureTable(sample: SampleData | undefined, data: MusicData): string {
  const columns = sample ? [sample, data] : [data];
  const row = (label: string, value: (analysis: MusicAnalysis) => string): Cell[] => [
    label,
    ...columns.map(({ analysis }) => ({ number: value(analysis) })),
  ];
  const rows = [
    row('Notes', ({ notes }) => decimal(notes)),
    row('Length', ({ seconds }) => clock(seconds)),
    row('Range', ({ lowest, highest }) => (lowest === null || highest === null ? '–' : `${noteName(lowest)} to ${noteName(highest)}`)), // prettier-ignore
    row('Distinct pitches', ({ distinctPitches }) => decimal(distinctPitches)),
    row(`Repetition: runs of ${REPETITION_NOTES} pitches heard before`, ({ repetition }) => percent(repetition)),
    row('Longest repeated run of pitches', ({ longestRepeat }) => notesInWords(longestRepeat)),
    row('Longest run of one pitch', ({ longestSamePitch }) => notesInWords(longestSamePitch)),
    row('Keys struck while held', ({ struckWhileHeld }) => percent(struckWhileHeld)),
    row('Notes a second', ({ density }) => decimals(density, 2)),
    row('Notes at a time, mean', ({ meanPolyphony }) => decimals(meanPolyphony, 2)),
    row('Notes at a time, most', ({ maxPolyphony }) => decimal(maxPolyphony)),
  ];
  const note = sample ? 'Figures of the data are means over stretches of as many notes as the sample has.' : '';
  return htmlTable(['', ...columns.map(({ name }) => name)], rows) + (note ? paragraph(note, 'note') : '');
}

/** How many notes, which may be a mean. */
function notesInWords(notes: number): string {
  return `${decimal(notes)} ${notes === 1 ? 'note' : 'notes'}`;
}

function factList(facts: readonly Fact[]): string {
  if (facts.length === 0) return '';
  return `<dl>\n${facts.map(({ label, value }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}\n</dl>`;
}

function settingTable(settings: readonly SettingRow[]): string {
  if (settings.length === 0) return '';
  const rows = settings.map(({ key, value, preset }): Cell[] => [
    key,
    value,
    preset === undefined ? '' : `preset: ${preset}`,
  ]);
  return htmlTable(['Setting', 'Value', ''], rows);
}

function grid(pictures: readonly string[]): string {
  return pictures.length === 0 ? '' : `<div class="grid">\n${pictures.join('\n')}\n</div>`;
}

function figure(value: number): string {
  return Number.isFinite(value) ? trueMinus(value.toPrecision(4)) : '–';
}

/** A whole number as it is, a mean with one decimal. */
function decimal(value: number): string {
  return Number.isInteger(value) ? String(value) : decimals(value, 1);
}
