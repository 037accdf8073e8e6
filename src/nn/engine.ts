import type { StopSignal } from '../stop-signal.ts';
import type { RandomState } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import type { OptimizerState } from './optimizers/slots.ts';
import type { BatchPlace } from './epochs.ts';
import type { NamedArrays } from './parameters.ts';
import type { ModelSpec } from './spec.ts';

/** What one training step gives back. */
export interface StepResult {
  /** The mean loss of each head, unweighted, in the order of the heads, before the update. */
  losses: number[];
  /** Their weighted sum: what is minimised. */
  loss: number;
  /** The global norm of the gradient before clipping: of all that is trained, as one vector. */
  gradientNorm: number;
  /** Whether the gradient was clipped, by norm or by value. */
  clipped: boolean;
}

/** Everything that an engine must hand over so that another can go on bit for bit. */
export interface EngineState {
  parameters: NamedArrays;
  /** What the optimizer keeps: for Adam its first and second moments. */
  optimizer: OptimizerState;
  /** Steps taken. */
  step: number;
  /** The stream from which dropout draws. */
  dropout: RandomState;
  /** The state after the newest batch that had `carry`, by name (`lstm.0.h`), [B, H] each; there is none before the first. */
  carried?: NamedArrays;
}

/**
 * What the trainer trains with: this thread, several threads, or a GPU. One engine holds one model's weights, its
 * optimizer, and whatever buffers it needs.
 *
 * Calls take turns: one that comes while another runs waits for it, so that overlapping calls do what they would do one
 * after the other. A batch may be filled again as soon as the call that was given it has returned; parameters and states stay
 * as they are until the call has ended. After `dispose` every call fails with DisposedError.
 */
export interface Engine {
  readonly spec: ModelSpec;
  /** What really runs, for reports: `reference`, `simd (wide), 2 threads`. Checkpoints say whose bits they are: `nameOfBits`. */
  readonly name: string;

  /**
   * Forward, losses, backward, clipping and a step of the optimizer, on one batch.
   * @throws InputError when a class of the batch does not exist, or one of its numbers is not finite; nothing is changed then
   * @throws NonFiniteError when a loss or the gradient is not finite; weights, what the optimizer keeps and the step count stay as they were, and so does
   *   what the next batch goes on from
   */
  trainStep(batch: Batch, learningRate: number): Promise<StepResult>;
  /** Whether batches may say what they `carry`; an engine that cannot refuses them. */
  readonly carriesState?: true;
  /** How many training steps the engine likes to be given at once, where it has `trainSteps`. */
  readonly preferredSteps?: number;
  /**
   * One `trainStep` after the other, for engines to which a call is dear: a step for each batch, at its learning rate.
   *
   * @returns the results of the steps that were taken: all of them, or those before one that was not finite
   * @throws NonFiniteError when the first of them is not finite; what holds for `trainStep` holds then
   */
  trainSteps?(batches: readonly Batch[], learningRates: readonly number[]): Promise<StepResult[]>;
  /** How many training steps a round has, where the engine has `trainRound`. */
  readonly roundSteps?: number;
  /**
   * Takes training steps on batches that it fills itself, by their place: of engines whose machines have the training data.
   *
   * @param learningRates one for each step
   * @returns the results of all of them
   * @throws NonFiniteError as `trainStep` does
   * @throws the reason of `signal` when it is aborted; nothing is changed then
   */
  trainRound?(place: BatchPlace, learningRates: readonly number[], signal?: StopSignal): Promise<StepResult[]>;
  /**
   * A training step without its end: forward, losses and backward on one batch, without clipping, the weights left as they
   * are; what the next batch goes on from is the state after this one, as behind `trainStep`. `applyGradient` of what comes back is the
   * rest of `trainStep`, bit for bit. Engines that compute on a GPU have neither.
   *
   * @returns what the step found, and the gradient: a number for each parameter, in the order of `parameterSpecs`, 0 for frozen ones
   * @throws what `trainStep` throws
   */
  gradientOf?(batch: Batch): Promise<{ result: StepResult; gradients: Float32Array }>;
  /**
   * Clips a gradient and lets the optimizer take a step by it.
   *
   * @param gradient as `gradientOf` gives it, or the mean of several
   * @returns its norm before clipping
   * @throws NonFiniteError when the gradient is not finite; weights, what the optimizer keeps and the step count stay as they were
   * @throws ShapeError when it is of another length
   */
  applyGradient?(gradient: Float32Array, learningRate: number): Promise<{ gradientNorm: number; clipped: boolean }>;
  /**
   * The mean loss of each head at the last step of each sequence, without dropout. Changes nothing but the state that the next
   * evaluated batch with `carry` goes on from: one pass of such batches is made at a time.
   * @throws InputError as `trainStep` does
   */
  evaluate(batch: Batch): Promise<number[]>;
  /** How many batches of `EVALUATION_BATCH` the engine likes to be given at once, where it has `evaluateBatches`. */
  readonly preferredEvaluations?: number;
  /** `evaluate` of one batch after the other, for engines to which a call is dear. */
  evaluateBatches?(batches: readonly Batch[]): Promise<number[][]>;

  /** Copies of all weights, by the names of `parameterSpecs`. */
  readParameters(): Promise<NamedArrays>;
  /**
   * Replaces all weights.
   * @throws ShapeError when one is missing or of another size
   */
  writeParameters(parameters: NamedArrays): Promise<void>;
  /** What training needs beside the weights to go on: steps, what the optimizer keeps, random numbers, carried states. */
  readState(): Promise<EngineState>;
  /** Goes on from what `readState` gave. */
  writeState(state: EngineState): Promise<void>;
  /** Waits for the calls that came before, and gives back what the engine holds; it cannot be used afterwards. */
  dispose(): Promise<void>;
}

/** The weighted sum of the heads' losses. */
export function weightedLoss(spec: ModelSpec, losses: number[]): number {
  return spec.heads.reduce((sum, { lossWeight }, k) => sum + lossWeight * losses[k], 0);
}
