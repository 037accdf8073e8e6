import { QUANTITY_NAMES } from '../../../../study/quantity-names.ts';
import type { StudyRange, StudyUnit } from '../../../../study/study-data.ts';
import { correlateName, figure, keepingGate, keyName, pText, signed, spanText } from '../../figures/words.ts'; // prettier-ignore
import { opens } from '../../../../nn/cells/kinds.ts';
import { percent } from '../../../../text/numbers.ts';
import { element, svgElement } from '../../../kit/browser/elements.ts';
import { factList, table } from '../../../kit/browser/tables.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';

/** Everything known of the chosen unit. */
export function unitPanel(place: HTMLElement, study: Study, store: Store): void {
  const title = element('span', {});
  const content = element('div', {});
  place.append(element('section', { class: 'panel', id: 'unit-panel', 'aria-label': 'The chosen unit' }, element('h2', {}, title), content)); // prettier-ignore
  store.on(['unit'], () => {
    const unit = study.unit(store.state.unit);
    if (!unit) {
      title.textContent = 'No unit chosen';
      return content.replaceChildren('Click on a row of a heat map, a dot, a card or a line of the table.');
    }
    title.textContent = study.unitName(unit).replace(/^./, (first) => first.toUpperCase());
    content.replaceChildren(...unitContent(study, unit));
  });
}

function unitContent(study: Study, unit: StudyUnit): HTMLElement[] {
  const { units, ablation } = study.data;
  const cost =
    unit.cost === null
      ? 'not tried'
      : `${signed(unit.cost)}, number ${figure(unit.rank)} of ${units.length}${ablation ? ` (on ${ablation.on})` : ''}`;
  const gated = Object.keys(unit.saturation).length > 0;
  return [
    ...badges(unit),
    factList([
      ...memoryFacts(unit),
      ['cost', cost],
      ['h', rangeText(unit.h)],
      ...(unit.c ? [['c', rangeText(unit.c)] as const] : []),
    ]),
    ...(gated ? [element('h3', {}, 'How far its gates are shut or open'), saturationBars(unit)] : []),
    element('h3', {}, 'What it follows'),
    correlations(study, unit),
    element('h3', {}, 'Where it speaks loudest'),
    topNotes(study, unit),
  ];
}

/** How long it remembers, where a gate keeps anything. */
function memoryFacts(unit: StudyUnit): (readonly [string, string])[] {
  const { span } = unit;
  const gate = keepingGate(unit);
  if (!span || !gate) return [];
  const { name } = QUANTITY_NAMES[gate];
  const life = span.meanHalfLife === null ? `the ${name} stays open` : `${figure(span.meanHalfLife)} time steps at the mean of ${gate}`; // prettier-ignore
  return [['memory', spanText(span)], ['half-life', life]]; // prettier-ignore
}

/** What makes a unit idle, as signs. */
export function badges({ dead, alwaysOn }: StudyUnit): HTMLElement[] {
  const texts = [...(dead ? ['dead: |h| < 0.01'] : []), ...(alwaysOn ? ['always on'] : [])];
  return texts.map((text) => element('span', { class: 'badge' }, text));
}

function rangeText({ min, max, mean, sd }: StudyRange): string {
  return `${figure(min, 2)} to ${figure(max, 2)}, mean ${figure(mean, 2)}, spread ${figure(sd, 2)}`;
}

const [BAR, ROW] = [190, 18];

/** For each gate: the part of the notes at which it is nearly shut, in between, and nearly open. */
function saturationBars({ saturation }: StudyUnit): HTMLElement {
  const gates = Object.entries(saturation);
  const [candidate] = gates.map(([gate]) => gate).filter((gate) => !opens(gate));
  const parts = gates.flatMap(([gate, { low, high }], k) => {
    const y = k * ROW;
    const bar = (kind: string, from: number, to: number): SVGElement =>
      svgElement('rect', {
        class: kind,
        x: 18 + from * BAR,
        y: y + 2,
        width: Math.max(0, (to - from) * BAR),
        height: ROW - 5,
      });
    return [
      svgElement('text', { class: 'ink', x: 2, y: y + 13 }, gate),
      bar('gate-low', 0, low),
      bar('gate-middle', low, 1 - high),
      bar('gate-high', 1 - high, 1),
      svgElement('rect', { class: 'frame', x: 18, y: y + 2, width: BAR, height: ROW - 5 }),
      svgElement('text', { x: 18 + BAR + 8, y: y + 13 }, `${percent(low)} · ${percent(high)}`),
    ];
  });
  const label = gates.map(([gate, { low, high, mean }]) => `${gate}: shut ${percent(low)}, open ${percent(high)}, mean ${figure(mean, 2)}`).join('; '); // prettier-ignore
  const sign = (kind: string, text: string): HTMLElement => element('span', { class: 'key' }, element('span', { class: `gate ${kind}` }), text); // prettier-ignore
  return element(
    'div',
    {},
    svgElement('svg', { width: 316, height: gates.length * ROW, viewBox: `0 0 316 ${gates.length * ROW}`, role: 'img', 'aria-label': label }, ...parts), // prettier-ignore
    element(
      'div',
      { class: 'group faint' },
      sign('low', `shut (${candidate}: near −1)`),
      sign('middle', 'between'),
      sign('high', `open (${candidate}: near 1)`),
    ),
  );
}

function correlations(study: Study, { correlations: list }: StudyUnit): HTMLElement {
  const { correlationTest: test } = study.data;
  if (list.length === 0) return element('p', { class: 'faint' }, 'Nothing was compared.');
  const rows = list.map((one) => [
    `${one.of} · ${correlateName(one.with)}${one.peak === undefined ? '' : `, most at ${one.peak}`}`,
    { number: `${one.peak === undefined ? 'r' : 'η'} ${figure(one.value, 2)}` },
    { number: `${pText(one.p, test.permutations)}${one.significant ? ' ✓' : ''}` },
  ]);
  return element('div', {}, table(['', 'strength', 'p'], rows, 'Correlations'), element('p', { class: 'faint' }, `✓ significant at ${test.level}, corrected for ${test.comparisons.toLocaleString('en')} comparisons`)); // prettier-ignore
}

function topNotes(study: Study, { top }: StudyUnit): HTMLElement {
  const links = top.flatMap(({ note, h }) => {
    const link = element('a', { href: `#note-${note + 1}` }, `${note + 1} · ${keyName(study.data.song.pitch[note])}`);
    return [element('span', { class: 'key' }, link, `(${figure(h, 2)})`), '  '];
  });
  return element('p', {}, ...(links.length === 0 ? ['–'] : links));
}
