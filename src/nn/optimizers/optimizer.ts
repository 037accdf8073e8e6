import type { Kernels } from '../../tensor/index.ts';
import type { Stretch } from '../parameters.ts';
import type { Slot } from './slots.ts';

/** What a step of an optimizer works on: all that is trained, or a stretch of it where parameters are frozen. */
export interface Trained {
  kernels: Kernels;
  parameters: Stretch;
  /** After clipping. */
  gradients: Stretch;
  /** What the optimizer keeps, slot by slot. */
  kept: Readonly<Record<Slot, Stretch>>;
}

/** Turns gradients into steps: what it is made of is in its spec, what it remembers in `kept`. */
export interface Optimizer {
  /** What it keeps for every weight: zeros before the first step. */
  readonly keeps: readonly Slot[];
  /**
   * Updates the parameters, and what is kept.
   * @param step the number of this step, from 1
   */
  update(trained: Trained, learningRate: number, step: number): void;
}
