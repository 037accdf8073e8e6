import { pixelMaxima } from '../../decimate.ts';
import { gutterText, inPlot, rule, visibleNotes } from '../drawing.ts';
import type { Frame, Track } from '../timeline.ts';

export interface BarsTrackOptions {
  label: string;
  head: HTMLElement;
  /** A bar for each note, none where there is no number, and what the dashed line stands for. */
  bars(): { values: ArrayLike<number | null> & Iterable<number | null>; baseline?: number };
  /** What the upper end is, in words. */
  text(value: number): string;
  describe(note: number): string | undefined;
}

const HEIGHT = 72;
/** The colour of the bars. */
const SERIES = 1;

/** A track with a bar under each note. */
export function barsTrack({ label, head, bars, text, describe }: BarsTrackOptions): Track {
  return {
    label,
    head,
    height: () => HEIGHT,
    draw(frame) {
      const { values, baseline } = bars();
      drawBars(frame, values, baseline, text);
    },
    describe,
  };
}

function drawBars(
  frame: Frame,
  values: ArrayLike<number | null> & Iterable<number | null>,
  baseline: number | undefined,
  text: (value: number) => string,
): void {
  const { context, axis, window, x, width, height, palette, left } = frame;
  let top = baseline ?? 0;
  for (const value of values) if (value !== null && value > top) top = value;
  top ||= 1;
  const y = (value: number): number => height - 1 - (value / top) * (height - 8);
  gutterText(frame, text(top), 8);
  gutterText(frame, '0', height - 7);
  rule(frame, height - 1, palette.grid);
  const [first, last] = visibleNotes(frame);
  inPlot(frame, () => {
    context.fillStyle = palette.series[SERIES];
    context.beginPath();
    const bar = (from: number, size: number, value: number): void => {
      context.rect(from, y(value), size, height - 1 - y(value));
    };
    if (last - first > width - left) {
      // Where several notes share a pixel, the highest one shows.
      pixelMaxima(values, axis, window, Math.round(width - left)).forEach((value, pixel) => {
        if (!Number.isNaN(value)) bar(left + pixel, 1, value);
      });
    } else {
      for (let note = first; note <= last; note++) {
        const from = x(axis.edges[note]);
        const size = x(axis.edges[note + 1]) - from;
        bar(from, Math.max(1, size > 4 ? size - 1 : size), values[note] || 0);
      }
    }
    context.fill();
  });
  if (baseline !== undefined) rule(frame, y(baseline), palette.ink, [4, 3]);
}
