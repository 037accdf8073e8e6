import { inWords } from '../../../../text/words.ts';
import { givenWords, headName } from '../../../../music/head-words.ts';
import type { StudyIntegrated } from '../../../../study/study-data.ts';
import { inputName } from '../../../../study/input-names.ts';
import { missingSentence, stateSentence } from '../../figures/details-words.ts';
import { saliencyOfLags, strongestLags, type SaliencyRow } from '../../figures/saliency-row.ts';
import {
  alternativeText,
  clock,
  figure,
  givenText,
  keyName,
  partText,
  predictedText,
  SALIENCY_SIGNS,
  signed,
  summedSurprise,
} from '../../figures/words.ts';
import { percent } from '../../../../text/numbers.ts';
import { toneOf } from '../../../kit/cells.ts';
import { button } from '../../../kit/browser/controls.ts';
import { element } from '../../../kit/browser/elements.ts';
import { type Cell, factList, table } from '../../../kit/browser/tables.ts';
import { onScheme } from '../../../kit/browser/palette.ts';
import type { State, Store } from '../store.ts';
import type { Study } from '../study.ts';
import type { Timeline } from '../../../kit/browser/timeline.ts';
import { saliencyGrid } from './saliency-grid.ts';

/** So many past notes are named. */
const NAMED = 5;

/** The chosen note: what it is, what was predicted, and what the prediction rests on. */
export function notePanel(place: HTMLElement, study: Study, store: Store, timeline: Timeline): void {
  const title = element('span', {});
  const step = (by: number): void => timeline.chooseNote(store.state.note + by);
  const buttons = element(
    'span',
    { class: 'group' },
    button('‹', () => step(-1), { 'aria-label': 'Note before' }),
    button('›', () => step(1), { 'aria-label': 'Next note' }),
  );
  const content = element('div', {});
  place.append(element('section', { class: 'panel', id: 'note-panel', 'aria-label': 'The chosen note' }, element('h2', {}, title, buttons), content)); // prettier-ignore
  const fill = (): void => {
    const { note } = store.state;
    if (note < 0) {
      title.textContent = 'No note';
      return content.replaceChildren('This song has no notes.');
    }
    title.textContent = `Note ${note + 1} · ${keyName(study.data.song.pitch[note])}`;
    content.replaceChildren(
      noteFacts(study, note),
      predictions(study, note),
      ...likeliest(study, store.state),
      ...reasons(study, store.state),
    );
  };
  store.on(['note', 'head', 'details'], fill);
  onScheme(fill);
}

function noteFacts({ data: { song } }: Study, note: number): HTMLElement {
  const { metre } = song;
  const cell = metre.cell[note];
  // Cells are quarters of a beat.
  const beat = cell === undefined ? '' : `, beat ${figure(1 + cell / 4)} of ${metre.beats}`;
  return factList([
    ['at', `${clock(song.start[note])}${beat}`],
    ['starts', `${figure(song.step[note])} s after the note before`],
    ['lasts', `${figure(song.duration[note])} s, velocity ${figure(song.velocity[note])}`],
  ]);
}

function predictions({ data: { heads, song } }: Study, note: number): HTMLElement {
  const came: Record<string, number | undefined> = {
    pitch: song.pitch[note],
    step: song.step[note],
    duration: song.duration[note],
    velocity: song.velocity[note],
  };
  if (heads.every(({ surprise }) => surprise[note] === null || surprise[note] === undefined))
    return element('p', { class: 'faint' }, 'Nothing predicted this note: the network had not read anything yet.');
  const rows = heads.map((head): Cell[] => {
    const { name, unit, surprise } = head;
    const value = surprise[note];
    const probability = unit === 'nats' && value !== null ? ` (${percent(Math.exp(-value))})` : '';
    return [
      headName(name),
      { number: partText(name, came[name]) },
      { number: predictedText(head, note) },
      { number: `${figure(value)}${probability}` },
    ];
  });
  const sum = summedSurprise(heads, note);
  if (sum !== null) rows.push(['the note', '', '', { number: figure(sum) }]);
  const predicted = table(['', 'actual', 'most likely', 'surprise'], rows, 'What was predicted');
  const chain = heads.filter(({ reads }) => reads.length > 0);
  if (chain.length === 0) return predicted;
  const told = chain.map(({ name, reads }) => `${headName(name)}${givenWords(reads)}`).join('; ');
  const sentence = `Its attributes are sampled in this order, and each is predicted given the true attributes before it: ${told}.`;
  return element('div', {}, element('p', { class: 'faint' }, sentence), predicted);
}

