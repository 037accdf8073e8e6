import { HeapArena, ReferenceKernels, type Floats, type Kernels } from '../tensor/index.ts';
import { expectedCategory, expectedFeature, firstUnusable, unusable } from './input-checks.ts';
import { Network } from './network.ts';
import { ParameterSet, type NamedArrays } from './parameters.ts';
import type { ModelSpec } from './spec.ts';

/**
 * Runs a trained model one step at a time, carrying its state: what comes out after n steps equals the last row of a run
 * over the window of those n steps. Nothing is allocated per step.
 */
export class Stepper {
  readonly spec: ModelSpec;
  readonly #network: Network;

  constructor(spec: ModelSpec, parameters: NamedArrays, kernels: Kernels = new ReferenceKernels(new HeapArena())) {
    const weights = new ParameterSet(kernels.arena, spec);
    weights.fromArrays(parameters);
    this.spec = spec;
    this.#network = new Network(kernels, spec, { batchSize: 1, steps: 1 }, weights);
  }

  /** Forgets everything: the state becomes zero. */
  reset(): void {
    this.#network.resetState();
  }

  /**
   * Takes one step.
   *
   * @param categories the class of each categorical input
   * @param features the features, in order
   * @throws InputError when a class does not exist, or a feature is not finite
   */
  step(categories: ArrayLike<number>, features: ArrayLike<number>): void {
    const network = this.#network;
    for (let k = 0; k < network.categories.length; k++) {
      if (firstUnusable(categories, this.spec.inputs.categories[k].size, k, k + 1) >= 0) {
        throw unusable(expectedCategory(this.spec, k), categories[k]);
      }
      network.categories[k].data[0] = categories[k];
    }
    const to = network.features.data;
    const bad = firstUnusable(features, undefined, 0, to.length);
    if (bad >= 0) throw unusable(expectedFeature(this.spec, bad), features[bad]);
    for (let f = 0; f < to.length; f++) to[f] = features[f];
    network.forward();
    network.carryState();
  }

  /** What head number `head` said after the last step: logits, or one number. The array is overwritten by the next step. */
  output(head: number): Floats {
    return this.#network.heads[head].out.data;
  }
}

/** Runs a trained model over windows of a fixed length, each from the zero state, as the tutorial generates. */
export class WindowRunner {
  readonly #network: Network;

  constructor(
    spec: ModelSpec,
    parameters: NamedArrays,
    steps: number,
    kernels: Kernels = new ReferenceKernels(new HeapArena()),
  ) {
    const weights = new ParameterSet(kernels.arena, spec);
    weights.fromArrays(parameters);
    this.#network = new Network(kernels, spec, { batchSize: 1, steps }, weights, { lossOn: 'last' });
  }

  /** Runs one window: the class of each categorical input at every step, and the features [steps, F]. */
  run(categories: ArrayLike<number>[], features: ArrayLike<number>): void {
    const { batchSize: size, steps } = this.#network.shape;
    this.#network.load({ size, steps, categories, features });
    this.#network.forward();
  }

  /** What head number `head` says after the last step. */
  output(head: number): Floats {
    return this.#network.heads[head].out.data;
  }
}
