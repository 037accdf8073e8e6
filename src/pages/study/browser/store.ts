import type { Quantity } from '../../../study/study-data.ts';
import type { AxisKind, AxisWindow } from '../figures/time-axis.ts';
import type { UnitId } from '../figures/unit-lists.ts';

/** What gives the notes of the roll their colours. */
export type Tint = 'saliency' | 'surprise' | 'unit' | 'plain';

/** Everything that the reader has chosen. The views read it, and change it through {@link Store.update} alone. */
export interface State {
  /** -1 where the song has no notes. */
  note: number;
  unit: UnitId | null;
  /** Indices into the study's heads and layers. */
  head: number;
  layer: number;
  quantities: readonly Quantity[];
  tint: Tint;
  axis: AxisKind;
  window: AxisWindow;
  /** The note under the pointer, in whichever view; -1 for none. */
  hover: number;
  playing: boolean;
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
