import { TABLE_COLOURS, tableIndex } from './colour-scales.ts';
import type { ColumnAxis } from './coarse-axis.ts';
import type { AxisWindow } from './time-axis.ts';

/** What the pixels of a heat map are made of. */
export interface HeatPixels {
  /** Places on the colour scale, [rows * columns], row-major. */
  levels: Uint16Array;
  columns: number;
  /** The note of column 0. */
  firstNote: number;
  /** Which rows to draw, from top to bottom. */
  rows: readonly number[];
}

/** The numbers behind a heat map. */
export interface HeatValues extends HeatPixels {
  /** [rows * columns], row-major; NaN where missing. */
  values: Float32Array;
  /** What the ends of the colour scale stand for. */
  low: number;
  high: number;
}

/** Values as places on the colour scale, once and for all: [rows * columns], TABLE_COLOURS where missing. */
export function colourLevels({ values, low, high }: Pick<HeatValues, 'values' | 'low' | 'high'>): Uint16Array {
  return Uint16Array.from(values, (value) => tableIndex(value, low, high));
}

/**
 * The visible part of a heat map as pixels, [rows * width]: one pixel high for each row (it is stretched when drawn), one pixel
 * wide for each pixel of the screen. Where several notes share a pixel it has their mean. What is not in the table is clear.
 */
export function heatImage(
  { levels, columns, firstNote, rows }: HeatPixels,
  axis: ColumnAxis,
  window: AxisWindow,
  width: number,
  pixels: Uint32Array,
): Uint32Array {
  const image = new Uint32Array(rows.length * width);
  const runs = pixelRuns(axis, window, width, firstNote, columns);
  for (let r = 0; r < rows.length; r++) {
    const base = rows[r] * columns;
    for (let k = 0; k < runs.length; k += 4) {
      const from = base + runs[k + 2];
      const to = base + runs[k + 3];
      const colour = pixels[from === to ? levels[from] : meanLevel(levels, from, to)];
      for (let x = r * width + runs[k], end = r * width + runs[k + 1]; x < end; x++) image[x] = colour;
    }
  }
  return image;
}

/** Levels are even steps of the values, so that their mean is the level of the mean; that of a missing number is missing. */
function meanLevel(levels: Uint16Array, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k <= to; k++) {
    if (levels[k] === TABLE_COLOURS) return TABLE_COLOURS;
    sum += levels[k];
  }
  return Math.round(sum / (to - from + 1));
}

/** Pixels beside each other that show the same columns, as quadruples: from pixel, to pixel (excluded), first column, last column. */
function pixelRuns(
  axis: ColumnAxis,
  window: AxisWindow,
  width: number,
  firstNote: number,
  columns: number,
): Int32Array {
  const runs: number[] = [];
  const scale = (window.to - window.from) / width;
  const lastNote = firstNote + columns - 1;
  for (let x = 0; x < width; x++) {
    const from = window.from + x * scale;
    const to = from + scale;
    if (to <= axis.edges[firstNote] || from >= axis.edges[lastNote + 1]) continue;
    const begin = Math.max(firstNote, axis.noteAt(from));
    let end = begin;
    while (end < lastNote && axis.edges[end + 1] < to) end++;
    // A note that reaches into the pixel from before, and others that begin in it: those are what it shows.
    const first = end > begin && axis.edges[begin] < from ? begin + 1 : begin;
    const last = runs.length - 4;
    const same = last >= 0 && runs[last + 1] === x && runs[last + 2] === first - firstNote && runs[last + 3] === end - firstNote; // prettier-ignore
    if (same) runs[last + 1] = x + 1;
    else runs.push(x, x + 1, first - firstNote, end - firstNote);
  }
  return Int32Array.from(runs);
}
