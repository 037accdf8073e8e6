import { SETTINGS, settingWords, type Settings } from '../../music/index.ts';
import type { EpochRecord } from '../../nn/index.ts';
import type { RunGroup, RunSummary } from './runs-data.ts';

/** The epoch with the lowest validation loss, or training loss where nothing was held out; undefined before the first one. */
export function bestEpoch({ history }: Pick<RunSummary, 'history'>): EpochRecord | undefined {
  return history.reduce<EpochRecord | undefined>(
    (best, epoch) => (best === undefined || lossesOf(epoch).loss < lossesOf(best).loss ? epoch : best),
    undefined,
  );
}

/** The losses by which an epoch is judged. */
export function lossesOf(epoch: EpochRecord): { loss: number; losses: Record<string, number> } {
  return epoch.validation ?? epoch;
}

/** Puts runs together whose losses can be compared: the largest group first, in each the best run first. */
export function groupRuns(runs: readonly RunSummary[]): RunGroup[] {
  const validated = new Set(runs.filter(isValidated).map(({ measure }) => measure));
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    // A run without an epoch belongs to those that are measured as it will be.
    const key = `${isValidated(run) || (run.history.length === 0 && validated.has(run.measure))} ${run.measure}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map((group) => ({
      runs: group.toSorted((a, b) => rank(a) - rank(b)),
      validated: group.some(isValidated),
      differing: differingSettings(group),
    }));
}

function isValidated({ history }: RunSummary): boolean {
  return history.some(({ validation }) => validation !== null);
}

/** Runs without an epoch come last. */
function rank(run: RunSummary): number {
  const best = bestEpoch(run);
  return best ? lossesOf(best).loss : Infinity;
}

function differingSettings(runs: readonly RunSummary[]): (keyof Settings)[] {
  return SETTINGS.map(({ key }) => key).filter((key) =>
    runs.some(({ settings }) => settings[key] !== runs[0].settings[key]),
  );
}

/** A run's values of some settings as flags: `--hidden-size 64 --dropout 0.3`. */
export function asFlags(settings: Settings, keys: readonly (keyof Settings)[]): string {
  return settingWords(settings, keys).join(' ');
}
