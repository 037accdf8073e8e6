import type { ScaleLinear } from 'd3-scale';
import { heatClass, heatLevel } from './heat-colours.ts';
import { FONT_SIZE, type Area } from './picture.ts';
import { rowCount } from './keys.ts';
import { keyGrid, keysOf, titledNotes, type RollNote } from './piano-roll.ts';
import { coordinate, element, escapeText, text, textWidth } from './svg.ts';
import { classes } from './theme.ts';
import { extent, linearTicks, niceScale, type Scale } from './ticks.ts';

/** What the strips of a timeline share. */
export interface Frame {
  left: number;
  right: number;
  /** Seconds to pixels. */
  x: ScaleLinear<number, number>;
  /** Where the column of each note begins, in seconds, and where the last one ends. */
  edges: readonly number[];
  notes: readonly RollNote[];
}

/** A strip and where it ends. */
export interface DrawnPanel {
  markup: string;
  bottom: number;
}

/** The height of the line above a strip: its label, the names of its curves. */
const HEADER = 18;
const KEY_HEIGHT = 5;
const SMALLEST_FONT = 8;

/** The notes themselves. */
export function rollPanel({ left, right, x, notes }: Frame, top: number): DrawnPanel {
  const keys = keysOf(notes);
  const bottom = top + rowCount(keys) * KEY_HEIGHT;
  const boxes = titledNotes(notes, ({ pitch, start, end }) => {
    const from = x(start);
    return {
      x: from,
      y: top + (keys.high - pitch) * KEY_HEIGHT,
      width: Math.max(1, x(end) - from),
      height: KEY_HEIGHT,
    };
  });
  return { markup: keyGrid({ left, right, top, bottom }, keys, KEY_HEIGHT) + boxes, bottom };
}

/** A row for each unit, a coloured cell for each note. */
export function heatPanel(
  frame: Frame,
  top: number,
  label: string,
  rows: readonly { name: string; values: ArrayLike<number> }[],
  limit: number,
  rowHeight: number,
): DrawnPanel {
  // Names of low rows are written smaller, and where that is not enough, as many as fit.
  const size = Math.max(SMALLEST_FONT, Math.min(FONT_SIZE, rowHeight - 1));
  const every = Math.ceil((size + 1) / rowHeight);
  const drawn = rows.map(({ name, values }, row) => {
    const middle = top + HEADER + (row + 0.5) * rowHeight;
    const cells = heatRow(frame, values, limit, middle).map(([level, d]) =>
      element('path', { class: heatClass(level), 'stroke-width': rowHeight, d }),
    );
    const shown = row % every === 0;
    const attributes = { class: classes.label, 'text-anchor': 'end', 'font-size': size };
    const named = shown ? [text(name, frame.left - 8, middle + size / 3, attributes)] : [];
    return element('g', {}, element('title', {}, escapeText(name)), ...cells, ...named);
  });
  return {
    markup: element('g', {}, header(frame, top, label, []), ...drawn),
    bottom: top + HEADER + rows.length * rowHeight,
  };
}

/** The cells of a row as one path a colour; neighbours of the same colour are one stroke. */
function heatRow({ x, edges }: Frame, values: ArrayLike<number>, limit: number, y: number): [number, string][] {
  const paths = new Map<number, string>();
  for (let k = 0; k < values.length;) {
    const level = heatLevel(values[k], limit);
    let end = k + 1;
    while (end < values.length && heatLevel(values[end], limit) === level) end++;
    const from = Number(coordinate(x(edges[k])));
    const stroke = `M${from} ${coordinate(y)}h${coordinate(x(edges[end]) - from)}`;
    if (level !== undefined) paths.set(level, (paths.get(level) ?? '') + stroke);
    k = end;
  }
  return [...paths].sort(([a], [b]) => a - b);
}

/** Curves that step from note to note. */
export function linesPanel(
  frame: Frame,
  top: number,
  label: string,
  series: readonly { name: string; values: ArrayLike<number> }[],
  [low, high]: readonly [low: number, high: number],
  height: number,
): DrawnPanel {
  const area = { left: frame.left, right: frame.right, top: top + HEADER, bottom: top + HEADER + height };
  const y = niceScale([low, high], [area.bottom, area.top], 2).domain([low, high]);
  const curves = series.map(({ name, values }, index) =>
    element(
      'g',
      { class: classes.series(index) },
      element('title', {}, escapeText(name)),
      element('path', { class: classes.line, d: stepPath(frame, values, y) }),
    ),
  );
  const names = series.map(({ name }) => name);
  return {
    markup: element('g', {}, header(frame, top, label, names), valueAxis(area, y), ...curves),
    bottom: area.bottom,
  };
}

function stepPath({ x, edges }: Frame, values: ArrayLike<number>, y: Scale): string {
  let d = '';
  let drawing = false;
  for (let k = 0; k < values.length; k++) {
    const finite = Number.isFinite(values[k]);
    if (finite) {
      const at = coordinate(y(values[k]));
      d += `${drawing ? `V${at}` : `M${coordinate(x(edges[k]))} ${at}`}H${coordinate(x(edges[k + 1]))}`;
    }
    drawing = finite;
  }
  return d;
}

/** A bar from zero for each note. */
export function barsPanel(
  frame: Frame,
  top: number,
  label: string,
  values: ArrayLike<number>,
  height: number,
): DrawnPanel {
  const { x, edges, left, right } = frame;
  const area = { left, right, top: top + HEADER, bottom: top + HEADER + height };
  const all = Array.from(values);
  const y = niceScale(extent([0, ...all]), [area.bottom, area.top], 2);
  const bars = all.flatMap((value, k) => {
    if (!Number.isFinite(value)) return [];
    const [from, to] = [x(edges[k]), x(edges[k + 1])];
    const [upper, lower] = [y(Math.max(0, value)), y(Math.min(0, value))];
    const gap = Math.min(1, (to - from) / 4);
    return [`M${coordinate(from + gap / 2)} ${coordinate(lower)}V${coordinate(upper)}H${coordinate(to - gap / 2)}V${coordinate(lower)}Z`]; // prettier-ignore
  });
  const drawn = element('path', { class: classes.series(0), 'stroke-width': 0, d: bars.join('') });
  return { markup: element('g', {}, header(frame, top, label, []), valueAxis(area, y), drawn), bottom: area.bottom };
}

/** The label of a strip at its left, the names of its curves with samples at its right. */
function header({ left, right }: Frame, top: number, label: string, names: readonly string[]): string {
  let end = right;
  const samples = names.map((name, index) => ({ name, index })).reverse().map(({ name, index }) => {
    const from = end - textWidth(name, FONT_SIZE);
    end = from - 34;
    const line = element('path', {
      class: `${classes.series(index)} ${classes.line}`,
      d: `M${coordinate(from - 22)} ${coordinate(top + 8)}h16`,
    });
    return line + text(name, from, top + 12, { class: classes.legend });
  }); // prettier-ignore
  return text(label, left, top + 12, { class: classes.label }) + samples.join('');
}

function valueAxis(area: Area, y: Scale): string {
  const ticks = linearTicks(y, Math.max(2, Math.floor((area.bottom - area.top) / 30)));
  const lines = ticks.map(({ value }) => `M${coordinate(area.left)} ${coordinate(y(value))}H${coordinate(area.right)}`);
  return (
    element('path', { class: classes.grid, d: lines.join('') }) +
    element(
      'g',
      { class: classes.label, 'text-anchor': 'end' },
      ...ticks.map(({ value, label }) => text(label, area.left - 8, y(value) + 4)),
    )
  );
}
