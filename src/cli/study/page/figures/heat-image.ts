import { TABLE_COLOURS, tableIndex } from './colour-scales.ts';
import type { AxisWindow, TimeAxis } from './time-axis.ts';

/** The numbers behind a heat map. */
export interface HeatValues {
  /** [rows * columns], row-major; NaN where missing. */
  values: Float32Array;
  columns: number;
  /** The note of column 0. */
  firstNote: number;
  /** Which rows to draw, from top to bottom. */
  rows: readonly number[];
  /** What the ends of the colour scale stand for. */
  low: number;
  high: number;
}

/**
 * The visible part of a heat map as pixels, [rows * width]: one pixel high for each row (it is stretched when drawn), one pixel
 * wide for each pixel of the screen. Where several notes share a pixel it has their mean. What is not in the table is clear.
 */
export function heatImage(
  { values, columns, firstNote, rows, low, high }: HeatValues,
  axis: TimeAxis,
  window: AxisWindow,
  width: number,
  pixels: Uint32Array,
): Uint32Array {
  const image = new Uint32Array(rows.length * width);
  const { first, last } = pixelColumns(axis, window, width, firstNote, columns);
  for (let r = 0; r < rows.length; r++) {
    const base = rows[r] * columns;
    for (let x = 0; x < width; x++) {
      if (first[x] < 0) continue;
      let sum = 0;
      for (let column = first[x]; column <= last[x]; column++) sum += values[base + column];
      const value = sum / (last[x] - first[x] + 1);
      image[r * width + x] = pixels[value === value ? tableIndex(value, low, high) : TABLE_COLOURS];
    }
  }
  return image;
}

/** The first and last column of the table that each pixel covers; -1 where it covers none. */
function pixelColumns(axis: TimeAxis, window: AxisWindow, width: number, firstNote: number, columns: number) {
  const first = new Int32Array(width).fill(-1);
  const last = new Int32Array(width).fill(-1);
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
    const skip = end > begin && axis.edges[begin] < from ? 1 : 0;
    first[x] = begin + skip - firstNote;
    last[x] = end - firstNote;
  }
  return { first, last };
}
