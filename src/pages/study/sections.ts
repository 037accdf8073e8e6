import { headName } from '../../music/head-words.ts';
import type { CellKind } from '../../nn/cells/kinds.ts';
import { inputName } from '../../study/input-names.ts';
import { networkInWords } from '../../study/network-words.ts';
import type { FindingKind, StudyData, StudyFinding, StudyHeldOut } from '../../study/study-data.ts';
import { counted } from '../../text/words.ts';
import { gainPercent } from '../../text/numbers.ts';
import { escapeHtml, htmlTable, paragraph, type Cell } from '../kit/html.ts';
import { explanationOf, PARTS, type PagePart, type PartId } from './explanations.ts';
import { unitKey, unitName } from './figures/unit-lists.ts';
import { clock, figure, givenText, keyName } from './figures/words.ts';

/** So many findings stand at the top; the terminal shows as many. */
const TOP_FINDINGS = 5;

/** Where each kind of finding can be looked at. */
const PLACE_OF: Record<FindingKind, PartId> = {
  memory: 'spans',
  correlation: 'units',
  ablation: 'ablation',
  surprise: 'timeline',
  gradient: 'gradient',
  saliency: 'timeline',
  idle: 'units',
  saturation: 'units',
  path: 'path',
  order: 'heads',
  comparison: 'comparison',
};

const IN_A_FILE = 'This page holds all of its numbers and needs nothing from the network.';
const SERVED =
  'The details of notes come from the "etude study" command that serves this page; nothing comes from the network.';

