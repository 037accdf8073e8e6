import type { Store } from './store.ts';
import type { Study } from './study.ts';
import type { Timeline } from './timeline.ts';

/** Addresses such as `#unit-0-17` and `#note-43` choose; links with them work by mouse and keyboard, and can be sent. */
export function followLinks(study: Study, store: Store, timeline: Timeline): void {
  const go = (hash: string): boolean => {
    const unit = /^#unit-(\d+)-(\d+)$/.exec(hash);
    if (unit) return chooseUnit(study, store, Number(unit[1]), Number(unit[2]));
    const note = /^#note-(\d+)$/.exec(hash);
    if (note) timeline.chooseNote(Number(note[1]));
    return note !== null;
  };
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const hash = link?.getAttribute('href') ?? '';
    if (!link || !go(hash)) return;
    event.preventDefault();
    history.replaceState(null, '', hash);
    // The finding is read at the top; what it is about stands further down.
    if (link.closest('.findings')) document.getElementById('timeline')?.scrollIntoView();
  });
  addEventListener('hashchange', () => go(location.hash));
  if (go(location.hash)) document.getElementById('timeline')?.scrollIntoView();
}

function chooseUnit(study: Study, store: Store, layer: number, unit: number): boolean {
  const index = study.layerIndex(layer);
  if (index < 0 || !study.unit({ layer, unit })) return false;
  store.update({ unit: { layer, unit }, layer: index });
  return true;
}
