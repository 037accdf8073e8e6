import { messageOf } from '../../errors.ts';
import { parseSettingText, SETTINGS, type Settings } from '../../music/settings.ts';
import { SHOWN_QUANTITIES } from './phrase.ts';
import {
  INITIAL_STATE,
  LEAST_SECONDS,
  LEAST_TEMPO,
  MOST_BUDGET,
  MOST_RECALL,
  MOST_SECONDS,
  MOST_TEMPO,
  PRESET_NAMES,
  type PlayState,
  type StudioState,
  type ViewState,
} from './state.ts';

/** What an address says, and what of it could not be understood, in sentences. */
export interface DecodedState {
  state: StudioState;
  problems: string[];
}

type Reader<T> = (text: string) => T;
type Readers<T> = { readonly [K in keyof T]: Reader<T[K]> };

const count = whole(1, 1_000_000);

/** How each part of the state is read; each throws a sentence's end. */
const VIEW: Readers<ViewState> = {
  piece: (text) => text,
  from: whole(0, 1_000_000),
  count: whole(2, 512),
  layer: whole(0, 15),
  unit: whole(0, 8191),
  at: whole(0, 511),
  quantity: (text) => {
    const found = SHOWN_QUANTITIES.find((name) => name === text);
    if (!found) throw new Error(`one of ${SHOWN_QUANTITIES.join(', ')}`);
    return found;
  },
};
const PLAY: Readers<PlayState> = {
  primer: (text) => text,
  typed: (text) => text,
  notes: count,
  seconds: number(LEAST_SECONDS, MOST_SECONDS),
  tempo: number(LEAST_TEMPO, MOST_TEMPO),
  seed: whole(0, Number.MAX_SAFE_INTEGER),
  temperature,
  timeTemperature: temperature,
  stepTemperature: temperature,
  durationTemperature: temperature,
  topP: (text) => {
    const value = Number(text);
    if (!(value > 0 && value <= 1)) throw new Error('a number above 0 and up to 1');
    return value;
  },
  recall: number(0, MOST_RECALL),
  budget: number(0, MOST_BUDGET),
};

/**
 * The part of an address behind the #: what differs from a fresh page, settings under the names of their flags, the view's
 * parts after `view-`, those of playing after `play-`.
 */
export function encodeState({ preset, overrides, threads, view, play }: StudioState): string {
  const parts = new URLSearchParams();
  if (preset !== INITIAL_STATE.preset) parts.set('preset', preset);
  for (const { key, flag, none } of SETTINGS) {
    const value = overrides[key];
    if (value !== undefined) parts.set(flag, String(value ?? none));
  }
  if (threads !== 'auto') parts.set('threads', String(threads));
  encodeGroup(parts, 'view', view, INITIAL_STATE.view);
  encodeGroup(parts, 'play', play, INITIAL_STATE.play);
  return parts.toString();
}

/** Reads what {@link encodeState} wrote, or what somebody typed: what cannot be understood is named and left out. */
export function decodeState(text: string): DecodedState {
  const problems: string[] = [];
  const state = structuredClone(INITIAL_STATE);
  const parts = new URLSearchParams(text.replace(/^#/, ''));
  const attempt = (name: string, read: () => void): void => {
    try {
      read();
    } catch (thrown) {
      problems.push(`${name} in the address: expected ${messageOf(thrown)}, got “${parts.get(name)}”; it is left out.`);
    }
  };
  for (const [name, value] of parts) {
    const setting = SETTINGS.find(({ flag }) => flag === name);
    const [group, key] = splitName(name);
    if (setting) attempt(name, () => setOverride(state, setting, value));
    else if (name === 'preset') attempt(name, () => (state.preset = presetOf(value)));
    else if (name === 'threads')
      attempt(name, () => (state.threads = value === 'auto' ? 'auto' : whole(1, 256)(value)));
    else if (group === 'view' && key in VIEW) attempt(name, () => readInto(state.view, VIEW, key, value));
    else if (group === 'play' && key in PLAY) attempt(name, () => readInto(state.play, PLAY, key, value));
    else if (name !== 'model') problems.push(`“${name}” in the address: the page knows nothing of that name.`);
  }
  return { state, problems };
}

function setOverride(state: StudioState, setting: (typeof SETTINGS)[number], value: string): void {
  try {
    Object.assign(state.overrides, { [setting.key]: parseSettingText(setting, value) } satisfies Partial<Settings>);
  } catch (thrown) {
    // The library's sentence begins with the flag and ends with what came; only its middle is needed.
    throw new Error(/expected (.*), got/.exec(messageOf(thrown))?.[1] ?? messageOf(thrown), { cause: thrown });
  }
}

function presetOf(text: string): StudioState['preset'] {
  const found = PRESET_NAMES.find((name) => name === text);
  if (!found) throw new Error(`one of ${PRESET_NAMES.join(', ')}`);
  return found;
}

function readInto<T extends object>(to: T, readers: Readers<T>, key: string, text: string): void {
  const name = key as keyof T;
  to[name] = readers[name](text);
}

function encodeGroup<T extends object>(parts: URLSearchParams, group: string, values: T, initial: T): void {
  for (const key of Object.keys(values) as (keyof T & string)[]) {
    if (values[key] !== initial[key])
      parts.set(`${group}-${key.replace(/[A-Z]/g, '-$&').toLowerCase()}`, String(values[key]));
  }
}

/** `play-top-p` is the part `topP` of the group `play`. */
function splitName(name: string): [group: string, key: string] {
  const [group, ...words] = name.split('-');
  return [group, words.join('-').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
}

function whole(min: number, max: number): Reader<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) throw new Error(`a whole number from ${min} to ${max}`);
    return value;
  };
}

function number(min: number, max: number): Reader<number> {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max)) throw new Error(`a number from ${min} to ${max}`);
    return value;
  };
}

function temperature(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100)) throw new Error('a number above 0 and up to 100');
  return value;
}
