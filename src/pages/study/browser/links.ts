import { addressOf, viewOfAddress, type View } from '../figures/address.ts';
import type { State, Store } from './store.ts';
import type { Study } from './study.ts';
import type { Timeline } from '../../kit/browser/timeline.ts';

/** What is worth a way back to, when it is chosen by a click. */
const CHOSEN: readonly (keyof State)[] = ['note', 'unit', 'head', 'layer', 'quantities', 'tint', 'axis'];
/** Browsers refuse more than a few addresses a second: moving about is written down when it pauses, in milliseconds. */
const PAUSE = 250;

/**
 * The address says what is chosen and visible: it can be sent, and opens the same view. What is clicked on is a new entry of the
 * history, so that Back and Forward go through it; what keys, wheel and playing pass by only changes the present one. Links with
 * addresses such as `#unit-1-18` and `#note-43` choose by mouse and keyboard.
 */
export function followAddress(study: Study, store: Store, timeline: Timeline): void {
  const first = addressOf(store.state);
  let clicked = false;
  let pushing = false;
  let timer = 0;
  const write = (): void => {
    clearTimeout(timer);
    const address = addressOf(store.state);
    if (address === location.hash || (location.hash === '' && address === first)) return;
    if (pushing) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    pushing = false;
  };
  const show = (hash: string): boolean => {
    const view = viewOfAddress(hash);
    if (Object.keys(view).length === 0) return false;
    showView(view, study, store, timeline);
    return true;
  };
  addEventListener('pointerdown', () => (clicked = true), true);
  addEventListener('keydown', () => (clicked = false), true);
  // The click that Enter makes is one too.
  addEventListener('click', () => (clicked = true), true);

  if (show(location.hash)) document.getElementById('timeline')?.scrollIntoView();
  store.onChange((changed) => {
    if (store.state.playing) return;
    const isChoice = clicked && !changed.has('playing') && CHOSEN.some((key) => changed.has(key));
    if (isChoice && !pushing) {
      pushing = true;
      // All that one click changes is one entry.
      queueMicrotask(write);
    } else if (changed.size > 1 || !changed.has('hover')) {
      clearTimeout(timer);
      timer = window.setTimeout(write, PAUSE);
    }
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || !show(link.getAttribute('href') ?? '')) return;
    event.preventDefault();
    // The finding is read at the top; what it is about stands further down.
    if (link.closest('.findings')) document.getElementById('timeline')?.scrollIntoView();
  });
  // Back, Forward, and an address that is typed.
  addEventListener('popstate', () => {
    clearTimeout(timer);
    clicked = false;
    show(location.hash === '' ? first : location.hash);
  });
}

function showView(
  { note, unit, window, ...rest }: Partial<View>,
  study: Study,
  store: Store,
  timeline: Timeline,
): void {
  const { heads, layers } = study.data;
  const isThere = unit && study.layerIndex(unit.layer) >= 0 && study.unit(unit);
  // A unit brings its layer, unless the address says another one.
  if (isThere) store.update({ unit, layer: study.layerIndex(unit.layer) });
  const { head = 0, layer = 0 } = rest;
  if (head >= heads.length) delete rest.head;
  if (layer >= layers.length) delete rest.layer;
  store.update(rest);
  if (window) timeline.setWindow(window);
  if (note === undefined) return;
  if (window) store.update({ note: Math.min(note, study.notes - 1) });
  else timeline.chooseNote(note);
}
