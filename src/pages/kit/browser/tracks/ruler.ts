import { fittingTicks } from '../../../../plot/ticks.ts';
import { roundTicks } from '../../round-ticks.ts';
import { tickMarks, TICKS_HEIGHT } from '../drawing.ts';
import { element } from '../elements.ts';
import type { Track } from '../timeline.ts';

/** The time axis: seconds, or the numbers of the notes. `first` is the number of the first note. */
export function rulerTrack(first: () => number = () => 0): Track {
  return {
    label: 'Time axis',
    head: element('div'),
    height: () => TICKS_HEIGHT,
    draw(frame) {
      const { context, axis, window, width, left, x, palette } = frame;
      const wholeOnly = axis.kind === 'notes';
      const shift = wholeOnly ? first() : 0;
      const ticks = fittingTicks(width - left, (count) => roundTicks(window.from + shift, window.to + shift, count, wholeOnly)); // prettier-ignore
      tickMarks(frame, 0, ticks, (value) => x(value - shift));
      context.fillStyle = palette.faint;
      context.textAlign = 'right';
      context.textBaseline = 'top';
      context.fillText(wholeOnly ? 'note' : 's', left - 6, 7);
    },
    describe: () => undefined,
  };
}
