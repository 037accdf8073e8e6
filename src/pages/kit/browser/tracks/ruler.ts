import { fittingTicks } from '../../../../plot/ticks.ts';
import { roundTicks } from '../../round-ticks.ts';
import { inPlot } from '../drawing.ts';
import { element } from '../elements.ts';
import type { Track } from '../timeline.ts';

/** The time axis: seconds, or the numbers of the notes. `first` is the number of the first note. */
export function rulerTrack(first: () => number = () => 0): Track {
  return {
    label: 'Time axis',
    head: element('div'),
    height: () => 22,
    draw(frame) {
      const { context, axis, window, width, left, x, palette } = frame;
      const wholeOnly = axis.kind === 'notes';
      const shift = wholeOnly ? first() : 0;
      const ticks = fittingTicks(width - left, (count) => roundTicks(window.from + shift, window.to + shift, count, wholeOnly)); // prettier-ignore
      inPlot(frame, () => {
        context.fillStyle = palette.faint;
        context.textBaseline = 'top';
        for (const { value, label } of ticks) {
          const at = x(value - shift);
          context.fillRect(Math.round(at), 0, 1, 5);
          context.textAlign = at > width - 20 ? 'right' : at < left + 12 ? 'left' : 'center';
          context.fillText(label, at, 7);
        }
      });
      context.fillStyle = palette.faint;
      context.textAlign = 'right';
      context.textBaseline = 'top';
      context.fillText(wholeOnly ? 'note' : 's', left - 6, 7);
    },
    describe: () => undefined,
  };
}
