import { RIGHT_MARGIN, X_AXIS_HEIGHT, xAxis, Y_AXIS_WIDTH, yAxis } from '../../src/plot/axes.ts';
import { legend, type LegendEntry } from '../../src/plot/legend.ts';
import { FONT_SIZE, picture, TITLE_HEIGHT, type Area } from '../../src/plot/picture.ts';
import { coordinate, element, escapeText, text, textWidth } from '../../src/plot/svg.ts';
import { classes } from '../../src/plot/theme.ts';
import { extent, fittingTicks, logTicks, niceScale, widestLabel, type Scale } from '../../src/plot/ticks.ts';
import type { Bandwidth, Peak } from '../peak/peak.ts';
import type { KernelRow } from './bench-kernels.ts';

const [WIDTH, HEIGHT] = [860, 560];
const LABEL_GAP = 5;
const LINE_HEIGHT = 15;
const DOT = 4;

/** A horizontal limit of arithmetic, or a slanted one of memory. */
interface Ceiling {
  label: string;
  /** 10^9 operations a second. */
  gflops?: number;
  /** 10^9 bytes a second. */
  gbytes?: number;
}

/**
 * A roofline (Williams, Waterman and Patterson 2009) as an SVG document, both axes logarithmic: each row stands at its
 * operations a byte and its operations a second, below what arithmetic and memory were measured to give. Rows without
 * arithmetic have no place in it.
 */
export function roofline(rows: readonly KernelRow[], peak: Peak, bandwidth: Bandwidth): string {
  const shown = rows.filter(({ gflops }) => gflops > 0);
  const backends = [...new Set(shown.map(({ backend }) => backend))];
  const names = legend(backends.map(legendEntry), TITLE_HEIGHT, WIDTH);
  const ceilings = ceilingsOf(peak, bandwidth);

  const [top, bottom] = [TITLE_HEIGHT + names.height + 8, HEIGHT - X_AXIS_HEIGHT];
  const rates = [...shown.map(({ gflops }) => gflops), ...ceilings.flatMap(({ gflops }) => gflops ?? [])];
  const y = niceScale(extent(rates, true), [bottom, top], 8, true);
  const yTicks = logTicks(y, 8);
  const levels = ceilings.filter(({ gflops }) => gflops !== undefined);
  // The names of the levels stand beside the area, where there are no dots.
  const beside = Math.max(0, ...levels.map(({ label }) => textWidth(label, FONT_SIZE))) + LABEL_GAP;
  const right = WIDTH - RIGHT_MARGIN - beside;
  const area: Area = { left: Y_AXIS_WIDTH + widestLabel(yTicks), top, right, bottom };
  const intensities = shown.map(({ intensity }) => intensity);
  const x = niceScale(extent(intensities, true), [area.left, area.right], 8, true);
  const dots = shown.map(({ intensity, gflops }): Place => [x(intensity), y(gflops)]);
  const xTicks = fittingTicks(area.right - area.left, (count) => logTicks(x, count));

  return picture(
    {
      title: 'Roofline of the kernels, one thread',
      description: describe(shown, ceilings),
      width: WIDTH,
      height: HEIGHT,
    },
    names.markup,
    yAxis(area, y, yTicks, '10⁹ operations a second'),
    xAxis(area, x, xTicks, 'operations a byte of compulsory traffic'),
    ...ceilings.map((ceiling) => ceilingLine(ceiling, x, y)),
    ...levelLabels(levels, y, area),
    ...ceilings.map((ceiling) => slantedLabel(ceiling, x, y, dots)),
    ...backends.map((backend, index) => points(shown.filter((row) => row.backend === backend), index, x, y)), // prettier-ignore
  );
}

function ceilingsOf({ wide = null, fused, multiplyAdd, scalar }: Peak, { l1, memory }: Bandwidth): Ceiling[] {
  // Two ceilings at the same height would be drawn over one another.
  const same = fused !== null && Math.abs(fused / multiplyAdd - 1) < 0.1;
  const vector = same ? '128-bit, fused or not' : '128-bit multiply, add';
  return [
    ...(wide === null ? [] : [{ label: `256-bit fused: ${wide.toFixed(0)}`, gflops: wide }]),
    ...(fused === null || same ? [] : [{ label: `128-bit fused: ${fused.toFixed(0)}`, gflops: fused }]),
    { label: `${vector}: ${multiplyAdd.toFixed(0)}`, gflops: multiplyAdd },
    { label: `scalar: ${scalar.toFixed(0)}`, gflops: scalar },
    { label: `L1 ${l1.toFixed(0)} GB/s`, gbytes: l1 },
    { label: `memory ${memory.toFixed(0)} GB/s`, gbytes: memory },
  ];
}

