import { resolveSettings } from './presets.ts';
import { SETTINGS, type SettingKey, type Settings } from './settings.ts';

/** The value of a setting as it would be typed. */
export function settingText(key: SettingKey, settings: Settings): string {
  const { none = 'none' } = SETTINGS.find((info) => info.key === key)!;
  return String(settings[key] ?? none);
}

/** Some settings as the words that would be typed: `--hidden-size`, `64`, `--no-sustain`. */
export function settingWords(settings: Settings, keys: readonly SettingKey[]): string[] {
  return keys.flatMap((key) => {
    const { flag, kind } = SETTINGS.find((info) => info.key === key)!;
    if (kind === 'boolean') return [`--${settings[key] === true ? '' : 'no-'}${flag}`];
    return [`--${flag}`, settingText(key, settings)];
  });
}

/** The settings that differ from those of a preset, as the words that would be typed. */
export function changesOfPreset(preset: string, settings: Settings): string[] {
  const original = resolveSettings(preset);
  const changed = SETTINGS.map(({ key }) => key).filter((key) => settings[key] !== original[key]);
  return settingWords(settings, changed);
}
