import { scaleLinear } from 'd3-scale';
import { UsageError } from '../errors.ts';
import { RIGHT_MARGIN, X_AXIS_HEIGHT, xAxis } from './axes.ts';
import { heatStyleSheet } from './heat-colours.ts';
import { checkSize, FONT_SIZE, PADDING, picture, TITLE_HEIGHT } from './picture.ts';
import type { RollNote } from './piano-roll.ts';
import { textWidth } from './svg.ts';
import { barsPanel, heatPanel, linesPanel, rollPanel, type Frame } from './timeline-panels.ts';
import { fittingTicks, linearTicks } from './ticks.ts';

/** One strip of a timeline. Values are one a note, in the order of `notes`; what is not finite is left out. */
export type Panel =
  | { kind: 'roll' }
  | {
      kind: 'heat';
      label: string;
      rows: readonly { name: string; values: ArrayLike<number> }[];
      /** The size at which colours are strongest; 1 unless given. Negative values have a colour of their own. */
      limit?: number;
      /** Pixels of a row. @default 8 */
      rowHeight?: number;
    }
  | {
      kind: 'lines';
      label: string;
      series: readonly { name: string; values: ArrayLike<number> }[];
      range: readonly [low: number, high: number];
      /** Pixels. @default 90 */
      height?: number;
    }
  | {
      kind: 'bars';
      label: string;
      values: ArrayLike<number>;
      /** Pixels. @default 90 */
      height?: number;
    };

export interface TimelineOptions {
  title: string;
  /** The notes whose values are shown, in order of their starts. */
  notes: readonly RollNote[];
  panels: readonly Panel[];
  /** What the picture shows, in a sentence, for those who cannot see it. */
  description: string;
  /** Pixels. @default 960 */
  width?: number;
}

/**
 * What goes on in a network under the notes that it reads, as an SVG document: strips below one another over one axis of
 * time. A note's values are drawn from its start to the start of the next; notes that begin together share that time evenly.
 *
 * @throws UsageError when there are no notes, they are not in order, or a panel has another number of values
 */
export function timeline({ title, notes, panels, description, width = 960 }: TimelineOptions): string {
  checkSize(title, width, 400);
  checkNotes(notes);
  const edges = columnEdges(notes);
  const left = PADDING + 8 + Math.max(textWidth('C-1', FONT_SIZE), ...panels.flatMap(labelWidths));
  const right = Math.max(left + 20, width - RIGHT_MARGIN);
  const x = scaleLinear()
    .domain([edges[0], edges[edges.length - 1]])
    .range([left, right]);
  const frame: Frame = { left, right, x, edges, notes };
  let top = TITLE_HEIGHT + 4;
  const drawn = panels.map((panel) => {
    checkLengths(panel, notes.length);
    const { markup, bottom } = draw(panel, frame, top);
    top = bottom + 14;
    return markup;
  });
  const area = { left, right, top: TITLE_HEIGHT, bottom: top - 8 };
  const ticks = fittingTicks(right - left, (count) => linearTicks(x, count));
  const styles = panels.some(({ kind }) => kind === 'heat') ? [heatStyleSheet()] : [];
  return picture(
    { title, description, width, height: area.bottom + X_AXIS_HEIGHT, styles },
    ...drawn,
    xAxis(area, x, ticks, 'time (s)'),
  );
}

/** Where the column of each note begins, in seconds, and where the last one ends. */
export function columnEdges(notes: readonly RollNote[]): number[] {
  const edges: number[] = [];
  const end = notes.reduce((last, note) => Math.max(last, note.end), notes[notes.length - 1].start + 0.1);
  for (let from = 0; from < notes.length;) {
    const { start } = notes[from];
    let to = from + 1;
    while (to < notes.length && notes[to].start === start) to++;
    const next = to < notes.length ? notes[to].start : end;
    for (let k = from; k < to; k++) edges.push(start + ((next - start) * (k - from)) / (to - from));
    from = to;
  }
  return [...edges, end];
}

function draw(panel: Panel, frame: Frame, top: number): { markup: string; bottom: number } {
  switch (panel.kind) {
    case 'roll':
      return rollPanel(frame, top);
    case 'heat':
      return heatPanel(frame, top, panel.label, panel.rows, panel.limit ?? 1, panel.rowHeight ?? 8);
    case 'lines':
      return linesPanel(frame, top, panel.label, panel.series, panel.range, panel.height ?? 90);
    case 'bars':
      return barsPanel(frame, top, panel.label, panel.values, panel.height ?? 90);
  }
}

function labelWidths(panel: Panel): number[] {
  const names = panel.kind === 'heat' ? panel.rows.map(({ name }) => name) : ['-0.5'];
  return names.map((name) => textWidth(name, FONT_SIZE));
}

function checkNotes(notes: readonly RollNote[]): void {
  if (notes.length === 0) throw new UsageError('timeline: expected at least one note.');
  notes.forEach(({ start, end }, k) => {
    if (!(Number.isFinite(start) && Number.isFinite(end) && end >= start && start >= (notes[k - 1]?.start ?? start))) {
      throw new UsageError(
        `timeline: expected notes in order of their starts, note ${k} lasts from ${start} to ${end}.`,
      );
    }
  });
}

function checkLengths(panel: Panel, expected: number): void {
  const all =
    panel.kind === 'roll'
      ? []
      : panel.kind === 'bars'
        ? [panel.values]
        : (panel.kind === 'heat' ? panel.rows : panel.series).map(({ values }) => values);
  const wrong = all.find(({ length }) => length !== expected);
  if (wrong) throw new UsageError(`timeline: expected ${expected} values, one a note, got ${wrong.length}.`);
}
