import type { FigureComparison, GeneratedPieces, WholePieces } from '../../music/index.ts';
import { lineChart, pianoRoll, type Series } from '../../plot/index.ts';
import { escapeHtml, htmlTable, page, paragraph, section, type Cell } from '../report/html.ts';
import { REPORT_STYLE } from '../report/style.ts';
import { describeQuality } from '../train/verdict.ts';
import { counted, formatCount } from '../../words.ts';
import {
  describeComparison,
  describeWhole,
  figureValue,
  NO_FREQUENCIES,
  percent,
  positionWords,
  sideWords,
} from './describe.ts';
import { rangeBar } from './range-bar.ts';
import { wholeNoteNats, type Results } from './results.ts';

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
    name,
    { number: loss.toFixed(3), strong: true },
    { number: decimals(baseline) },
    { number: perplexity === null ? '–' : perplexity.toFixed(2) },
    unit,
  ]);
  const sums = note ? noteRows([note.loss, note.baseline]).map((row): Cell[] => [...row, { number: '' }, '']) : [];
  return [
    htmlTable(['Head', 'Loss', 'Without context', 'Perplexity', 'Unit'], [...rows, ...sums]),
    paragraph(describeQuality({ ...windows, music: `of ${on}` })),
    paragraph(HOW_TO_READ, 'note'),
  ];
}

/** What whole pieces say of a model; a part of the report of a run, too. */
export function wholeParts(whole: WholePieces): string[] {
  const { model, memory, baseline } = wholeNoteNats(whole);
  const remembers = memory !== undefined;
  const titles = ['Head', 'Nats', ...(remembers ? ['With memory'] : []), 'Without context', 'Perplexity'];
  const rows = whole.heads.map((head): Cell[] => [
    head.name,
    { number: head.model.toFixed(3), strong: !remembers },
    ...(remembers ? [{ number: decimals(head.memory), strong: true }] : []),
    { number: decimals(head.baseline) },
    { number: Math.exp(head.memory ?? head.model).toFixed(2) },
  ]);
  const sums = noteRows([model, ...(memory ? [memory] : []), baseline]).map((row): Cell[] => [...row, { number: '' }]);
  return [
    paragraph(describeWhole(whole)),
    htmlTable(titles, [...rows, ...sums]),
    paragraph(whole.note.baseline === null ? `${HOW_TO_READ} ${NO_FREQUENCIES}` : HOW_TO_READ, 'note'),
    positionParts(whole),
  ];
}

const HOW_TO_READ =
  'Lower is better. Each part of a note is predicted given those that are drawn before it, so that the nats of the parts add up to those of the note. ' +
  'Without context: what always giving the frequencies of the training pieces would cost. On a grid of 10 ms models compare whose classes of time differ.';

/** A line for the table for each way to say what a note costs. */
function noteRows(costs: readonly ({ nats: number; bits: number; onGrid: number } | null)[]): Cell[][] {
  const row = (label: string, value: (cost: { nats: number; bits: number; onGrid: number }) => number): Cell[] => [
    label,
    ...costs.map((cost) => ({ number: cost ? value(cost).toFixed(3) : '–' })),
  ];
  return [
    row('note', ({ nats }) => nats),
    row('note, in bits', ({ bits }) => bits),
    row('note, on a grid of 10 ms', ({ onGrid }) => onGrid),
  ];
}

function positionParts({ note, heads }: WholePieces): string {
  const remembers = note.memory !== undefined;
  const rows = note.positions.map((position): Cell[] => [
    positionWords(position),
    { number: formatCount(position.notes) },
    { number: position.model.toFixed(3) },
    ...(remembers ? [{ number: decimals(position.memory) }] : []),
  ]);
  const titles = ['Notes heard before', 'Notes', 'Nats a note', ...(remembers ? ['With memory'] : [])];
  const table = htmlTable(titles, rows);
  if (note.positions.length < 2) return table;
  const pitch = heads.find(({ name }) => name === 'pitch');
  const charts = [positionChart('A whole note', note), ...(pitch ? [positionChart('Its pitch', pitch)] : [])];
  return `${table}\n<div class="grid">\n${charts.join('\n')}\n</div>`;
}

/** The loss over the piece, without the memory and with it. */
function positionChart(
  title: string,
  { positions, memory }: Pick<WholePieces['note'], 'positions' | 'memory'>,
): string {
  const curve = (name: string, of: 'model' | 'memory'): Series => ({
    name,
    points: positions.map((position) => [position.from, position[of] ?? NaN] as const),
  });
  const series = memory === undefined ? [curve('the model', 'model')] : [curve('the model alone', 'model'), curve('with its memory', 'memory')]; // prettier-ignore
  return lineChart({ title, xLabel: 'notes heard before, from', yLabel: 'nats', series, width: 560, height: 300 });
}

function figureParts(generated: NonNullable<Results['generated']>): string[] {
  const rows = generated.comparison.figures.map((figure): Cell[] => [
    figure.name,
    { number: figureValue(figure.reference?.p5) || '–' },
    { number: figureValue(figure.reference?.median) || '–' },
    { number: figureValue(figure.reference?.p95) || '–' },
    { number: figureValue(figure.pieces?.median) || '–', strong: figure.inside === false },
    { number: figure.outside === null ? '–' : percent(figure.outside) },
    { number: figure.overlap === null ? '–' : figure.overlap.toFixed(2) },
    { html: rangeBar(figure) },
    markOf(figure),
  ]);
  return [
    paragraph(describeComparison(generated)),
    htmlTable(['Figure', 'Human 5 %', 'Median', '95 %', 'Generated', 'Outside', 'Overlap', 'Range', ''], rows),
    paragraph(
      'Generated: the median of the pieces. Outside: the share of them that are not within the human 5 to 95 %. Overlap: MGEval’s overlapped area. ' +
        'In the bars the band is the human 5 to 95 % with its median, the line and dot those of the generated pieces. Figures with underscores are MusPy’s.',
      'note',
    ),
  ];
}

function markOf(figure: FigureComparison): string {
  return figure.inside === false ? sideWords(figure) : '';
}

/** Generated pieces beside people's, from the beginning of each. */
function rolls({ pieces, clips }: GeneratedPieces): string[] {
  const generated = spread(pieces).map(({ seed, notes }) => rollOf(`Generated, seed ${seed}`, notes));
  const human = spread(clips).map(({ piece, from, notes }) =>
    rollOf(`Played, piece ${piece + 1} from note ${formatCount(from + 1)}`, notes),
  );
  const pairs = generated.flatMap((roll, k) => [roll, human[k] ?? '']);
  return [
    paragraph(`The first ${counted(ROLL_SECONDS, 'second')} of each, as the model hears them.`, 'note'),
    ...pairs.filter((roll) => roll !== '').map((roll) => `<div class="wide">${roll}</div>`),
  ];
}

function rollOf(title: string, notes: GeneratedPieces['pieces'][number]['notes']): string {
  const first = notes.reduce((least, { start }) => Math.min(least, start), Infinity);
  const shifted = notes.map((note) => ({ ...note, start: note.start - first, end: note.end - first }));
  const last = shifted.reduce((most, { end }) => Math.max(most, end), 0);
  return pianoRoll({ title, notes: shifted, range: [0, Math.max(1, Math.min(ROLL_SECONDS, last))] });
}

function spread<T>(things: readonly T[]): T[] {
  const count = Math.min(ROLLS, things.length);
  return Array.from({ length: count }, (_, k) => things[Math.floor((k * things.length) / count)]);
}

function decimals(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(3);
}
