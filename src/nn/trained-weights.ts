import type { Kernels } from '../tensor/index.ts';
import { inParameters } from './diagnose.ts';
import type { EngineState } from './engine.ts';
import { NonFiniteError } from './errors.ts';
import { normOf } from './find-gradient.ts';
import { createOptimizer } from './optimizers/create-optimizer.ts';
import type { Optimizer, Trained } from './optimizers/optimizer.ts';
import { assertKept } from './optimizers/slots.ts';
import type { OptimizerSpec } from './optimizers/spec.ts';
import { ParameterSet } from './parameters.ts';
import type { ModelSpec } from './spec.ts';

/** A model's weights with their gradients and what its optimizer keeps: what a training step updates, whoever computed the gradients. */
export class TrainedWeights {
  readonly parameters: ParameterSet;
  readonly gradients: ParameterSet;
  readonly #kept: Trained['kept'];
  #kernels: Kernels;
  readonly #spec: OptimizerSpec;
  readonly #optimizer: Optimizer;
  #step = 0;

  /** @throws UsageError when the optimizer's spec makes no sense */
  constructor(kernels: Kernels, spec: ModelSpec, optimizer: OptimizerSpec) {
    this.#optimizer = createOptimizer(optimizer);
    this.#kernels = kernels;
    this.#spec = optimizer;
    this.parameters = new ParameterSet(kernels.arena, spec);
    this.gradients = new ParameterSet(kernels.arena, spec);
    const kept = this.#optimizer.keeps.map((slot) => [slot, new ParameterSet(kernels.arena, spec)]);
    this.#kept = Object.fromEntries(kept) as Trained['kept'];
  }

  /** Works with other kernels over the same memory from now on. */
  useKernels(kernels: Kernels): void {
    this.#kernels = kernels;
  }

  /** The global norm of the gradient: of all parameters as one vector. */
  gradientNorm(): number {
    return normOf(this.#kernels, this.gradients);
  }

  /**
   * Clips the gradient, and lets the optimizer take a step.
   * @param gradientNorm the norm of the gradient as it stands
   * @returns whether the gradient was clipped
   */
  update(gradientNorm: number, learningRate: number): boolean {
    const clipped = this.#clip(gradientNorm);
    const trained = {
      kernels: this.#kernels,
      parameters: this.parameters,
      gradients: this.gradients,
      kept: this.#kept,
    };
    this.#step++;
    this.#optimizer.update(trained, learningRate, this.#step);
    return clipped;
  }

  /**
   * The same from a gradient that was computed elsewhere: a number for each parameter, in the order of `parameterSpecs`.
   *
   * @returns its norm before clipping
   * @throws NonFiniteError when the gradient or its norm is not finite; nothing else is changed then
   * @throws ShapeError when it has another length
   */
  apply(gradient: Float32Array, learningRate: number): { gradientNorm: number; clipped: boolean } {
    this.gradients.fromFlat(gradient);
    const gradientNorm = this.gradientNorm();
    if (!Number.isFinite(gradientNorm)) {
      const overflow = { stage: 'gradient' as const, layer: 'the whole model (its norm overflows)' };
      throw new NonFiniteError(inParameters(this.gradients, 'gradient') ?? overflow, NaN, gradientNorm);
    }
    return { gradientNorm, clipped: this.update(gradientNorm, learningRate) };
  }

  /** By value, then by the global norm (Pascanu et al. 2013: the direction stays, the length becomes the limit). */
  #clip(gradientNorm: number): boolean {
    const { clipNorm, clipValue = null } = this.#spec;
    const isCut = clipValue !== null && this.#kernels.clip(this.gradients.flat, clipValue);
    const norm = isCut ? this.gradientNorm() : gradientNorm;
    const isLong = clipNorm !== null && norm > clipNorm;
    if (isLong) this.#kernels.scale(this.gradients.flat, clipNorm / norm);
    return isCut || isLong;
  }

  /** A copy of everything but the random stream. */
  read(): Omit<EngineState, 'dropout'> {
    const kept = this.#optimizer.keeps.map((slot) => [slot, this.#kept[slot].toArrays()]);
    return {
      parameters: this.parameters.toArrays(),
      optimizer: Object.fromEntries(kept) as EngineState['optimizer'],
      step: this.#step,
    };
  }

  /** @throws CheckpointError when the state is of another optimizer */
  write(state: Omit<EngineState, 'dropout'>): void {
    const { keeps } = this.#optimizer;
    assertKept(state.optimizer, keeps);
    this.parameters.fromArrays(state.parameters);
    for (const slot of keeps) this.#kept[slot].fromArrays(state.optimizer[slot]!);
    this.#step = state.step;
  }
}
