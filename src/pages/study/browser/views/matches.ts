import { unitKey } from '../../figures/unit-lists.ts';
import { clock, figure, keyName } from '../../figures/words.ts';
import { element } from '../../../kit/browser/elements.ts';
import { table } from '../../../kit/browser/tables.ts';
import type { Study } from '../study.ts';
import { counted } from '../../../../text/words.ts';

/** So many places stand at first. */
const FIRST = 10;

/** The chosen units and place, and the other places at which they are on together. */
export function matchTable(place: HTMLElement, study: Study): void {
  const { matches } = study.data;
  if (!matches) return;
  const { layer, units, signs, from, to, threshold, searched, found, places } = matches;
  const links = units.flatMap((unit, k) => [
    element('a', { href: `#unit-${unitKey({ layer, unit })}` }, study.unitName({ layer, unit })),
    ` (${signs[k] > 0 ? '+' : '−'}) `,
  ]);
  place.append(
    element(
      'p',
      {},
      'Chosen: ',
      ...links,
      'at ',
      element('a', { href: `#note-${from + 1}` }, `notes ${from + 1} to ${to}`),
      `; on from |h| = ${figure(threshold)}.`,
    ),
    element('p', {}, `${counted(found, 'other place')} among ${counted(searched, 'note')}.`),
  );
  if (places.length === 0) return;
  const rows = places.map((one) => [
    one.piece,
    `${one.from} to ${one.to - 1}`,
    { number: clock(one.seconds) },
    { number: String(one.others) },
    one.pitches.map(keyName).join(' '),
  ]);
  const titles = ['piece', 'notes', 'at', 'other units on', 'keys, with two before and after'];
  place.append(table(titles, rows.slice(0, FIRST)));
  if (rows.length <= FIRST) return;
  const more = `${rows.length - FIRST} more`;
  place.append(
    element('details', { class: 'explain' }, element('summary', {}, more), table(titles, rows.slice(FIRST))),
  );
}
