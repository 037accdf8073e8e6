import { figure } from '../../figures/words.ts';
import { element } from '../../../kit/browser/elements.ts';
import type { Study } from '../study.ts';
import type { Track } from '../timeline.ts';
import { gutterText, inPlot, insteadText, rule, stepLine } from './drawing.ts';

/** The norms of the gradient at every step, each layer in its colour, dL/dh solid and dL/dc dashed, on a logarithmic axis. */
export function gradientTrack(study: Study): Track {
  const { gradient, detail, layers } = study.data;
  const { dh, dc } = gradient.byStep;
  const positive = [...dh, ...dc].flat().filter((value) => value > 0 && Number.isFinite(value));
  const high = positive.reduce((most, value) => Math.max(most, value), 0);
  // What is smaller than a hundred-millionth of the largest is as good as nothing.
  const low = Math.max(
    high * 1e-8,
    positive.reduce((least, value) => Math.min(least, value), high),
  );
  const head = element(
    'div',
    { class: 'track-head' },
    element('strong', {}, 'Gradient'),
    element('span', {}, 'norm of dL/dh (solid) and dL/dc (dashed) at each step, logarithmic'),
  );
  return {
    label: 'Norm of the gradient at each step.',
    head,
    height: () => (positive.length === 0 ? 32 : 64),
    draw(frame) {
      if (positive.length === 0) return insteadText(frame, 'This study has no gradient by step.');
      const span = Math.log(high / low) || 1;
      const y = (value: number): number =>
        5 + Math.min(1, Math.log(high / Math.max(value, low)) / span) * (frame.height - 10);
      gutterText(frame, figure(high, 1), 7);
      gutterText(frame, figure(low, 1), frame.height - 7);
      rule(frame, frame.height - 1, frame.palette.grid);
      inPlot(frame, () => {
        frame.context.lineWidth = 1.2;
        [dh, dc].forEach((rows, kind) =>
          rows.forEach((values, layer) => {
            frame.context.strokeStyle = frame.palette.series[layer % frame.palette.series.length];
            frame.context.setLineDash(kind === 1 ? [3, 2] : []);
            stepLine(frame, values, detail.from, y);
          }),
        );
        frame.context.setLineDash([]);
      });
    },
    describe(note) {
      const at = note - detail.from;
      if (at < 0 || note >= detail.to) return undefined;
      const lines = dh.map((values, k) => {
        const which = dh.length > 1 ? `layer ${layers[k]?.layer ?? k}: ` : '';
        return `${which}|dL/dh| = ${figure(values[at])}, |dL/dc| = ${figure(dc[k]?.[at])}`;
      });
      return `${study.noteName(note)}\n${lines.join('\n')}`;
    },
  };
}
