import { scaleLinear } from 'd3-scale';
import type { StudySpan } from '../../../../study/study-data.ts';
import { logTicks, niceScale } from '../../../../plot/ticks.ts';
import { SERIES_COLOURS } from '../../../../plot/theme.ts';
import { listUnits, sameUnit, unitKey, type UnitId } from '../../figures/unit-lists.ts';
import { figure, spanSteps, spanText } from '../../figures/words.ts';
import { onWidth } from '../../../kit/browser/canvas.ts';
import { element, svgElement } from '../../../kit/browser/elements.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';
import type { Tooltip } from '../../../kit/browser/tooltip.ts';
import { horizontalAxis, picture, verticalAxis, type PlotArea } from './plot.ts';
import { counted } from '../../../../text/words.ts';

const HEIGHT = 280;
/** Spans below show as this: it is gone with the next note. */
const LEAST = 0.1;

/** A unit whose memory is known. */
type Spanned = UnitId & { span: StudySpan };

/** The memory spans of all units, sorted, on a logarithmic axis; dots choose units, arrow keys go along. */
export function spanPlot(place: HTMLElement, study: Study, store: Store, tooltip: Tooltip): void {
  const units = listUnits(study.data, 'span', 'all').reverse().flatMap(({ layer, unit, span }) => (span ? [{ layer, unit, span }] : [])); // prettier-ignore
  if (units.length === 0) {
    place.append(element('p', { class: 'note' }, 'This study has no units.'));
    return;
  }
  const chart = element('div', {
    class: 'chart',
    tabindex: 0,
    role: 'application',
    'aria-label':
      'Memory spans of all units, from the shortest to the longest. Arrow keys left and right choose a unit.',
  });
  place.append(element('p', {}, summary(study, units)), chart);
  const at = (): number => units.findIndex((unit) => sameUnit(unit, store.state.unit));
  chart.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? units.length - 1 : by && at() + by;
    if (to === undefined) return;
    event.preventDefault();
    const { layer, unit } = units[Math.min(units.length - 1, Math.max(0, to))];
    store.update({ unit: { layer, unit } });
  });
  let mark: ((index: number) => void) | undefined;
  onWidth(chart, (width) => {
    const drawn = draw(study, units, width, store, tooltip);
    mark = drawn.mark;
    mark(at());
    chart.replaceChildren(drawn.svg);
  });
  store.on(['unit'], () => mark?.(at()));
}

function summary(study: Study, units: readonly Spanned[]): string {
  const longest = units[units.length - 1];
  const middle = units[Math.floor(units.length / 2)];
  return `Half of the units forget half of what they wrote within ${figure(spanSteps(middle.span))} time steps; ${study.unitName(longest)} keeps it for ${spanText(longest.span)}.`;
}

function draw(study: Study, units: readonly Spanned[], width: number, store: Store, tooltip: Tooltip) {
  const area: PlotArea = { left: 50, right: width - 12, top: 28, bottom: HEIGHT - 44 };
  const steps = units.map(({ span }) => Math.max(LEAST, spanSteps(span)));
  const [low, high] = [Math.min(...steps), Math.max(...steps)];
  const y = niceScale([low, high > low ? high : low * 2], [area.bottom, area.top], 6, true);
  const x = scaleLinear().domain([0, Math.max(1, units.length - 1)]).range([area.left + 8, area.right - 4]); // prettier-ignore
  const nearest = (offset: number): number => Math.min(units.length - 1, Math.max(0, Math.round(x.invert(offset))));
  const dots = units.map((unit, k) => {
    const [cx, cy] = [x(k), y(steps[k])];
    const colour = `dot series-${Math.max(0, study.layerIndex(unit.layer)) % SERIES_COLOURS}`;
    if (unit.span.steps !== null)
      return svgElement('circle', { class: colour, cx, cy, r: 3.2, 'data-unit': unitKey(unit) });
    return svgElement('path', { class: colour, d: `M${cx - 4.5},${cy + 3.5}h9l-4.5,-8z`, 'data-unit': unitKey(unit) });
  });
  const choice = svgElement('circle', { class: 'choice', r: 7, visibility: 'hidden' });
  const svg = picture(
    width,
    HEIGHT,
    'Memory span of each unit',
    ...verticalAxis(y, logTicks(y, 6), area, 'time steps until half is forgotten (▲ at least)'),
    ...horizontalAxis(x, [], area, `${counted(units.length, 'unit')}, from the shortest memory to the longest`),
    ...dots,
    choice,
  );
  svg.addEventListener('pointermove', (event) => {
    const unit = units[nearest(event.offsetX)];
    tooltip.show(`${study.unitName(unit)}\n${spanText(unit.span)}`, event.clientX, event.clientY);
  });
  svg.addEventListener('pointerleave', () => tooltip.hide());
  svg.addEventListener('click', (event) => {
    const { layer, unit } = units[nearest(event.offsetX)];
    store.update({ unit: { layer, unit } });
  });
  const mark = (index: number): void => {
    choice.setAttribute('visibility', index < 0 ? 'hidden' : 'visible');
    if (index < 0) return;
    choice.setAttribute('cx', String(x(index)));
    choice.setAttribute('cy', String(y(steps[index])));
  };
  return { svg, mark };
}
