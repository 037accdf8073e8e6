import { line } from 'd3-shape';
import { emptyNote, RIGHT_MARGIN, X_AXIS_HEIGHT, xAxis, Y_AXIS_WIDTH, yAxis } from './axes.ts';
import { decimate, type Point } from './decimate.ts';
import { legend, type LegendEntry } from './legend.ts';
import { type Area, checkSize, FONT_SIZE, LEAST_HEIGHT, picture, TITLE_HEIGHT } from './picture.ts';
import { coordinate, element, escapeText, fitText, text, textWidth } from './svg.ts';
import { classes, SERIES_COLOURS } from './theme.ts';
import { extent, fittingTicks, linearTicks, logTicks, niceScale, type Scale, showable, widestLabel } from './ticks.ts';
import { trueMinus } from '../text/numbers.ts';

export interface Series {
  name: string;
  /** In the order in which the line runs. A coordinate that is not finite makes a gap. */
  points: readonly Point[];
  /** @default false */
  dashed?: boolean;
}

/** A place on the x axis worth pointing out, for instance the best epoch. */
export interface Mark {
  x: number;
  label: string;
}

export interface LineChartOptions {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly Series[];
  /** Logarithmic y axis; values that are not positive make gaps. @default false */
  logY?: boolean;
  /** Pixels. @default 720 */
  width?: number;
  /** Pixels; more where a long legend asks for it. @default 400 */
  height?: number;
  marks?: readonly Mark[];
}

/**
 * Curves over a common x axis, as an SVG document. Points by themselves (series of one point, or between two gaps) are
 * drawn as dots; curves of many thousand points are thinned without a visible difference; where nothing can be drawn the
 * picture says so.
 */
export function lineChart(options: LineChartOptions): string {
  const { title, xLabel, yLabel, series, logY = false, width = 720, height = 400, marks = [] } = options;
  checkSize(title, width, height);
  const names = legend(series.map(legendEntry), TITLE_HEIGHT, width);
  const drawable = series.map(({ points }) => points.map(([x, y]): Point => [showable(x), showable(y, logY)]));
  const seen = drawable.flat().filter(isFinitePoint);
  const shownMarks = marks.filter(({ x }) => Number.isFinite(showable(x)));

  const top = TITLE_HEIGHT + names.height + 8;
  const bottom = Math.max(top + LEAST_HEIGHT, height - X_AXIS_HEIGHT);
  const rows = Math.max(2, Math.floor((bottom - top) / 45));
  const y = niceScale(extent(values(seen, 1), logY), [bottom, top], rows, logY);
  const yTicks = logY ? logTicks(y, rows) : linearTicks(y, rows);
  const left = Y_AXIS_WIDTH + widestLabel(yTicks);
  const area: Area = { left, top, right: Math.max(left + 20, width - RIGHT_MARGIN), bottom };

  const xs = seen.length > 0 ? [...values(seen, 0), ...shownMarks.map((mark) => mark.x)] : [];
  const wholeX = xs.length > 0 && xs.every(Number.isInteger);
  const x = niceScale(extent(xs), [area.left, area.right], 2).domain(extent(xs));
  const xTicks = fittingTicks(area.right - area.left, (count) => linearTicks(x, count, wholeX));

  const lines = drawable.map((points, i) => curve(points, i, series[i], x, y, area));
  return picture(
    { title, description: describe(options, seen.length), width, height: bottom + X_AXIS_HEIGHT },
    names.markup,
    yAxis(area, y, yTicks, yLabel),
    xAxis(area, x, xTicks, xLabel),
    seen.length === 0 ? emptyNote(area, 'nothing to show') : '',
    ...(seen.length === 0 ? [] : markLines(shownMarks, x, area)),
    ...lines,
  );
}

