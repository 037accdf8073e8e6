import type { TrainerCallbacks } from '../../nn/index.ts';
import { LogFile } from '../log-file.ts';
import type { RunWatch } from './watch.ts';

/** How often a run that was begun before is watched, as its file says; undefined when it is not. */
export function watchedEvery(path: string): number | undefined {
  const first = new LogFile(path).read().find(({ event }) => event === 'begin');
  return typeof first?.every === 'number' ? first.every : undefined;
}

/** The callbacks of a recorder, and after each step a look by whoever watches then. */
export function alsoWatching(
  recorder: Required<TrainerCallbacks>,
  watch: () => RunWatch | undefined,
): TrainerCallbacks {
  return {
    onStep: async (report) => {
      await recorder.onStep(report);
      await watch()?.onStep(report);
    },
    onEpoch: (record) => recorder.onEpoch(record),
    onCheckpoint: (kind, checkpoint) => recorder.onCheckpoint(kind, checkpoint),
  };
}
