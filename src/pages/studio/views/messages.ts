import { button, byId, el } from '../dom.ts';

/** So many sentences stand at a time; older ones go. */
const MOST = 3;

/** The sentences under the header: what went wrong, and what is good to know. */
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

  /** A sentence, and something that can be done about it. */
  offer(text: string, label: string, action: () => void): void {
    const act = button(label, () => {
      this.#remove(text);
      action();
    });
    this.#show(text, 'message', act);
  }

  #show(text: string, className: string, action?: HTMLElement): void {
    this.#remove(text);
    const dismiss = button('Dismiss', () => this.#remove(text));
    this.#place.prepend(
      el('div', { class: className }, el('p', {}, text), el('div', { class: 'row' }, action, dismiss)),
    );
    while (this.#place.children.length > MOST) this.#place.lastElementChild!.remove();
  }

  /** The same sentence twice says no more. */
  #remove(text: string): void {
    for (const old of [...this.#place.children]) if (old.firstElementChild?.textContent === text) old.remove();
  }
}
