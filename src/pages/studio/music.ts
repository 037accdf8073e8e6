import type { Note } from '../../midi/types.ts';
import { messageOf } from '../../errors.ts';
import { AUTO, openSettings } from '../../music/auto.ts';
import type { EngineClient } from './engine-client.ts';
import type { MusicFile, MusicInfo } from './protocol.ts';
import { settingsOf, type Store } from './state.ts';
import type { Messages } from './messages.ts';
import type { MusicView } from './views/music-view.ts';

/** What a dropped file is, by its name: only the ends of names are known before it is read. */
export function kindOf(path: string): 'music' | 'model' | 'soundFont' | 'other' {
  const end = path.toLowerCase().split('.').at(-1)!;
  if (['mid', 'midi', 'smf', 'kar', 'rmi'].includes(end)) return 'music';
  if (['safetensors', 'etude'].includes(end)) return 'model';
  return ['sf2', 'sf3'].includes(end) ? 'soundFont' : 'other';
}

/** The page's side of the music: which pieces there are, and which is chosen. */
export class Music {
  pieces: MusicInfo['pieces'] = [];
  /** The notes of the chosen piece. */
  notes: Note[] = [];
  readonly #engine: EngineClient;
  readonly #store: Store;
  readonly #messages: Messages;
  #view?: MusicView;
  #shown = '';

  constructor(engine: EngineClient, store: Store, messages: Messages) {
    this.#engine = engine;
    this.#store = store;
    this.#messages = messages;
    store.subscribe(() => void this.#follow());
  }

  attach(view: MusicView): void {
    this.#view = view;
  }

  /**
   * Takes files as the music, in place of what there was.
   * @param toTrain whether a network is to be made of it
   * @returns whether anything of them can serve; if not, the music stays as it was
   */
  async load(files: MusicFile[], toTrain: boolean): Promise<boolean> {
    const { state } = this.#store;
    // As it is read before anything is chosen by it.
    const settings = state.preset === AUTO ? openSettings(state.overrides) : settingsOf(state);
    const info = await this.#engine.ask('loadMusic', { files, settings, toTrain });
    for (const { path, reason } of info.skipped.slice(0, 2))
      this.#messages.error(`${path} is left out: ${reason}`, 'files');
    if (info.skipped.length > 2) this.#messages.error(`${info.skipped.length - 2} more files are left out.`, 'files');
    if (!info.taken) {
      this.#messages.error(
        'None of these files can serve with the settings as they are; the music is as it was.',
        'files',
      );
      return false;
    }
    this.pieces = info.pieces;
    const { piece } = this.#store.state.view;
    const chosen = info.pieces.some(({ path }) => path === piece) ? piece : info.pieces[0].path;
    this.#view?.setMusic(info, chosen);
    this.#shown = '';
    this.#store.setView(chosen === piece ? {} : { piece: chosen, from: 0, at: 0 });
    return true;
  }

  /** Shows the piece that is chosen. */
  async #follow(): Promise<void> {
    const { state } = this.#store;
    const { piece, from, count } = state.view;
    const { instrument, compat, charset, sustain, chords } = this.#store.settings;
    const found = this.pieces.find(({ path }) => path === piece);
    if (!found) return;
    const wanted = JSON.stringify([piece, instrument, compat, charset, sustain, chords]);
    try {
      if (wanted !== this.#shown) {
        this.#shown = wanted;
        const notes = await this.#engine.ask('notesOf', { path: piece, instrument, compat, charset, sustain, chords });
        if (wanted !== this.#shown) return;
        this.notes = notes;
      }
      this.#messages.gone('piece');
      this.#view?.setPiece(found.name, this.notes, [from, from + count]);
    } catch (thrown) {
      this.#messages.error(messageOf(thrown), 'piece');
    }
  }
}
