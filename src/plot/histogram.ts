import { scaleLinear } from 'd3-scale';
import { UsageError } from '../errors.ts';
import { emptyNote, RIGHT_MARGIN, X_AXIS_HEIGHT, xAxis, Y_AXIS_WIDTH, yAxis } from './axes.ts';
import { legend } from './legend.ts';
import { type Area, checkSize, LEAST_HEIGHT, picture, TITLE_HEIGHT } from './picture.ts';
import { coordinate, element, escapeText } from './svg.ts';
import { classes } from './theme.ts';
import { extent, fittingTicks, linearTicks, niceScale, type Scale, showable, widestLabel } from './ticks.ts';
import { trueMinus } from '../text/numbers.ts';

export interface HistogramGroup {
  name: string;
  values: readonly number[];
}

export interface HistogramOptions {
  title: string;
  xLabel: string;
  /** @default 'share of values (%)' */
  yLabel?: string;
  /** One, or two to be compared, for instance the data and a sample of a model. */
  groups: readonly HistogramGroup[];
  /** How many bars, or `integers`: a bar for each whole number. @default by the rule of Freedman and Diaconis */
  bins?: number | 'integers';
  /** Show only values in [low, high]; the shares remain those of all values. @default all of them */
  range?: readonly [low: number, high: number];
  /** Pixels. @default 720 */
  width?: number;
  /** Pixels; more where a long legend asks for it. @default 400 */
  height?: number;
}

/** The edges of equal bins; bin i holds edges[i] <= value < edges[i + 1], the last one its upper edge too. */
export interface Bins {
  low: number;
  width: number;
  count: number;
}

/** More bars than these cannot be told apart; whole numbers over a wider range are taken together. */
const MAX_BINS = 200;

/**
 * How often which value occurs, as an SVG document: for each group the share of its own values that fall into each bin, in
 * percent, the groups over one another in two transparent colours. Groups of different sizes can thus be compared. Values
 * that are not finite are left out of all counts.
 */
export function histogram(options: HistogramOptions): string {
  const { title, xLabel, yLabel = 'share of values (%)', width = 720, height = 400 } = options;
  checkSize(title, width, height);
  const groups = options.groups.map(({ name, values }) => ({
    name,
    values: values.map((value) => showable(value)).filter(Number.isFinite),
  }));
  const bins = chooseBins(
    groups.map(({ values }) => values),
    options,
  );
  const shares = groups.map(({ values }) => binShares(values, bins));
  const isEmpty = groups.every(({ values }) => values.length === 0);

  const names = legend(
    groups.map(({ name, values }, i) => ({
      name: `${name} (${values.length.toLocaleString('en')})`,
      sample: (x, y) => element('rect', { class: barClass(i), x: x + 4, y: y - 6, width: 14, height: 12 }),
    })),
    TITLE_HEIGHT,
    width,
  );
  const top = TITLE_HEIGHT + names.height + 8;
  const bottom = Math.max(top + LEAST_HEIGHT, height - X_AXIS_HEIGHT);
  const rows = Math.max(2, Math.floor((bottom - top) / 45));
  const highest = Math.max(0, ...shares.flat());
  const y = niceScale([0, highest > 0 ? highest : 1], [bottom, top], rows);
  const yTicks = linearTicks(y, rows);
  const left = Y_AXIS_WIDTH + widestLabel(yTicks);
  const area: Area = { left, top, right: Math.max(left + 20, width - RIGHT_MARGIN), bottom };
  const x = niceScale([0, 1], [area.left, area.right], 2).domain([bins.low, bins.low + bins.count * bins.width]);
  const xTicks = fittingTicks(area.right - area.left, (count) => linearTicks(x, count, options.bins === 'integers'));

  return picture(
    { title, description: describe(options, groups, bins), width, height: bottom + X_AXIS_HEIGHT },
    names.markup,
    yAxis(area, y, yTicks, yLabel),
    ...shares.map((share, i) => bars(share, i, groups[i].name, bins, x, y)),
    xAxis(area, x, xTicks, xLabel),
    isEmpty ? emptyNote(area, 'nothing to show') : '',
  );
}

function barClass(index: number): string {
  return `${classes.series(index)} ${classes.bar}`;
}

