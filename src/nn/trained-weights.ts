import type { Kernels } from '../tensor/index.ts';
import { inParameters } from './diagnose.ts';
import type { EngineState } from './engine.ts';
import { NonFiniteError } from './errors.ts';
import { createOptimizer } from './optimizers/create-optimizer.ts';
import { trainedIn } from './optimizers/frozen.ts';
import type { Optimizer, Trained } from './optimizers/optimizer.ts';
import { assertKept, type Slot } from './optimizers/slots.ts';
import type { OptimizerSpec } from './optimizers/spec.ts';
import { ParameterSet, type Stretch } from './parameters.ts';
import type { ModelSpec } from './spec.ts';

/** A model's weights with their gradients and what its optimizer keeps: what a training step updates, whoever computed the gradients. */
export class TrainedWeights {
  readonly parameters: ParameterSet;
  readonly gradients: ParameterSet;
  readonly #kept: Readonly<Record<Slot, ParameterSet>>;
  /** What is trained: one stretch of everything, unless parts are frozen. */
  readonly #trained: readonly Omit<Trained, 'kernels'>[];
  /** The gradients of what is not. */
  readonly #frozen: readonly Stretch[];
  #kernels: Kernels;
  readonly #spec: OptimizerSpec;
  readonly #optimizer: Optimizer;
  #step = 0;

  /** @throws UsageError when the optimizer's spec makes no sense, or freezes what the model does not have, or all of it */
  constructor(kernels: Kernels, spec: ModelSpec, optimizer: OptimizerSpec) {
    this.#optimizer = createOptimizer(optimizer);
    this.#kernels = kernels;
    this.#spec = optimizer;
    this.parameters = new ParameterSet(kernels.arena, spec);
    this.gradients = new ParameterSet(kernels.arena, spec);
    const isTrained = trainedIn(spec, optimizer.freeze);
    const { keeps } = this.#optimizer;
    const kept = keeps.map((slot) => [slot, new ParameterSet(kernels.arena, spec)]);
    this.#kept = Object.fromEntries(kept) as Readonly<Record<Slot, ParameterSet>>;
    const stretches = (of: ParameterSet): Stretch[] => of.stretches(isTrained);
    const slots = keeps.map((slot) => stretches(this.#kept[slot]));
    const gradients = stretches(this.gradients);
    this.#trained = stretches(this.parameters).map((parameters, k) => ({
      parameters,
      gradients: gradients[k],
      kept: Object.fromEntries(keeps.map((slot, j) => [slot, slots[j][k]])) as Trained['kept'],
    }));
    this.#frozen = this.gradients.stretches((name) => !isTrained(name));
  }

  /** Works with other kernels over the same memory from now on. */
  useKernels(kernels: Kernels): void {
    this.#kernels = kernels;
  }

  /** The global norm of the gradient: of all parameters that are trained, as one vector. */
  gradientNorm(): number {
    const squares = this.#trained.map(({ gradients }) => this.#kernels.sumOfSquares(gradients.flat));
    return Math.sqrt(squares.reduce((sum, each) => sum + each, 0));
  }

  /** A copy of the gradient for whoever takes a step by it: 0 for what is frozen. */
  handOut(): Float32Array {
    for (const { flat } of this.#frozen) this.#kernels.fill(flat, 0);
    return this.gradients.toFlat();
  }

  /**
   * Clips the gradient, and lets the optimizer take a step.
   * @param gradientNorm the norm of the gradient as it stands
   * @returns whether the gradient was clipped
   */
  update(gradientNorm: number, learningRate: number): boolean {
    const clipped = this.#clip(gradientNorm);
    this.#step++;
    for (const trained of this.#trained) {
      this.#optimizer.update({ kernels: this.#kernels, ...trained }, learningRate, this.#step);
    }
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
    const all = this.#trained.map(({ gradients }) => gradients.flat);
    const isCut = clipValue !== null && all.map((flat) => this.#kernels.clip(flat, clipValue)).includes(true);
    const norm = isCut ? this.gradientNorm() : gradientNorm;
    const isLong = clipNorm !== null && norm > clipNorm;
    if (isLong) for (const flat of all) this.#kernels.scale(flat, clipNorm / norm);
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
