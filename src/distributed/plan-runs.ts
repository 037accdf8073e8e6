import { UsageError } from '../errors.ts';
import {
  checkTogether,
  codingsOf,
  resolveSettings,
  SETTINGS,
  settingWords,
  type SettingKey,
  type Settings,
} from '../music/index.ts';
import { rungsOf, type Halving } from './asha.ts';
import { drawRandom, gridOf } from './draw.ts';
import { runId } from './run-id.ts';
import { SpaceError, type Drawn, type Space } from './space.ts';

/** How runs are drawn, and how they are trained. */
export type Method = 'grid' | 'random' | 'asha';
export const METHODS = ['grid', 'random', 'asha'] as const;

/** All that decides which runs a sweep has. */
export interface SweepPlan {
  method: Method;
  /** How many; null for all of a grid. */
  runs: number | null;
  seed: number;
  preset: string;
  /** What every run has, but for what is drawn: settings given by flags, or chosen by the music. */
  base: Partial<Settings>;
  space: Space;
  /** The digest of the music. */
  music: string;
  /** Of ASHA. */
  halving?: Halving;
}

/** A run of a sweep. */
export interface SweepRun {
  id: string;
  /** What was drawn for it. */
  drawn: Drawn;
  settings: Settings;
}

/**
 * The runs of a sweep, in the order in which they begin.
 * @throws SpaceError, UsageError where settings make no sense together
 */
export function planRuns(plan: SweepPlan): SweepRun[] {
  const { method, runs, seed, space, preset, music } = plan;
  const drawn = method === 'grid' ? gridOf(space).slice(0, runs ?? Infinity) : drawRandom(space, runs ?? 1, seed);
  const planned = drawn.map((one) => {
    const settings = settingsOf(plan, one);
    return { id: runId({ preset, settings, music }), drawn: one, settings };
  });
  // Two draws that come to the same run: a setting that another one makes meaningless.
  return [...new Map(planned.map((run) => [run.id, run])).values()];
}

function settingsOf({ preset, base, halving, space }: SweepPlan, drawn: Drawn): Settings {
  try {
    if (halving) checkHalvingSettings(drawn);
    const asked = { ...base, ...drawn };
    const settings = resolveSettings(preset, halving ? { ...asked, ...halvingSettings(asked, preset, halving) } : asked); // prettier-ignore
    checkTogether(settings);
    codingsOf(settings);
    return settings;
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    const keys = space.map(({ key }) => key);
    const words = settingWords({ ...resolveSettings(preset), ...drawn }, keys).join(' ');
    throw new SpaceError(`a run of ${words} makes no sense: ${thrown.message}`, { cause: thrown });
  }
}

/** Settings in whose place ASHA has its rungs. */
const OF_RUNGS: readonly SettingKey[] = ['epochs', 'maxSteps'];

/**
 * Whether settings leave the length of runs to the rungs.
 * @throws UsageError that names the first that does not
 */
export function checkHalvingSettings(given: Partial<Settings>): void {
  const found = SETTINGS.find(({ key }) => OF_RUNGS.includes(key) && given[key] !== undefined);
  if (found) throw new UsageError(`--${found.flag}: with --method asha the rungs say how long runs train; use --least-steps and --most-steps.`); // prettier-ignore
}

/** A run of ASHA ends at the last rung, and its epochs are short enough that there is a loss at the first. */
function halvingSettings(asked: Partial<Settings>, preset: string, halving: Halving): Partial<Settings> {
  const { stepsPerEpoch } = resolveSettings(preset, asked);
  const [first] = rungsOf(halving);
  return { epochs: null, maxSteps: halving.mostSteps, stepsPerEpoch: Math.min(stepsPerEpoch ?? Infinity, first) };
}
