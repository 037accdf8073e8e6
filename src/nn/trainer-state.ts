import type { RandomState } from '../tensor/index.ts';
import type { EarlyStoppingState } from './early-stopping.ts';
import type { CosineStart, PlateauState } from './schedule.ts';

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
  /** Where a cosine was laid anew, if it was. */
  cosine?: CosineStart;
  /** The learning rate of the newest step; files of earlier versions do not say it. */
  learningRate?: number;
  /** What the windows were, so that a run is not resumed on other data. */
  windows: { training: number; validation: number; steps: number; batchSize: number };
}

/** The learning rate of the newest step that is known, and how many steps had been taken then. */
export function newestRate({ step, learningRate, history }: TrainerState): { step: number; rate: number } | undefined {
  if (learningRate !== undefined) return { step, rate: learningRate };
  const epoch = history.at(-1);
  return epoch && { step: epoch.step, rate: epoch.learningRate };
}
