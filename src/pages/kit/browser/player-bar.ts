import { clock } from '../../../text/words.ts';
import { button } from './controls.ts';
import { element } from './elements.ts';

/** What a bar asks for. */
export interface PlayerBarActions {
  /** Plays, or stops. */
  press(): void;
  /** The reader has gone elsewhere; seconds. */
  seek(seconds: number): void;
}

/** What a bar shows; seconds. */
export interface PlayerState {
  at: number;
  /** 0 where there is nothing to play. */
  length: number;
  playing: boolean;
}

/** A button that plays and stops, where the music is, and a slider to go elsewhere. */
export class PlayerBar {
  readonly root: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly #label: string;
  readonly #slider: HTMLInputElement;
  readonly #clock = element('output');

  /** @param label what the button says while nothing plays */
  constructor(label: string, { press, seek }: PlayerBarActions) {
    this.#label = label;
    this.button = button(label, press);
    this.#slider = element('input', {
      type: 'range',
      min: 0,
      step: 0.1,
      value: 0,
      'aria-label': 'Position in the music',
      oninput: () => seek(this.#slider.valueAsNumber),
    });
    this.root = element('div', { class: 'player' }, this.button, this.#slider, this.#clock);
    this.show({ at: 0, length: 0, playing: false });
  }

  show({ at, length, playing }: PlayerState): void {
    const text = `${clock(at)} / ${clock(length)}`;
    this.button.textContent = playing ? '■ Stop' : this.#label;
    this.button.disabled = this.#slider.disabled = length === 0;
    this.#slider.max = String(length);
    this.#slider.value = String(at);
    this.#slider.setAttribute('aria-valuetext', text);
    this.#clock.textContent = text;
  }
}
