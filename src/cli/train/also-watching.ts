import type { TrainerCallbacks } from '../../nn/index.ts';
import { LogFile } from '../log-file.ts';
import type { RunRecorder } from './recorder.ts';
import type { RunWatch } from './watch.ts';

/** How often a run that was begun before is watched, as its file says; undefined when it is not. */
export function watchedEvery(path: string): number | undefined {
  const first = new LogFile(path).read().find(({ event }) => event === 'begin');
  return typeof first?.every === 'number' ? first.every : undefined;
}

/** The callbacks of a recorder, after each step a look by whoever watches then, and whoever else wants to know. */
export function alsoWatching(
  recorder: RunRecorder,
  watch: () => RunWatch | undefined,
  { onStep, onEpoch, onCheckpoint, wantsCheckpoint }: TrainerCallbacks = {},
): TrainerCallbacks {
  return {
    onStep: async (report) => {
      await recorder.onStep(report);
      await watch()?.onStep(report);
      await onStep?.(report);
    },
    onEpoch: async (record) => {
      await recorder.onEpoch(record);
      await onEpoch?.(record);
    },
    onCheckpoint: async (kind, checkpoint) => {
      recorder.onCheckpoint(kind, checkpoint);
      await onCheckpoint?.(kind, checkpoint);
    },
    wantsCheckpoint,
  };
}