/** The body of the page: everything that is text, and places (`data-view`) for what the program draws. */
export function studySections(data: StudyData, served = false): string {
  const { song, model } = data;
  const part = partFor(model.cell);
  const title = `${escapeHtml(song.name)}, as read by <span>${escapeHtml(model.path)}</span>`;
  return [
    '<a class="skip" href="#timeline">Skip to the song</a>',
    '<main class="page">',
    `<header><h1>${title}</h1>${verdict(data)}${paragraph(lead(data, served), 'lead')}</header>`,
    findings(data),
    part('timeline', view('timeline') + '<noscript><p>The pictures need scripts, which are off.</p></noscript>'),
    '<aside class="inspector" aria-label="The chosen note and unit"><div data-view="note"></div><div data-view="unit"></div></aside>',
    part('gradient', view('gradient')),
    data.units.some(({ span }) => span) ? part('spans', view('spans')) : '',
    part('units', paragraph(testNote(data), 'note') + view('units')),
    part('ablation', data.ablation ? view('ablation') : absent(data, 'ablation')),
    part('path', data.layers.some(({ path }) => path) ? view('path') : absent(data, 'path')),
    part('heads', headTable(data)),
    data.matches ? part('matches', view('matches')) : '',
    data.comparison ? part('comparison', view('comparison')) : '',
    leftOut(data),
    facts(data),
    `<footer><p>Made by Etude. ${served ? SERVED : IN_A_FILE}</p></footer>`,
    '</main>',
    '<nav class="now" aria-label="What is chosen" data-view="now"></nav>',
    '<div class="hidden" role="status" aria-live="polite" data-view="status"></div>',
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** Whether the model is worth what follows: first of all that is said. */
function verdict({ verdict: { lines } }: StudyData): string {
  return lines.map((line, k) => paragraph(line, k === 0 ? 'verdict' : undefined)).join('');
}

function lead({ song, model, detail }: StudyData, served: boolean): string {
  const units = networkInWords(model.cell, model.widths);
  // A page that is served shows other notes as they are selected.
  const shown =
    served || (detail.from === 0 && detail.to === song.notes)
      ? ''
      : ` · note by note: ${detail.from + 1} to ${detail.to}; all other figures are of the whole song`;
  return `${counted(song.notes, 'note')}, ${clock(song.seconds)}, ${song.instrument} · ${units}, ${counted(model.parameters, 'parameter')}${shown}`;
}

function findings(data: StudyData): string {
  if (data.findings.length === 0) return '';
  const items = data.findings.slice(0, TOP_FINDINGS).map((finding) => findingItem(finding, data));
  const more = data.findings.slice(TOP_FINDINGS).map((finding) => findingItem(finding, data));
  const rest =
    more.length === 0
      ? ''
      : `<details class="more"><summary>${more.length} more</summary><ol class="findings" start="${TOP_FINDINGS + 1}">${more.join('\n')}</ol></details>`;
  return `<section id="findings" aria-labelledby="findings-title"><h2 id="findings-title">What stands out</h2>\n${paragraph(HELD_AGAINST, 'note')}\n<ol class="findings">${items.join('\n')}</ol>${rest}</section>`;
}

const HELD_AGAINST =
  'Compared with untrained networks of the same shape on the same song: what they show as well is left out.';

/** So many links to units and notes a finding has at most. */
const MOST_LINKS = 4;

function findingItem({ kind, text, units, notes }: StudyFinding, { model, song }: StudyData): string {
  const place = PARTS[PLACE_OF[kind]] as PagePart | undefined;
  const links = [
    ...units.slice(0, MOST_LINKS).map((unit) => link(`unit-${unitKey(unit)}`, unitName(unit, model.layers))),
    ...notes
      .slice(0, MOST_LINKS)
      .map((note) => link(`note-${note + 1}`, `note ${note + 1} (${keyName(song.pitch[note])})`)),
    ...(place ? [link(place.id, place.title)] : []),
  ];
  return `<li>${escapeHtml(text)}<div class="links">${links.join(' ')}</div></li>`;
}

function link(id: string, text: string): string {
  return `<a href="#${id}">${escapeHtml(text)}</a>`;
}

/** A part of the page, for a network of some cell. */
const partFor = (cell: CellKind) => (id: PartId, content: string) => {
  const { title } = PARTS[id];
  const paragraphs = explanationOf(id, cell)
    .map((text) => paragraph(text))
    .join('');
  return `<section class="part" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${escapeHtml(title)}</h2>
<details class="explain"><summary>What this shows</summary>${paragraphs}</details>
${content}
</section>`;
};

function view(name: string): string {
  return `<div data-view="${name}"></div>`;
}

/** A sentence in place of what is not there, with the reason where the study says one. */
function absent({ leftOut }: StudyData, what: string): string {
  const reason = leftOut.find((omission) => omission.what.includes(what));
  return paragraph(reason ? `Left out: ${reason.what}, because ${reason.why}.` : 'This study has none.', 'note');
}

function testNote({ correlationTest: test }: StudyData): string {
  if (test.comparisons === 0) return 'Nothing in this song varies, so there is nothing to correlate units with.';
  return `${counted(test.comparisons, 'correlation')} over ${counted(test.notes, 'note')}, tested together by ${counted(test.permutations, 'permutation')} (seed ${test.seed}); significant at ${test.level}.`;
}

function headTable({ heads, verdict }: StudyData): string {
  const rows = heads.map(({ name, loss, baseline, unit }): Cell[] => [
    headName(name),
    { number: figure(loss), strong: true },
    { number: figure(baseline) },
    { number: gainPercent(loss, baseline) },
    { number: unit === 'nats' ? figure(Math.exp(loss)) : '–' },
    unit,
  ]);
  const added = heads.length > 1 && heads.every(({ unit }) => unit === 'nats');
  if (added) {
    const [loss, baseline] = [sumOf(heads.map((head) => head.loss)), sumOf(heads.map((head) => head.baseline))];
    rows.push(['the note', { number: figure(loss), strong: true }, { number: figure(baseline) }, { number: gainPercent(loss, baseline) }, { number: '–' }, 'nats']); // prettier-ignore
  }
  const told = heads.filter(({ reads }) => reads.length > 0).map((head) => `${headName(head.name)}${givenText(head)}`);
  return (
    htmlTable(['Head', 'Loss', 'Baseline', 'Gain', 'Perplexity', 'Unit'], rows) +
    paragraph(
      `Baseline: ${heads.every(({ baselineFrom }) => baselineFrom === 'training') ? 'the frequencies of the training music' : 'the song’s own frequencies'}. Perplexity: the number of equally likely choices with the same loss.`,
      'note',
    ) +
    heldOutTable(verdict.heldOut) +
    (told.length === 0
      ? ''
      : paragraph(
          `The heads are listed in sampling order. Each loss is conditional on the attributes sampled before: ${told.join('; ')}. So they add up to the loss of the whole note.`,
          'note',
        ))
  );
}

/** The losses on music that it was not trained on, from the model's file. */
function heldOutTable(heldOut: StudyHeldOut | null): string {
  if (!heldOut) return '';
  const rows = heldOut.heads.map(({ name, training, loss, baseline, unit }): Cell[] => [
    headName(name),
    { number: figure(training) },
    { number: figure(loss), strong: true },
    { number: figure(baseline) },
    { number: gainPercent(loss, baseline) },
    unit,
  ]);
  const pieces =
    heldOut.pieces === null ? 'the held-out end of the piece' : counted(heldOut.pieces, 'validation piece');
  return (
    paragraph(`On held-out music (${pieces}), at the end of epoch ${heldOut.epoch}:`) +
    htmlTable(['Head', 'Training loss', 'Held-out loss', 'Baseline', 'Gain', 'Unit'], rows)
  );
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function leftOut({ leftOut: omissions }: StudyData): string {
  if (omissions.length === 0) return '';
  const items = omissions.map(({ what, why }) => `<li>${escapeHtml(what)}: ${escapeHtml(why)}</li>`);
  return `<section class="part" id="left-out"><h2>What was left out, and why</h2><ul>${items.join('')}</ul></section>`;
}

function facts({ model, song, detail }: StudyData): string {
  const rows: [string, string][] = [
    ['Model', model.path],
    ['Preset', model.preset],
    ['Network', `${networkInWords(model.cell, model.widths)}, ${counted(model.parameters, 'parameter')}`],
    ['Reads', model.inputs.map(inputName).join(', ')],
    ['Predicts', model.heads.map(({ name, kind, size, lossWeight }) => `${headName(name)} (${kind === 'categorical' ? `one of ${size}` : 'a number'}, weight ${figure(lossWeight)})`).join(', ')], // prettier-ignore
    ['Trained', model.step === null ? 'its file does not say for how long' : `${counted(model.step, 'training step')}, by ${model.trainedBy}`], // prettier-ignore
    ['Studied by', model.engine],
    ['SHA-256 of the weights', model.digest],
    ['Song', `${song.name}, ${counted(song.notes, 'note')}, ${clock(song.seconds)}`],
    ['Metre', `${song.metre.beats} beats a bar, ${figure(song.metre.beatSeconds)} s a beat, taken for the whole song`],
    ['Note by note', `notes ${detail.from + 1} to ${detail.to}`],
  ];
  const list = rows.map(([label, value]) => `<dt>${label}</dt><dd>${escapeHtml(value)}</dd>`).join('\n');
  const settings = Object.entries(model.settings).map(([key, value]): Cell[] => [key, value === null ? 'none' : String(value)]); // prettier-ignore
  return `<section class="part" id="facts"><h2>The model and the song</h2><dl class="facts">${list}</dl>
<details class="explain"><summary>All settings</summary>${htmlTable(['Setting', 'Value'], settings)}</details></section>`;
}
