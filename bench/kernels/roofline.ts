import { RIGHT_MARGIN, X_AXIS_HEIGHT, xAxis, Y_AXIS_WIDTH, yAxis } from '../../src/plot/axes.ts';
import { legend, type LegendEntry } from '../../src/plot/legend.ts';
import { picture, TITLE_HEIGHT, type Area } from '../../src/plot/picture.ts';
import { coordinate, element, escapeText, text } from '../../src/plot/svg.ts';
import { classes } from '../../src/plot/theme.ts';
import { extent, fittingTicks, logTicks, niceScale, widestLabel, type Scale } from '../../src/plot/ticks.ts';
import type { Bandwidth, Peak } from '../peak/peak.ts';
import type { KernelRow } from './bench-kernels.ts';

const [WIDTH, HEIGHT] = [860, 560];
const LABEL_GAP = 5;

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
  const area: Area = { left: Y_AXIS_WIDTH + widestLabel(yTicks), top, right: WIDTH - RIGHT_MARGIN, bottom };
  const intensities = shown.map(({ intensity }) => intensity);
  const x = niceScale(extent(intensities, true), [area.left, area.right], 8, true);
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
    ...ceilings.map((ceiling) => ceilingLine(ceiling, x, y, area)),
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

function ceilingLine(ceiling: Ceiling, x: Scale, y: Scale, area: Area): string {
  const [from, to] = endsOf(ceiling, x, y);
  // All of it above the picture, or below.
  if (from[0] >= to[0]) return '';
  const d = `M${coordinate(from[0])} ${coordinate(from[1])}L${coordinate(to[0])} ${coordinate(to[1])}`;
  const label =
    ceiling.gbytes === undefined ? levelLabel(ceiling.label, from[1], area) : slantedLabel(ceiling.label, from, to);
  return element('g', {}, element('path', { class: classes.mark, d }), label);
}

/** Where the line of a ceiling enters the picture, and where it leaves it. */
function endsOf({ gflops, gbytes }: Ceiling, x: Scale, y: Scale): [from: Place, to: Place] {
  const [lowX, highX] = x.domain();
  if (gbytes === undefined) return [[x(lowX), y(gflops!)], [x(highX), y(gflops!)]]; // prettier-ignore
  const [lowY, highY] = y.domain();
  const [from, to] = [Math.max(lowX, lowY / gbytes), Math.min(highX, highY / gbytes)];
  return [[x(from), y(gbytes * from)], [x(to), y(gbytes * to)]]; // prettier-ignore
}

function levelLabel(label: string, height: number, area: Area): string {
  return text(label, area.right, height - LABEL_GAP, { class: classes.halo, 'text-anchor': 'end' });
}

/** Beside the beginning of a line, a little above it, and turned like it. */
function slantedLabel(label: string, [fromX, fromY]: Place, [toX, toY]: Place): string {
  const angle = Math.atan2(toY - fromY, toX - fromX);
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const [atX, atY] = [fromX + LABEL_GAP * (2 * cos + sin), fromY + LABEL_GAP * (2 * sin - cos)];
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
        { cx: x(intensity), cy: y(gflops), r: 4 },
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