/** What the chosen head held likeliest. */
function likeliest(study: Study, { head: which, note }: Readonly<State>): HTMLElement[] {
  const found = study.alternatives(which, note);
  if (found.length === 0) return [];
  const head = study.data.heads[which];
  const texts = found.map(([value, probability]) => `${alternativeText(head, value)} ${percent(probability)}`);
  return [element('p', {}, `Most likely ${headName(head.name)}${givenText(head)}: ${texts.join(', ')}.`)];
}

function reasons(study: Study, { head, note, details }: Readonly<State>): HTMLElement[] {
  const { saliency, heads } = study.data;
  const name = heads[head]?.name;
  if (!saliency || name === undefined) return [element('p', { class: 'faint' }, 'This study has no saliency; see what was left out.')]; // prettier-ignore
  const row = study.saliency(head, note);
  const told = heads[head].reads;
  const given =
    told.length === 0
      ? ''
      : ` It was also given the note’s own ${inWords(told.map(headName), 'and')}, which this does not include.`;
  const title = element('h3', {}, `What the ${headName(name)} was predicted from`);
  const exact = study.integrated(head, note);
  if (!row) {
    const why = note === 0 ? 'Nothing came before it.' : (stateSentence(details) ?? missingSentence(study.data, note));
    return [title, element('p', { class: 'faint' }, why)];
  }
  return [
    title,
    element('p', { class: 'faint' }, `Gradient × input: ${SALIENCY_SIGNS[heads[head].kind].sentence}.${given}`),
    saliencyGrid(row, saliency.inputs, study, note),
    featureTable(row, saliency.inputs),
    pastNotes(study, row, note),
    ...integrated(study, exact, note),
  ];
}

function featureTable(row: SaliencyRow, inputs: readonly string[]): HTMLElement {
  const all = row.sizeByInput.reduce((sum, size) => sum + size, 0) || 1;
  const rows = inputs.map((input, k) => [
    inputName(input),
    { number: signed(row.byInput[k]), tone: toneOf(row.byInput[k]) },
    { number: percent(row.sizeByInput[k] / all) },
  ]);
  return table(['input', 'sum', 'share of sizes'], rows, 'Saliency by input');
}

function pastNotes(study: Study, row: SaliencyRow, note: number): HTMLElement {
  const rows = strongestLags(row, NAMED).map((lag) => {
    const past = note - 1 - lag;
    const link = element('a', { href: `#note-${past + 1}` }, `${past + 1} · ${keyName(study.data.song.pitch[past])}`);
    return [link, { number: `${lag + 1}` }, { number: signed(row.byLag[lag]), tone: toneOf(row.byLag[lag]) }];
  });
  return table(['past note', 'notes ago', 'saliency'], rows, 'The past notes that mattered most');
}

function integrated(study: Study, exact: StudyIntegrated | undefined, note: number): HTMLElement[] {
  const all = study.data.saliency?.integrated ?? [];
  const title = element('h3', {}, 'Integrated gradients');
  if (!exact) {
    const others = [...new Set(all.map((one) => one.note))].filter((one) => one !== note);
    if (others.length === 0) return [];
    const links = others.flatMap((one) => [element('a', { href: `#note-${one + 1}` }, `note ${one + 1}`), ' ']);
    return [title, element('p', { class: 'faint' }, 'Computed for ', ...links)];
  }
  const row = saliencyOfLags(exact.values);
  if (!row) return [];
  return [
    title,
    element(
      'p',
      { class: 'faint' },
      `Against a silent past, over ${exact.points} points. They sum to ${figure(exact.sum)}; the outputs differ by ${figure(exact.difference)} (error ${percent(exact.error)}).`,
    ),
    saliencyGrid(row, study.data.saliency!.inputs, study, note),
    featureTable(row, study.data.saliency!.inputs),
  ];
}
