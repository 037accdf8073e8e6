import { DataError } from '../../errors.ts';
import { codingsOf, PRESETS, checkTogether } from '../../music/index.ts';
import { DivergedError, type EpochRecord, type TrainerCallbacks } from '../../nn/index.ts';
import type { TrainHere } from '../../distributed/redis/train-here.ts';
import { InterruptedError } from '../exit-codes.ts';
import { hasModel, readCheckpoint } from '../run-folder.ts';
import { Terminal, type Io } from '../terminal.ts';
import { runTraining } from './run-training.ts';
import type { TrainingPlan } from './training-plan.ts';

/** Trains a job that came from elsewhere, in a run folder of its own, exactly as `etude train --threads 1` would; says nothing. */
export const trainHere: TrainHere = async ({ job, corpus, folder, wantsCheckpoint }, onProgress, signal) => {
  const { preset, settings, until } = job;
  if (!Object.hasOwn(PRESETS, preset)) throw new DataError(`preset: expected one of this Etude, got "${preset}".`);
  codingsOf(settings);
  checkTogether(settings);
  const checkpoint = hasModel(folder) ? readCheckpoint(folder, 'last') : undefined;
  const plan: TrainingPlan = {
    ...{ out: folder, preset, settings, sources: [], backend: 'auto', threads: 1, sampleNotes: null },
    until: until ?? undefined,
    ...(checkpoint && { resumed: { checkpoint, changed: [] } }),
  };
  let history: readonly EpochRecord[] = checkpoint?.training?.trainer.history ?? [];
  let step = checkpoint?.training?.trainer.step ?? 0;
  let saved = step;
  const tell = (): void => { onProgress({ step, history, saved }); }; // prettier-ignore
  const also: TrainerCallbacks = {
    wantsCheckpoint,
    onStep: (report) => {
      ({ step } = report);
      tell();
    },
    onEpoch: (record) => {
      history = [...history, record];
      tell();
    },
    onCheckpoint: (_, { training }) => {
      saved = training!.trainer.step;
      tell();
    },
  };
  try {
    const { result } = await runTraining({ plan, corpus, why: [] }, silent(signal), also);
    const ended = result.reason === 'paused' ? 'steps' : result.reason;
    return { ended, step: result.step, history: result.history, saved };
  } catch (thrown) {
    if (thrown instanceof InterruptedError && signal.aborted) return { ended: 'interrupted', step, history, saved };
    // The step itself is not taken.
    if (thrown instanceof DivergedError) return { ended: 'diverged', step: thrown.step - 1, history, saved };
    throw thrown;
  }
};

function silent(signal: AbortSignal): Terminal {
  const nowhere = { write: () => undefined };
  const io: Io = { stdout: nowhere, stderr: nowhere, env: {}, interrupts: () => signal };
  return new Terminal(io, { quiet: true });
}
