import { DataError, messageOf } from '../errors.ts';
import {
  checkSetting,
  describeSetting,
  SETTINGS,
  type SettingInfo,
  type SettingKey,
  type Settings,
} from '../music/index.ts';
import { inWords, isWithin } from '../text/words.ts';

/** A space of settings that makes no sense. */
export class SpaceError extends DataError {
  override name = 'SpaceError';
}

/** The values that a setting is drawn from. */
export type Values =
  | { kind: 'choices'; values: readonly unknown[] }
  | { kind: 'range'; from: number; to: number; log: boolean; whole: boolean; steps?: number };

/** A setting that a sweep draws. */
export interface Dimension {
  key: SettingKey;
  flag: string;
  values: Values;
}

/** What a sweep draws its runs from: dimensions in the order of the help, so that the order in the file means nothing. */
export type Space = readonly Dimension[];

/** Settings of a run that a sweep draws; the rest are those of its base. */
export type Drawn = Partial<Settings>;

/** Settings that no sweep draws, and why. */
const NEVER: Partial<Record<SettingKey, string>> = {
  minutes: 'a run that ends by the clock gives other results each time; use max-steps or epochs',
};

/**
 * Reads a space of settings from JSON: an object whose keys are names of flags of `etude train`, each with a fixed value, an array of
 * choices, or a range `{ "from": 0.001, "to": 0.01, "log": true }`; a grid takes `"steps"` values of a range.
 * @throws SpaceError that names the key, what was expected and what came
 */
export function parseSpace(json: unknown): Space {
  if (!isObject(json)) throw new SpaceError(`expected an object with names of settings, such as {"hidden-size": [64, 128]}, got ${shown(json)}.`); // prettier-ignore
  const dimensions = Object.entries(json).map(([flag, value]) => {
    const info = settingOf(flag);
    const never = NEVER[info.key];
    if (never !== undefined) throw new SpaceError(`"${flag}" cannot be swept: ${never}.`);
    return { key: info.key, flag, values: parseValues(info, value) };
  });
  if (dimensions.length === 0) throw new SpaceError('the object is empty: expected at least one setting.');
  const place = ({ key }: Dimension): number => SETTINGS.findIndex((info) => info.key === key);
  return dimensions.sort((a, b) => place(a) - place(b));
}

function settingOf(flag: string): SettingInfo {
  const found = SETTINGS.find((info) => info.flag === flag);
  if (found) return found;
  const known = SETTINGS.filter(({ key }) => NEVER[key] === undefined).map((info) => info.flag);
  const spelt = SETTINGS.find(({ key }) => key === flag);
  const hint = spelt ? `it is written "${spelt.flag}"` : `the settings are ${inWords(known, 'and')}`;
  throw new SpaceError(`there is no setting "${flag}"; ${hint}.`);
}

function parseValues(info: SettingInfo, value: unknown): Values {
  if (Array.isArray(value)) return parseChoices(info, value);
  if (isObject(value)) return parseRange(info, value);
  return { kind: 'choices', values: [checked(info, value)] };
}

function parseChoices(info: SettingInfo, given: readonly unknown[]): Values {
  if (given.length === 0) throw new SpaceError(`"${info.flag}": expected at least one choice, got an empty list.`);
  const values = given.map((value) => checked(info, value));
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw new SpaceError(`"${info.flag}": ${shown(twice)} is listed twice.`);
  return { kind: 'choices', values };
}

/** A value as the setting has it; the word for "none" may be written instead of null. */
function checked(info: SettingInfo, value: unknown): unknown {
  try {
    return checkSetting(info, value === info.none ? null : value);
  } catch (thrown) {
    throw new SpaceError(`"${info.flag}": expected ${describeSetting(info)}, a list of such values, or a range, got ${shown(value)}.`, { cause: thrown }); // prettier-ignore
  }
}

const RANGE_KEYS = ['from', 'to', 'log', 'steps'];

function parseRange(info: SettingInfo, given: Record<string, unknown>): Values {
  const { flag, kind } = info;
  const refuse = (why: string): never => {
    throw new SpaceError(`"${flag}": ${why}`);
  };
  if (kind !== 'integer' && kind !== 'number') refuse(`only numbers have ranges; expected ${describeSetting(info)}, or a list of choices.`); // prettier-ignore
  const unknown = Object.keys(given).find((key) => !RANGE_KEYS.includes(key));
  if (unknown !== undefined) refuse(`a range has no "${unknown}"; expected ${inWords(RANGE_KEYS, 'and')}.`);
  const { from, to, log = false, steps } = given;
  const whole = kind === 'integer';
  for (const [name, bound] of [
    ['from', from],
    ['to', to],
  ] as const) {
    const fits = whole ? Number.isSafeInteger(bound) : Number.isFinite(bound);
    if (!fits || !isWithin(bound as number, info)) refuse(`"${name}" of the range: expected ${describeSetting({ ...info, none: undefined })}, got ${shown(bound)}.`); // prettier-ignore
  }
  const [low, high] = [from as number, to as number];
  if (low >= high) refuse(`expected a range from a smaller to a larger number, got ${low} to ${high}.`);
  if (typeof log !== 'boolean') refuse(`"log" of the range: expected true or false, got ${shown(log)}.`);
  if (log === true && low <= 0) refuse(`a logarithmic range begins above 0, not at ${low}.`);
  if (steps !== undefined && !(Number.isSafeInteger(steps) && (steps as number) >= 2 && (steps as number) <= 1000)) {
    refuse(`"steps" of the range: expected a whole number from 2 to 1,000, got ${shown(steps)}.`);
  }
  return { kind: 'range', from: low, to: high, log: log === true, whole, ...(steps !== undefined && { steps: steps as number }) }; // prettier-ignore
}

/**
 * Reads the text of a file that holds a space.
 * @param name of the file, for errors
 * @throws SpaceError
 */
export function parseSpaceText(text: string, name: string): { space: Space; json: unknown } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    throw new SpaceError(`${name}: expected JSON: ${messageOf(thrown)}.`, { cause: thrown });
  }
  try {
    return { space: parseSpace(json), json };
  } catch (thrown) {
    throw thrown instanceof SpaceError ? new SpaceError(`${name}: ${thrown.message}`, { cause: thrown }) : thrown;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
