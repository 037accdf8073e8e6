import { nextPromotion, rungsOf, type Standing } from './asha.ts';
import type { SweepPlan } from './plan-runs.ts';
import { bestLoss, type RunState } from './run-state.ts';

/** What a schedule knows of a run: how far it is, undefined before it begins, and whether it could not be trained. */
export interface Standpoint {
  state?: RunState;
  failed: boolean;
  /** The step to which it was to be trained when a sweep that was stopped handed it out last. */
  promised?: number | null;
}

/** What to train next. */
export interface NextJob {
  run: number;
  /** The training step at which it pauses; null: it trains to its end. */
  until: number | null;
}

/** Says which run to train next: a pure function of how far the runs are. */
export interface SweepSchedule {
  /** Training steps at which losses are compared; none where runs train to their ends. */
  rungs: readonly number[];
  /** @param atWork the runs that are training, and to which step */
  next(runs: readonly Standpoint[], atWork: ReadonlyMap<number, number | null>): NextJob | undefined;
}

/** The schedule of a sweep. */
export function scheduleOf({ halving }: Pick<SweepPlan, 'halving'>): SweepSchedule {
  return halving ? byHalving(rungsOf(halving), halving.reduction) : ONE_AFTER_ANOTHER;
}

const ONE_AFTER_ANOTHER: SweepSchedule = {
  rungs: [],
  next(runs, atWork) {
    const run = runs.findIndex(({ state, failed }, k) => !failed && (state?.ended ?? null) === null && !atWork.has(k));
    return run < 0 ? undefined : { run, until: null };
  },
};

function byHalving(rungs: readonly number[], reduction: number): SweepSchedule {
  return {
    rungs,
    next(runs, atWork) {
      // What was being trained when the sweep was stopped is trained on: it had been promoted.
      const begun = runs.findIndex(
        ({ state, failed, promised }, run) =>
          !failed && !atWork.has(run) && (state?.ended ?? null) === null && (promised ?? 0) > (state?.step ?? 0),
      );
      if (begun >= 0) return { run: begun, until: runs[begun].promised! };
      const standings = runs.map(({ state, failed }) => standingOf(state, failed, rungs));
      const working = new Map([...atWork].map(([run, until]) => [run, rungs.indexOf(until ?? Infinity)]));
      const found = nextPromotion(standings, working, { rungs, reduction });
      return found && { run: found.run, until: rungs[found.rung] };
    },
  };
}

/**
 * Where a run stands on the rungs. One that ended on the way to a rung has a loss there: the lowest that it had, or an infinite one where it
 * diverged, so that it is promoted no further.
 */
function standingOf(state: RunState | undefined, failed: boolean, rungs: readonly number[]): Standing {
  if (!state) return { losses: [], ended: false, failed };
  const { step, history, ended } = state;
  const reached = rungs.filter((rung) => rung <= step);
  const losses = reached.map((rung) => bestLoss(history, rung) ?? Infinity);
  const diverged = ended === 'diverged';
  if (diverged || (ended !== null && step > (reached.at(-1) ?? -1))) {
    losses.push(diverged ? Infinity : (bestLoss(history) ?? Infinity));
  }
  return { losses: losses.slice(0, rungs.length), ended: ended !== null, failed };
}
