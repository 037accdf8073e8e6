import type { View } from '../figures/address.ts';
import type { DetailsState } from '../figures/details-words.ts';

/** Everything that the reader has chosen. The views read it, and change it through {@link Store.update} alone. */
export interface State extends View {
  /** The note under the pointer, in whichever view; -1 for none. */
  hover: number;
  playing: boolean;
  /** How it stands with the details of the chosen note. */
  details: DetailsState;
}

type Listener = (changed: ReadonlySet<keyof State>) => void;

/** The state, and who wants to know of its changes. */
export class Store {
  #state: State;
  readonly #listeners: Listener[] = [];

  constructor(state: State) {
    this.#state = state;
  }

  get state(): Readonly<State> {
    return this.#state;
  }

  update(patch: Partial<State>): void {
    const keys = Object.keys(patch) as (keyof State)[];
    const changed = new Set(keys.filter((key) => !Object.is(patch[key], this.#state[key])));
    if (changed.size === 0) return;
    this.#state = { ...this.#state, ...patch };
    for (const listener of this.#listeners) listener(changed);
  }

  /** Calls `listener` after every change, with what changed. */
  onChange(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` now, and after every change of one of `keys`. */
  on(keys: readonly (keyof State)[], listener: () => void): void {
    this.#listeners.push((changed) => {
      if (keys.some((key) => changed.has(key))) listener();
    });
    listener();
  }
}