function legendEntry(name: string, index: number): LegendEntry {
  return {
    name,
    sample: (x, y) => element('g', { class: classes.series(index) }, element('circle', { cx: x + 11, cy: y, r: 4 })),
  };
}

type Place = readonly [x: number, y: number];

function ceilingLine(ceiling: Ceiling, x: Scale, y: Scale): string {
  const [from, to] = endsOf(ceiling, x, y);
  // All of it above the picture, or below.
  if (from[0] >= to[0]) return '';
  const d = `M${coordinate(from[0])} ${coordinate(from[1])}L${coordinate(to[0])} ${coordinate(to[1])}`;
  return element('path', { class: classes.mark, d });
}

/** Where the line of a ceiling enters the picture, and where it leaves it. */
function endsOf({ gflops, gbytes }: Ceiling, x: Scale, y: Scale): [from: Place, to: Place] {
  const [lowX, highX] = x.domain();
  if (gbytes === undefined) return [[x(lowX), y(gflops!)], [x(highX), y(gflops!)]]; // prettier-ignore
  const [lowY, highY] = y.domain();
  const [from, to] = [Math.max(lowX, lowY / gbytes), Math.min(highX, highY / gbytes)];
  return [[x(from), y(gbytes * from)], [x(to), y(gbytes * to)]]; // prettier-ignore
}

/** Each at the end of its line; where two lines are nearer than a line of text is high, the lower name moves down. */
function levelLabels(levels: readonly Ceiling[], y: Scale, area: Area): string[] {
  let above = -Infinity;
  return levels
    .map(({ label, gflops }) => ({ label, height: y(gflops!) }))
    .sort((a, b) => a.height - b.height)
    .map(({ label, height }) => {
      above = Math.max(height, above + LINE_HEIGHT);
      return text(label, area.right + LABEL_GAP, above + 4, { class: classes.halo });
    });
}

/** A little above its line, turned like it, as far down as no dot lies under it. */
function slantedLabel({ label, ...ceiling }: Ceiling, x: Scale, y: Scale, dots: readonly Place[]): string {
  const [[fromX, fromY], [toX, toY]] = endsOf({ label, ...ceiling }, x, y);
  if (ceiling.gbytes === undefined || fromX >= toX) return '';
  const angle = Math.atan2(toY - fromY, toX - fromX);
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const length = Math.hypot(toX - fromX, toY - fromY);
  const width = textWidth(label, FONT_SIZE);
  // Along the line, and away from it to the side where the label stands.
  const turned = dots.map(([dotX, dotY]): Place => {
    const [dx, dy] = [dotX - fromX, dotY - fromY];
    return [dx * cos + dy * sin, dx * sin - dy * cos];
  });
  const free = (along: number): boolean =>
    turned.every(([at, away]) => at < along - DOT || at > along + width + DOT || away < -DOT || away > LINE_HEIGHT + LABEL_GAP); // prettier-ignore
  const first = 4 * LABEL_GAP;
  let along = first;
  while (!free(along) && along + width < length) along += LABEL_GAP;
  if (along + width >= length) along = first;
  const [atX, atY] = [fromX + along * cos + LABEL_GAP * sin, fromY + along * sin - LABEL_GAP * cos];
  const transform = `rotate(${coordinate((angle * 180) / Math.PI)} ${coordinate(atX)} ${coordinate(atY)})`;
  return text(label, atX, atY, { class: classes.halo, transform });
}

/** The dots of one backend, each with its name for whoever points at it. */
function points(rows: readonly KernelRow[], index: number, x: Scale, y: Scale): string {
  return element(
    'g',
    { class: classes.series(index) },
    ...rows.map(({ id, intensity, gflops }) =>
      element(
        'circle',
        { cx: x(intensity), cy: y(gflops), r: DOT },
        element('title', {}, escapeText(`${id}: ${gflops.toPrecision(3)} GFLOP/s`)),
      ),
    ),
  );
}

function describe(rows: readonly KernelRow[], ceilings: readonly Ceiling[]): string {
  const best = rows.reduce<KernelRow | undefined>(
    (most, row) => (most && most.gflops >= row.gflops ? most : row),
    undefined,
  );
  const limits = ceilings.map(({ label }) => label).join(', ');
  const fastest = best
    ? ` The fastest is ${best.id} with ${best.gflops.toPrecision(3)} · 10⁹ operations a second.`
    : '';
  return `Roofline of ${rows.length} measurements, with the ceilings ${limits}.${fastest}`;
}
