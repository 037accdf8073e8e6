import { element } from '../../../kit/browser/elements.ts';
import { trackHead } from '../../../kit/browser/legend.ts';
import type { Track } from '../../../kit/browser/timeline.ts';
import { linesTrack, type Line } from '../../../kit/browser/tracks/lines.ts';
import { figure } from '../../figures/words.ts';
import type { Study } from '../study.ts';

const HEIGHT = 68;

/** The norms of the gradient at every step, each layer in its colour, dL/dh solid and, where there is a cell, dL/dc dashed, on a logarithmic axis. */
export function gradientTrack(study: Study): Track {
  const { gradient, detail, layers } = study.data;
  const linesOf = (rows: number[][], dashed: boolean): Line[] => rows.map((values, series) => ({ values, series, dashed })); // prettier-ignore
  return linesTrack({
    label: 'Norm of the gradient at each time step.',
    head: trackHead(
      element('strong', {}, 'Gradient'),
      element(
        'span',
        {},
        `norm of dL/dh${gradient.byStep.dc ? ' (solid) and dL/dc (dashed)' : ''} at each time step, logarithmic`,
      ),
    ),
    strips() {
      // Other details bring other norms.
      const { dh, dc = [] } = gradient.byStep;
      if (![...dh, ...dc].some((norms) => norms.some((norm) => norm > 0))) return 'This study has no gradient by time step.'; // prettier-ignore
      return [{ lines: [...linesOf(dh, false), ...linesOf(dc, true)], scale: 'logarithmic', height: HEIGHT }];
    },
    first: () => detail.from,
    describe(note) {
      const at = note - detail.from;
      if (at < 0 || note >= detail.to) return undefined;
      const { dh, dc } = gradient.byStep;
      const texts = dh.map((values, k) => {
        const which = dh.length > 1 ? `layer ${(layers[k]?.layer ?? k) + 1}: ` : '';
        return `${which}|dL/dh| = ${figure(values[at])}${dc ? `, |dL/dc| = ${figure(dc[k]?.[at])}` : ''}`;
      });
      return `${study.noteName(note)}\n${texts.join('\n')}`;
    },
  });
}
