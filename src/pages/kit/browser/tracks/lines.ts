import type { ColumnAxis } from '../../coarse-axis.ts';
import { logAxis, traceAxis } from '../../trace-axis.ts';
import {
  gutterText,
  inPlot,
  insteadText,
  markDetail,
  outsideDetail,
  rule,
  stepLine,
  type NoteRange,
} from '../drawing.ts';
import { DASHES } from '../legend.ts';
import type { Frame, TimelineState, Track } from '../timeline.ts';
import { trueMinus } from '../../../../text/numbers.ts';

/** A curve over the notes. */
export interface Line {
  values: ArrayLike<number> & Iterable<number>;
  /** Means of neighbouring notes, all along the axis, drawn where there are no values; their columns are those of `coarse`. */
  means?: (ArrayLike<number> & Iterable<number>) | undefined;
  /** Its colour. */
  series: number;
  thick?: boolean;
  dashed?: boolean;
}

/** Curves that share an axis: the same on both sides of nothing, or of powers of ten. */
export interface Strip {
  lines: readonly Line[];
  scale: 'symmetric' | 'logarithmic';
  /** Pixels. */
  height: number;
}

export interface LinesTrackOptions {
  label: string;
  head: HTMLElement;
  /** The curves of now, strip below strip; or what is said in their place. */
  strips(): readonly Strip[] | string;
  /** The note of the first value, of now. */
  first(): number;
  /** Where the columns of means are. */
  coarse?(state: TimelineState): ColumnAxis;
  describe(note: number): string | undefined;
}

/** Between two strips. */
const GAP = 12;
const EMPTY_HEIGHT = 32;
/** Room for half of a label above and below. */
const MARGIN = 7;

/** Tracks of curves that stay at each value for the whole column of its note. */
export function linesTrack({ label, head, strips, first, coarse, describe }: LinesTrackOptions): Track {
  return {
    label,
    head,
    height() {
      const shown = strips();
      if (typeof shown === 'string') return EMPTY_HEIGHT;
      return shown.reduce((sum, { height }) => sum + height, 0) + GAP * (shown.length - 1);
    },
    draw(frame) {
      const shown = strips();
      if (typeof shown === 'string') return insteadText(frame, shown);
      const means = coarse?.(frame);
      let top = 0;
      for (const strip of shown) {
        drawStrip(frame, strip, top, first(), means);
        top += strip.height + GAP;
      }
      const partly = shown.flatMap(({ lines }) => lines).find((line) => line.means);
      if (partly && means) markDetail(frame, rangeOf(partly, first()));
    },
    describe,
  };
}

/** The notes of which a line has values. */
function rangeOf({ values }: Line, first: number): NoteRange {
  return { from: first, to: first + values.length };
}

function drawStrip(
  frame: Frame,
  { lines, scale, height }: Strip,
  top: number,
  first: number,
  coarse: ColumnAxis | undefined,
): void {
  const inside = (part: number): number => top + MARGIN + (1 - part) * (height - 2 * MARGIN);
  const curves = lines.flatMap(({ values, means }) => (means ? [values, means] : [values]));
  let y: (value: number) => number;
  if (scale === 'logarithmic') {
    const axis = logAxis(curves);
    if (!axis) return;
    y = (value) => inside(axis.part(value));
    for (const value of [axis.high, axis.low]) gutterText(frame, powerText(value), y(value));
    rule(frame, top + height - 1, frame.palette.grid);
  } else {
    const axis = traceAxis(curves);
    y = (value) => inside((value - axis.low) / (axis.high - axis.low));
    for (const { value, text } of axis.ticks) {
      rule(frame, y(value), frame.palette.grid);
      gutterText(frame, text, y(value));
    }
  }
  inPlot(frame, () => {
    for (const line of lines) {
      const { values, means, series, thick, dashed } = line;
      frame.context.strokeStyle = frame.palette.series[series % frame.palette.series.length];
      frame.context.lineWidth = thick ? 2 : 1.2;
      frame.context.setLineDash(DASHES[dashed ? 1 : 0].pattern);
      stepLine(frame, values, first, y);
      if (means && coarse) {
        outsideDetail(frame, rangeOf(line, first), () => stepLine({ ...frame, axis: coarse }, means, 0, y));
      }
    }
    frame.context.setLineDash([]);
  });
}

/** One significant digit: there is room for few. */
function powerText(value: number): string {
  const text = value >= 1e-3 && value < 1e4 ? String(Number(value.toPrecision(1))) : value.toExponential(0);
  return trueMinus(text.replace('e+', 'e'));
}
