import type { Tick } from '../../../plot/ticks.ts';
import type { ColumnAxis } from '../coarse-axis.ts';
import { stepCorners } from '../decimate.ts';
import type { Palette } from './palette.ts';
import type { Frame } from './timeline.ts';

/** A picture with labels on its left; lengths are CSS pixels. */
export interface Plot {
  context: CanvasRenderingContext2D;
  /** The plot goes from `left` to `width`. */
  left: number;
  width: number;
  height: number;
  palette: Palette;
}

/** Calls `draw` with everything outside the plot cut off. */
export function inPlot({ context, left, width, height }: Plot, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, height);
  context.clip();
  draw();
  context.restore();
}

/** A frame whose columns may stand for several notes each. */
export type ColumnFrame = Omit<Frame, 'axis'> & { axis: ColumnAxis };

/** The notes whose columns can be seen. */
export function visibleNotes({ axis, window }: ColumnFrame): [first: number, last: number] {
  if (axis.notes === 0) return [0, -1];
  return [axis.noteAt(window.from), axis.noteAt(window.to)];
}

/** A label in the gutter, its middle at `y`. */
export function gutterText({ context, left, palette }: Plot, text: string, y: number): void {
  context.fillStyle = palette.faint;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillText(text, left - 6, y);
}

/** A sentence where a picture would stand. */
export function insteadText({ context, left, palette, height }: Plot, text: string): void {
  context.fillStyle = palette.faint;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(text, left + 4, height / 2);
}

/** A horizontal line across the plot. */
export function rule({ context, left, width }: Plot, y: number, colour: string, dash: number[] = []): void {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(left, Math.round(y) + 0.5);
  context.lineTo(width, Math.round(y) + 0.5);
  context.stroke();
  context.setLineDash([]);
}

/** A line that stays at each value for the whole column of its note; gaps where there is none. `first` is the note of value 0. */
export function stepLine(
  frame: ColumnFrame,
  values: ArrayLike<number | null>,
  first: number,
  y: (value: number) => number,
): void {
  const { context, axis, window, width, left, ratio, x } = frame;
  const corners = stepCorners(values, first, axis, window, Math.max(1, Math.round((width - left) * ratio)));
  let drawing = false;
  context.beginPath();
  for (let k = 0; k < corners.length; k += 2) {
    const known = !Number.isNaN(corners[k]);
    if (known && drawing) context.lineTo(x(corners[k]), y(corners[k + 1]));
    else if (known) context.moveTo(x(corners[k]), y(corners[k + 1]));
    drawing = known;
  }
  context.stroke();
}

/** Notes `from` up to, not including, `to`. */
export interface NoteRange {
  from: number;
  to: number;
}

/** Lines where the notes that are told one by one begin and end. */
export function markDetail({ context, axis, left, width, height, palette, x }: Frame, { from, to }: NoteRange): void {
  context.fillStyle = palette.ink;
  for (const edge of [from === 0 ? left : x(axis.edges[from]), to === axis.notes ? width : x(axis.edges[to])]) {
    if (edge > left && edge < width) context.fillRect(Math.round(edge), 0, 1, height);
  }
}

/** Draws what is outside the notes that are told one by one. */
export function outsideDetail(frame: Frame, { from, to }: NoteRange, draw: () => void): void {
  const { context, axis, left, width, height, x } = frame;
  const [begin, end] = [from, to].map((note) => Math.min(width, Math.max(left, x(axis.edges[note]))));
  context.save();
  context.beginPath();
  context.rect(left, 0, begin - left, height);
  context.rect(end, 0, width - end, height);
  context.clip();
  draw();
  context.restore();
}

/** The room that {@link tickMarks} takes. */
export const TICKS_HEIGHT = 22;

/** The ticks of a horizontal axis with their numbers below; `top` is where the axis is. */
export function tickMarks(
  { context, left, width, palette }: Plot,
  top: number,
  ticks: readonly Tick[],
  x: (value: number) => number,
): void {
  context.fillStyle = palette.faint;
  context.textBaseline = 'top';
  for (const { value, label } of ticks) {
    const at = x(value);
    if (at < left || at > width) continue;
    context.fillRect(Math.min(width - 1, Math.round(at)), top, 1, 5);
    context.textAlign = at > width - 20 ? 'right' : at < left + 12 ? 'left' : 'center';
    context.fillText(label, at, top + 7);
  }
}
