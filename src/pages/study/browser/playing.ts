import { messageOf } from '../../../errors.ts';
import { Messages } from '../../kit/browser/messages.ts';
import { Player } from '../../kit/browser/player.ts';
import { PlayerBar } from '../../kit/browser/player-bar.ts';
import { element } from '../../kit/browser/elements.ts';
import type { Timeline } from '../../kit/browser/timeline.ts';
import type { Store } from './store.ts';
import type { Study } from './study.ts';
import { tones } from './tones.ts';

/** The bar that plays the song from the chosen note on; the chosen note follows the music, and the music a note that is chosen. */
export function playingBar(study: Study, store: Store, timeline: Timeline): HTMLElement {
  const { song } = study.data;
  const player = new Player();
  const said = element('div', { 'aria-live': 'polite' });
  const messages = new Messages(said);
  const sound = tones(song);
  const length = typeof AudioContext === 'function' && song.notes > 0 ? song.seconds : 0;
  /** The note that sounds. */
  let sounding = -1;
  const noteAt = (seconds: number): number => study.axis('seconds').noteAt(seconds);
  const bar = new PlayerBar('▶ Play from here', {
    press: () => store.update({ playing: !store.state.playing }),
    seek: (seconds) => timeline.chooseNote(noteAt(seconds)),
  });
  const show = (at = song.start[Math.max(0, store.state.note)] ?? 0): void =>
    bar.show({ at: Math.min(at, length), length, playing: store.state.playing });
  const at = (seconds: number | null): void => {
    if (seconds === null) return store.update({ playing: false });
    // Forward only: a chord's first note is passed when its last one is.
    let now = sounding;
    while (now + 1 < song.notes && song.start[now + 1] <= seconds) now++;
    if (now !== sounding) timeline.chooseNote((sounding = now));
    show(seconds);
  };
  store.on(['playing'], () => {
    show();
    if (!store.state.playing) return player.stop();
    sounding = Math.max(0, store.state.note);
    player.play(sound, { at }, song.start[sounding]).catch((thrown: unknown) => {
      messages.error(`The song cannot be played: ${messageOf(thrown)}`);
      store.update({ playing: false });
    });
  });
  store.on(['note'], () => {
    const { note, playing } = store.state;
    if (playing && note !== sounding) player.seek(song.start[(sounding = note)]);
    if (!playing) show();
  });
  bar.root.append(said);
  return bar.root;
}
