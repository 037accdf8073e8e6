import { GENERATION_SAMPLING } from '../../music/drawing/default-sampling.ts';
import { AUTO, settleChoice } from '../../music/auto.ts';
import type { PresetChoice } from '../../music/choose-preset.ts';
import { PRESETS, resolveSettings, type PresetName } from '../../music/presets.ts';
import type { Settings } from '../../music/settings.ts';
import type { ShownQuantity } from './phrase.ts';

/** In the place of a piece's path, which has an ending: nothing is heard first. */
export const NO_PRIMER = 'none';

/** How music is drawn. */
export interface PlayState {
  /** The path of the piece whose opening the model hears first; '' for the model's own, `NO_PRIMER` for nothing. */
  primer: string;
  /** Notes in the notation, heard in the place of a piece; '' for none. */
  typed: string;
  /** null until the network ends the piece, or as many as is usual where it cannot. */
  notes: number | null;
  /** In place of so many notes: where the music ends. */
  seconds: number | null;
  /** Quarters a minute, of a network that counts beats; null is its own tempo. */
  tempo: number | null;
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
  /** The share of repeated figures at which the recall falls silent; null as much as the model's music repeats itself. */
  budget: number | null;
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
  /** Of a cell without it the output is shown. */
  quantity: ShownQuantity;
}

/** A preset, or the word for what suits the music. */
export type PresetChoiceName = PresetName | typeof AUTO;

/** Everything of the page that is chosen and not computed: what its address says, so that it can be shared. */
export interface StudioState {
  /** `auto` is what suits the music. */
  preset: PresetChoiceName;
  /** Settings that differ from the preset's, or from what suits the music. */
  overrides: Partial<Settings>;
  threads: number | 'auto';
  view: ViewState;
  play: PlayState;
}

export const PRESET_NAMES = [AUTO, ...(Object.keys(PRESETS) as PresetName[])] as const;

export const INITIAL_STATE: StudioState = {
  preset: AUTO,
  overrides: {},
  threads: 'auto',
  view: { piece: '', from: 0, count: 64, layer: 0, unit: 0, at: 0, quantity: 'c' },
  play: {
    primer: '',
    typed: '',
    notes: null,
    seconds: null,
    tempo: null,
    seed: 42,
    temperature: GENERATION_SAMPLING.temperature,
    timeTemperature: 1,
    stepTemperature: null,
    durationTemperature: null,
    topP: 1,
    recall: null,
    budget: null,
  },
};

/** The ends of the field of seconds. */
export const LEAST_SECONDS = 0.1;
export const MOST_SECONDS = 3600;

/** The ends of the field of the tempo: what a file can say. */
export const LEAST_TEMPO = 4;
export const MOST_TEMPO = 60_000;

/** The ends of the sliders of recall and budget. */
export const MOST_RECALL = 10;
export const MOST_BUDGET = 1;

/** What there was to choose by before the music was looked at. */
const UNSEEN: PresetChoice = { preset: 'songbook', changes: {}, why: [] };

/**
 * The settings that a state means.
 * @param choice what suits the music, once that is known
 */
export function settingsOf(
  { preset, overrides }: Pick<StudioState, 'preset' | 'overrides'>,
  choice: PresetChoice = UNSEEN,
): Settings {
  return preset === AUTO ? settleChoice(choice, overrides).settings : resolveSettings(preset, overrides);
}

/** Holds the state, and what suits the music, and tells of every change. */
export class Store {
  #state: StudioState;
  #choice?: PresetChoice;
  readonly #listeners: ((state: StudioState) => void)[] = [];

  constructor(state: StudioState) {
    this.#state = state;
  }

  get state(): StudioState {
    return this.#state;
  }

  /** The settings that the state means. */
  get settings(): Settings {
    return this.settingsWith(this.#state.overrides);
  }

  /** What they would be with other overrides. */
  settingsWith(overrides: Partial<Settings>): Settings {
    return settingsOf({ ...this.#state, overrides }, this.#choice);
  }

  /** Why the settings are what they are, where the music says it. */
  get why(): string[] {
    const { preset, overrides } = this.#state;
    return preset === AUTO && this.#choice ? settleChoice(this.#choice, overrides).why : [];
  }

  set(patch: Partial<StudioState>): void {
    this.#state = { ...this.#state, ...patch };
    this.#tell();
  }

  setChoice(choice: PresetChoice): void {
    this.#choice = choice;
    this.#tell();
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

  #tell(): void {
    for (const listener of this.#listeners) listener(this.#state);
  }
}
