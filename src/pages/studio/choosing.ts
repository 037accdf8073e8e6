import { messageOf } from '../../errors.ts';
import { AUTO, openSettings } from '../../music/auto.ts';
import type { EngineClient } from './engine-client.ts';
import { Latest } from './latest.ts';
import type { Store } from './state.ts';
import type { Messages } from './messages.ts';

/** Keeps what suits the music in step with the music and with how it is read. */
export class Choosing {
  readonly #store: Store;
  readonly #ask: Latest<Parameters<typeof openSettings>[0]>;
  #hasMusic = false;
  #asked = '';

  constructor(engine: EngineClient, store: Store, messages: Messages) {
    this.#store = store;
    this.#ask = new Latest(async (given) => {
      try {
        store.setChoice(await engine.ask('choose', { given }));
        messages.gone('choice');
      } catch (thrown) {
        messages.error(messageOf(thrown), 'choice');
      }
    });
    store.subscribe(() => this.#follow());
  }

  /** There is other music. */
  musicChanged(): void {
    this.#hasMusic = true;
    this.#asked = '';
    this.#follow();
  }

  #follow(): void {
    const { preset, overrides } = this.#store.state;
    if (preset !== AUTO || !this.#hasMusic) return;
    const { files, instrument, compat, charset, allowDamaged, seqLength, ends } = openSettings(overrides);
    const reading = JSON.stringify([files, instrument, compat, charset, allowDamaged, seqLength, ends]);
    if (reading === this.#asked) return;
    this.#asked = reading;
    this.#ask.ask(overrides);
  }
}
