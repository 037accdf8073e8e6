import { UsageError } from '../../errors.ts';
import { listOf, type Settings } from '../../music/settings.ts';
import type { TrainerCallbacks } from '../../nn/index.ts';
import { LogFile } from '../log-file.ts';
import type { RunRecorder } from './recorder.ts';
import type { RunWatch } from './watch.ts';

/** How often a run that was begun before is watched, as its file says; undefined when it is not. */
export function watchedEvery(path: string): number | undefined {
  const first = new LogFile(path).read().find(({ event }) => event === 'begin');
  return typeof first?.every === 'number' ? first.every : undefined;
}

/** @throws UsageError where a run is to be watched whose cells are none that can be looked into */
export function refuseUnwatchable({
  watch,
  settings,
}: {
  watch?: number;
  settings: Pick<Settings, 'cell' | 'hiddenSize'>;
}): void {
  if (watch === undefined) return;
  if (new Set(listOf(settings.hiddenSize)).size > 1) {
    throw new UsageError(`--watch: it looks into layers of one width, and those of this run have ${settings.hiddenSize} units. Leave out --watch.`); // prettier-ignore
  }
  if (settings.cell === 'lstm') return;
  throw new UsageError(
    `--watch: it looks into the gates of an LSTM, and the cell of this run is ${settings.cell}. Leave out --watch, or take --cell lstm.`,
  );
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
