import { line } from 'd3-shape';
import { scaleLinear } from 'd3-scale';
import { emptyNote } from './axes.ts';
import { checkSize, FONT_SIZE, PADDING, picture, TITLE_HEIGHT, type Area } from './picture.ts';
import { coordinate, element, escapeText, fitText, text, textWidth } from './svg.ts';
import { classes, LOUDNESS_STEPS } from './theme.ts';
import { extent, linearTicks, logTicks, niceScale, showable, type Tick } from './ticks.ts';

/** An axis of parallel coordinates. */
export interface ParallelAxis {
  label: string;
  /** A value for each line: numbers, or words, which stand on the axis in the order in which they are listed first. */
  values: readonly number[] | readonly string[];
  /** Of numbers. @default false */
  log?: boolean;
}

export interface ParallelOptions {
  title: string;
  axes: readonly ParallelAxis[];
  /** What a line stands for, shown when one points at it. */
  names: readonly string[];
  /** How much each line stands out from the ground, from 0 to 1; those that stand out most are drawn last. */
  emphasis: readonly number[];
  /** Pixels. @default 920 */
  width?: number;
  /** Pixels. @default 360 */
  height?: number;
}

/** Where the values of an axis are, and what is written there. */
interface LaidAxis {
  places: readonly number[];
  ticks: readonly (Tick & { y: number })[];
}

/**
 * Lines over several axes side by side (Inselberg 1985), as an SVG document: a line for each run or model, through its value on every axis. A value that
 * cannot be shown makes a gap.
 */
export function parallelCoordinates(options: ParallelOptions): string {
  const { title, axes, names, emphasis, width = 920, height = 360 } = options;
  checkSize(title, width, height);
  const top = TITLE_HEIGHT + 32;
  const area: Area = { left: PADDING + 60, right: width - PADDING - 70, top, bottom: height - PADDING };
  const gap = axes.length > 1 ? (area.right - area.left) / (axes.length - 1) : 0;
  const xs = axes.map((_, k) => area.left + k * gap);
  const laid = axes.map((axis) => layOut(axis, area));
  const order = names.map((_, k) => k).sort((a, b) => emphasis[a] - emphasis[b]);
  const room = axes.length > 1 ? gap : area.right - area.left;
  return picture(
    { title, description: describe(options), width, height },
    ...order.map((k) => lineOf(laid.map(({ places }, axis) => [xs[axis], places[k]]), names[k], emphasis[k])), // prettier-ignore
    ...axes.map((axis, k) => axisAt(xs[k], axis.label, laid[k], area, room)),
    names.length === 0 || axes.length === 0 ? emptyNote(area, 'nothing to show') : '',
  );
}

function layOut({ values, log = false }: ParallelAxis, { top, bottom }: Area): LaidAxis {
  if (values.every((value) => typeof value === 'number')) {
    const shown = values.map((value) => showable(value, log));
    const scale = niceScale(extent(shown, log), [bottom, top], 5, log);
    const ticks = log ? logTicks(scale, 5) : linearTicks(scale, 5, shown.every((value) => Number.isInteger(value))); // prettier-ignore
    return { places: shown.map((value) => scale(value)), ticks: ticks.map((tick) => ({ ...tick, y: scale(tick.value) })) }; // prettier-ignore
  }
  const words = [...new Set(values.map(String))];
  const scale = scaleLinear().domain([0, Math.max(1, words.length - 1)]).range([bottom, top]); // prettier-ignore
  const middle = (top + bottom) / 2;
  const place = (word: string): number => (words.length === 1 ? middle : scale(words.indexOf(word)));
  return {
    places: values.map((value) => place(String(value))),
    ticks: words.map((word, value) => ({ value, label: word, y: place(word) })),
  };
}

function lineOf(points: [x: number, y: number][], name: string, emphasis: number): string {
  const level = Math.round(Math.min(1, Math.max(0, emphasis)) * (LOUDNESS_STEPS - 1));
  const d = line().defined(([, y]) => Number.isFinite(y)).digits(2)(points); // prettier-ignore
  if (d === null) return '';
  const width = level === LOUDNESS_STEPS - 1 ? '3' : undefined;
  const attributes = { class: `${classes.line} ${classes.loudness(level)}`, d, style: `fill:none${width ? `;stroke-width:${width}` : ''}` }; // prettier-ignore
  return element('path', attributes, element('title', {}, escapeText(name)));
}

function axisAt(x: number, label: string, { ticks }: LaidAxis, { top, bottom }: Area, room: number): string {
  const marks = ticks.map(({ y }) => `M${coordinate(x - 4)} ${coordinate(y)}h8`).join('');
  const shown = fitText(label, FONT_SIZE, room - 8);
  return element(
    'g',
    {},
    element('path', { class: classes.axis, d: `M${coordinate(x)} ${coordinate(top)}V${coordinate(bottom)}${marks}` }),
    text(shown, x, top - 14, { class: classes.legend, 'text-anchor': 'middle' }),
    ...ticks.map((tick) => {
      const written = fitText(tick.label, FONT_SIZE, room - 16);
      const y = tick.y + 4;
      return textWidth(written, FONT_SIZE) > 0 ? text(written, x + 7, y, { class: classes.halo }) : '';
    }),
  );
}

/** What the picture shows, for those who cannot see it. */
function describe({ axes, names }: ParallelOptions): string {
  return `${names.length} lines over the axes ${axes.map(({ label }) => label).join(', ')}.`;
}
