import type { StudyPath } from '../../../../study/study-data.ts';
import { colourAt, cssColour } from '../../../kit/colour-scales.ts';
import { figure } from '../../figures/words.ts';
import { percent } from '../../../../text/numbers.ts';
import { onWidth, surfaceOf, whenSeen } from '../../../kit/browser/canvas.ts';
import { field, select } from '../../../kit/browser/controls.ts';
import { element } from '../../../kit/browser/elements.ts';
import { rampKey } from '../../../kit/browser/legend.ts';
import { onScheme, palette } from '../../../kit/browser/palette.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';
import type { Timeline } from '../../../kit/browser/timeline.ts';
import type { Tooltip } from '../../../kit/browser/tooltip.ts';
import { counted } from '../../../../text/words.ts';

const MARGIN = 26;
/** Pixels from which the pointer reaches a point. */
const REACH = 18;

/** The path of h through two of its principal components: colour is time, or the chosen unit. */
export function pathPlot(place: HTMLElement, study: Study, store: Store, timeline: Timeline, tooltip: Tooltip): void {
  const { layers, detail } = study.data;
  let across = 0;
  let up = 1;
  let colouring: 'time' | 'unit' = 'time';
  // A unit that is chosen colours the path, unless the reader has said what should.
  let asked = false;
  const pathOf = (): StudyPath | undefined => layers[store.state.layer]?.path;
  const canvas = element('canvas', {
    tabindex: 0,
    role: 'application',
    'aria-label': 'Path of the hidden state. Arrow keys left and right go along it from note to note.',
  });
  const chart = element('div', { class: 'chart' }, canvas);
  const note = element('p', { class: 'note' });
  const key = element('span', { class: 'key faint' });
  const bar = element('div', { class: 'toolbar' });
  place.append(bar, chart, note);
  let points: Float64Array = new Float64Array(0);
  const draw = (): void => {
    const path = pathOf();
    note.textContent = path ? explained(path, across, up) : 'This layer has no path in this study.';
    const { sequential, diverging } = palette();
    key.replaceChildren(...(colouring === 'time' ? rampKey('first note', sequential, 'last') : rampKey('h < 0', diverging, 'h > 0'))); // prettier-ignore
    points = path ? place2d(path, across, Math.min(up, path.points.length - 1), canvas.clientWidth, heightOf(canvas)) : new Float64Array(0); // prettier-ignore
    paint(canvas, points, study, store, colouring);
  };
  const fillBar = (): void => {
    const options = (pathOf()?.explained ?? []).map((part, k) => [String(k), `${k + 1} (${percent(part)})`] as const);
    bar.replaceChildren(
      field('Across: component', select(options, String(across), (k) => { across = Number(k); draw(); })), // prettier-ignore
      field('Up: component', select(options, String(up), (k) => { up = Number(k); draw(); })), // prettier-ignore
      field('Colour', select([['time', 'time'], ['unit', 'output of the chosen unit']], colouring, (value) => { colouring = value; asked = true; draw(); })), // prettier-ignore
      key,
    );
  };
  const nearest = (event: PointerEvent): number => nearestPoint(points, event.offsetX, event.offsetY);
  canvas.addEventListener('pointermove', (event) => {
    const at = nearest(event);
    store.update({ hover: at < 0 ? -1 : detail.from + at });
    if (at < 0) return tooltip.hide();
    tooltip.show(`after ${study.noteName(detail.from + at)}\nat ${figure(study.data.song.start[detail.from + at], 4)} s`, event.clientX, event.clientY); // prettier-ignore
  });
  canvas.addEventListener('pointerleave', () => {
    tooltip.hide();
    store.update({ hover: -1 });
  });
  canvas.addEventListener('click', (event) => {
    const at = nearest(event as PointerEvent);
    if (at >= 0) timeline.chooseNote(detail.from + at);
  });
  canvas.addEventListener('keydown', (event) => timeline.key(event));
  store.on(['layer'], fillBar);
  store.onChange((changed) => {
    if (!changed.has('unit') || asked) return;
    colouring = 'unit';
    fillBar();
  });
  const later = whenSeen(canvas, draw);
  onWidth(chart, later);
  store.on(['layer', 'note', 'unit', 'hover', 'window', 'axis', 'details'], later);
  onScheme(later);
}

