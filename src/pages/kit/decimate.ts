import type { ColumnAxis } from './coarse-axis.ts';
import type { AxisWindow } from './time-axis.ts';

/*
 * What is left of many notes in a picture of few pixels. Each function takes time for the visible notes and gives back as much as
 * there are pixels, so that what is drawn does not grow with the song.
 */

/**
 * The largest value in each pixel of a window, [width]; NaN where no note with a value is. A note fills the pixels from its
 * beginning to that of the next, at least one.
 * @param values one a note, from note 0
 */
export function pixelMaxima(
  values: ArrayLike<number | null>,
  axis: ColumnAxis,
  window: AxisWindow,
  width: number,
): Float64Array {
  const maxima = new Float64Array(width).fill(NaN);
  const scale = width / (window.to - window.from);
  for (let note = axis.noteAt(window.from), last = axis.noteAt(window.to); note >= 0 && note <= last; note++) {
    const value = values[note];
    if (value === null || value === undefined || !Number.isFinite(value)) continue;
    const from = Math.floor((axis.edges[note] - window.from) * scale);
    const to = Math.max(from + 1, Math.floor((axis.edges[note + 1] - window.from) * scale));
    for (let x = Math.max(0, from), end = Math.min(width, to); x < end; x++) {
      if (!(maxima[x] >= value)) maxima[x] = value;
    }
  }
  return maxima;
}

/**
 * The corners of a line that stays at each value for the column of its note, as (position, value) one after the other; NaN for
 * both where it breaks. Where several columns begin in one pixel, their first value, the lowest, the highest and the last are left:
 * the line covers the same pixels (Jugel et al., "M4", VLDB 2014).
 *
 * @param values the first is that of column `first`
 */
export function stepCorners(
  values: ArrayLike<number | null>,
  first: number,
  axis: ColumnAxis,
  window: AxisWindow,
  width: number,
): Float64Array {
  const corners: number[] = [];
  const scale = width / (window.to - window.from);
  const last = Math.min(axis.noteAt(window.to), first + values.length - 1);
  let note = Math.max(first, axis.noteAt(window.from));
  while (note <= last) {
    const pixel = Math.floor((axis.edges[note] - window.from) * scale);
    let end = note + 1;
    while (end <= last && Math.floor((axis.edges[end] - window.from) * scale) === pixel) end++;
    addColumns(corners, values, first, axis.edges, note, end);
    note = end;
  }
  return Float64Array.from(corners);
}

/** Adds columns `from` to `to`, which begin in one pixel. */
function addColumns(
  corners: number[],
  values: ArrayLike<number | null>,
  first: number,
  edges: Float64Array,
  from: number,
  to: number,
): void {
  const of = (note: number): number => values[note - first] ?? NaN;
  let notes = Array.from({ length: to - from }, (_, k) => from + k);
  if (notes.length > 4 && notes.every((note) => Number.isFinite(of(note)))) {
    const lowest = notes.reduce((best, note) => (of(note) < of(best) ? note : best));
    const highest = notes.reduce((best, note) => (of(note) > of(best) ? note : best));
    notes = [...new Set([from, lowest, highest, to - 1])].sort((a, b) => a - b);
  }
  for (const note of notes) {
    const value = of(note);
    if (!Number.isFinite(value)) corners.push(NaN, NaN);
    else corners.push(edges[note], value, edges[note + 1], value);
  }
}

/** Notes as bars: where each begins and ends on the axis, from which pixel down it is drawn, and in which colour. */
export interface Bars {
  begin: Float64Array;
  end: Float64Array;
  top: Int32Array;
  /** As pixels of ImageData. */
  colour: Uint32Array;
}

/**
 * A piano roll as pixels, [height * width], clear where there is no note. A bar is at least `least` pixels wide, and `thick` high.
 * Later notes lie over earlier ones.
 */
export function rollImage(
  { begin, end, top, colour }: Bars,
  window: AxisWindow,
  { width, height, thick, least }: { width: number; height: number; thick: number; least: number },
): Uint32Array<ArrayBuffer> {
  const image = new Uint32Array(width * height);
  const scale = width / (window.to - window.from);
  for (let note = 0; note < begin.length; note++) {
    if (begin[note] > window.to) break;
    const from = Math.round((begin[note] - window.from) * scale);
    const to = Math.min(width, Math.max(from + least, Math.round((end[note] - window.from) * scale)));
    if (to <= 0) continue;
    for (let y = Math.max(0, top[note]), bottom = Math.min(height, top[note] + thick); y < bottom; y++) {
      image.fill(colour[note], y * width + Math.max(0, from), y * width + to);
    }
  }
  return image;
}
