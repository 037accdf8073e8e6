import { UsageError } from '../errors.ts';
import type { StepResult } from './engine.ts';
import type { Checkpoint } from './saved-model.ts';
import type { ScheduleSpec } from './schedule.ts';
import type { EpochRecord } from './trainer-state.ts';

/** How to train. */
export interface TrainingConfig {
  batchSize: number;
  /**
   * Passes over the data, at most, as far as `stepsPerEpoch` does not end them earlier; null where `maxSteps` or `minutes` end the run.
   * Where an engine takes rounds, an epoch may be several passes or less than one: the run has the same number of steps.
   */
  epochs: number | null;
  /** An epoch ends after so many steps even if windows are left, so that validation comes often enough; null takes all. */
  stepsPerEpoch: number | null;
  /** Batches whose mean gradient is that of a step: as one batch so many times as large, in the memory of one. @default 1 */
  accumulate?: number;
  /**
   * The decay of a moving average of the weights (`WeightAverage`): validation, the best weights and the model that is saved are
   * those of the average, and training goes on with the weights themselves. null, or not given: there is none.
   */
  ema?: number | null;
  learningRate: number;
  schedule: ScheduleSpec;
  /** Epochs without a better watched loss before it stops; null never stops early. */
  patience: number | null;
  /** Seeds the order of the batches. */
  seed: number;
  /** At most so many validation windows, evenly spaced, are looked at after each epoch. */
  validationWindows: number;
  /** Steps between checkpoints inside an epoch; null saves at the end of each epoch only. */
  checkpointEvery: number | null;
  /** Stops after so many steps in all, wherever that is; null trains all epochs. */
  maxSteps: number | null;
  /**
   * Stops when it has trained for so long, validation and everything else that a run waits for included; earlier sessions
   * count too. Schedules that fall do so by the clock then: another run, or a resumed one, has other rates. null, or not
   * given, sets no time.
   */
  minutes?: number | null;
  /** The clock that `minutes` goes by: milliseconds, rising. @default performance.now */
  now?: () => number;
}

/** How a run goes on. */
export interface ResumeOptions {
  /**
   * Lays a cosine or a line anew over what is left of the run, beginning at this rate, or, for `here`, at that of the newest
   * step. Later resumptions go on with it. Without it the schedule lies over the whole run.
   */
  scheduleFrom?: 'here' | number;
}

/** A learning rate that goes on otherwise than it would have. */
export interface RateJump {
  /** Of the newest step. */
  before: number;
  /** Of the next one. */
  after: number;
}

/** What a step has done, for progress displays. Losses are means over the epoch so far. */
export interface StepReport extends StepResult {
  epoch: number;
  /** How many there are; null where something else ends the run. */
  epochs: number | null;
  step: number;
  batch: number;
  batches: number;
  learningRate: number;
  /** Of `minutes`, where they are set. */
  secondsLeft?: number;
  meanLoss: number;
  meanLosses: number[];
}

/** What the trainer tells its owner. Each may be asynchronous; training waits for it. */
export interface TrainerCallbacks {
  /** Called after each step. */
  onStep?(report: StepReport): void | Promise<void>;
  /** Called after each epoch, once it has been validated. */
  onEpoch?(record: EpochRecord): void | Promise<void>;
  /** `last` is the state to resume from; `best` comes when the watched loss is the best so far. */
  onCheckpoint?(kind: 'best' | 'last', checkpoint: Checkpoint): void | Promise<void>;
  /** Asked after each step inside an epoch: whether `last` is to be saved now, beside `checkpointEvery`. */
  wantsCheckpoint?(): boolean;
}

/** How a run ended. The engine then holds the best weights, whatever the reason. */
export interface TrainingResult {
  reason: 'completed' | 'early stopping' | 'max steps' | 'minutes' | 'interrupted' | 'paused';
  history: EpochRecord[];
  /** The best epoch, from 1, and its watched loss; null when no epoch was finished. */
  best: { epoch: number; loss: number } | null;
  step: number;
}

/** The settings that count something; null, where it is allowed, means without a limit. */
const COUNTS = [
  'batchSize',
  'epochs',
  'stepsPerEpoch',
  'validationWindows',
  'patience',
  'checkpointEvery',
  'maxSteps',
] as const satisfies readonly (keyof TrainingConfig)[];

/** @throws UsageError that names the first setting that makes no sense */
export function validateConfig(config: TrainingConfig): void {
  for (const name of COUNTS) {
    const value = config[name];
    if (value === null || (Number.isInteger(value) && value >= 1)) continue;
    throw new UsageError(`${name}: expected a whole number of at least 1, got ${value}.`);
  }
  const { epochs, maxSteps, minutes = null, accumulate = 1, ema = null } = config;
  if (!(Number.isInteger(accumulate) && accumulate >= 1)) {
    throw new UsageError(`accumulate: expected a whole number of at least 1, got ${accumulate}.`);
  }
  if (ema !== null && !(ema >= 0 && ema < 1)) {
    throw new UsageError(`ema: expected a number from 0 up to, not including, 1, or null, got ${ema}.`);
  }
  if (minutes !== null && !(minutes > 0 && Number.isFinite(minutes))) {
    throw new UsageError(`minutes: expected more than 0, got ${minutes}.`);
  }
  if (epochs === null && maxSteps === null && minutes === null) {
    throw new UsageError('epochs, maxSteps, minutes: one of them must say when the training ends; all are null.');
  }
}

/**
 * Whether `maxSteps` is where the schedule ends, so that the run ends there as at the end of an epoch. A plain cosine lies
 * over the epochs, where there are any, as it did before schedules had a warm-up or a flat part: runs of that time go on
 * with the rates that they had, and `maxSteps` only interrupts them.
 */
export function endsAtMaxSteps({ schedule, epochs }: TrainingConfig): boolean {
  if (schedule.kind === 'linear') return true;
  if (schedule.kind !== 'cosine') return false;
  return epochs === null || (schedule.warmup ?? 0) > 0 || (schedule.flat ?? 0) > 0;
}

/** How many steps a schedule that falls lies over, with so many in all epochs; Infinity where only time ends the run. */
export function stepsOfSchedule(config: TrainingConfig, all: number): number {
  return endsAtMaxSteps(config) ? Math.min(all, config.maxSteps ?? Infinity) : all;
}
