import type { Curves } from './history.ts';
import type { Drawn, DrawnNews, MusicFile } from './protocol.ts';

/** Generated music, and what was said of each of its notes. */
export interface KeptMusic {
  drawn: Drawn;
  news: DrawnNews[];
}

/** What a visit leaves in the browser, so that closing the page loses nothing. */
export interface Kept {
  /** When, in milliseconds since 1970. */
  at: number;
  /** The network as a file with the state of its training, and how many steps it had taken. */
  model: Uint8Array;
  step: number;
  /** The settings and the view, as the page's address says them. */
  address: string;
  /** The files that were dropped; none for the songbook. */
  music: MusicFile[];
  /** Those that the network is trained on, where the page has other music by now. */
  learnedFrom?: MusicFile[];
  /** The losses of the training so far. */
  curves?: Curves;
  /** The music that was last generated. */
  generated?: KeptMusic;
}

/** Where things are kept by name: the browser's own database, or what a test puts in its place. */
export interface Shelf {
  /** What stands under these names, undefined where nothing does. */
  read(names: readonly string[]): Promise<unknown[]>;
  /** Puts all of it in place of what was there, or nothing. */
  write(entries: Readonly<Record<string, unknown>>): Promise<void>;
  clear(): Promise<void>;
}

const PAGE = 'page';
const MUSIC = 'music';
const LEARNED_FROM = 'learnedFrom';

/** Keeps one state of the page on a shelf. */
export class Keeper {
  readonly #shelf: Shelf;
  /** The music that stands on the shelf: it may be large, and is written only when it has become another. */
  #music?: MusicFile[];
  #learnedFrom?: MusicFile[];

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** What was kept; undefined when there is nothing, or the browser keeps nothing. */
  async load(): Promise<Kept | undefined> {
    try {
      const things = await this.#shelf.read([PAGE, MUSIC, LEARNED_FROM]);
      const [page, music, learnedFrom] = things as [Omit<Kept, 'music' | 'learnedFrom'>?, MusicFile[]?, MusicFile[]?];
      [this.#music, this.#learnedFrom] = [music, learnedFrom];
      return page && music && { ...page, music, ...(learnedFrom && { learnedFrom }) };
    } catch {
      return undefined;
    }
  }

  /** @throws Error with a sentence when the browser has no room or keeps nothing; what was kept before stays */
  async save({ music, learnedFrom, ...page }: Kept): Promise<void> {
    try {
      await this.#shelf.write({
        [PAGE]: page,
        ...(music !== this.#music && { [MUSIC]: music }),
        ...(learnedFrom !== this.#learnedFrom && { [LEARNED_FROM]: learnedFrom }),
      });
      [this.#music, this.#learnedFrom] = [music, learnedFrom];
    } catch (thrown) {
      // DataCloneError: something that no browser can keep, which is not the browser's fault.
      if (thrown instanceof DOMException && thrown.name === 'DataCloneError') throw thrown;
      const full = thrown instanceof DOMException && thrown.name === 'QuotaExceededError';
      throw new Error(
        full
          ? 'The browser has no room to keep the network between visits. It is still here and keeps working: save it as a file (Save model).'
          : 'The browser does not let the page keep the network between visits: save it as a file (Save model).',
        { cause: thrown },
      );
    }
  }

  async forget(): Promise<void> {
    this.#music = this.#learnedFrom = undefined;
    await this.#shelf.clear();
  }
}
