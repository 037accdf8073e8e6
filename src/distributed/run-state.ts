import type { EpochRecord } from '../nn/index.ts';

/** How far a run is, as its folder says. */
export interface RunState {
  /** Training steps taken. */
  step: number;
  history: readonly EpochRecord[];
  /** Why it ended; null while it can go on. */
  ended: string | null;
}

/** Why a run that its settings have not ended has stopped for now. */
const STOPPED = ['paused', 'interrupted'];

/** What a run folder says of the end of a run, if it is one. */
export function endOfRun(reason: string | null): string | null {
  return reason === null || STOPPED.includes(reason) ? null : reason;
}

/** The loss by which an epoch is judged: of validation, or of training where nothing was held out. */
export function watchedLoss({ loss, validation }: EpochRecord): number {
  return validation?.loss ?? loss;
}

/** The lowest loss up to a training step; undefined where no epoch was finished by then. */
export function bestLoss(history: readonly EpochRecord[], step = Infinity): number | undefined {
  const losses = history.filter((epoch) => epoch.step <= step).map(watchedLoss);
  return losses.length === 0 ? undefined : losses.reduce((least, loss) => Math.min(least, loss));
}
