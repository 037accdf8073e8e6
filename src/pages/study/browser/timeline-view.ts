import { headName } from '../../../music/head-words.ts';
import type { Quantity } from '../../../study/study-data.ts';
import { QUANTITY_NAMES } from '../../../study/quantity-names.ts';
import { button, field, select, toggles } from '../../kit/browser/controls.ts';
import { element } from '../../kit/browser/elements.ts';
import { overview } from './overview.ts';
import { playingBar } from './playing.ts';
import { detailsSentence, stateSentence } from '../figures/details-words.ts';
import type { Tint } from '../figures/address.ts';
import type { State, Store } from './store.ts';
import type { Study } from './study.ts';
import { Timeline, type Track } from '../../kit/browser/timeline.ts';
import type { Tooltip } from '../../kit/browser/tooltip.ts';
import { gradientTrack } from './tracks/gradient-steps.ts';
import { quantityTrack } from './tracks/heat-map.ts';
import { songTrack } from './tracks/roll.ts';
import { rulerTrack } from '../../kit/browser/tracks/ruler.ts';
import { surpriseTrack } from './tracks/surprise.ts';
import { unitTraceTrack } from './tracks/unit-trace.ts';

/** What changes the pictures of the timeline. */
const DRAWN: readonly (keyof State)[] = ['note', 'unit', 'head', 'layer', 'quantities', 'tint', 'axis', 'window', 'hover', 'details']; // prettier-ignore

/** Builds the part with everything that shares the time axis. */
export function timelineView(place: HTMLElement, study: Study, store: Store, tooltip: Tooltip): Timeline {
  const timeline = new Timeline(
    {
      read: () => ({ ...store.state, axis: study.axis(store.state.axis) }),
      update: (change) => store.update(change),
      play: () => store.update({ playing: !store.state.playing }),
    },
    tooltip,
  );
  const roll = songTrack(study, store);
  const surprise = surpriseTrack(study, store);
  const heats = new Map(study.quantities.map((quantity) => [quantity, quantityTrack(study, store, quantity)]));
  const trace = unitTraceTrack(study, store);
  const gradient = gradientTrack(study);
  const ruler = rulerTrack(() => 1);
  const bottom = rulerTrack(() => 1);
  const show = (): void => {
    const shown = study.quantities.filter((quantity) => store.state.quantities.includes(quantity));
    const tracks: Track[] = [roll, ruler, ...(study.data.heads.length > 0 ? [surprise] : [])];
    timeline.show([...tracks, ...shown.map((quantity) => heats.get(quantity)!), trace, gradient, bottom]);
  };
  place.append(
    movingBar(study, store, timeline),
    choosingBar(study, store),
    overview(study, store, timeline),
    detailsLine(study, store),
    timeline.root,
    element('p', { class: 'note' }, HINT),
  );
  store.on(['quantities'], show);
  store.on(DRAWN, () => timeline.redraw());
  return timeline;
}

const HINT =
  'Drag to move; Ctrl + wheel or two fingers zoom, Shift + wheel moves. In the roll and the heat maps: arrow keys choose note and ' +
  'unit (with Shift ten notes), + and − zoom, 0 shows all, Page Up and Down move, space plays.';

/** Of which notes there are details, and how it stands with those of others; not there where the page has them of all. */
function detailsLine(study: Study, store: Store): HTMLElement {
  const told = element('span', {});
  const state = element('span', {});
  const again = button('Try again', () => store.update({ details: { state: 'loading', note: store.state.note } }));
  const line = element('p', { class: 'note details', 'aria-busy': 'false' }, told, state, ' ', again);
  store.on(['details'], () => {
    const { details } = store.state;
    told.textContent = detailsSentence(study.data, study.served);
    state.textContent = stateSentence(details) ?? '';
    again.hidden = details.state !== 'failed';
    line.setAttribute('aria-busy', String(details.state === 'loading'));
    line.classList.toggle('warn', details.state === 'failed');
    line.hidden = line.textContent.trim() === again.textContent && again.hidden;
  });
  return line;
}

function movingBar(study: Study, store: Store, timeline: Timeline): HTMLElement {
  const axis = toggles(
    'Axis',
    [
      { value: 'seconds' as const, text: 'seconds' },
      { value: 'notes' as const, text: 'notes', title: 'Axis in notes: each note as wide as the next' },
    ],
    (kind) => changeAxis(study, store, kind),
  );
  store.on(['axis'], () => axis.show((kind) => store.state.axis === kind));
  const move = element(
    'div',
    { class: 'group', role: 'group', 'aria-label': 'What is visible' },
    button('−', () => timeline.zoom(1.5), { 'aria-label': 'Zoom out' }),
    button('+', () => timeline.zoom(1 / 1.5), { 'aria-label': 'Zoom in' }),
    button('◀', () => timeline.pan(-0.5), { 'aria-label': 'Earlier' }),
    button('▶', () => timeline.pan(0.5), { 'aria-label': 'Later' }),
    button('All', () => timeline.setWindow(timeline.axis.whole), { 'aria-label': 'All: show the whole song' }),
  );
  return element('div', { class: 'toolbar sticky' }, playingBar(study, store, timeline), move, axis.root);
}

/** The same part of the song stays visible. */
function changeAxis(study: Study, store: Store, kind: State['axis']): void {
  const before = study.axis(store.state.axis);
  const after = study.axis(kind);
  const { from, to } = store.state.window;
  const whole = from <= before.whole.from && to >= before.whole.to;
  const window = whole
    ? after.whole
    : { from: after.position(before.seconds(from)), to: after.position(before.seconds(to)) };
  store.update({ axis: kind, window });
}

function choosingBar(study: Study, store: Store): HTMLElement {
  const { heads, layers, saliency } = study.data;
  const parts: HTMLElement[] = [];
  const maps = toggles(
    'Heat maps',
    study.quantities.map((quantity) => ({
      value: quantity,
      text: QUANTITY_NAMES[quantity].symbol,
      title: `${QUANTITY_NAMES[quantity].symbol}: ${QUANTITY_NAMES[quantity].name}`,
    })),
    (quantity) => store.update({ quantities: toggled(store.state.quantities, quantity) }),
  );
  store.on(['quantities'], () => maps.show((quantity) => store.state.quantities.includes(quantity)));
  if (layers.length > 1) {
    const options = layers.map(({ layer }, k) => [String(k), `layer ${layer + 1}`] as const);
    const list = select(options, String(store.state.layer), (k) => store.update({ layer: Number(k) }));
    store.on(['layer'], () => (list.value = String(store.state.layer)));
    parts.push(field('Layer', list));
  }
  parts.push(maps.root);
  if (heads.length > 1) {
    const head = toggles('Prediction of', heads.map(({ name }, value) => ({ value, text: headName(name) })), (value) => store.update({ head: value })); // prettier-ignore
    store.on(['head'], () => head.show((value) => store.state.head === value));
    parts.push(head.root);
  }
  const tints: (readonly [Tint, string])[] = [
    ...(saliency ? [['saliency', 'saliency of the chosen note'] as const] : []),
    ...(heads.length > 0 ? [['surprise', 'surprise'] as const] : []),
    ['unit', 'output of the chosen unit'],
    ['plain', 'nothing'],
  ];
  const tint = select(tints, store.state.tint, (value) => store.update({ tint: value }));
  store.on(['tint'], () => (tint.value = store.state.tint));
  parts.push(field('Colour notes by', tint));
  return element('div', { class: 'toolbar' }, ...parts);
}

function toggled(list: readonly Quantity[], value: Quantity): Quantity[] {
  return list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
}