function isFinitePoint([x, y]: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function values(points: readonly Point[], axis: 0 | 1): number[] {
  return points.map((point) => point[axis]);
}

/** The dash of a series: its own, or that of its second time around the colours. */
function dashOf(index: number, dashed: boolean | undefined): string | undefined {
  const round = Math.floor(index / SERIES_COLOURS);
  if (round === 0) return dashed ? '6 4' : undefined;
  return dashed ? `6 4 ${'1 4 '.repeat(round)}`.trim() : `12 3 ${'2 3 '.repeat(round)}`.trim();
}

function legendEntry({ name, dashed }: Series, index: number): LegendEntry {
  return {
    name,
    sample: (x, y) =>
      element('path', {
        class: `${classes.series(index)} ${classes.line}`,
        'stroke-dasharray': dashOf(index, dashed),
        d: `M${coordinate(x)} ${coordinate(y)}h22`,
      }),
  };
}

/** One series: its line where there are two points in a row, dots for points by themselves. */
function curve(
  points: readonly Point[],
  index: number,
  { name, dashed }: Series,
  x: Scale,
  y: Scale,
  area: Area,
): string {
  const [low, high] = x.domain();
  const thinned = decimate(points, low, high, Math.max(1, Math.floor(area.right - area.left)));
  const path = line<Point>()
    .defined((point) => isFinitePoint(point))
    .x((point) => x(point[0]))
    .y((point) => y(point[1]))
    .digits(2)([...thinned]);
  const alone = thinned.filter(
    (point, i) => isFinitePoint(point) && !joined(thinned[i - 1]) && !joined(thinned[i + 1]),
  );
  if (!path) return '';
  return element(
    'g',
    { class: classes.series(index) },
    element('title', {}, escapeText(name)),
    element('path', { class: classes.line, 'stroke-dasharray': dashOf(index, dashed), d: path }),
    ...alone.map((point) => element('circle', { cx: x(point[0]), cy: y(point[1]), r: 3 })),
  );
}

function joined(point: Point | undefined): boolean {
  return point !== undefined && isFinitePoint(point);
}

/** Vertical lines with their labels at the top, one below the other where they would touch. */
function markLines(marks: readonly Mark[], x: Scale, area: Area): string[] {
  const d = marks
    .map((mark) => `M${coordinate(x(mark.x))} ${coordinate(area.top)}V${coordinate(area.bottom)}`)
    .join('');
  const rowEnds: number[] = [];
  const labels = [...marks]
    .sort((a, b) => a.x - b.x)
    .map((mark) => {
      const at = x(mark.x);
      const label = fitText(mark.label, FONT_SIZE, area.right - area.left - 12);
      const length = textWidth(label, FONT_SIZE);
      const toTheLeft = at + 6 + length > area.right;
      const start = toTheLeft ? Math.max(area.left + 2, at - 6 - length) : at + 6;
      let row = rowEnds.findIndex((end) => end < start);
      if (row < 0) row = rowEnds.length;
      rowEnds[row] = start + length + 4;
      const anchor = toTheLeft ? 'end' : undefined;
      return text(label, toTheLeft ? start + length : start, area.top + 14 + 16 * row, {
        class: classes.halo,
        'text-anchor': anchor,
      });
    });
  return marks.length === 0 ? [] : [element('path', { class: classes.mark, d }), ...labels];
}

/** What the picture shows, for those who cannot see it: the axes, and where each curve starts and ends. */
function describe({ xLabel, yLabel, series, logY, marks = [] }: LineChartOptions, count: number): string {
  const axes = `Line chart of ${yLabel}${logY ? ' (logarithmic)' : ''} over ${xLabel}.`;
  if (count === 0) return `${axes} There is nothing to show.`;
  const curves = series.map(({ name, points }) => {
    const finite = points.filter(isFinitePoint);
    const [first, last] = [finite.at(0), finite.at(-1)];
    if (first === undefined || last === undefined) return `${name}: no points.`;
    return `${name}: ${points.length} points, from ${plain(first[1])} at ${plain(first[0])} to ${plain(last[1])} at ${plain(last[0])}.`;
  });
  return [axes, ...curves, ...marks.map(({ x, label }) => `Marked at ${plain(x)}: ${label}.`)].join(' ');
}

function plain(value: number): string {
  return trueMinus(String(Number(value.toPrecision(4))));
}
