import { opens } from '../../../../nn/cells/kinds.ts';
import type { Quantity } from '../../../../study/study-data.ts';
import { element } from '../../../kit/browser/elements.ts';
import { lineKey, trackHead } from '../../../kit/browser/legend.ts';
import type { Track } from '../../../kit/browser/timeline.ts';
import { linesTrack } from '../../../kit/browser/tracks/lines.ts';
import { QUANTITY_NAMES } from '../../../../study/quantity-names.ts';
import { figure } from '../../figures/words.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';

/** What is drawn of a unit, each with a colour of its own; the cell and the output as lines twice as thick. */
interface Trace {
  quantity: Quantity;
  series: number;
  thick?: boolean;
}

const SERIES: Partial<Record<Quantity, number>> = { h: 0, c: 1, i: 2, r: 2, o: 3, f: 4, z: 4 };

/** The cell, which has no bounds, has a strip and an axis of its own: beside it all else would be a flat line. */
function stripsOf(quantities: readonly Quantity[]): { traces: readonly Trace[]; height: number }[] {
  const traced = (thick: boolean, ...shown: readonly Quantity[]): Trace[] =>
    shown.map((quantity) => ({ quantity, series: SERIES[quantity]!, thick }));
  const [h, c] = [traced(true, 'h'), quantities.includes('c') ? traced(true, 'c') : []];
  const strips = [
    { traces: [...traced(false, ...quantities.filter(opens)), ...h], height: 100 },
    { traces: c, height: 74 },
  ];
  return strips.filter(({ traces }) => traces.length > 0);
}

/** `Gates, cell and output`, as far as there are. */
function whatOf(quantities: readonly Quantity[]): string {
  if (quantities.includes('c')) return 'Gates, cell and output';
  return quantities.some(opens) ? 'Gates and output' : 'Output';
}

/** The gates, the cell and the output of the chosen unit as lines. */
export function unitTraceTrack(study: Study, store: Store): Track {
  const title = element('strong');
  const strips = stripsOf(study.quantities);
  const traces = strips.flatMap((strip) => strip.traces);
  const keys = traces.map(({ quantity, series }) => {
    const { symbol, name } = QUANTITY_NAMES[quantity];
    return lineKey(series, `${symbol} ${name}`);
  });
  store.on(['unit'], () => {
    const { unit } = store.state;
    title.textContent = unit ? study.unitName(unit).replace(/^./, (first) => first.toUpperCase()) : 'The chosen unit';
  });
  return linesTrack({
    label: `${whatOf(study.quantities)} of the chosen unit over time.`,
    head: trackHead(title, element('span', { class: 'group' }, ...keys)),
    first: () => study.data.detail.from,
    coarse: ({ axis }) => study.coarse(axis.kind),
    strips() {
      const { unit } = store.state;
      if (!unit) return 'Choose a unit in a heat map, a card or the table.';
      if (traces.every(({ quantity }) => !study.trace(unit, quantity)))
        return 'This unit’s values are not in this study; see what was left out.';
      return strips.map(({ traces: shown, height }) => ({
        scale: 'symmetric',
        height,
        lines: shown.flatMap(({ quantity, ...line }) => {
          const values = study.trace(unit, quantity);
          return values ? [{ ...line, values, means: study.trace(unit, quantity, true) }] : [];
        }),
      }));
    },
    describe(note) {
      const { unit } = store.state;
      if (!unit) return undefined;
      const values = traces.map(({ quantity }) => `${QUANTITY_NAMES[quantity].symbol} = ${figure(study.value(unit, quantity, note))}`); // prettier-ignore
      return `${study.unitName(unit)} after ${study.noteName(note)}\n${values.join('   ')}`;
    },
  });
}
