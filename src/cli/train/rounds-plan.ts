import { UsageError } from '../../errors.ts';
import { ROUND_DEFAULTS, type RoundSettings } from '../../distributed/rounds/settings.ts';
import { isGpuBackend, parseBackend } from '../../tensor/index.ts';
import { counted } from '../../text/words.ts';
import type { OptionValues } from '../options.ts';
import type { ROUNDS } from '../rounds-options.ts';

/** How several machines train a run, and where they are. */
export interface RoundsPlan {
  settings: RoundSettings;
  /** The Redis where they wait; without it they are this process. */
  redis?: { url: string; prefix?: string; patienceSeconds?: number };
}

type RoundOptions = OptionValues<typeof ROUNDS> & { resume: boolean };

/**
 * What the options say of several machines.
 * @param recorded what the run was begun with, where it goes on
 * @throws UsageError for machines elsewhere of a run that has none
 */
export function roundsPlan(options: RoundOptions, recorded?: RoundSettings): RoundsPlan | undefined {
  const { machines, redis: url, prefix, patienceSeconds } = options;
  const { innerSteps, outerLearningRate, outerMomentum, differences } = { ...ROUND_DEFAULTS, ...given(options) };
  const begun =
    machines === undefined ? undefined : { machines, innerSteps, outerLearningRate, outerMomentum, differences };
  const settings = recorded ?? begun;
  if (!settings && url !== undefined) {
    throw new UsageError('--redis: the run was begun on one machine and goes on there. Leave out --redis.');
  }
  return settings && { settings, ...(url !== undefined && { redis: { url, prefix, patienceSeconds } }) };
}

/** The options that have a value. */
function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** @throws UsageError for what only a run on one machine can have */
export function checkRounds({
  rounds,
  backend,
  threads,
}: {
  rounds?: RoundsPlan;
  backend: string;
  threads: number | 'auto';
}): void {
  if (!rounds) return;
  if (threads !== 'auto' && threads > 1) {
    throw new UsageError('--threads: each of several machines trains on one thread. Leave it out, or give 1.');
  }
  if (isGpuBackend(parseBackend(backend))) {
    throw new UsageError('--backend: several machines train with the kernels, not on a GPU. Use auto.');
  }
}

/** How a run is divided among its machines, a line or two; none where there is one machine. */
export function describeRounds(plan: RoundsPlan | undefined): string[] {
  if (!plan) return [];
  const { settings, redis } = plan;
  const { machines, innerSteps, outerLearningRate, outerMomentum, differences } = settings;
  const what =
    innerSteps === 1
      ? 'a round is a batch each, and a step on the mean of their gradients'
      : `a round is ${counted(innerSteps, 'step')} each, and an outer step of ${outerLearningRate} with Nesterov momentum ${outerMomentum} on the mean of their differences`;
  const where = redis ? 'workers at Redis' : 'this process computes them one after the other: it shows what rounds do, and is no faster than one machine';
  return [`${counted(machines, 'machine')}; ${what}, in ${differences}`, where];
} // prettier-ignore
