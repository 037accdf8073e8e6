import { PlayerBar } from '../kit/browser/player-bar.ts';

/** A bar, and what it shows: a piece of music that plays, or would from where its slider stands. */
export class Transport {
  readonly #bar: PlayerBar;
  readonly #moved: (seconds: number | null) => void;
  #at = 0;
  #length = 0;
  #playing = false;

  /**
   * @param seek goes elsewhere in what plays
   * @param moved told where the music is; null while it does not sound
   */
  constructor(
    label: string,
    press: () => void,
    seek: (seconds: number) => void,
    moved: (seconds: number | null) => void,
  ) {
    this.#moved = moved;
    this.#bar = new PlayerBar(label, {
      press,
      seek: (seconds) => {
        this.#at = seconds;
        if (this.#playing) seek(seconds);
        else {
          this.#show();
          moved(seconds);
        }
      },
    });
  }

  get root(): HTMLElement {
    return this.#bar.root;
  }

  /** From where to play, in seconds. */
  get from(): number {
    return this.#at;
  }

  /** Other music; 0 where there is none. */
  setLength(seconds: number): void {
    this.#length = seconds;
    if (!this.#playing) this.#at = 0;
    this.#show();
  }

  /** Where the music is; null when it has ended. */
  at(seconds: number | null): void {
    this.#playing = seconds !== null;
    this.#at = seconds ?? 0;
    this.#show();
    this.#moved(seconds);
  }

  #show(): void {
    this.#bar.show({ at: this.#at, length: this.#length, playing: this.#playing });
  }
}
