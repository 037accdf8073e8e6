import { headName } from '../../../../music/head-words.ts';
import { checkpointName } from '../../../../study/checkpoint-name.ts';
import { unitKey } from '../../figures/unit-lists.ts';
import { figure, signed } from '../../figures/words.ts';
import { percent } from '../../../../text/numbers.ts';
import { element } from '../../../kit/browser/elements.ts';
import { table, type Cell } from '../../../kit/browser/tables.ts';
import { toneOf } from '../../../kit/cells.ts';
import type { Study } from '../study.ts';

/** So many changes of units are shown. */
const MOST = 20;

/** Two checkpoints side by side: losses, units, weights. */
export function comparisonTables(place: HTMLElement, study: Study): void {
  const { comparison } = study.data;
  if (!comparison) return;
  const { before, after, heads, units, tensors } = comparison;
  const columns = [checkpointName(before), checkpointName(after)];
  const number = (value: number): { number: string } => ({ number: figure(value) });
  const rise = (value: number): Cell => ({ number: signed(value), tone: toneOf(value) });
  const losses = heads.map((head) => [headName(head.name), number(head.before), number(head.after), rise(head.after - head.before)]); // prettier-ignore
  const changed = units
    .slice(0, MOST)
    .map((unit) => [
      element('a', { href: `#unit-${unitKey(unit)}` }, study.unitName(unit)),
      unit.what,
      number(unit.before),
      number(unit.after),
      number(unit.size),
    ]);
  const weights = tensors.map((one) => [one.name, number(one.before), number(one.after), number(one.change), { number: percent(one.relative) }]); // prettier-ignore
  place.append(
    element('p', {}, `Before: ${before.path}. After: ${after.path}.`),
    element('h3', {}, 'Losses'),
    table(['head', ...columns, 'change'], losses),
    element('h3', {}, 'Units that changed most'),
    table(['unit', 'what', ...columns, 'size'], changed),
    element('h3', {}, 'Weights: norms'),
    table(['tensor', ...columns, 'of the change', 'relative'], weights),
  );
}
