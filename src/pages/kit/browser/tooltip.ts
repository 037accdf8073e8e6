import { element } from './elements.ts';

/** The one box with values that follows the pointer. What it says can also be had by keyboard, from the panels. */
export class Tooltip {
  readonly #root = element('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' });

  constructor() {
    document.body.append(this.#root);
    // Whoever goes on with keys looks elsewhere, and the pictures move away under the pointer.
    addEventListener('keydown', () => this.hide(), true);
    addEventListener('scroll', () => this.hide(), { passive: true });
  }

  /** Shows `text` beside the point (x, y) of the window, on the side where there is room. */
  show(text: string, x: number, y: number): void {
    this.#root.textContent = text;
    this.#root.hidden = false;
    const { width, height } = this.#root.getBoundingClientRect();
    const left = x + 14 + width > innerWidth ? x - 14 - width : x + 14;
    const top = y + 14 + height > innerHeight ? y - 14 - height : y + 14;
    this.#root.style.left = `${Math.max(4, left)}px`;
    this.#root.style.top = `${Math.max(4, top)}px`;
  }

  hide(): void {
    this.#root.hidden = true;
  }
}
