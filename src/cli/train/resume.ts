import { existsSync } from 'node:fs';
import type { RoundSettings } from '../../distributed/rounds/settings.ts';
import { DataError, UsageError } from '../../errors.ts';
import {
  checkTogether,
  musicModel,
  originOf,
  scheduleFalls,
  overriding,
  PRESETS,
  parseSettings,
  trainedOnCopies,
  type MusicExtra,
  type MusicModel,
  type SettingKey,
  type Settings,
} from '../../music/index.ts';
import { CheckpointError, type Checkpoint } from '../../nn/index.ts';
import { FileError } from '../files.ts';
import { flagName } from '../options.ts';
import { hasModel, readCheckpoint, readMusicModel, runPaths } from '../run-folder.ts';
import { settingText } from '../../music/setting-words.ts';
import { overridesFrom, type SettingTexts } from '../setting-options.ts';
import { readRunConfig, type RunConfig, type SampleLength } from './run-config.ts';
import { counted, inWords } from '../../text/words.ts';

/** Where a run stands, and how it goes on. */
export interface ResumePoint {
  /** Undefined when the run was stopped before it had saved anything: then it begins anew. */
  checkpoint?: Checkpoint;
  preset: string;
  settings: Settings;
  sources: readonly string[];
  backend: string;
  threads: number | 'auto';
  sampleNotes: SampleLength;
  /** The model whose codec the run has, where it began with the weights of one. */
  from?: MusicModel;
  /** Where that lies. */
  fromPath?: string;
  /** How several machines train it together, where they do. */
  rounds?: RoundSettings;
  /** The settings that differ from those of the run so far. */
  changed: SettingKey[];
  /** The rate from which a falling schedule is laid anew, if it is. */
  scheduleFrom?: 'here' | number;
}

/** Settings that a run may go on with otherwise than it began. */
const CHANGEABLE: readonly SettingKey[] = [
  'epochs',
  'maxSteps',
  'minutes',
  'patience',
  'checkpointEvery',
  'learningRate',
  'clip',
  'clipValue',
];

/** Those after which the steps to come differ from those of an undisturbed run. */
export const CHANGES_STEPS: readonly SettingKey[] = ['learningRate', 'clip', 'clipValue'];

/** What the command line says about going on. */
export interface ResumeRequest {
  out: string;
  preset?: string;
  /** The settings that were given. */
  texts: SettingTexts;
  /** The data that were given; those of the run where none were. */
  sources: readonly string[];
  /** Whether a falling schedule is laid anew over what is left of the run. */
  scheduleFrom?: 'start' | 'here';
}

/**
 * Whether there is a run to go on with; changes nothing.
 * @throws FileError
 */
export function checkResumable(out: string): void {
  if (existsSync(runPaths(out).config) || hasModel(out)) return;
  throw new FileError('failed', out, 'there is no run to go on with. Leave out --resume, or name its folder.');
}

/**
 * Reads a run folder in order to go on with it.
 * @throws UsageError when a setting that was given would make another run of it; DataError, CheckpointError, FileError when
 *   the folder holds no run or a damaged one
 */
export function resumePoint({ out, preset, texts, sources, scheduleFrom }: ResumeRequest): ResumePoint {
  checkResumable(out);
  const paths = runPaths(out);
  const checkpoint = existsSync(paths.last) || existsSync(paths.best) ? newestCheckpoint(out) : undefined;
  // The checkpoint knows its settings; only the data and the engine are in config.json alone.
  const config =
    sources.length > 0 && checkpoint && !existsSync(paths.config) ? undefined : readRunConfig(paths.config);
  const recorded = checkpoint ? extraOf(checkpoint, out) : config!;
  checkPreset(preset, recorded.preset);
  if (!Object.hasOwn(PRESETS, recorded.preset)) {
    throw new DataError(
      `${out}: the run says that its preset is "${recorded.preset}", which this Etude does not know; expected ${inWords(Object.keys(PRESETS))}. The file is damaged, or of a newer version.`,
    );
  }
  if (checkpoint && trainedOnCopies(checkpoint)) {
    throw new DataError(
      `${out}: this run was begun by an earlier version of Etude, which trained on copies of the pieces in other keys and tempos; ` +
        'now each window is moved when it is trained on (--transpose, --tempo), so that the windows are not those of the run. ' +
        'Its model can be used as it is; to train, start a new run.',
    );
  }
  const { settings, changed } = changedSettings(parseSettings(recorded.settings), texts);
  return {
    checkpoint,
    ...originOfRun(out, checkpoint, config?.from),
    preset: recorded.preset,
    settings,
    changed,
    scheduleFrom: scheduleFrom === 'here' ? startOfFall(settings, texts) : undefined,
    sources: sources.length > 0 ? sources : config!.sources,
    backend: config?.backend ?? 'auto',
    threads: config?.threads ?? 'auto',
    sampleNotes: config ? config.sampleNotes : 'auto',
    rounds: config?.rounds,
  };
}

