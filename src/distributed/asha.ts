import { UsageError } from '../errors.ts';

/** How runs are halved: rungs in training steps, and which part of a rung goes on to the next, one in `reduction`. */
export interface Halving {
  leastSteps: number;
  mostSteps: number;
  reduction: number;
}

/** What ASHA knows of a run. */
export interface Standing {
  /** Its loss at each rung that it has reached, from the first on. */
  losses: readonly number[];
  /** It takes no more steps: it stopped early, say. Where it would be promoted it counts as it stands. */
  ended: boolean;
  /** It takes no part: it could not be trained. */
  failed?: boolean;
}

/** A run that is to train to a rung. */
export interface Promotion {
  run: number;
  rung: number;
}

/**
 * The rungs of successive halving in training steps: `leastSteps`, `reduction` times that, and so on up to `mostSteps`.
 * @throws UsageError where they make no sense
 */
export function rungsOf({ leastSteps, mostSteps, reduction }: Halving): number[] {
  if (leastSteps > mostSteps) throw new UsageError(`--least-steps: expected at most --most-steps, which is ${mostSteps}, got ${leastSteps}.`); // prettier-ignore
  if (!(Number.isInteger(reduction) && reduction >= 2)) throw new UsageError(`--reduction: expected a whole number of at least 2, got ${reduction}.`); // prettier-ignore
  const rungs: number[] = [];
  for (let steps = leastSteps; steps < mostSteps; steps *= reduction) rungs.push(steps);
  return [...rungs, mostSteps];
}

/**
 * What to train next by the asynchronous successive halving algorithm (ASHA: Li et al. 2018, "A System for Massively Parallel
 * Hyperparameter Tuning", algorithm 2): a run from the highest rung that has one among its best 1 in `reduction` that has not been promoted;
 * otherwise a run that has not begun. Of equal losses the earlier run is the better.
 *
 * @param standings of all runs, in the order in which they are drawn
 * @param atWork the runs that are training, and to which rung
 * @returns undefined where there is nothing to do until a run that is training has ended, or at all
 */
export function nextPromotion(
  standings: readonly Standing[],
  atWork: ReadonlyMap<number, number>,
  { rungs, reduction }: { rungs: readonly number[]; reduction: number },
): Promotion | undefined {
  const members = membersOf(standings, rungs.length, reduction);
  for (let rung = rungs.length - 2; rung >= 0; rung--) {
    const found = bestOf(members[rung], reduction).find(
      ({ run }) => !standings[run].ended && standings[run].losses.length <= rung + 1 && !atWork.has(run),
    );
    if (found) return { run: found.run, rung: rung + 1 };
  }
  const fresh = standings.findIndex(
    ({ losses, ended, failed }, run) => losses.length === 0 && !ended && !failed && !atWork.has(run),
  );
  return fresh < 0 ? undefined : { run: fresh, rung: 0 };
}

interface Member {
  run: number;
  loss: number;
}

/** Who stands on each rung. What has ended is on the rungs that it would have been promoted to, with the loss that it has. */
function membersOf(standings: readonly Standing[], rungs: number, reduction: number): Member[][] {
  const members: Member[][] = [];
  for (let rung = 0; rung < rungs; rung++) {
    const below = rung === 0 ? undefined : new Set(bestOf(members[rung - 1], reduction).map(({ run }) => run));
    members.push(
      standings.flatMap(({ losses, ended, failed }, run): Member[] => {
        if (failed || losses.length === 0) return [];
        if (losses.length > rung) return [{ run, loss: losses[rung] }];
        return ended && below?.has(run) ? [{ run, loss: losses[losses.length - 1] }] : [];
      }),
    );
  }
  return members;
}

/** The best 1 in `reduction` of a rung, rounded down; those without a loss to speak of are never among them. */
function bestOf(members: readonly Member[], reduction: number): Member[] {
  return members
    .toSorted((a, b) => (a.loss === b.loss ? a.run - b.run : a.loss < b.loss ? -1 : 1))
    .slice(0, Math.floor(members.length / reduction))
    .filter(({ loss }) => Number.isFinite(loss));
}
