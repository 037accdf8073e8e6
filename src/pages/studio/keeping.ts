import type { EngineClient } from './engine-client.ts';
import type { Keeper, Kept } from './keep.ts';
import type { MusicFile } from './protocol.ts';
import type { Messages } from './views/messages.ts';
import { counted } from '../../text/words.ts';

/** The least time between two savings, in milliseconds. */
const PAUSE = 1000;

/** Keeps the network whenever training stands still or an epoch ends, and brings it back at the next visit. */
export class Keeping {
  /** The music that the user gave; none for the songbook. */
  music: MusicFile[] = [];
  readonly #engine: EngineClient;
  readonly #keeper: Keeper;
  readonly #messages: Messages;
  #step = 0;
  #timer?: ReturnType<typeof setTimeout>;
  #refused = false;

  constructor(engine: EngineClient, keeper: Keeper, messages: Messages) {
    this.#engine = engine;
    this.#keeper = keeper;
    this.#messages = messages;
    engine.on('steps', (news) => (this.#step = news.at(-1)?.step ?? this.#step));
    engine.on('paused', () => this.#soon());
    engine.on('ended', () => this.#soon());
    engine.on('epoch', () => this.#soon());
  }

  /** Offers what the visit before left. */
  async offer(bringBack: (kept: Kept) => Promise<void>): Promise<void> {
    const kept = await this.#keeper.load();
    if (!kept) return;
    const text = `The network of your last visit is kept here, ${counted(kept.step, 'step')} old.`;
    this.#messages.offer(text, 'Bring it back', () => void bringBack(kept));
  }

  #soon(): void {
    if (this.#refused) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#save(), PAUSE);
  }

  async #save(): Promise<void> {
    try {
      const model = await this.#engine.ask('save', undefined);
      await this.#keeper.save({ model, step: this.#step, music: this.music });
    } catch (thrown) {
      // Said once: it would be the same after every pause.
      this.#refused = true;
      this.#messages.error(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
}
