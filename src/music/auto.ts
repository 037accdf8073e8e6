import type { PresetChoice } from './choose-preset.ts';
import { resolveSettings, type PresetName } from './presets.ts';
import { overriding, SETTINGS, type Settings } from './settings.ts';

/** The word that stands for the preset that suits the music. */
export const AUTO = 'auto';

/** Settings with which music is read before anything is chosen by it. */
export function openSettings(given: Partial<Settings>): Settings {
  return resolveSettings('songbook', { ...given, seqLength: given.seqLength ?? 1 });
}

/** What a choice comes to. */
export interface SettledChoice {
  preset: PresetName;
  settings: Settings;
  /** Why, a sentence each. */
  why: string[];
}

/**
 * The settings of what was chosen for some music, those that the user gave in their place.
 * @throws UsageError for a value out of range
 */
export function settleChoice({ preset, changes, why }: PresetChoice, given: Partial<Settings>): SettledChoice {
  // An end that was given is the end, whatever would be chosen.
  const asked = overriding(given);
  const settings = resolveSettings(preset, { ...changes, ...asked });
  const unless = SETTINGS.filter(({ key }) => key in changes && key in asked && settings[key] !== changes[key]);
  const kept = unless.map(({ key, flag, none }) => `--${flag} ${String(settings[key] ?? none)}`);
  return { preset, settings, why: kept.length > 0 ? [...why, `Set by you: ${kept.join(', ')}.`] : why };
}
