import { rungsOf } from '../../distributed/asha.ts';
import type { SweepPlan, SweepRun } from '../../distributed/plan-runs.ts';
import { bestLoss, type RunState } from '../../distributed/run-state.ts';
import type { SweepEvent } from '../../distributed/sweep.ts';

/** A run as the table shows it. */
export interface RunRow {
  id: string;
  /** The name of the machine that trains it, `waiting`, `paused`, `failed`, or why it ended. */
  status: string;
  /** Whether a machine has it now. */
  atWork: boolean;
  step: number;
  loss?: number;
  /** The lowest loss at each rung that it has reached. */
  atRungs: (number | undefined)[];
  run: SweepRun;
}

/** What is known of a sweep while it runs, made from its events. */
export class SweepProgress {
  readonly runs: readonly SweepRun[];
  readonly rungs: readonly number[];
  /** How many machines there are now; undefined before that is known. */
  machines?: number;
  readonly #plan: SweepPlan;
  readonly #states: (RunState | undefined)[];
  readonly #machines = new Map<number, string>();
  readonly #failed = new Map<number, string>();
  readonly #now: () => number;
  readonly #began: number;
  readonly #workBefore: number;

  /** @param states how far the runs were when the sweep began or went on */
  constructor(
    plan: SweepPlan,
    runs: readonly SweepRun[],
    states: readonly (RunState | undefined)[],
    now = () => performance.now(),
  ) {
    this.#plan = plan;
    this.runs = runs;
    this.rungs = plan.halving ? rungsOf(plan.halving) : [];
    this.#states = [...states];
    this.#now = now;
    this.#began = now();
    this.#workBefore = this.#work;
  }

  take(event: SweepEvent): void {
    const { run } = event;
    if (event.event === 'job') this.#machines.set(run, 'starting');
    else if (event.event === 'progress') {
      const { machine, step, history } = event.progress;
      this.#machines.set(run, machine);
      this.#states[run] = { step, history, ended: null };
    } else {
      this.#machines.delete(run);
      if (event.event === 'failed') this.#failed.set(run, event.why);
      else {
        const { step, history, ended } = event.result;
        this.#failed.delete(run);
        this.#states[run] = { step, history, ended: ended === 'steps' ? null : ended };
      }
    }
  }

  /** The best first; those without a loss last, in the order in which they begin. */
  get rows(): RunRow[] {
    const rows = this.runs.map((run, k): RunRow => {
      const state = this.#states[k];
      const reached = this.rungs.filter((rung) => rung <= (state?.step ?? 0));
      const atRungs = reached.map((rung) => bestLoss(state!.history, rung));
      return { id: run.id, run, status: this.#statusOf(k), atWork: this.#machines.has(k), step: state?.step ?? 0, loss: state && bestLoss(state.history), atRungs }; // prettier-ignore
    });
    return rows.sort((a, b) => (a.loss ?? Infinity) - (b.loss ?? Infinity) || 0);
  }

  #statusOf(run: number): string {
    const state = this.#states[run];
    if (this.#machines.has(run)) return this.#machines.get(run)!;
    if (this.#failed.has(run)) return 'failed';
    if (state?.ended) return state.ended;
    return state ? 'paused' : 'waiting';
  }

  /** Runs that have ended by themselves. */
  get ended(): number {
    return this.#states.filter((state) => state?.ended).length;
  }

  get atWork(): number {
    return this.#machines.size;
  }

  get failed(): ReadonlyMap<number, string> {
    return this.#failed;
  }

  get seconds(): number {
    return (this.#now() - this.#began) / 1000;
  }

  /** How long the rest will take if it goes on as it has since this began; undefined while nothing is known. */
  get secondsLeft(): number | undefined {
    const done = this.#work - this.#workBefore;
    if (done <= 0) return undefined;
    return (this.seconds / done) * Math.max(0, this.#allWork - this.#work);
  }

  /** What is done: training steps, or of runs whose length only their end tells, runs. */
  get #work(): number {
    if (this.rungs.length === 0) return this.ended + this.#failed.size;
    return this.#states.reduce((sum, state) => sum + (state?.step ?? 0), 0);
  }

  /** Of halving as many steps as there would be if nobody were promoted by mistake. */
  get #allWork(): number {
    const { halving } = this.#plan;
    if (!halving) return this.runs.length;
    let all = 0;
    let runs = this.runs.length;
    this.rungs.forEach((rung, k) => {
      all += runs * (rung - (this.rungs[k - 1] ?? 0));
      runs = Math.floor(runs / halving.reduction);
    });
    return all;
  }
}
