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
  const { context, axis, x, height, palette, left } = frame;
  let top = baseline ?? 0;
  for (const value of values) if (value !== null && value > top) top = value;
  top ||= 1;
  const y = (value: number): number => height - 1 - (value / top) * (height - 8);
  gutterText(frame, text(top), 8);
  gutterText(frame, '0', height - 7);
  rule(frame, height - 1, palette.grid);
  const [first, last] = visibleNotes(frame);
  inPlot(frame, () => {
    // Where several notes share a pixel, the highest one shows.
    let pixel = -1;
    let highest = 0;
    context.fillStyle = palette.series[SERIES];
    for (let note = first; note <= last; note++) {
      const value = values[note] || 0;
      const from = x(axis.edges[note]);
      const size = Math.max(1, x(axis.edges[note + 1]) - from - (x(axis.edges[note + 1]) - from > 4 ? 1 : 0));
      const at = Math.floor(Math.max(left, from));
      highest = at === pixel ? Math.max(highest, value) : value;
      pixel = at;
      context.fillRect(from, y(highest), size, height - 1 - y(highest));
    }
  });
  if (baseline !== undefined) rule(frame, y(baseline), palette.ink, [4, 3]);
}
