import { scaleLinear } from 'd3-scale';
import { fittingTicks, linearTicks, logTicks, niceScale } from '../../../../plot/ticks.ts';
import { SERIES_COLOURS } from '../../../../plot/theme.ts';
import { figure } from '../../figures/words.ts';
import { onWidth } from '../../../kit/browser/canvas.ts';
import { element, svgElement } from '../../../kit/browser/elements.ts';
import { table } from '../../../kit/browser/tables.ts';
import type { Study } from '../study.ts';
import type { Tooltip } from '../../../kit/browser/tooltip.ts';
import { horizontalAxis, picture, verticalAxis, type PlotArea } from './plot.ts';
import { counted } from '../../../../text/words.ts';

const HEIGHT = 280;

interface Curve {
  name: string;
  layer: number;
  dashed: boolean;
  values: number[];
}

/** The norm of the gradient by lag: curves on a logarithmic axis, a sentence, and the numbers as a table. */
export function lagChart(place: HTMLElement, study: Study, tooltip: Tooltip): void {
  const { byLag } = study.data.gradient;
  const many = byLag.dh.length > 1;
  const curvesOf = (rows: number[][], what: string, dashed: boolean): Curve[] =>
    rows.map((values, layer) => ({ name: `|${what}|${many ? ` of layer ${layer + 1}` : ''}`, layer, dashed, values }));
  const curves = [...curvesOf(byLag.dh, 'dL/dh', false), ...curvesOf(byLag.dc ?? [], 'dL/dc', true)];
  const positive = curves.flatMap(({ values }) => values).filter((value) => value > 0);
  if (positive.length === 0) {
    place.append(element('p', { class: 'note' }, 'This study has no gradient by lag.'));
    return;
  }
  const chart = element('div', { class: 'chart' });
  const lags = Math.max(...curves.map(({ values }) => values.length));
  const rows = Array.from({ length: lags }, (_, lag) => [String(lag), ...curves.map(({ values }) => ({ number: figure(values[lag]) }))]); // prettier-ignore
  place.append(
    element('p', {}, summary(study)),
    chart,
    element(
      'details',
      { class: 'explain' },
      element('summary', {}, 'The numbers'),
      table(['lag', ...curves.map(({ name }) => name)], rows),
    ),
  );
  onWidth(chart, (width) => chart.replaceChildren(draw(curves, positive, lags, width, tooltip)));
}

function summary({ data: { gradient, layers } }: Study): string {
  const parts = gradient.halfLag.map((half, k) => {
    const which = layers.length > 1 ? `Layer ${layers[k].layer + 1}: the` : 'The';
    const hundredth = gradient.hundredthLag[k];
    const reach = half === null ? 'stays above half throughout' : `is below half after ${counted(half, 'time step')}`;
    const end = hundredth === null ? 'and does not fall below 1 %' : `and below 1 % after ${hundredth}`;
    return `${which} gradient of h ${reach} ${end}.`;
  });
  return `${parts.join(' ')} Mean over ${gradient.byLag.predictions.toLocaleString('en')} predictions.`;
}

function draw(curves: Curve[], positive: number[], lags: number, width: number, tooltip: Tooltip): SVGSVGElement {
  const area: PlotArea = { left: 62, right: width - 8, top: 28, bottom: HEIGHT - 44 };
  const high = positive.reduce((most, value) => Math.max(most, value), 0);
  const low = Math.max(
    high * 1e-12,
    positive.reduce((least, value) => Math.min(least, value), high),
  );
  const y = niceScale([low, high > low ? high : low * 10], [area.bottom, area.top], 6, true);
  const x = scaleLinear().domain([0, Math.max(1, lags - 1)]).range([area.left, area.right]); // prettier-ignore
  const lines = curves.map(({ values, layer, dashed }) => {
    const points = values.flatMap((value, lag) =>
      value >= low ? [`${x(lag).toFixed(1)},${y(value).toFixed(1)}`] : [],
    );
    return svgElement('polyline', {
      class: `curve series-${layer % SERIES_COLOURS}`,
      points: points.join(' '),
      'stroke-dasharray': dashed ? '5 4' : undefined,
    });
  });
  const cursor = svgElement('line', { class: 'cursor', y1: area.top, y2: area.bottom, visibility: 'hidden' });
  const xTicks = fittingTicks(area.right - area.left, (count) => linearTicks(x, count, true));
  const svg = picture(
    width,
    HEIGHT,
    'Norm of the gradient by how many time steps it went back; the numbers stand in the table below.',
    ...verticalAxis(
      y,
      logTicks(y, 6),
      area,
      curves.some(({ dashed }) => dashed) ? 'mean norm (dL/dh solid, dL/dc dashed)' : 'mean norm of dL/dh',
    ),
    ...horizontalAxis(x, xTicks, area, 'time steps before the prediction'),
    ...lines,
    cursor,
  );
  svg.addEventListener('pointermove', (event) => {
    const lag = Math.round(x.invert(event.offsetX));
    if (lag < 0 || lag >= lags) return leave();
    cursor.setAttribute('x1', String(x(lag)));
    cursor.setAttribute('x2', String(x(lag)));
    cursor.setAttribute('visibility', 'visible');
    const text = curves.map(({ name, values }) => `${name} = ${figure(values[lag])}`).join('\n');
    tooltip.show(`${counted(lag, 'time step')} before\n${text}`, event.clientX, event.clientY);
  });
  const leave = (): void => {
    cursor.setAttribute('visibility', 'hidden');
    tooltip.hide();
  };
  svg.addEventListener('pointerleave', leave);
  return svg;
}