/** The bins that all groups share. */
export function chooseBins(
  groups: readonly (readonly number[])[],
  { bins, range }: Pick<HistogramOptions, 'bins' | 'range'>,
): Bins {
  const all = groups.flat();
  if (range !== undefined && !(range[1] > range[0] && range.every(Number.isFinite))) {
    throw new UsageError(`histogram: expected a range [low, high] with low < high, got [${range.join(', ')}].`);
  }
  if (bins === 'integers') {
    const [low, high] = range ?? (all.length > 0 ? [least(all), -least(all.map((value) => -value))] : [0, 1]);
    const [first, last] = [Math.round(low), Math.round(high)];
    const width = Math.ceil((last - first + 1) / MAX_BINS);
    return { low: first - 0.5, width, count: Math.ceil((last - first + 1) / width) };
  }
  if (bins !== undefined && !(bins >= 1 && bins < Infinity))
    throw new UsageError(`histogram: expected at least one bin, got ${bins}.`);
  const [low, high] = range ?? scaleLinear().domain(extent(all)).nice().domain();
  const count = Math.min(MAX_BINS, Math.round(bins ?? freedmanDiaconis(all, low, high)));
  return { low, width: (high - low) / count, count };
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

/**
 * The number of bins of width 2 IQR / n^(1/3) in [low, high] (Freedman and Diaconis 1981), held between 5 and 60: the
 * rule has no answer where half of the values are equal, and too many where a few lie far away.
 */
function freedmanDiaconis(values: readonly number[], low: number, high: number): number {
  const sorted = Float64Array.from(values).sort();
  const quartile = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
  const width = (2 * (quartile(0.75) - quartile(0.25))) / Math.cbrt(Math.max(1, sorted.length));
  return Math.min(60, Math.max(5, width > 0 ? Math.ceil((high - low) / width) : 20));
}

/** The percentage of `values` in each bin. */
export function binShares(values: readonly number[], { low, width, count }: Bins): number[] {
  const shares = new Array<number>(count).fill(0);
  for (const value of values) {
    const place = (value - low) / width; // a rounding error may put the greatest value a hair above the last edge
    if (place >= 0 && place <= count * (1 + 1e-12))
      shares[Math.min(count - 1, Math.floor(place))] += 100 / values.length;
  }
  return shares;
}

/** The bars of one group in one path: their upper outline, closed at the ground wherever a bin is empty. */
function bars(shares: readonly number[], index: number, name: string, bins: Bins, x: Scale, y: Scale): string {
  let d = '';
  let before = 0;
  shares.forEach((share, i) => {
    const [from, to] = [x(bins.low + i * bins.width), x(bins.low + (i + 1) * bins.width)];
    if (share > 0) {
      if (before === 0) d += `M${coordinate(from)} ${coordinate(y(0))}`;
      d += `V${coordinate(y(share))}H${coordinate(to)}`;
    }
    if (share > 0 && !(shares[i + 1] > 0)) d += `V${coordinate(y(0))}Z`;
    before = share;
  });
  if (d === '') return '';
  return element('path', { class: barClass(index), d }, element('title', {}, escapeText(name)));
}

/** What the picture shows, for those who cannot see it. */
function describe(
  { xLabel, range, groups: given }: HistogramOptions,
  groups: readonly HistogramGroup[],
  bins: Bins,
): string {
  const parts = [`Histogram of ${xLabel} in ${bins.count} bins.`];
  groups.forEach(({ name, values }, i) => {
    if (values.length === 0) {
      parts.push(`${name}: no values.`);
      return;
    }
    const sorted = Float64Array.from(values).sort();
    const median = sorted[Math.floor((sorted.length - 1) / 2)];
    parts.push(
      `${name}: ${values.length} values from ${plain(sorted[0])} to ${plain(sorted.at(-1)!)}, median ${plain(median)}.`,
    );
    const outside = range ? values.filter((value) => value < range[0] || value > range[1]).length : 0;
    if (outside > 0) parts.push(`${outside} of them lie outside the range shown.`);
    const dropped = given[i].values.length - values.length;
    if (dropped > 0) parts.push(`${dropped} more are not finite and left out.`);
  });
  return parts.join(' ');
}

function plain(value: number): string {
  return trueMinus(String(Number(value.toPrecision(4))));
}
