import { figure, givenText, predictedText } from '../../figures/words.ts';
import { element } from '../../../kit/browser/elements.ts';
import type { Study } from '../study.ts';
import type { Frame, Track } from '../timeline.ts';
import { gutterText, inPlot, rule, visibleNotes } from './drawing.ts';

/** Surprise under each note, of the chosen head, with the baseline as a dashed line. */
export function surpriseTrack(study: Study, headIndex: () => number): Track {
  const title = element('strong', {}, 'Surprise');
  const legend = element('span', {});
  const trackHead = element('div', { class: 'track-head' }, title, legend);
  return {
    label: 'Surprise under each note, as bars; the panel of the chosen note says the numbers.',
    head: trackHead,
    height: () => 72,
    draw(frame) {
      const head = study.data.heads[headIndex()];
      const { name, unit, baseline } = head;
      const measure = unit === 'nats' ? '−log p, nats' : unit;
      legend.textContent = `of ${name}${givenText(head)} (${measure}); dashed: baseline ${figure(baseline)}`;
      drawBars(frame, head.surprise, baseline);
    },
    describe(note) {
      const head = study.data.heads[headIndex()];
      const { name, surprise, unit } = head;
      const value = surprise[note];
      if (value === null || value === undefined) return `${study.noteName(note)}\nNothing predicted it.`;
      const probability = unit === 'nats' ? ` (p = ${figure(Math.exp(-value))})` : '';
      return `${study.noteName(note)}\n${name}: surprise ${figure(value)}${probability}\npredicted ${predictedText(head, note)}`;
    },
  };
}

function drawBars(frame: Frame, surprise: readonly (number | null)[], baseline: number): void {
  const { context, axis, x, height, palette, left } = frame;
  const top = surprise.reduce<number>((most, value) => Math.max(most, value ?? 0), baseline) || 1;
  const y = (value: number): number => height - 1 - (value / top) * (height - 8);
  gutterText(frame, figure(top, 2), 8);
  gutterText(frame, '0', height - 7);
  rule(frame, height - 1, palette.grid);
  const [first, last] = visibleNotes(frame);
  inPlot(frame, () => {
    // Where several notes share a pixel, the most surprising one shows.
    let pixel = -1;
    let highest = 0;
    context.fillStyle = palette.series[1];
    for (let note = first; note <= last; note++) {
      const value = surprise[note] ?? 0;
      const from = x(axis.edges[note]);
      const size = Math.max(1, x(axis.edges[note + 1]) - from - (x(axis.edges[note + 1]) - from > 4 ? 1 : 0));
      const at = Math.floor(Math.max(left, from));
      highest = at === pixel ? Math.max(highest, value) : value;
      pixel = at;
      context.fillRect(from, y(highest), size, height - 1 - y(highest));
    }
  });
  rule(frame, y(baseline), palette.ink, [4, 3]);
}
