import { mainHead } from '../../../study/main-head.ts';
import type { Quantity } from '../../../study/study-data.ts';
import { stateSentence } from '../figures/details-words.ts';
import { firstChoice } from '../figures/first-choice.ts';
import { element } from '../../kit/browser/elements.ts';
import { scrollableByKeys } from '../../kit/browser/tables.ts';
import { followAddress } from './links.ts';
import { loadStudy, type Loaded } from './load.ts';
import { DetailsLoader } from './details.ts';
import { Store, type State } from './store.ts';
import { Study } from './study.ts';
import { timelineView } from './timeline-view.ts';
import { Tooltip } from '../../kit/browser/tooltip.ts';
import { ablationTable } from './views/ablation-table.ts';
import { comparisonTables } from './views/comparison.ts';
import { lagChart } from './views/lag-chart.ts';
import { matchTable } from './views/matches.ts';
import { notePanel } from './views/note-panel.ts';
import { pathPlot } from './views/path-plot.ts';
import { spanPlot } from './views/span-plot.ts';
import { unitCards } from './views/unit-cards.ts';
import { unitPanel } from './views/unit-panel.ts';

/** The element of the page that is called `data-view="name"`, where there is one. */
function viewOf(name: string): HTMLElement | undefined {
  return document.querySelector<HTMLElement>(`[data-view="${name}"]`) ?? undefined;
}

function start({ data, details }: Loaded): void {
  const study = new Study(data, details !== undefined);
  const store = new Store(firstState(study));
  const tooltip = new Tooltip();
  const timeline = timelineView(viewOf('timeline')!, study, store, tooltip);
  const show = (name: string, fill: (place: HTMLElement) => void): void => {
    const place = viewOf(name);
    if (place) fill(place);
  };
  show('note', (place) => notePanel(place, study, store, timeline));
  show('unit', (place) => unitPanel(place, study, store));
  show('gradient', (place) => lagChart(place, study, tooltip));
  show('spans', (place) => spanPlot(place, study, store, tooltip));
  show('units', (place) => unitCards(place, study, store));
  show('ablation', (place) => ablationTable(place, study, store));
  show('path', (place) => pathPlot(place, study, store, timeline, tooltip));
  show('matches', (place) => matchTable(place, study));
  show('comparison', (place) => comparisonTables(place, study));
  show('now', (place) => nowBar(place, study, store));
  show('status', (place) => announce(place, study, store));
  store.on(['unit'], () => followLayer(study, store));
  // What it told of is no longer under the pointer.
  store.on(['window', 'axis', 'quantities', 'playing'], () => tooltip.hide());
  showPanels(store);
  document.querySelectorAll('.wide').forEach(scrollableByKeys);
  new DetailsLoader(study, store, details).follow();
  followAddress(study, store, timeline);
}

/** Beside the pictures, where the panels scroll for themselves: what was chosen last comes into sight. */
function showPanels(store: Store): void {
  const scroller = document.querySelector<HTMLElement>('.inspector');
  const reveal = (id: string): void => {
    const panel = document.getElementById(id);
    if (!scroller || !panel || scroller.scrollHeight <= scroller.clientHeight || store.state.playing) return;
    const top = panel.offsetTop; // the scroller is its offset parent: it is positioned
    const hidden = top < scroller.scrollTop || top + Math.min(panel.offsetHeight, 240) > scroller.scrollTop + scroller.clientHeight; // prettier-ignore
    if (hidden) scroller.scrollTop = top - 4;
  };
  store.onChange((changed) => {
    if (changed.has('unit')) reveal('unit-panel');
    else if (changed.has('note')) reveal('note-panel');
  });
}

function firstState(study: Study): State {
  const { note, unit } = firstChoice(study.data);
  const layer = Math.max(0, unit ? study.layerIndex(unit.layer) : study.data.layers.findIndex(({ heat }) => heat.h));
  const quantities: Quantity[] = ['f', 'z', 'h'];
  return {
    note,
    unit,
    head: mainHead(study.data.heads),
    layer,
    quantities: quantities.filter((quantity) => study.data.layers.some(({ heat }) => heat[quantity])),
    tint: study.data.saliency ? 'saliency' : study.data.heads.length > 0 ? 'surprise' : 'plain',
    axis: 'seconds',
    window: firstWindow(study, note),
    hover: -1,
    playing: false,
    details: { state: 'here' },
  };
}

/** So many notes are visible at first: enough to see single ones. */
const FIRST_NOTES = 120;

function firstWindow(study: Study, note: number): State['window'] {
  const axis = study.axis('seconds');
  if (axis.notes <= FIRST_NOTES) return axis.whole;
  const from = Math.min(axis.notes - FIRST_NOTES, Math.max(0, note - FIRST_NOTES / 2));
  return { from: from === 0 ? axis.whole.from : axis.edges[from], to: axis.edges[from + FIRST_NOTES] };
}

/** A unit of another layer brings its layer's heat maps. */
function followLayer(study: Study, store: Store): void {
  const { unit } = store.state;
  const layer = unit ? study.layerIndex(unit.layer) : -1;
  if (layer >= 0) store.update({ layer });
}

/** On small screens: what is chosen, always in sight, with the way to the panels. */
function nowBar(place: HTMLElement, study: Study, store: Store): void {
  store.on(['note', 'unit'], () => {
    const { note, unit } = store.state;
    place.replaceChildren(
      note < 0 ? '' : element('a', { href: '#note-panel' }, study.noteName(note)),
      unit ? element('a', { href: '#unit-panel' }, study.unitName(unit)) : '',
      element('a', { href: '#timeline' }, 'song'),
    );
  });
}

function announce(place: HTMLElement, study: Study, store: Store): void {
  store.on(['note', 'head'], () => {
    if (!store.state.playing) place.textContent = study.announce(store.state.note, store.state.head);
  });
  store.onChange((changed) => {
    const said = stateSentence(store.state.details);
    if (changed.has('details') && said !== undefined && !store.state.playing) place.textContent = said;
  });
  store.on(['unit'], () => {
    if (store.state.unit) place.textContent = `${study.unitName(store.state.unit)} is chosen.`;
  });
}

loadStudy().then(start, (reason: unknown) => {
  const why = typeof DecompressionStream === 'undefined' ? 'this browser is too old to unpack it' : String(reason);
  viewOf('timeline')!.append(
    element(
      'p',
      { role: 'alert' },
      `The numbers of this page cannot be read: ${why}. Open it in a newer browser, or write it again.`,
    ),
  );
});
