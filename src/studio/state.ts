import { GENERATION_RECALL } from '../music/memory/recall-options.ts';
import { GENERATION_SAMPLING } from '../music/drawing/default-sampling.ts';
import { PRESETS, resolveSettings, type PresetName } from '../music/presets.ts';
import type { Settings } from '../music/settings.ts';
import type { Quantity } from './phrase.ts';

/** In the place of a piece's path, which has an ending: nothing is heard first. */
export const NO_PRIMER = 'none';

/** How music is drawn. */
export interface PlayState {
  /** The path of the piece whose opening the model hears first; '' for the model's own, `NO_PRIMER` for nothing. */
  primer: string;
  /** Notes in the notation, heard in the place of a piece; '' for none. */
  typed: string;
  notes: number;
  /** In place of so many notes: where the music ends. */
  seconds: number | null;
  seed: number;
  /** Of the pitch. */
  temperature: number;
  /** Of steps and durations. */
  timeTemperature: number;
  /** Temperatures of single heads, where they differ. */
  stepTemperature: number | null;
  durationTemperature: number | null;
  topP: number;
  /** How strongly the music recalls its own past; null as strongly as the model does unless told. */
  recall: number | null;
  /** The share of repeated figures at which the recall falls silent. */
  budget: number;
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
    typed: '',
    notes: 120,
    seconds: null,
    seed: 42,
    temperature: GENERATION_SAMPLING.temperature,
    timeTemperature: 1,
    stepTemperature: null,
    durationTemperature: null,
    topP: 1,
    recall: null,
    budget: GENERATION_RECALL.budget,
  },
};

/** The ends of the field of seconds. */
export const LEAST_SECONDS = 0.1;
export const MOST_SECONDS = 3600;

/** The ends of the sliders of recall and budget. */
export const MOST_RECALL = 10;
export const MOST_BUDGET = 0.3;

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
