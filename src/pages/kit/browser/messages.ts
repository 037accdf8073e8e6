import { button } from './controls.ts';
import { element } from './elements.ts';

/** So many sentences stand at a time; older ones go. Questions stay until they are answered. */
const MOST = 3;

/** Sentences that stay at the top of a page: what went wrong, and what is good to know. */
export class Messages<About extends string = string> {
  readonly #place: HTMLElement;

  /** @param place an element whose changes screen readers read (`aria-live`) */
  constructor(place: HTMLElement) {
    this.#place = place;
  }

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
      element('div', { class: 'message offer' }, element('p', {}, text), element('div', { class: 'row' }, ...buttons)),
    );
  }

  /** What these sentences are about has changed: they go. */
  gone(about: About): void {
    for (const old of this.#place.querySelectorAll(`[data-about="${about}"]`)) old.remove();
  }

  #show(text: string, className: string, about?: About): void {
    this.#remove(text);
    const dismiss = button('Dismiss', () => this.#remove(text));
    const row = element('div', { class: 'row' }, dismiss);
    this.#place.prepend(element('div', { class: className, 'data-about': about }, element('p', {}, text), row));
    for (const old of [...this.#place.querySelectorAll('.message:not(.offer)')].slice(MOST)) old.remove();
  }

  /** The same sentence twice says no more. */
  #remove(text: string): void {
    for (const old of [...this.#place.children]) if (old.firstElementChild?.textContent === text) old.remove();
  }
}
