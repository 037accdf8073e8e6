import { UsageError } from '../errors.ts';
import type { ScheduleSpec } from './schedule.ts';

/** How to train. */
export interface TrainingConfig {
  batchSize: number;
  epochs: number;
  /** An epoch ends after so many steps even if windows are left, so that validation comes often enough; null takes all. */
  stepsPerEpoch: number | null;
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
}

/** How a run goes on. */
export interface ResumeOptions {
  /**
   * Lays a cosine anew over the steps that are left, beginning at this rate, or, for `here`, at that of the newest step. Later
   * resumptions go on with it. Without it the cosine lies over all steps of all epochs.
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

/** @throws UsageError when a setting makes no sense */
export function validateConfig(config: TrainingConfig): void {
  for (const name of COUNTS) {
    const value = config[name];
    if (value === null || (Number.isInteger(value) && value >= 1)) continue;
    throw new UsageError(`${name}: expected a whole number of at least 1, got ${value}.`);
  }
}
