import { messageOf } from '../../errors.ts';
import { counted, formatCount } from '../../text/words.ts';
import type { EngineClient } from './engine-client.ts';
import type { Keeper, Kept } from './keep.ts';
import type { MusicFile } from './protocol.ts';
import { INITIAL_STATE, type Store, type StudioState } from './state.ts';
import { decodeState, encodeState } from './url-state.ts';
import type { Messages } from './messages.ts';

/** From a change to the keeping of it, from one keeping to the next, and after one that failed, in milliseconds. */
const SOON = 500;
const PAUSE = 3000;
const PAUSE_WHEN_FULL = 60_000;
/** The most of the time that keeping may take: a large network takes longer to write down. */
const SHARE = 0.05;
/** A tab that is being closed or loaded anew is gone by then. */
const OTHER_TAB_AFTER = 1000;

/** No files: what the page has by itself. */
const SONGBOOK: MusicFile[] = [];

/** What keeping needs of the page. */
export interface KeepingParts {
  engine: Pick<EngineClient, 'ask' | 'on'>;
  store: Store;
  keeper: Keeper;
  messages: Pick<Messages, 'error' | 'note' | 'offer' | 'gone'>;
  /** What else of the page is kept as it is. */
  also: () => Pick<Kept, 'curves' | 'generated'>;
  /** Resolves when no other tab keeps the page. */
  onlyTab: () => Promise<void>;
}

/** Keeps the page every few seconds while it changes, and offers at the next visit what the one before left. */
export class Keeping {
  readonly #parts: KeepingParts;
  #music = SONGBOOK;
  #learnedFrom = SONGBOOK;
  /** Whether this tab may write: not beside another, nor before it is known what becomes of what is there. */
  #mayKeep = false;
  #changed = false;
  #busy = false;
  #timer?: ReturnType<typeof setTimeout>;
  #notBefore = 0;
  #failed = false;

  constructor(parts: KeepingParts) {
    this.#parts = parts;
    const changed = (): void => this.changed();
    for (const event of ['steps', 'paused', 'ended'] as const) parts.engine.on(event, changed);
    parts.store.subscribe(changed);
  }

  /** The music that the user gave; none for the songbook. */
  set music(files: MusicFile[]) {
    this.#music = files.length > 0 ? files : SONGBOOK;
    this.changed();
  }

  /** Another network is there, for the music that is there. */
  networkTaken(): void {
    this.#learnedFrom = this.#music;
    this.changed();
  }

  /**
   * Waits until this is the only tab, offers what the last visit left, and keeps the page from then on.
   * @param goOn brings it back; where that fails, what was kept stays, and is offered again
   */
  async begin(goOn: (kept: Kept) => Promise<void>): Promise<void> {
    const { keeper, messages, onlyTab } = this.#parts;
    const text = 'Another tab of the studio is open: what happens in this one is not kept for the next visit.';
    const waiting = setTimeout(() => messages.note(text, 'tab'), OTHER_TAB_AFTER);
    await onlyTab();
    clearTimeout(waiting);
    messages.gone('tab');
    const kept = await keeper.load();
    if (kept && isWorthOffering(kept, this.#parts.store.state)) this.#offer(kept, goOn);
    else this.#keepFromNow();
  }

  /** Something of the page is another than before. */
  changed(): void {
    this.#changed = true;
    if (!this.#mayKeep || this.#busy || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#keep(), Math.max(SOON, this.#notBefore - performance.now()));
  }

  /** Keeps at once what has changed: the page may be about to go. */
  async hurry(): Promise<void> {
    if (this.#mayKeep && this.#changed) await this.#keep();
  }

  #offer(kept: Kept, goOn: (kept: Kept) => Promise<void>): void {
    const { keeper, messages } = this.#parts;
    const attempt = async (action: () => Promise<void>): Promise<void> => {
      messages.gone('keeping');
      try {
        await action();
        this.#keepFromNow();
      } catch (thrown) {
        messages.error(messageOf(thrown), 'keeping');
        this.#offer(kept, goOn);
      }
    };
    messages.offer(
      `${questionFor(kept, new Date())} What happens here is kept for the next visit once you have chosen.`,
      {
        'Go on': () => void attempt(() => goOn(kept)),
        'Begin anew': () => void attempt(() => keeper.forget()),
      },
    );
  }

  #keepFromNow(): void {
    this.#mayKeep = true;
    if (this.#changed) this.changed();
  }

  async #keep(): Promise<void> {
    if (this.#busy) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#busy = true;
    this.#changed = false;
    const began = performance.now();
    this.#failed = !(await this.#write());
    const ended = performance.now();
    this.#notBefore = ended + (this.#failed ? PAUSE_WHEN_FULL : Math.max(PAUSE, (ended - began) / SHARE));
    this.#busy = false;
    if (this.#changed) this.changed();
  }

  /** @returns false when the browser did not take it, which is said once and not after every few seconds */
  async #write(): Promise<boolean> {
    const { engine, keeper, messages, store, also } = this.#parts;
    // Without a network, or with one that has diverged, there is nothing to keep; whoever trains has been told why.
    const network = await engine.ask('keep', undefined).catch(() => undefined);
    if (!network) return true;
    const music = this.#music;
    const learnedFrom = this.#learnedFrom === music ? undefined : this.#learnedFrom;
    try {
      await keeper.save({
        ...network,
        ...also(),
        at: Date.now(),
        address: encodeState(store.state),
        music,
        learnedFrom,
      });
      if (this.#failed) messages.gone('keeping');
      return true;
    } catch (thrown) {
      if (!this.#failed) messages.error(messageOf(thrown), 'keeping');
      return false;
    }
  }
}

/** What the page has by itself need not be offered: a network that has learned nothing, with the settings that are there. */
function isWorthOffering({ step, music, address }: Kept, now: StudioState): boolean {
  return step > 0 || music.length > 0 || settingsIn(decodeState(address).state) !== settingsIn(now);
}

/** The state but for what is looked at, which is chosen anew whenever music comes in. */
function settingsIn(state: StudioState): string {
  return encodeState({ ...state, view: INITIAL_STATE.view });
}

/** The question whether to go on with what was kept: when that was, and how far it had come. */
export function questionFor({ at, step, music }: Pick<Kept, 'at' | 'step' | 'music'>, now: Date): string {
  const then = new Date(at);
  const time = then.toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const isToday = then.toDateString() === now.toDateString();
  const when = isToday ? time : `${then.toLocaleDateString('en', { day: 'numeric', month: 'long' })}, ${time}`;
  if (step > 0) return `Go on with the network of ${when} (step ${formatCount(step)})?`;
  const files = music.length > 0 ? ` and ${counted(music.length, 'file')} of music` : '';
  return `Go on with the settings${files} of ${when}?`;
}
