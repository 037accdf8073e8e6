import { UsageError } from '../errors.ts';

/** How the learning rate changes. Steps and epochs count from 0. */
export type ScheduleSpec =
  | { kind: 'constant' }
  /** Half a cosine from the base rate at step 0 to `final` times it at the last step (Loshchilov and Hutter 2017). */
  | { kind: 'cosine'; final: number }
  /** Times `factor` whenever the watched loss has not fallen by `minDelta` for `patience` epochs, not below `minimum`. */
  | { kind: 'plateau'; factor: number; patience: number; minDelta: number; minimum: number };

/** What a plateau schedule remembers, as it stands in a checkpoint. */
export interface PlateauState {
  best: number | null;
  wait: number;
  scale: number;
}

/** Where a cosine was laid anew: from `step` on, beginning at `scale` times the base rate. */
export interface CosineStart {
  step: number;
  scale: number;
}

export const SCHEDULE_KINDS = ['constant', 'cosine', 'plateau'] as const;

/** The learning rate of a run, step by step. */
export class Schedule {
  readonly #spec: ScheduleSpec;
  readonly #base: number;
  readonly #totalSteps: number;
  #plateau: PlateauState = { best: null, wait: 0, scale: 1 };
  #start: CosineStart = { step: 0, scale: 1 };

  /**
   * @param base the learning rate that the schedule scales
   * @param totalSteps the steps of the whole run, for the cosine
   */
  constructor(spec: ScheduleSpec, base: number, totalSteps: number) {
    if (!(base > 0 && Number.isFinite(base))) throw new UsageError(`learningRate: expected more than 0, got ${base}.`);
    this.#spec = spec;
    this.#base = base;
    this.#totalSteps = totalSteps;
  }

  /** The rate for step `step`, counted from 0. */
  rate(step: number): number {
    const spec = this.#spec;
    if (spec.kind === 'constant') return this.#base;
    if (spec.kind === 'plateau') return Math.max(this.#base * this.#plateau.scale, Math.min(spec.minimum, this.#base));
    const last = this.#totalSteps - 1 - this.#start.step;
    const progress = last <= 0 ? 0 : Math.min(1, Math.max(0, step - this.#start.step) / last);
    return this.#base * (spec.final + ((this.#start.scale - spec.final) * (1 + Math.cos(Math.PI * progress))) / 2);
  }

  /** Lays a cosine anew over the steps from `start` to the last; other schedules stay as they are. */
  startAt(start: CosineStart): void {
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

  restore(state: PlateauState): void {
    this.#plateau = { ...state };
  }
}
