import type { RandomState } from '../tensor/index.ts';
import type { Dataset } from './dataset.ts';
import type { EarlyStoppingState } from './early-stopping.ts';
import { weightedLoss } from './engine.ts';
import type { EpochPlan } from './epochs.ts';
import type { PlateauState, ScheduleStart } from './schedule.ts';
import type { ModelSpec } from './spec.ts';

/** What a run remembers of an epoch. Nothing here depends on the clock: the same run gives the same bytes. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  /** Training steps taken by its end. */
  step: number;
  /** The mean weighted training loss, and the mean of each head, over the epoch's batches. */
  loss: number;
  losses: Record<string, number>;
  /** The same of the validation windows at their last step; null when there are none. */
  validation: { loss: number; losses: Record<string, number> } | null;
  learningRate: number;
  /** The mean norm of the gradient, and the share of steps that were clipped. */
  gradientNorm: number;
  clipped: number;
}

/** Where a run stands, apart from weights and optimizer: enough to go on at the very next batch. */
export interface TrainerState {
  /** The current epoch, from 0, and how many of its batches are done. */
  epoch: number;
  batch: number;
  /** Training steps taken. */
  step: number;
  /** The stream `shuffle` as it stood when this epoch's order was drawn. */
  shuffle: RandomState;
  /** Sums over the batches done: the loss of each head, the weighted loss, gradient norms, clipped steps. */
  sums: { losses: number[]; loss: number; gradientNorm: number; clipped: number };
  history: EpochRecord[];
  earlyStopping: EarlyStoppingState;
  plateau: PlateauState;
  /** Where a falling schedule was laid anew, if it was; the name is from when there was only the cosine. */
  cosine?: ScheduleStart;
  /** How long the run has trained, where its end is set by time. */
  seconds?: number;
  /** The learning rate of the newest step; files of earlier versions do not say it. */
  learningRate?: number;
  /**
   * What the windows were, so that a run is not resumed on other data; `varied` where they were varied in training,
   * `accumulate` where a step had several batches, `carried` where windows went on from those before.
   */
  windows: {
    training: number;
    validation: number;
    steps: number;
    batchSize: number;
    varied?: true;
    accumulate?: number;
    carried?: true;
  };
}

/** The learning rate of the newest step that is known, and how many steps had been taken then. */
export function newestRate({ step, learningRate, history }: TrainerState): { step: number; rate: number } | undefined {
  if (learningRate !== undefined) return { step, rate: learningRate };
  const epoch = history.at(-1);
  return epoch && { step: epoch.step, rate: epoch.learningRate };
}

/** Where a run stands that begins, with what its streams and its schedule say. */
export function stateAtStart(
  spec: ModelSpec,
  { train, validation }: { train: Dataset; validation?: Dataset },
  { batchSize, accumulate }: Pick<EpochPlan, 'batchSize' | 'accumulate'>,
  { shuffle, earlyStopping, plateau }: Pick<TrainerState, 'shuffle' | 'earlyStopping' | 'plateau'>,
): TrainerState {
  // In this order, which is that of the bytes of checkpoints.
  return {
    ...{ epoch: 0, batch: 0, step: 0, shuffle, sums: emptySums(spec), history: [], earlyStopping, plateau },
    windows: {
      training: train.size,
      validation: validation?.size ?? 0,
      steps: train.steps,
      batchSize,
      ...(train.isVaried && { varied: true as const }),
      ...(accumulate > 1 && { accumulate }),
      ...(train.streams && { carried: true as const }),
    },
  };
}

/** The sums of an epoch that begins. */
export function emptySums({ heads }: ModelSpec): TrainerState['sums'] {
  return { losses: heads.map(() => 0), loss: 0, gradientNorm: 0, clipped: 0 };
}

/**
 * The record of an epoch that ends.
 * @param validation the loss of each head over the validation windows
 */
export function epochRecord(
  spec: ModelSpec,
  { epoch, step, batch, sums }: TrainerState,
  validation: number[] | null,
  learningRate: number,
): EpochRecord {
  const named = (losses: number[]): Record<string, number> =>
    Object.fromEntries(spec.heads.map(({ name }, head) => [name, losses[head]]));
  return {
    epoch: epoch + 1,
    step,
    loss: sums.loss / batch,
    losses: named(sums.losses.map((sum) => sum / batch)),
    validation: validation && { loss: weightedLoss(spec, validation), losses: named(validation) },
    learningRate,
    gradientNorm: sums.gradientNorm / batch,
    clipped: sums.clipped / batch,
  };
}

/** Whether a value from a file is a state that a run can go on from, every number in it there and finite. */
export function isTrainerState(value: unknown, { heads }: ModelSpec): value is TrainerState {
  const { epoch, batch, step, shuffle, sums, history, earlyStopping, plateau, cosine, seconds, learningRate, windows } =
    recordOf(value);
  const { losses, ...others } = recordOf(sums);
  const { training, validation, steps, batchSize, varied, accumulate, carried } = recordOf(windows);
  return (
    [epoch, batch, step, training, validation, steps, batchSize].every(isCount) &&
    isRandomState(shuffle) &&
    Array.isArray(losses) &&
    losses.length === heads.length &&
    [...(losses as unknown[]), others.loss, others.gradientNorm, others.clipped].every(isFinite) &&
    isEarlyStopping(earlyStopping) &&
    isPlateau(plateau) &&
    (cosine === undefined || isScheduleStart(cosine)) &&
    (seconds === undefined || isAmount(seconds)) &&
    (learningRate === undefined || isAmount(learningRate)) &&
    (varied === undefined || varied === true) &&
    (accumulate === undefined || isCount(accumulate)) &&
    (carried === undefined || carried === true) &&
    Array.isArray(history) &&
    history.every((record) => isEpochRecord(record, heads))
  );
}

/** Whether a value from a file is a whole number of at least 0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether a value from a file is the state of a random stream. */
export function isRandomState(value: unknown): value is RandomState {
  const isWord = (word: unknown): boolean => isCount(word) && word < 2 ** 32;
  return Array.isArray(value) && value.length === 4 && value.every(isWord) && value.some((word) => word !== 0);
}

function isEarlyStopping(value: unknown): value is EarlyStoppingState {
  const { best, bestEpoch, wait } = recordOf(value);
  return (best === null || isFinite(best)) && isFinite(bestEpoch) && isCount(wait);
}

function isPlateau(value: unknown): value is PlateauState {
  const { best, wait, scale } = recordOf(value);
  return (best === null || isFinite(best)) && isCount(wait) && isPositive(scale);
}

function isScheduleStart(value: unknown): value is ScheduleStart {
  const { step, scale, seconds } = recordOf(value);
  return isCount(step) && isAmount(scale) && (seconds === undefined || isAmount(seconds));
}

function isEpochRecord(value: unknown, heads: ModelSpec['heads']): value is EpochRecord {
  const { epoch, step, loss, losses, validation, learningRate, gradientNorm, clipped } = recordOf(value);
  const isOfHeads = (given: unknown): boolean => heads.every(({ name }) => isFinite(recordOf(given)[name]));
  const validated = recordOf(validation);
  return (
    [epoch, step].every(isCount) &&
    [loss, learningRate, gradientNorm, clipped].every(isFinite) &&
    isOfHeads(losses) &&
    (validation === null || (isFinite(validated.loss) && isOfHeads(validated.losses)))
  );
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isPositive(value: unknown): boolean {
  return isFinite(value) && value > 0;
}

function isAmount(value: unknown): boolean {
  return isFinite(value) && value >= 0;
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}
