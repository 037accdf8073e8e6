import { button, byId, el } from '../dom.ts';

/** The line of sentences under the header: what went wrong, and what is good to know. */
export class Messages {
  readonly #place = byId('messages');

  /** A sentence about something that failed; it stays until it is dismissed. */
  error(text: string): void {
    this.#show(text, 'message error');
  }

  /** A sentence that is good to know. */
  note(text: string): void {
    this.#show(text, 'message');
  }

  clear(): void {
    this.#place.replaceChildren();
  }

  #show(text: string, className: string): void {
    for (const old of this.#place.children) if (old.firstElementChild?.textContent === text) old.remove();
    const message = el(
      'div',
      { class: className },
      el('p', {}, text),
      button('Dismiss', () => message.remove()),
    );
    this.#place.prepend(message);
    while (this.#place.children.length > 3) this.#place.lastElementChild!.remove();
  }
}
