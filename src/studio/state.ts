import { PRESETS, resolveSettings, type PresetName } from '../music/presets.ts';
import type { Settings } from '../music/settings.ts';
import type { Quantity } from './phrase.ts';

/** How music is drawn. */
export interface PlayState {
  /** The path of the piece whose opening the model hears first; '' for the model's own. */
  primer: string;
  notes: number;
  seed: number;
  temperature: number;
  /** Temperatures of single heads, where they differ. */
  pitchTemperature: number | null;
  stepTemperature: number | null;
  durationTemperature: number | null;
  topP: number;
}

/** What is looked at. */
export interface ViewState {
  /** The path of a piece; '' for the first. */
  piece: string;
  /** The first note of the phrase, from 0, and how many. */
  from: number;
  count: number;
  layer: number;
  unit: number;
  /** The chosen note, from 0 within the phrase. */
  at: number;
  quantity: Quantity;
}

/** Everything of the page that is chosen and not computed: what its address says, so that it can be shared. */
export interface StudioState {
  preset: PresetName;
  /** Settings that differ from the preset's. */
  overrides: Partial<Settings>;
  threads: number | 'auto';
  view: ViewState;
  play: PlayState;
}

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

export const INITIAL_STATE: StudioState = {
  preset: 'quick',
  overrides: {},
  threads: 'auto',
  view: { piece: '', from: 0, count: 64, layer: 0, unit: 0, at: 0, quantity: 'c' },
  play: {
    primer: '',
    notes: 120,
    seed: 42,
    temperature: 1,
    pitchTemperature: null,
    stepTemperature: null,
    durationTemperature: null,
    topP: 1,
  },
};

/** The settings that a state means. */
export function settingsOf({ preset, overrides }: Pick<StudioState, 'preset' | 'overrides'>): Settings {
  return resolveSettings(preset, overrides);
}

/** Holds the state, and tells of every change. */
export class Store {
  #state: StudioState;
  readonly #listeners: ((state: StudioState) => void)[] = [];

  constructor(state: StudioState) {
    this.#state = state;
  }

  get state(): StudioState {
    return this.#state;
  }

  set(patch: Partial<StudioState>): void {
    this.#state = { ...this.#state, ...patch };
    for (const listener of this.#listeners) listener(this.#state);
  }

  setView(patch: Partial<ViewState>): void {
    this.set({ view: { ...this.#state.view, ...patch } });
  }

  setPlay(patch: Partial<PlayState>): void {
    this.set({ play: { ...this.#state.play, ...patch } });
  }

  subscribe(listener: (state: StudioState) => void): void {
    this.#listeners.push(listener);
  }
}
