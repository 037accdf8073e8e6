import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gridOf } from '../../distributed/draw.ts';
import { checkHalvingSettings } from '../../distributed/plan-runs.ts';
import { rungsOf, type Halving } from '../../distributed/asha.ts';
import { digestOfMusic } from '../../distributed/run-id.ts';
import { parseSpaceText } from '../../distributed/space.ts';
import { DataError, messageOf, UsageError } from '../../errors.ts';
import { AUTO, openSettings, resolveSettings, SETTINGS, type Settings } from '../../music/index.ts';
import { formatCount } from '../../text/words.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { Call } from '../command.ts';
import { limitsOf } from '../reading-options.ts';
import { givenSettings, overridesFrom } from '../setting-options.ts';
import type { sweep as words } from '../sweep-table.ts';
import { settlePlan, type SettledPlan } from '../train/settle-plan.ts';
import { describeCorpus } from '../train/read-music.ts';
import { readSweepConfig, writeSweepConfig, type SweepConfig } from './sweep-folder.ts';

export type SweepCall = Call<(typeof words)['options']>;

const DEFAULT_RUNS = 16;
const DEFAULT_REDUCTION = 4;
const DEFAULT_MOST_STEPS = 4000;

/** What can be said of the words alone. @returns the folder of the sweep */
export function checkSweepCall({ args, options }: SweepCall): string {
  const { out, resume, space, method = 'random' } = options;
  if (out === undefined) throw new UsageError('sweep: name the folder to write with --out, for instance --out sweeps/first.'); // prettier-ignore
  if (resume) {
    if (args.length > 0) throw new UsageError('sweep: with --resume the music is that of the sweep; leave it out.');
    return out;
  }
  if (args.length === 0) throw new UsageError('sweep: name the music to learn from: MIDI files, folders or patterns, for instance data/songbook.'); // prettier-ignore
  if (space === undefined) throw new UsageError('sweep: name the file with the settings to draw from with --space, for instance --space space.json.'); // prettier-ignore
  if (method !== 'asha') {
    const key = (['reduction', 'leastSteps', 'mostSteps'] as const).find((each) => options[each] !== undefined);
    const flags = { reduction: '--reduction', leastSteps: '--least-steps', mostSteps: '--most-steps' };
    if (key) throw new UsageError(`sweep: ${flags[key]} has no effect without --method asha. Add it, or leave out ${flags[key]}.`); // prettier-ignore
  } else {
    checkHalvingSettings(givenBase(options));
    halvingOf(options);
  }
  return out;
}

/** The settings that were given for all runs. The minutes are those of the sweep. */
function givenBase(options: SweepCall['options']): Partial<Settings> {
  return overridesFrom(givenSettings({ ...options, minutes: undefined }));
}

function halvingOf({ reduction = DEFAULT_REDUCTION, mostSteps = DEFAULT_MOST_STEPS, ...options }: SweepCall['options']): Halving {
  const { runs = DEFAULT_RUNS, leastSteps = Math.max(1, Math.round(mostSteps / 16)) } = options;
  const halving = { reduction, leastSteps, mostSteps };
  const rungs = rungsOf(halving);
  const needed = reduction ** (rungs.length - 1);
  if (runs < needed) {
    throw new UsageError(`--runs: of ${formatCount(runs)} none would reach the last of ${rungs.length} rungs (${rungs.map(formatCount).join(', ')} steps), since 1 in ${reduction} goes on; expected at least ${formatCount(needed)}, or a larger --least-steps.`); // prettier-ignore
  }
  return halving;
} // prettier-ignore

/**
 * Reads the space and the music, and settles by it what was left open.
 * @returns what the sweep is, and the JSON of its space
 * @throws SpaceError, UsageError, DataError, InterruptedError
 */
export async function newSweep(out: string, { args, options, terminal }: SweepCall): Promise<{ config: SweepConfig; space: unknown }> {
  const { method = 'random', backend = 'auto' } = options;
  const { space, json } = parseSpaceText(readText(options.space!), options.space!);
  // Before the music is read, which may take long.
  if (method === 'grid') gridOf(space);
  const given = givenBase(options);
  const sources = args.map((source) => resolve(source));
  const auto = options.preset === undefined || options.preset === AUTO;
  const preset = auto ? AUTO : options.preset!;
  const settings = auto ? openSettings(given) : resolveSettings(preset, given);
  const limits = limitsOf(options);
  const cacheDir = cacheFolder(options.cache, terminal.io.env);
  const open = { out, sources, preset, settings, ...(auto && { given }), backend, threads: 1, sampleNotes: null, limits, cacheDir, listLeftOut: options.listLeftOut }; // prettier-ignore
  const settled = await settlePlan(open, terminal);
  terminal.say(`Music: ${describeCorpus(settled.corpus)}`);
  for (const why of settled.why) terminal.say(why);
  const config: SweepConfig = {
    method,
    runs: options.runs ?? (method === 'grid' ? null : DEFAULT_RUNS),
    seed: settled.plan.settings.seed,
    preset: settled.plan.preset,
    base: baseOf(settled),
    space,
    music: digestOfMusic(sources),
    ...(method === 'asha' && { halving: halvingOf(options) }),
    sources,
    backend,
    limits,
  };
  return { config, space: json };
} // prettier-ignore

/** What differs from the preset, given or chosen. */
function baseOf({ plan: { preset, settings } }: SettledPlan): Partial<Settings> {
  const original = resolveSettings(preset);
  return Object.fromEntries(SETTINGS.filter(({ key }) => settings[key] !== original[key]).map(({ key }) => [key, settings[key]])); // prettier-ignore
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new DataError(`${path}: the space cannot be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
}

/**
 * Reads the sweep that is to go on, with more runs where these are asked for.
 * @throws DataError where its folder is damaged or its music is not what it was; UsageError for fewer runs
 */
export function resumedSweep(out: string, { options: { runs } }: SweepCall): SweepConfig {
  const { config, space } = readSweepConfig(out);
  if (digestOfMusic(config.sources) !== config.music) {
    throw new DataError(`${out}: the music is not what the sweep was begun with. Restore it, or begin a new sweep.`);
  }
  if (runs === undefined || runs === config.runs) return config;
  if (config.runs === null || runs < config.runs) {
    throw new UsageError(`--runs: the sweep has ${config.runs === null ? 'all runs of its grid' : config.runs}, and can only be given more.`); // prettier-ignore
  }
  const more = { ...config, runs };
  writeSweepConfig(out, more, space);
  return more;
}
