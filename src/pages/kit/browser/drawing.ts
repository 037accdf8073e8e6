import type { Frame } from './timeline.ts';

/** Calls `draw` with everything outside the plot cut off. */
export function inPlot({ context, left, width, height }: Frame, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, height);
  context.clip();
  draw();
  context.restore();
}

/** The notes whose columns can be seen. */
export function visibleNotes({ axis, window }: Frame): [first: number, last: number] {
  if (axis.notes === 0) return [0, -1];
  return [axis.noteAt(window.from), axis.noteAt(window.to)];
}

/** A label in the gutter, its middle at `y`. */
export function gutterText({ context, left, palette }: Frame, text: string, y: number): void {
  context.fillStyle = palette.faint;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillText(text, left - 6, y);
}

/** A sentence where a picture would stand. */
export function insteadText({ context, left, palette, height }: Frame, text: string): void {
  context.fillStyle = palette.faint;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(text, left + 4, height / 2);
}

/** A horizontal line across the plot. */
export function rule({ context, left, width }: Frame, y: number, colour: string, dash: number[] = []): void {
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
  frame: Frame,
  values: ArrayLike<number | null>,
  first: number,
  y: (value: number) => number,
): void {
  const { context, axis, x } = frame;
  const [from, to] = visibleNotes(frame);
  let drawing = false;
  context.beginPath();
  for (let note = Math.max(first, from); note <= Math.min(to, first + values.length - 1); note++) {
    const value = values[note - first];
    if (value === null || !Number.isFinite(value)) {
      drawing = false;
      continue;
    }
    if (drawing) context.lineTo(x(axis.edges[note]), y(value));
    else context.moveTo(x(axis.edges[note]), y(value));
    context.lineTo(x(axis.edges[note + 1]), y(value));
    drawing = true;
  }
  context.stroke();
}
