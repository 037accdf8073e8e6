import { detailCountedFromZero } from '../../../study/counting.ts';
import type { StudyDetail } from '../../../study/study-data.ts';
import type { Store } from './store.ts';
import type { Study } from './study.ts';

/** Milliseconds that a note must stay chosen: who goes along with keys asks when resting. */
const PAUSE = 120;
const GONE =
  'the "etude study" command that served this page does not respond. Start it again with the same model, song and port, then try again.';

/** Fetches the details of notes that the page does not have, where a server can tell them. */
export class DetailsLoader {
  readonly #study: Study;
  readonly #store: Store;
  readonly #address: string | undefined;
  #timer = 0;
  #request: AbortController | undefined;

  /** @param address where to ask; undefined of a page in a file, which has what it has */
  constructor(study: Study, store: Store, address: string | undefined) {
    this.#study = study;
    this.#store = store;
    this.#address = address;
  }

  /** From now on the details of the chosen note are here, on their way, or said to be missing. */
  follow(): void {
    if (this.#address === undefined) return;
    this.#store.on(['note'], () => this.ask());
    this.#store.on(['details'], () => {
      // Said to have failed and chosen anew, by a button: asked again.
      const { details } = this.#store.state;
      if (details.state === 'loading') this.#later(details.note);
    });
  }

  ask(): void {
    const { note } = this.#store.state;
    const { from, to } = this.#study.data.detail;
    const here = note < 0 || (note >= from && note < to);
    clearTimeout(this.#timer);
    this.#request?.abort();
    if (!here) this.#store.update({ details: { state: 'loading', note } });
    else if (this.#store.state.details.state !== 'here') this.#store.update({ details: { state: 'here' } });
  }

  #later(note: number): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#fetch(note), PAUSE);
  }

  async #fetch(note: number): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    const failed = (why: string): void => {
      if (!request.signal.aborted) this.#store.update({ details: { state: 'failed', note, why } });
    };
    let answer: Response;
    try {
      answer = await fetch(`${this.#address}&note=${note + 1}`, { signal: request.signal });
    } catch {
      return failed(GONE);
    }
    try {
      if (!answer.ok) return failed((await answer.text()).trim());
      const detail = detailCountedFromZero((await answer.json()) as StudyDetail);
      if (request.signal.aborted) return;
      this.#study.take(detail);
      this.#store.update({ details: { state: 'here' } });
    } catch {
      failed('the answer was cut off. Try again.');
    }
  }
}
