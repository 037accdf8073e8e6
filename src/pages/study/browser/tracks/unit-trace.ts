import type { Quantity } from '../../../../study/study-data.ts';
import { traceAxis } from '../../figures/trace-axis.ts';
import { figure, QUANTITY_NAMES } from '../../figures/words.ts';
import { element } from '../../../kit/browser/elements.ts';
import { palette, onScheme } from '../../../kit/browser/palette.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';
import type { Track } from '../timeline.ts';
import { gutterText, inPlot, insteadText, rule, stepLine } from './drawing.ts';

/** What is drawn of a unit, each with a colour of its own; the cell and the output as lines twice as thick. */
interface Line {
  quantity: Quantity;
  series: number;
  thick?: boolean;
}

/** The cell, which has no bounds, has a strip and an axis of its own: beside it all else would be a flat line. */
const STRIPS: readonly { lines: readonly Line[]; top: number; height: number }[] = [
  {
    lines: [
      { quantity: 'i', series: 2 },
      { quantity: 'f', series: 4 },
      { quantity: 'o', series: 3 },
      { quantity: 'h', series: 0, thick: true },
    ],
    top: 0,
    height: 100,
  },
  { lines: [{ quantity: 'c', series: 1, thick: true }], top: 112, height: 74 },
];
const LINES = STRIPS.flatMap(({ lines }) => lines);
const HEIGHT = 188;

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
    height: () => HEIGHT,
    draw(frame) {
      const { unit } = frame.state;
      if (!unit) return insteadText(frame, 'Choose a unit in a heat map, a card or the table.');
      const traces = LINES.map((line) => ({ ...line, values: study.trace(unit, line.quantity) }));
      if (traces.every(({ values }) => !values))
        return insteadText(frame, 'This unit’s values are not in this study; see what was left out.');
      for (const { lines, top, height } of STRIPS) {
        const drawn = traces.filter(({ quantity }) => lines.some((line) => line.quantity === quantity));
        const axis = traceAxis(drawn.map(({ values }) => values));
        const y = (value: number): number => top + 7 + ((axis.high - value) / (axis.high - axis.low)) * (height - 14);
        for (const { value, text } of axis.ticks) {
          rule(frame, y(value), frame.palette.grid);
          gutterText(frame, text, y(value));
        }
        inPlot(frame, () => {
          for (const { values, series, thick } of drawn) {
            if (!values) continue;
            frame.context.strokeStyle = frame.palette.series[series];
            frame.context.lineWidth = thick ? 2 : 1;
            stepLine(frame, values, study.data.detail.from, y);
          }
        });
      }
    },
    describe(note) {
      const { unit } = store.state;
      if (!unit) return undefined;
      const values = LINES.map(({ quantity }) => `${QUANTITY_NAMES[quantity].symbol} = ${figure(study.value(unit, quantity, note))}`); // prettier-ignore
      return `${study.unitName(unit)} after ${study.noteName(note)}\n${values.join('   ')}`;
    },
  };
}
