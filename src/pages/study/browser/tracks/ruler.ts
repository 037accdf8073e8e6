import { scaleLinear } from 'd3-scale';
import { fittingTicks, linearTicks } from '../../../../plot/ticks.ts';
import { element } from '../../../kit/browser/elements.ts';
import type { Track } from '../timeline.ts';
import { inPlot } from './drawing.ts';

/** The time axis: seconds, or the numbers of the notes. */
export function rulerTrack(): Track {
  return {
    label: 'Time axis',
    head: element('div', {}),
    height: () => 22,
    draw(frame) {
      const { context, axis, window, width, left, x, palette } = frame;
      const scale = scaleLinear().domain([window.from, window.to]).range([left, width]);
      const wholeOnly = axis.kind === 'notes';
      const ticks = fittingTicks(width - left, (count) => linearTicks(scale, count, wholeOnly));
      inPlot(frame, () => {
        context.fillStyle = palette.faint;
        context.textBaseline = 'top';
        for (const { value, label } of ticks) {
          const at = x(value);
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
