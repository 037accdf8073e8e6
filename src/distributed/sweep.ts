import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Coordinator, JobProgress, JobResult, TrainingJob } from './coordinator.ts';
import type { SweepPlan, SweepRun } from './plan-runs.ts';
import type { RunState } from './run-state.ts';
import { scheduleOf, type Standpoint } from './schedule.ts';

/** Where a sweep keeps its runs, and what is said of them. */
export interface SweepStore {
  /** The run folder of a run. */
  folderOf(run: SweepRun): string;
  /** How far a run is; undefined where it has not begun. */
  stateOf(run: SweepRun): RunState | undefined;
  /** To which step runs were handed out that have no result, by id. */
  promised(): ReadonlyMap<string, number | null>;
}

/** What happens in a sweep, in the order in which it happens. */
export type SweepEvent =
  | { event: 'job'; run: number; until: number | null }
  | { event: 'progress'; run: number; progress: JobProgress }
  | { event: 'result'; run: number; until: number | null; result: JobResult }
  | { event: 'failed'; run: number; until: number | null; why: string };

export interface SweepDrive {
  plan: SweepPlan;
  runs: readonly SweepRun[];
  store: SweepStore;
  coordinator: Coordinator;
  /** Ends the sweep: what is training is saved. */
  signal: AbortSignal;
  onEvent(event: SweepEvent): void;
}

/** So often the driver asks whether more machines have come, in milliseconds. */
const LOOK_AGAIN_MS = 1000;

/**
 * Hands out training jobs until none is left or the signal ends it. A job that cannot be done is told as `failed`, and the sweep goes on
 * without that run.
 * @returns whether all was done; false where the signal ended it
 */
export async function driveSweep({ plan, runs, store, coordinator, signal, onEvent }: SweepDrive): Promise<boolean> {
  const schedule = scheduleOf(plan);
  const promised = store.promised();
  const points: Standpoint[] = runs.map((run) => ({
    state: store.stateOf(run),
    failed: false,
    promised: promised.get(run.id),
  }));
  const atWork = new Map<number, number | null>();
  const working = new Set<Promise<void>>();
  let broken: { thrown: unknown } | undefined;
  const giveUp = new AbortController();
  const stopped = AbortSignal.any([signal, giveUp.signal]);

  const work = async (run: number, until: number | null): Promise<void> => {
    const { id, settings } = runs[run];
    const job: TrainingJob = { run: id, preset: plan.preset, settings, music: plan.music, until };
    const onProgress = (progress: JobProgress): void => {
      onEvent({ event: 'progress', run, progress });
    };
    let result: JobResult;
    try {
      result = await coordinator.train(job, store.folderOf(runs[run]), { onProgress, signal: stopped });
    } catch (thrown) {
      if (stopped.aborted) return;
      points[run] = { ...points[run], failed: true };
      onEvent({ event: 'failed', run, until, why: messageOf(thrown) });
      return;
    } finally {
      atWork.delete(run);
    }
    points[run] = { failed: false, state: store.stateOf(runs[run]) };
    onEvent({ event: 'result', run, until, result });
  };

  const begin = ({ run, until }: { run: number; until: number | null }): void => {
    atWork.set(run, until);
    onEvent({ event: 'job', run, until });
    const one: Promise<void> = work(run, until)
      // Not the job's failure, but ours: a disk that is full, say.
      .catch((thrown: unknown) => {
        broken ??= { thrown };
        giveUp.abort();
      })
      .finally(() => working.delete(one));
    working.add(one);
  };

  for (;;) {
    let next = schedule.next(points, atWork);
    const room = next && !stopped.aborted ? await coordinator.atOnce() : 0;
    while (next && working.size < room && !stopped.aborted) {
      begin(next);
      next = schedule.next(points, atWork);
    }
    const over = stopped.aborted || next === undefined;
    if (working.size === 0 && over) break;
    const look = new AbortController();
    const waited = setTimeout(LOOK_AGAIN_MS, undefined, { signal: look.signal }).catch(() => undefined);
    await Promise.race([...working, ...(next ? [waited] : [])]);
    look.abort();
  }
  if (broken) throw broken.thrown;
  return !signal.aborted;
}
