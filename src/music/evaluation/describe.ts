import { formatTable, type Column } from '../../text/table.ts';
import { decimals, percent, trueMinus } from '../../text/numbers.ts';
import { counted, formatCount } from '../../text/words.ts';
import { headName } from '../head-words.ts';
import type { FigureComparison } from '../figures/index.ts';
import type { GridLikelihood } from './grid-likelihood.ts';
import { struckWhileHeld, summarize, wholeNoteNats, type Results } from './results.ts';
import type { WholePieces } from './whole-pieces.ts';

type Style = (line: string) => string;

const right = { align: 'right' as const };

/** What is said of models that lack a baseline. */
export const NO_FREQUENCIES =
  'This model was saved by an earlier version, which did not store the frequencies of its training pieces, so the frequencies baseline is not known.';

/** The losses of each head and of whole notes, each note from the window before it. */
export function windowsTable({ heads, note }: NonNullable<Results['windows']>, style: Style): string {
  const columns: Column[] = [
    { title: 'Head' },
    { title: 'Loss', ...right },
    { title: 'Baseline', ...right },
    { title: 'Perplexity', ...right },
    { title: 'Unit' },
  ];
  const rows = heads.map(({ name, loss, baseline, perplexity: among, unit }) => [
    headName(name),
    exact(loss),
    exact(baseline),
    among === null ? '' : among.toFixed(2),
    unit,
  ]);
  const sums = note ? noteRows([note.loss, note.baseline]).map(([name, ...costs]) => [name, ...costs, '', '']) : [];
  return formatTable(columns, [...rows, ...sums], style);
}

/** The same of whole pieces, without the memory and with it. */
export function wholeTable(whole: WholePieces & { exact?: GridLikelihood }, style: Style): string {
  const { model, memory, baseline } = wholeNoteNats(whole);
  const remembers = memory !== undefined;
  const columns: Column[] = [
    { title: 'Head' },
    { title: 'Nats', ...right },
    ...(remembers ? [{ title: 'With memory', ...right }] : []),
    { title: 'Baseline', ...right },
    { title: 'Perplexity', ...right },
  ];
  const rows = whole.heads.map((head) => [
    headName(head.name),
    exact(head.model),
    ...(remembers ? [exact(head.memory)] : []),
    exact(head.baseline),
    Math.exp(head.memory ?? head.model).toFixed(2),
  ]);
  const sums = noteRows([model, ...(memory ? [memory] : []), baseline]).map((row) => [...row, '']);
  return formatTable(columns, [...rows, ...sums], style);
}

/** A cell for each of some costs: in nats, in bits, on a grid of 10 ms. */
function noteRows(costs: readonly ({ nats: number; bits: number; onGrid: number } | null)[]): string[][] {
  return [
    ['note', ...costs.map((cost) => exact(cost?.nats))],
    ['  in bits', ...costs.map((cost) => exact(cost?.bits))],
    ['  on a grid of 10 ms', ...costs.map((cost) => exact(cost?.onGrid))],
  ];
}

/** Nats by the notes heard before: of each head and of whole notes. */
export function positionsTable({ heads, note }: WholePieces, of: 'model' | 'memory', style: Style): string {
  const parts = [...heads, { ...note, name: 'note' }];
  const columns = [{ title: 'Notes heard' }, ...['Notes', ...parts.map(({ name }) => headName(name))].map((title) => ({ title, ...right }))]; // prettier-ignore
  const rows = note.positions.map((position, k) => [
    positionWords(position),
    formatCount(position.notes),
    ...parts.map(({ positions }) => exact(positions[k][of])),
  ]);
  return formatTable(columns, rows, style);
}

/** `64 to 255`; the last has no end. */
export function positionWords({ from, to }: { from: number; to: number | null }): string {
  return to === null ? `${formatCount(from)} and more` : `${from} to ${formatCount(to - 1)}`;
}

/** The figures of generated pieces beside those of people's. */
export function figureTable(figures: readonly FigureComparison[], style: Style): string {
  const columns: Column[] = [
    { title: 'Figure' },
    ...['Human 5 %', 'Median', '95 %', 'Generated', 'Outside', 'Overlap'].map((title) => ({ title, ...right })),
    { title: '' },
  ];
  const rows = figures.map(({ name, reference, pieces, outside, overlap, inside }) => [
    name,
    figureValue(reference?.p5),
    figureValue(reference?.median),
    figureValue(reference?.p95),
    figureValue(pieces?.median),
    outside === null ? '' : percent(outside),
    decimals(overlap, 2, ''),
    inside === false ? sideWords({ reference, pieces }) : '',
  ]);
  return formatTable(columns, rows, style);
}

/** On which side a median is outside. */
export function sideWords({ reference, pieces }: Pick<FigureComparison, 'reference' | 'pieces'>): string {
  return (pieces?.median ?? 0) < (reference?.p5 ?? 0) ? 'below' : 'above';
}

/** How alike generated pieces and human music are, in a few sentences. */
export function describeComparison({
  comparison,
  pieces,
  clips,
  notesEach,
}: NonNullable<Results['generated']>): string {
  const { compared, inside, outside, overlap } = summarize(comparison);
  const area = overlap === null ? '' : ` The mean overlapping area is ${overlap.toFixed(3)}.`;
  return (
    `${counted(pieces.length, 'generated piece')} of ${counted(notesEach, 'note')}, compared with ${counted(clips.length, 'clip')} of human music: ` +
    `for ${inside} of ${counted(compared, 'figure')} the median lies within the human 5 to 95 % range, and on average ${percent(outside)} of the pieces lie outside it (of human clips, 10 % do).` +
    `${area} ${percent(struckWhileHeld(pieces))} of the notes drawn struck a key that was still held.`
  );
}

/** What a whole note costs, in a sentence. */
export function describeWhole(whole: WholePieces & { exact?: GridLikelihood }): string {
  const { model, memory } = wholeNoteNats(whole);
  const best = memory ?? model;
  const gain = memory ? ` with its memory, ${decimals(model.nats - memory.nats)} less than without` : '';
  return `${counted(whole.notes, 'note')} in ${counted(whole.pieces, 'piece')}, each predicted from everything before it: ${decimals(best.nats)} nats per note${gain}; ${decimals(best.onGrid)} on a 10 ms grid.`;
}

/** Three significant digits; nothing where there is no value. */
export function figureValue(value: number | undefined): string {
  if (value === undefined) return '';
  return Math.abs(value) >= 100 ? decimals(value, 0) : trueMinus(String(Number(value.toPrecision(3))));
}

/** Four places, so that runs can be compared; nothing where there is no cost. */
function exact(value: number | null | undefined): string {
  return decimals(value, 4, '');
}
