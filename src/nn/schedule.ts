import { UsageError } from '../errors.ts';

/** How the learning rate changes. Steps and epochs count from 0. */
export type ScheduleSpec = (
  | { kind: 'constant' }
  /**
   * The base rate for the share `flat` of the run (none unless given), then down to `final` times it at the end: along half
   * a cosine (Loshchilov and Hutter 2017), or in a straight line.
   */
  | { kind: 'cosine' | 'linear'; final: number; flat?: number }
  /** Times `factor` whenever the watched loss has not fallen by `minDelta` for `patience` epochs, not below `minimum`. */
  | { kind: 'plateau'; factor: number; patience: number; minDelta: number; minimum: number }
) & {
  /** For so many steps at the start the rate is a part that rises in a straight line: step s has (s + 1) / warmup of it. */
  warmup?: number;
};

/** What a plateau schedule remembers, as it stands in a checkpoint. */
export interface PlateauState {
  best: number | null;
  wait: number;
  scale: number;
}

/** Where a falling schedule was laid anew: from `step` on, beginning at `scale` times the base rate. */
export interface ScheduleStart {
  step: number;
  scale: number;
  /** How long the run had trained by then, where its end is set by time. */
  seconds?: number;
}

/** How a learning rate can run: as it is, falling along a half cosine or a line, or lowered when the loss no longer falls. */
export const SCHEDULE_KINDS = ['constant', 'cosine', 'linear', 'plateau'] as const;

/** The learning rate of a run, step by step. */
export class Schedule {
  readonly #spec: ScheduleSpec;
  readonly #base: number;
  readonly #totalSteps: number;
  readonly #totalSeconds?: number;
  #plateau: PlateauState = { best: null, wait: 0, scale: 1 };
  #start?: ScheduleStart;

  /**
   * @param base the learning rate that the schedule scales
   * @param totalSteps the steps of the whole run, over which a cosine or a line falls
   * @param totalSeconds falls over this time instead
   * @throws UsageError when a number makes no sense
   */
  constructor(spec: ScheduleSpec, base: number, totalSteps: number, totalSeconds?: number) {
    if (!(base > 0 && Number.isFinite(base))) throw new UsageError(`learningRate: expected more than 0, got ${base}.`);
    const { warmup = 0 } = spec;
    if (!(Number.isSafeInteger(warmup) && warmup >= 0)) {
      throw new UsageError(`warmup: expected a whole number of steps, 0 or more, got ${warmup}.`);
    }
    const flat = 'flat' in spec ? (spec.flat ?? 0) : 0;
    if (!(flat >= 0 && flat < 1)) throw new UsageError(`flat: expected a number from 0 to below 1, got ${flat}.`);
    this.#spec = spec;
    this.#base = base;
    this.#totalSteps = totalSteps;
    this.#totalSeconds = totalSeconds;
  }

  /**
   * The rate for step `step`, counted from 0.
   * @param seconds how long the run has trained, for a schedule that falls over time
   */
  rate(step: number, seconds = 0): number {
    const { warmup = 0 } = this.#spec;
    const rate = this.#rateWithoutWarmup(step, seconds);
    // What was laid anew begins at the rate that it was given.
    return step + 1 < warmup && !this.#start ? (rate * (step + 1)) / warmup : rate;
  }

  #rateWithoutWarmup(step: number, seconds: number): number {
    const spec = this.#spec;
    if (spec.kind === 'constant') return this.#base;
    if (spec.kind === 'plateau') return Math.max(this.#base * this.#plateau.scale, Math.min(spec.minimum, this.#base));
    const { flat = 0, final } = spec;
    const progress = this.#progress(step, seconds);
    const fallen = flat > 0 ? Math.max(0, (progress - flat) / (1 - flat)) : progress;
    const left = spec.kind === 'cosine' ? (1 + Math.cos(Math.PI * fallen)) / 2 : 1 - fallen;
    return this.#base * (final + ((this.#start?.scale ?? 1) - final) * left);
  }

  /** Which part of the run, or of what was left of it when the schedule was laid anew, is done: from 0 to 1. */
  #progress(step: number, seconds: number): number {
    const start = this.#start;
    const [done, all] =
      this.#totalSeconds === undefined
        ? [step - (start?.step ?? 0), this.#totalSteps - 1 - (start?.step ?? 0)]
        : [seconds - (start?.seconds ?? 0), this.#totalSeconds - (start?.seconds ?? 0)];
    return all <= 0 ? 0 : Math.min(1, Math.max(0, done) / all);
  }

  /** Lays a cosine or a line anew from `start` to the end, its flat part too; other schedules stay as they are. */
  startAt(start: ScheduleStart): void {
    this.#start = { ...start };
  }

  /** Tells the schedule the watched loss of an epoch that has ended. */
  epochEnded(loss: number): void {
    const spec = this.#spec;
    if (spec.kind !== 'plateau') return;
    const state = this.#plateau;
    if (state.best === null || loss < state.best - spec.minDelta) {
      this.#plateau = { ...state, best: loss, wait: 0 };
    } else if (state.wait + 1 >= spec.patience) {
      this.#plateau = { ...state, wait: 0, scale: state.scale * spec.factor };
    } else {
      this.#plateau = { ...state, wait: state.wait + 1 };
    }
  }

  /** What must be saved to go on later. */
  state(): PlateauState {
    return { ...this.#plateau };
  }

  /** Goes on from what `state` gave. */
  restore(state: PlateauState): void {
    this.#plateau = { ...state };
  }
}
