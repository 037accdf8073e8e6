import type { Quantity } from '../../../../study/study-data.ts';
import { figure, QUANTITY_NAMES } from '../../figures/words.ts';
import { element } from '../dom.ts';
import { palette, onScheme } from '../palette.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';
import type { Track } from '../timeline.ts';
import { gutterText, inPlot, insteadText, rule, stepLine } from './drawing.ts';

/** What is drawn of a unit, each with a colour of its own; the cell and the output as lines twice as thick. */
const LINES: readonly { quantity: Quantity; series: number; thick?: boolean }[] = [
  { quantity: 'i', series: 2 },
  { quantity: 'f', series: 4 },
  { quantity: 'o', series: 3 },
  { quantity: 'c', series: 1, thick: true },
  { quantity: 'h', series: 0, thick: true },
];

/** The gates, the cell and the output of the chosen unit as lines. */
export function unitTraceTrack(study: Study, store: Store): Track {
  const title = element('strong', {});
  const keys = element('span', { class: 'group' });
  const head = element('div', { class: 'track-head' }, title, keys);
  const legend = (): void => {
    const { unit } = store.state;
    title.textContent = unit ? study.unitName(unit).replace(/^./, (first) => first.toUpperCase()) : 'The chosen unit';
    keys.replaceChildren(
      ...LINES.map(({ quantity, series }) => {
        const dash = element('span', { class: 'dash' });
        dash.style.color = palette().series[series];
        const { symbol, name } = QUANTITY_NAMES[quantity];
        return element('span', { class: 'key', title: name }, dash, `${symbol} ${name}`);
      }),
    );
  };
  store.on(['unit'], legend);
  onScheme(legend);
  return {
    label: 'Gates, cell and output of the chosen unit over time.',
    head,
    height: () => 110,
    draw(frame) {
      const { unit } = frame.state;
      if (!unit) return insteadText(frame, 'Choose a unit in a heat map, a card or the table.');
      const traces = LINES.map((line) => ({ ...line, values: study.trace(unit, line.quantity) }));
      if (traces.every(({ values }) => !values))
        return insteadText(frame, 'This unit’s values are not in this study; see what was left out.');
      const size = traces.reduce((most, { values }) => Math.max(most, largestSize(values)), 1);
      const y = (value: number): number => 5 + ((size - value) / (2 * size)) * (frame.height - 10);
      for (const value of [-1, 0, 1]) {
        rule(frame, y(value), frame.palette.grid);
        gutterText(frame, figure(value), y(value));
      }
      inPlot(frame, () => {
        for (const { values, series, thick } of traces) {
          if (!values) continue;
          frame.context.strokeStyle = frame.palette.series[series];
          frame.context.lineWidth = thick ? 2 : 1;
          stepLine(frame, values, study.data.detail.from, y);
        }
      });
    },
    describe(note) {
      const { unit } = store.state;
      if (!unit) return undefined;
      const values = LINES.map(({ quantity }) => `${QUANTITY_NAMES[quantity].symbol} = ${figure(study.value(unit, quantity, note))}`); // prettier-ignore
      return `${study.unitName(unit)} after ${study.noteName(note)}\n${values.join('   ')}`;
    },
  };
}

function largestSize(values: Float32Array | undefined): number {
  return values ? values.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0) : 0;
}
