import type { StudyUnit } from '../../../../study/study-data.ts';
import {
  listUnits,
  sameUnit,
  strongestSignificant,
  UNIT_FILTERS,
  UNIT_ORDERS,
  unitKey,
  type UnitFilter,
  type UnitOrder,
} from '../../figures/unit-lists.ts';
import { correlationText, keepingGate, keyName, signed, spanText } from '../../figures/words.ts';
import { percent } from '../../../../text/numbers.ts';
import { button, field, select } from '../../../kit/browser/controls.ts';
import { element } from '../../../kit/browser/elements.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';
import { badges } from './unit-panel.ts';
import { counted } from '../../../../text/words.ts';

/** So many cards stand at first, and so many more are added at a time. */
const CARDS = 12;
const MORE = 48;

/** A card a unit, sorted and filtered as asked. */
export function unitCards(place: HTMLElement, study: Study, store: Store): void {
  const spans = study.data.units.some(({ span }) => span);
  let order: UnitOrder = study.data.ablation ? 'cost' : spans ? 'span' : 'correlation';
  let filter: UnitFilter = 'all';
  let shown = CARDS;
  const list = element('ul', { class: 'cards' });
  const more = button('', () => {
    shown += MORE;
    fill();
  }, { class: 'more' }); // prettier-ignore
  const count = element('span', { class: 'faint', role: 'status' });
  const fill = (): void => {
    const units = listUnits(study.data, order, filter);
    list.replaceChildren(...units.slice(0, shown).map((unit) => card(study, store, unit)));
    const left = units.length - shown;
    more.hidden = left <= 0;
    more.textContent = `Show ${Math.min(MORE, left)} more`;
    count.textContent = counted(units.length, 'unit');
    mark();
  };
  const mark = (): void => {
    for (const one of list.children)
      one.classList.toggle('chosen', store.state.unit !== null && (one as HTMLElement).dataset.unit === unitKey(store.state.unit)); // prettier-ignore
  };
  const orders = (Object.entries(UNIT_ORDERS) as [UnitOrder, string][]).filter(([each]) => each !== 'span' || spans);
  const filters = Object.entries(UNIT_FILTERS) as [UnitFilter, string][];
  place.append(
    element(
      'div',
      { class: 'toolbar' },
      field('Order', select(orders, order, (value) => { order = value; shown = CARDS; fill(); })), // prettier-ignore
      field('Show', select(filters, filter, (value) => { filter = value; shown = CARDS; fill(); })), // prettier-ignore
      count,
    ),
    list,
    more,
  );
  fill();
  store.on(['unit'], mark);
}

function card(study: Study, store: Store, unit: StudyUnit): HTMLElement {
  const id = { layer: unit.layer, unit: unit.unit };
  const strongest = strongestSignificant(unit);
  const [first] = unit.top;
  const keeper = keepingGate(unit);
  const kept = keeper && unit.saturation[keeper];
  const lines = [
    ...(unit.span ? [`memory ${spanText(unit.span)}`] : []),
    strongest ? correlationText(strongest) : 'no significant correlation',
    ...(kept && keeper ? [`${keeper} open ${percent(kept.high)}, shut ${percent(kept.low)} of the time`] : []),
    ...(first ? [`loudest after note ${first.note + 1} (${keyName(study.data.song.pitch[first.note])})`] : []),
  ];
  const cost = unit.cost === null ? '' : `cost ${signed(unit.cost)}`;
  const root = element(
    'li',
    { class: 'card', 'data-unit': unitKey(unit) },
    element(
      'h3',
      {},
      element('a', { href: `#unit-${unitKey(unit)}` }, study.unitName(unit)),
      element('span', { class: 'faint' }, cost),
    ),
    ...lines.map((text) => element('div', {}, text)),
    ...badges(unit),
  );
  root.addEventListener('click', ({ target }) => {
    if (!(target instanceof HTMLAnchorElement) && !sameUnit(store.state.unit, id)) store.update({ unit: id });
  });
  return root;
}
