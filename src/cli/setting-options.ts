import { UsageError } from '../errors.ts';
import { PRESETS, type PresetName } from '../music/presets.ts';
import { changesOfPreset, settingText } from '../music/setting-words.ts';
import {
  describeSetting,
  parseSettingText,
  SETTINGS,
  type SettingInfo,
  type SettingKey,
  type Settings,
} from '../music/settings.ts';
import { nearest, type OptionSpec } from './options.ts';
import { quoted } from '../text/table.ts';

/** Settings in the words in which they were given: text for values, true for switches. */
export type SettingTexts = Partial<Record<SettingKey, string | boolean>>;

/** The headings in the help. */
const GROUPS: Readonly<Record<SettingInfo['group'], string>> = {
  data: 'Data:',
  codec: 'Encoding of notes:',
  network: 'Network and loss:',
  training: 'Training:',
};

/** An option for each setting of a run. What is not given is as the preset has it. */
export const SETTING_OPTIONS = Object.fromEntries(
  SETTINGS.flatMap((info): [string, OptionSpec<boolean> | OptionSpec<string | undefined>][] => [
    [info.key, settingOption(info)],
    ...(info.off
      ? [[offKey(info), { help: info.off, group: GROUPS[info.group] }] as [string, OptionSpec<boolean>]]
      : []),
  ]),
) as {
  readonly [Key in SettingKey]: Settings[Key] extends boolean ? OptionSpec<boolean> : OptionSpec<string | undefined>;
} & { readonly noSustain: OptionSpec<boolean> };

/** `sustain` is turned off by `--no-sustain`. */
function offKey({ key }: SettingInfo): string {
  return `no${key[0].toUpperCase()}${key.slice(1)}`;
}

function settingOption(info: SettingInfo): OptionSpec<boolean> | OptionSpec<string | undefined> {
  const help = `${info.help} (${presetValues(info)})`;
  const group = GROUPS[info.group];
  if (info.kind === 'boolean') return { help, group };
  return { value: valueWord(info), help, group, parse: (given) => checkText(info, given) };
}

/** The text itself, so that it can be echoed as it was typed; what it means is read again by {@link overridesFrom}. */
function checkText(info: SettingInfo, given: string): string {
  try {
    parseSettingText(info, given);
    return given;
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    const meant = info.choices && nearest(given, info.choices);
    throw new UsageError(`Expected ${describeSetting(info)}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`);
  }
}

function valueWord({ kind, choices, none }: SettingInfo): string {
  const word = { integer: 'n', number: 'x', boolean: '', choice: choices?.join('|') ?? '', text: 'text' }[kind];
  return none === undefined ? word : `${word}|${none}`;
}

/** What each preset says: `quick 0.004, tutorial 0.005`, or one value where they agree. */
function presetValues(info: SettingInfo): string {
  const values = (Object.keys(PRESETS) as PresetName[]).map(
    (preset) => [preset, settingText(info.key, PRESETS[preset])] as const,
  );
  if (values.every(([, value]) => value === values[0][1])) return `default: ${values[0][1]}`;
  return `default: ${values.map(([preset, value]) => `${preset} ${value}`).join(', ')}`;
}

/** The settings that differ from those of the preset, as they would be typed: `--batch-size 32 --velocity classes`. */
export function echoSettings(preset: string, settings: Settings): string {
  return changesOfPreset(preset, settings).map(quoted).join(' ');
}

/** The settings among the values of a command's options that were given, in the words in which they were. */
export function givenSettings(options: Readonly<Record<string, unknown>>): SettingTexts {
  const given = SETTINGS.map(
    (info) => [info.key, options[offKey(info)] === true ? false : options[info.key] || undefined] as const,
  );
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** What the words mean. */
export function overridesFrom(texts: SettingTexts): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => {
      const info = SETTINGS.find((candidate) => candidate.key === key)!;
      return [key, typeof text === 'string' ? parseSettingText(info, text) : text];
    }),
  );
}
