import type { Kernels } from '../tensor/index.ts';
import type { EngineState, OptimizerSpec } from './engine.ts';
import { ParameterSet } from './parameters.ts';
import type { ModelSpec } from './spec.ts';

/** A model's weights with their gradients and Adam's moments: what a training step updates, whoever computed the gradients. */
export class TrainedWeights {
  readonly parameters: ParameterSet;
  readonly gradients: ParameterSet;
  readonly #m: ParameterSet;
  readonly #v: ParameterSet;
  #kernels: Kernels;
  readonly #optimizer: OptimizerSpec;
  #step = 0;

  constructor(kernels: Kernels, spec: ModelSpec, optimizer: OptimizerSpec) {
    this.#kernels = kernels;
    this.#optimizer = optimizer;
    this.parameters = new ParameterSet(kernels.arena, spec);
    this.gradients = new ParameterSet(kernels.arena, spec);
    this.#m = new ParameterSet(kernels.arena, spec);
    this.#v = new ParameterSet(kernels.arena, spec);
  }

  /** Works with other kernels over the same memory from now on. */
  useKernels(kernels: Kernels): void {
    this.#kernels = kernels;
  }

  /** The global norm of the gradient: of all parameters as one vector. */
  gradientNorm(): number {
    return Math.sqrt(this.#kernels.sumOfSquares(this.gradients.flat));
  }

  /**
   * Clips by the global norm (Pascanu et al. 2013: the direction stays, the length becomes the limit) and takes a step of
   * Adam.
   * @returns whether the gradient was clipped
   */
  update(gradientNorm: number, learningRate: number): boolean {
    const { clipNorm, beta1, beta2, epsilon } = this.#optimizer;
    const clipped = clipNorm !== null && gradientNorm > clipNorm;
    if (clipped) this.#kernels.scale(this.gradients.flat, clipNorm / gradientNorm);
    this.#step++;
    const settings = { beta1, beta2, epsilon, learningRate, step: this.#step };
    this.#kernels.adam(this.parameters.flat, this.gradients.flat, this.#m.flat, this.#v.flat, settings);
    return clipped;
  }

  /** A copy of everything but the random stream. */
  read(): Omit<EngineState, 'dropout'> {
    return {
      parameters: this.parameters.toArrays(),
      m: this.#m.toArrays(),
      v: this.#v.toArrays(),
      step: this.#step,
    };
  }

  write(state: Omit<EngineState, 'dropout'>): void {
    this.parameters.fromArrays(state.parameters);
    this.#m.fromArrays(state.m);
    this.#v.fromArrays(state.v);
    this.#step = state.step;
  }
}
