import { RIGHT_MARGIN, X_AXIS_HEIGHT, xAxis, Y_AXIS_WIDTH, yAxis } from '../../src/plot/axes.ts';
import { legend, type LegendEntry } from '../../src/plot/legend.ts';
import { FONT_SIZE, picture, TITLE_HEIGHT, type Area } from '../../src/plot/picture.ts';
import { coordinate, element, escapeText, text, textWidth } from '../../src/plot/svg.ts';
import { classes } from '../../src/plot/theme.ts';
import { extent, fittingTicks, logTicks, niceScale, widestLabel, type Scale } from '../../src/plot/ticks.ts';
import type { Bandwidth, Peak } from '../peak/peak.ts';
import type { KernelRow } from './bench-kernels.ts';

const [WIDTH, HEIGHT] = [860, 560];
const LABEL_GAP = 8;

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

function ceilingsOf({ fused, multiplyAdd, scalar }: Peak, { l1, memory }: Bandwidth): Ceiling[] {
  // Two ceilings at the same height would be drawn over one another.
  const same = fused !== null && Math.abs(fused / multiplyAdd - 1) < 0.1;
  const vector = same ? '128-bit, fused or not' : '128-bit multiply, add';
  return [
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

function ceilingLine({ label, gflops, gbytes }: Ceiling, x: Scale, y: Scale, area: Area): string {
  const [lowX, highX] = x.domain();
  const [lowY, highY] = y.domain();
  // A slanted line reaches from where it enters the picture to where it leaves it.
  const from = gbytes === undefined ? lowX : Math.max(lowX, lowY / gbytes);
  const to = gbytes === undefined ? highX : Math.min(highX, highY / gbytes);
  if (from >= to) return '';
  const rate = (intensity: number): number => y(gflops ?? gbytes! * intensity);
  const d = `M${coordinate(x(from))} ${coordinate(rate(from))}L${coordinate(x(to))} ${coordinate(rate(to))}`;
  const slanted = gbytes !== undefined;
  const labelX = slanted ? x(from) + LABEL_GAP : area.right - textWidth(label, FONT_SIZE);
  const labelY = slanted ? rate(from) - LABEL_GAP : rate(highX) - LABEL_GAP / 2;
  const angle = (Math.atan2(rate(to) - rate(from), x(to) - x(from)) * 180) / Math.PI;
  return element(
    'g',
    {},
    element('path', { class: classes.mark, d }),
    text(label, labelX, labelY, {
      class: classes.halo,
      transform: slanted ? `rotate(${coordinate(angle)} ${coordinate(labelX)} ${coordinate(labelY)})` : undefined,
    }),
  );
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