function explained({ explained: parts, points }: StudyPath, across: number, up: number): string {
  const both = (parts[across] ?? 0) + (across === up ? 0 : (parts[up] ?? 0));
  return `These two components hold ${percent(both)} of the variance of h; ${counted(points[0]?.length ?? 0, 'note')}. Points outside the visible part of the song are faint.`;
}

function heightOf(canvas: HTMLCanvasElement): number {
  return Math.round(Math.min(460, Math.max(260, canvas.clientWidth * 0.6)));
}

/** Pixels of all points, [2 * notes], filling the picture. */
function place2d(path: StudyPath, across: number, up: number, width: number, height: number): Float64Array {
  const [xs, ys] = [path.points[across] ?? [], path.points[up] ?? []];
  const fit = (values: readonly number[], from: number, to: number): ((value: number) => number) => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return (value) => (high > low ? from + ((value - low) / (high - low)) * (to - from) : (from + to) / 2);
  };
  const x = fit(xs, MARGIN, width - MARGIN);
  const y = fit(ys, height - MARGIN, MARGIN);
  const points = new Float64Array(2 * xs.length);
  xs.forEach((value, k) => {
    points[2 * k] = x(value);
    points[2 * k + 1] = y(ys[k]);
  });
  return points;
}

function nearestPoint(points: Float64Array, x: number, y: number): number {
  let [best, distance] = [-1, REACH * REACH];
  for (let k = 0; k < points.length / 2; k++) {
    const away = (points[2 * k] - x) ** 2 + (points[2 * k + 1] - y) ** 2;
    if (away < distance) [best, distance] = [k, away];
  }
  return best;
}

function paint(
  canvas: HTMLCanvasElement,
  points: Float64Array,
  study: Study,
  { state }: Store,
  colouring: 'time' | 'unit',
): void {
  const surface = surfaceOf(canvas, heightOf(canvas));
  if (!surface) return;
  const { context } = surface;
  const colours = palette();
  const { from } = study.data.detail;
  const axis = study.axis(state.axis);
  const seen = (note: number): boolean => axis.edges[note + 1] > state.window.from && axis.edges[note] < state.window.to; // prettier-ignore
  const count = points.length / 2;
  const colourOf = pointColours(study, state.unit, colouring, count);
  context.strokeStyle = colours.faint;
  for (const visible of [false, true]) {
    context.lineWidth = visible ? 1 : 0.6;
    context.globalAlpha = visible ? 0.35 : 0.12;
    context.beginPath();
    for (let k = 1; k < count; k++) {
      if (seen(from + k) !== visible) continue;
      context.moveTo(points[2 * k - 2], points[2 * k - 1]);
      context.lineTo(points[2 * k], points[2 * k + 1]);
    }
    context.stroke();
  }
  context.lineWidth = 0.5;
  for (let k = 0; k < count; k++) {
    context.globalAlpha = seen(from + k) ? 1 : 0.15;
    context.fillStyle = colourOf(k);
    context.beginPath();
    context.arc(points[2 * k], points[2 * k + 1], count > 400 ? 3 : 3.8, 0, 2 * Math.PI);
    context.fill();
    // What is near nothing has the colour of the ground: its edge shows where it is.
    context.stroke();
  }
  context.globalAlpha = 1;
  const ring = (note: number, colour: string, radius: number): void => {
    const k = note - from;
    if (k < 0 || k >= count) return;
    context.strokeStyle = colour;
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(points[2 * k], points[2 * k + 1], radius, 0, 2 * Math.PI);
    context.stroke();
  };
  ring(state.hover, colours.ink, 6);
  ring(state.note, colours.choice, 7);
}

function pointColours(
  study: Study,
  unit: Store['state']['unit'],
  colouring: 'time' | 'unit',
  count: number,
): (k: number) => string {
  const { sequential, diverging, grid } = palette();
  if (colouring === 'time') return (k) => cssColour(colourAt(sequential.scale, k / Math.max(1, count - 1)));
  const trace = unit ? study.trace(unit, 'h') : undefined;
  if (!trace) return () => grid;
  const most = trace.reduce((size, value) => Math.max(size, Math.abs(value) || 0), 0) || 1;
  return (k) => cssColour(colourAt(diverging.scale, 0.5 + trace[k] / most / 2));
}
