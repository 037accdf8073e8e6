import { button, byId, el } from '../dom.ts';

/** So many sentences stand at a time; older ones go. Questions stay until they are answered. */
const MOST = 3;

/** What a sentence is about: when that has changed, the sentence goes. */
export type About =
  | 'address'
  | 'cell'
  | 'choice'
  | 'files'
  | 'keeping'
  | 'looking'
  | 'network'
  | 'piece'
  | 'playing'
  | 'tab'
  | 'training';

/** The sentences under the header: what went wrong, and what is good to know. */
export class Messages {
  readonly #place = byId('messages');

  /** A sentence about something that failed; it stays until it is dismissed, or what it is about is gone. */
  error(text: string, about?: About): void {
    this.#show(text, 'message error', about);
  }

  /** A sentence that is good to know. */
  note(text: string, about?: About): void {
    this.#show(text, 'message', about);
  }

  /** A question, and what can be done about it: it stays until one of that is chosen. */
  offer(text: string, actions: Readonly<Record<string, () => void>>): void {
    const choose = (action: () => void) => (): void => {
      this.#remove(text);
      action();
    };
    const buttons = Object.entries(actions).map(([label, action]) => button(label, choose(action)));
    this.#place.prepend(
      el('div', { class: 'message offer' }, el('p', {}, text), el('div', { class: 'row' }, ...buttons)),
    );
  }

  /** What these sentences are about has changed: they go. */
  gone(about: About): void {
    for (const old of this.#place.querySelectorAll(`[data-about="${about}"]`)) old.remove();
  }

  #show(text: string, className: string, about?: About): void {
    this.#remove(text);
    const dismiss = button('Dismiss', () => this.#remove(text));
    const attributes: Record<string, string> = about === undefined ? {} : { 'data-about': about };
    const row = el('div', { class: 'row' }, dismiss);
    this.#place.prepend(el('div', { class: className, attributes }, el('p', {}, text), row));
    for (const old of [...this.#place.querySelectorAll('.message:not(.offer)')].slice(MOST)) old.remove();
  }

  /** The same sentence twice says no more. */
  #remove(text: string): void {
    for (const old of [...this.#place.children]) if (old.firstElementChild?.textContent === text) old.remove();
  }
}
