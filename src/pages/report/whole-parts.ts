import type { NoteNats, WholePieces } from '../../music/index.ts';
import { lineChart, type Series } from '../../plot/index.ts';
import { describeWhole, NO_FREQUENCIES, positionWords } from '../../music/evaluation/describe.ts';
import { wholeNoteNats } from '../../music/evaluation/results.ts';
import { headName } from '../../music/head-words.ts';
import { decimals } from '../../text/numbers.ts';
import { formatCount } from '../../text/words.ts';
import { htmlTable, paragraph, type Cell } from '../kit/html.ts';
import { HALF } from './loss-charts.ts';

/** What whole pieces say of a model: in a sentence, as a table, and by position. */
export function wholeParts(whole: WholePieces): string[] {
  const { model, memory, baseline } = wholeNoteNats(whole);
  const remembers = memory !== undefined;
  const titles = ['Head', 'Nats', ...(remembers ? ['With memory'] : []), 'Baseline', 'Perplexity'];
  const rows = whole.heads.map((head): Cell[] => [
    headName(head.name),
    { number: decimals(head.model), strong: !remembers },
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

export const HOW_TO_READ =
  'Lower is better. Each attribute of a note is predicted given those sampled before it, so that the losses of the attributes add up to that of the note. ' +
  'Baseline: the loss of always predicting the frequencies of the training pieces. The 10 ms grid makes models with different classes of time comparable.';

/** A line for the table for each way to say what a note costs. */
export function noteRows(costs: readonly (NoteNats | null)[]): Cell[][] {
  const row = (label: string, value: (cost: NoteNats) => number): Cell[] => [
    label,
    ...costs.map((cost) => ({ number: decimals(cost ? value(cost) : null) })),
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
    { number: decimals(position.model) },
    ...(remembers ? [{ number: decimals(position.memory) }] : []),
  ]);
  const titles = ['Notes heard before', 'Notes', 'Nats per note', ...(remembers ? ['With memory'] : [])];
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
  return lineChart({ title, xLabel: 'notes heard before, from', yLabel: 'nats', series, ...HALF });
}
