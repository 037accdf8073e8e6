import type { StepResult } from '../../nn/index.ts';
import type { RandomState } from '../../tensor/index.ts';

/** Where the batches of a round stand in the training data, and how fast each is learned: plain JSON. */
export interface RoundPlace {
  /** Of the run, from 1. */
  round: number;
  /** Training steps taken before it, by all machines together. */
  step: number;
  /** The epoch, from 0, the stream `shuffle` as it stood when the epoch's order was drawn, and the first batch in that order. */
  epoch: number;
  shuffle: RandomState;
  batch: number;
  /** One for each batch of the round. Of n machines, machine k (from 0) takes the batches k, k + n, k + 2n, … one after the other. */
  learningRates: readonly number[];
}

/** A round, as every machine is asked to compute it. */
export interface RoundTask extends RoundPlace {
  /** The weights that all machines begin with: all parameters one after the other, in the order of `parameterSpecs`. */
  weights: Float32Array;
}

/** How many batches of a round are a machine's: machine k of n takes k, k + n, k + 2n, … */
export function stepsOf(machine: number, machines: number, batches: number): number {
  return Math.max(0, Math.ceil((batches - machine) / machines));
}

/** What one machine found in a round. */
export interface Contribution {
  /** Its number, from 0. */
  machine: number;
  /** What to take from the weights: their mean over the machines is the gradient of the outer step. In the order of the weights. */
  difference: Float32Array;
  /** One for each batch it took, in its order; none where the round has fewer batches than machines. */
  steps: readonly StepResult[];
  /** Whether its optimizer began anew with this round: it is new, or it was farther than the run, which goes on from an earlier state. */
  beganAnew: boolean;
}

/**
 * Computes one machine's part of a round; the machine keeps its own optimizer state between rounds. Asked for the same again, it gives
 * the same without computing it again.
 * @throws NonFiniteError when a loss, a gradient or a weight is not finite
 * @throws the reason of `signal` when that aborts; the machine is then as it was before
 */
export type ComputeRound = (task: RoundTask, signal?: AbortSignal) => Promise<Contribution>;

/** How a round went. */
export interface RoundOutcome {
  /** What came in time, by the number of the machine: at least one. */
  contributions: readonly Contribution[];
  /** Names of the machines that took part, in the same order. */
  names: readonly string[];
  /** How many results of earlier rounds came since the last: they are dropped. */
  late: number;
  /** How long the first machine that was ready had to wait for the end of the round. */
  waitedSeconds: number;
  /** Bytes of weights and differences that went to the machines and came from them. */
  sentBytes: number;
  receivedBytes: number;
}

/** The machines that train one model together: in this process, or behind a Redis. */
export interface Machines {
  /** How many there are to be. */
  readonly count: number;
  /**
   * Has a round computed. Waits for all machines; after the patience that was set, for half of them.
   * @throws NonFiniteError when a machine comes to a number that is not finite
   * @throws the reason of `signal` when that aborts
   */
  compute(task: RoundTask, signal?: AbortSignal): Promise<RoundOutcome>;
  close(): Promise<void>;
}
