import { headName } from '../../../../music/head-words.ts';
import { element } from '../../../kit/browser/elements.ts';
import { trackHead } from '../../../kit/browser/legend.ts';
import type { Track } from '../../../kit/browser/timeline.ts';
import { barsTrack } from '../../../kit/browser/tracks/bars.ts';
import { figure, givenText, predictedText } from '../../figures/words.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';

/** Surprise under each note, of the chosen head, with the baseline as a dashed line. */
export function surpriseTrack(study: Study, store: Store): Track {
  const legend = element('span');
  const head = () => study.data.heads[store.state.head]; // prettier-ignore
  store.on(['head'], () => {
    if (study.data.heads.length === 0) return;
    const { name, unit, baseline, reads } = head();
    const measure = unit === 'nats' ? '−log p, nats' : unit;
    legend.textContent = `of ${headName(name)}${givenText({ reads })} (${measure}); dashed: baseline ${figure(baseline)}`;
  });
  return barsTrack({
    label: 'Surprise under each note, as bars; the panel of the chosen note says the numbers.',
    head: trackHead(element('strong', {}, 'Surprise'), legend),
    bars: () => ({ values: head().surprise, baseline: head().baseline }),
    text: (value) => figure(value, 2),
    describe(note) {
      const { name, surprise, unit } = head();
      const value = surprise[note];
      if (value === null || value === undefined) return `${study.noteName(note)}\nNothing predicted it.`;
      const probability = unit === 'nats' ? ` (p = ${figure(Math.exp(-value))})` : '';
      return `${study.noteName(note)}\n${headName(name)}: surprise ${figure(value)}${probability}\npredicted ${predictedText(head(), note)}`;
    },
  });
}