/** The codec of a run that began with a model's weights is not fitted anew; before it saved anything, it is that model's. */
function originOfRun(
  out: string,
  checkpoint: Checkpoint | undefined,
  recorded: RunConfig['from'],
): Pick<ResumePoint, 'from' | 'fromPath'> {
  if (checkpoint) {
    const model = musicModel(checkpoint);
    return model.from ? { from: model, fromPath: model.from.path } : {};
  }
  if (!recorded) return {};
  const from = readMusicModel(recorded.path);
  if (originOf(from).digest === recorded.digest) return { from, fromPath: recorded.path };
  throw new DataError(
    `${out}: the run was begun from ${recorded.path}, which holds other weights now. Restore that model, or start a new run.`,
  );
}

/** A learning rate that is given beside it is where the fall begins. */
function startOfFall({ schedule, learningRate }: Settings, texts: SettingTexts): 'here' | number {
  if (scheduleFalls(schedule)) return texts.learningRate === undefined ? 'here' : learningRate;
  throw new UsageError(
    `--schedule-from: the schedule of this run is ${schedule}; only cosine and linear can span the rest of a run.`,
  );
}

/** `last`, or `best` in a run that was killed between saving the two for the first time; both can be resumed from. */
function newestCheckpoint(out: string): Checkpoint {
  const { last, best } = runPaths(out);
  return readCheckpoint(existsSync(last) ? last : best);
}

function extraOf(checkpoint: Checkpoint, out: string): MusicExtra {
  // Reads it with all checks, for the sake of its errors.
  const { preset, settings } = musicModel(checkpoint);
  if (!checkpoint.training) throw new CheckpointError(`${out}: the model holds no training state to go on from.`);
  return { ...(checkpoint.extra as MusicExtra), preset, settings };
}

function checkPreset(given: string | undefined, recorded: string): void {
  if (given === undefined || given === recorded) return;
  throw new UsageError(`--preset: the run was begun with ${recorded} and cannot go on with ${given}.`);
}

function changedSettings(recorded: Settings, texts: SettingTexts): { settings: Settings; changed: SettingKey[] } {
  const overrides = overriding(overridesFrom(texts));
  // What was left to the music when the run began is so still.
  if (overrides.time === 'auto') delete overrides.time;
  const settings = parseSettings({ ...recorded, ...overrides });
  const changed = (Object.keys(overrides) as SettingKey[]).filter((key) => settings[key] !== recorded[key]);
  for (const key of changed) {
    if (CHANGEABLE.includes(key)) continue;
    throw new UsageError(
      `${flagName(key)}: the run was begun with ${settingText(key, recorded)} and cannot go on with ` +
        `${settingText(key, settings)}; only how long it trains can change (${CHANGEABLE.map(flagName).join(', ')}). Start a new run in another --out.`,
    );
  }
  checkTogether(settings);
  return { settings, changed };
}

/**
 * Whether the music and what was made of it are those that a run was begun with.
 * @throws DataError that says what is different
 */
export function checkSameMusic({ extra, spec }: Checkpoint, now: { extra: MusicExtra; spec: unknown }): void {
  const then = extra as MusicExtra;
  const differences = (['train', 'validation'] as const).flatMap((side) =>
    describeDifference(side, then.data[side], now.extra.data[side]),
  );
  const advice = 'A resumed run needs exactly the music that it started with. Restore it, or start a new run.';
  if (differences.length > 0) {
    throw new DataError(`the music is not what the run was begun with: ${differences.join('; ')}. ${advice}`);
  }
  const same =
    JSON.stringify(then.codec) === JSON.stringify(now.extra.codec) && JSON.stringify(spec) === JSON.stringify(now.spec);
  if (!same) {
    throw new DataError(
      `this version of Etude makes another model of the same music than the run has. Start a new run.`,
    );
  }
}

function describeDifference(side: string, then: readonly string[], now: readonly string[]): string[] {
  const gone = then.filter((digest) => !now.includes(digest)).length;
  const added = now.filter((digest) => !then.includes(digest)).length;
  const name = side === 'train' ? 'training' : side;
  if (gone + added > 0) {
    return [`of the ${counted(then.length, `${name} piece`)} ${gone} are missing or changed, and ${added} are new`];
  }
  return then.join() === now.join() ? [] : [`the ${name} pieces come in another order`];
}
