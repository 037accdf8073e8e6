import { UsageError } from '../errors.ts';
import type { Codec } from '../midi/index.ts';
import type { NamedArrays } from '../nn/index.ts';
import { sha256 } from '../sha256.ts';
import type { ModelOrigin } from './model-origin.ts';
import type { MusicModel } from './music-model.ts';
import { resolveSettings } from './presets.ts';
import { checkTogether, overriding, parseSettings, SETTINGS, type SettingKey, type Settings } from './settings.ts';

/** Beside the weights' own shapes, how notes are heard: what weights have learned under one of these means nothing under another. */
const KEPT: readonly SettingKey[] = ['sustain', 'chords', 'time', 'cell', 'layers', 'hiddenSize', 'headHidden'];

/** Whether a setting stays what it is in the model: its codec's, those of its layers, and how it hears. */
function isKept({ key, group }: (typeof SETTINGS)[number]): boolean {
  return group === 'codec' || KEPT.includes(key);
}

/**
 * The rate at which a model is trained on, of that at which one is trained from the beginning. Its weights are good already,
 * and Adam, whose moments begin anew, takes its first steps at the full rate whatever the gradient: at the usual rate they
 * would undo what was learned.
 */
const GENTLER = 1 / 3;

/**
 * The settings for training a model on, on other music: its own, or where a preset is given those of data and training from
 * the preset; with a third of their learning rate, unless the model was trained on before. What decides over codec, layers
 * and hearing is always the model's.
 *
 * @param overrides settings in place of those
 * @throws UsageError for an override that the weights do not allow, an unknown preset or key, or a value out of range
 */
export function fineTuningSettings(
  { settings: own, from }: Pick<MusicModel, 'settings' | 'from'>,
  { preset, overrides = {} }: { preset?: string; overrides?: Partial<Record<string, unknown>> } = {},
): Settings {
  const usual = preset === undefined ? own : resolveSettings(preset);
  const fromPreset = SETTINGS.filter((info) => ['data', 'training'].includes(info.group) && !isKept(info));
  // How many files were taken was said of other music, and what was frozen of another beginning.
  const ours = preset === undefined ? { files: null, freeze: null } : {};
  const base = { ...own, ...Object.fromEntries(fromPreset.map(({ key }) => [key, usual[key]])), ...ours };
  const gentler = preset === undefined && from ? 1 : GENTLER;
  const learningRate = Number((gentler * base.learningRate).toPrecision(3));
  const settings = parseSettings({ ...base, learningRate, ...overriding(overrides) });
  // How time is counted was left to the music once, and is the model's since.
  if (overrides.time === 'auto') settings.time = own.time;
  refuseOthers(settings, own);
  checkTogether(settings);
  return settings;
}

/**
 * Whether a run with these settings and this codec can begin with the weights of a model.
 * @throws UsageError that names what is different
 */
export function checkFineTuning(settings: Settings, codec: Codec, model: MusicModel): void {
  refuseOthers(settings, model.settings);
  if (JSON.stringify(codec.spec) === JSON.stringify(model.codec.spec)) return;
  throw new UsageError(
    "from: the data were prepared with another codec than the model's, whose classes would mean something else. Prepare them with { codec: model.codec }.",
  );
}

/** Where the weights of a run come from that begins with those of a model. */
export function originOf({ parameters, data, from }: MusicModel, path?: string): ModelOrigin {
  const trainedOn = [...new Set([...(from?.trainedOn ?? []), ...data.train])];
  return { ...(path !== undefined && { path }), digest: digestOf(parameters), trainedOn };
}

function refuseOthers(settings: Settings, own: Settings): void {
  const other = SETTINGS.find((info) => isKept(info) && settings[info.key] !== own[info.key]);
  if (!other) return;
  const { key, flag, group, none } = other;
  const why =
    group === 'network'
      ? 'its weights have no other shape'
      : 'its weights have learned what notes are in this way, and would read others wrongly';
  throw new UsageError(
    `--${flag}: the model has ${String(own[key] ?? none)} and cannot be trained on with ${String(settings[key] ?? none)}: ${why}. ` +
      `Leave out --${flag}, or train a new model.`,
  );
}

/** SHA-256 of weights, in the order of their names. */
function digestOf(parameters: NamedArrays): string {
  return sha256(...Object.keys(parameters).sort().map((name) => parameters[name])); // prettier-ignore
}
