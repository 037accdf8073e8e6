import { headName } from '../../../../music/head-words.ts';
import type { StudyAblation, StudyAblationRow } from '../../../../study/study-data.ts';
import { sortAblation, unitKey, type AblationColumn } from '../../figures/unit-lists.ts';
import { QUANTITY_NAMES } from '../../../../study/quantity-names.ts';
import { figure, signed } from '../../figures/words.ts';
import { button, toggles } from '../../../kit/browser/controls.ts';
import { element } from '../../../kit/browser/elements.ts';
import { tableRow, wide, type Cell } from '../../../kit/browser/tables.ts';
import { toneOf } from '../../../kit/cells.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';

const ROWS = 20;

type Kind = 'units' | 'gates' | 'layers';

/** What each unit, gate and layer costs when it is held still; a click on a title sorts. */
export function ablationTable(place: HTMLElement, study: Study, store: Store): void {
  const { ablation, heads } = study.data;
  if (!ablation) return;
  const kinds = (['units', 'gates', 'layers'] as const).filter((kind) => ablation[kind].length > 0);
  let [kind] = kinds;
  let [column, falling]: [AblationColumn, boolean] = ['loss', true];
  let all = false;
  const body = element('tbody', {});
  const columns: { column: AblationColumn; title: string }[] = [
    { column: 'name', title: 'held still' },
    { column: 'loss', title: 'weighted loss' },
    ...heads.map(({ name }, k) => ({ column: k, title: headName(name) })),
  ];
  const titles = columns.map((one) => {
    const press = (): void => {
      [column, falling] = [one.column, column === one.column ? !falling : one.column !== 'name'];
      fill();
    };
    return { ...one, cell: element('th', { scope: 'col', class: one.column === 'name' ? undefined : 'number' }, button(one.title, press)) }; // prettier-ignore
  });
  const more = button('', () => { all = true; fill(); }, { class: 'more' }); // prettier-ignore
  const fill = (): void => {
    for (const { column: own, cell, title } of titles) {
      const sorted = own === column;
      cell.setAttribute('aria-sort', sorted ? (falling ? 'descending' : 'ascending') : 'none');
      cell.querySelector('button')!.textContent = `${title}${sorted ? (falling ? ' ▾' : ' ▴') : ''}`;
    }
    const rows = kind === undefined ? [] : sortAblation(ablation[kind], column, falling);
    body.replaceChildren(...rows.slice(0, all ? rows.length : ROWS).map((row) => partRow(study, row)));
    more.hidden = all || rows.length <= ROWS;
    more.textContent = `Show all ${rows.length}`;
    mark();
  };
  const mark = (): void => {
    const key = store.state.unit === null ? '' : unitKey(store.state.unit);
    for (const row of body.rows) row.classList.toggle('chosen', row.dataset.unit === key);
  };
  const choose = toggles('Held still', kinds.map((value) => ({ value, text: value })), (value: Kind) => { kind = value; all = false; choose.show((one) => one === kind); fill(); }); // prettier-ignore
  choose.show((one) => one === kind);
  place.append(
    element(
      'p',
      { class: 'note' },
      sentence(
        ablation,
        heads.map(({ name }) => headName(name)),
      ),
    ),
    ...(kinds.length > 1 ? [element('div', { class: 'toolbar' }, choose.root)] : []),
    wide(element('table', { 'aria-label': 'Ablation' }, element('thead', {}, element('tr', {}, ...titles.map(({ cell }) => cell))), body)), // prettier-ignore
    more,
  );
  fill();
  store.on(['unit'], mark);
}

function sentence({ on, predictions, baseline }: StudyAblation, heads: readonly string[]): string {
  const losses = baseline.losses.map((loss, k) => `${heads[k]} ${figure(loss)}`).join(', ');
  return `Measured on ${on}, ${predictions.toLocaleString('en')} predictions. The whole network there: ${figure(baseline.loss)} weighted (${losses}).`;
}

function partRow(study: Study, row: StudyAblationRow): HTMLTableRowElement {
  const { layer, unit, gate, held, loss, losses } = row;
  const id = unit === undefined ? undefined : { layer, unit };
  const name = id
    ? element('a', { href: `#unit-${unitKey(id)}` }, study.unitName(id))
    : gate
      ? `${study.data.layers.length > 1 ? `layer ${layer + 1}, ` : ''}${QUANTITY_NAMES[gate].name} ${gate}`
      : `layer ${layer + 1}`;
  const what = element('span', {}, name, ` at ${held === 'zero' ? 'zero' : 'its mean'}`);
  const cost = (value: number | undefined, strong = false): Cell => ({ number: signed(value), tone: toneOf(value), strong }); // prettier-ignore
  const made = tableRow([what, cost(loss, true), ...losses.map((value) => cost(value))]);
  if (id) made.dataset.unit = unitKey(id);
  return made;
}
