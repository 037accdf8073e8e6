import { UsageError } from '../errors.ts';
import { HeapArena, ReferenceKernels, type Floats, type Kernels } from '../tensor/index.ts';
import { foldEmbeddings } from './fold-embeddings.ts';
import { expectedCategory, expectedFeature, expectedTarget, firstUnusable, unusable } from './input-checks.ts';
import { Network } from './network.ts';
import { ParameterSet, type NamedArrays } from './parameters.ts';
import { assertForward, headSize, type ModelSpec } from './spec.ts';

/** What a model says after a step, one head after the other. */
export interface Answers {
  /**
   * What head number `head` said after the last step: logits, or one number. The array is overwritten by the next step.
   * @throws UsageError when it reads a head whose class has not been chosen since
   */
  output(head: number): Floats;
  /**
   * Tells the class that was drawn from head number `head`, for the heads that read it.
   * @throws InputError when there is no such class
   */
  choose(head: number, chosen: number): void;
}

/** Runs the heads of a network when they are asked for: a head that reads others waits for their classes. */
class LazyHeads implements Answers {
  readonly #network: Network;
  /** For each head the numbers of those that it reads. */
  readonly #reads: readonly number[][];
  readonly #known: boolean[];
  readonly #chosen: boolean[];

  constructor(network: Network) {
    const { heads } = network.spec;
    this.#network = network;
    this.#reads = heads.map(({ reads = [] }) => reads.map((name) => heads.findIndex((head) => head.name === name)));
    this.#known = heads.map(() => false);
    this.#chosen = heads.map(() => false);
  }

  /** A step has been taken: nothing is known. */
  reset(): void {
    this.#known.fill(false);
    this.#chosen.fill(false);
  }

  output(head: number): Floats {
    const asked = this.#network.heads[head];
    if (!this.#known[head]) {
      for (const read of this.#reads[head]) if (!this.#chosen[read]) this.#refuse(head, read);
      asked.forward();
      this.#known[head] = true;
    }
    return asked.out.data;
  }

  choose(head: number, chosen: number): void {
    const { spec, targetClasses } = this.#network.heads[head];
    if (!targetClasses) throw new UsageError(`The head "${spec.name}" gives a number, and has no classes to choose.`);
    if (!(Number.isInteger(chosen) && chosen >= 0 && chosen < headSize(spec))) {
      throw unusable(expectedTarget(spec), chosen);
    }
    targetClasses.data[0] = chosen;
    this.#chosen[head] = true;
    // Who has read another class before must read again.
    for (let k = head + 1; k < this.#reads.length; k++) if (this.#reads[k].includes(head)) this.#known[k] = false;
  }

  #refuse(head: number, read: number): never {
    const { heads } = this.#network.spec;
    throw new UsageError(
      `The head "${heads[head].name}" reads "${heads[read].name}", whose class is not chosen yet: draw from output(${read}) and call choose(${read}, class) first.`,
    );
  }
}

/**
 * Runs a trained model one step at a time, carrying its state: what comes out after n steps equals the last row of a run
 * over the window of those n steps. Nothing is allocated per step. Embeddings are folded into the kernel
 * (`foldEmbeddings`), which may change the last bits.
 */
export class Stepper implements Answers {
  readonly spec: ModelSpec;
  readonly #network: Network;
  readonly #heads: LazyHeads;

  /** @throws UsageError when the model is bidirectional */
  constructor(spec: ModelSpec, parameters: NamedArrays, kernels: Kernels = new ReferenceKernels(new HeapArena())) {
    assertForward(spec, 'stepper');
    const folded = foldEmbeddings({ spec, parameters });
    const weights = new ParameterSet(kernels.arena, folded.spec);
    weights.fromArrays(folded.parameters);
    this.spec = spec;
    this.#network = new Network(kernels, folded.spec, { batchSize: 1, steps: 1 }, weights);
    this.#heads = new LazyHeads(this.#network);
  }

  /** Forgets everything: the state becomes zero. */
  reset(): void {
    this.#network.resetState();
    this.#heads.reset();
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
    network.forwardLayers();
    network.carryState();
    this.#heads.reset();
  }

  output(head: number): Floats {
    return this.#heads.output(head);
  }

  choose(head: number, chosen: number): void {
    this.#heads.choose(head, chosen);
  }

  /** The outputs of the last layer after the last step, [H]; overwritten by the next step. */
  get hidden(): Floats {
    return this.#network.layers[this.#network.layers.length - 1].output.data;
  }
}

/** Runs a trained model over windows of a fixed length, each from the zero state, as the tutorial generates. */
export class WindowRunner implements Answers {
  readonly #network: Network;
  readonly #heads: LazyHeads;

  /** @throws UsageError when the model is bidirectional */
  constructor(
    spec: ModelSpec,
    parameters: NamedArrays,
    steps: number,
    kernels: Kernels = new ReferenceKernels(new HeapArena()),
  ) {
    assertForward(spec, 'window runner');
    const weights = new ParameterSet(kernels.arena, spec);
    weights.fromArrays(parameters);
    this.#network = new Network(kernels, spec, { batchSize: 1, steps }, weights, { lossOn: 'last' });
    this.#heads = new LazyHeads(this.#network);
  }

  /** Runs one window: the class of each categorical input at every step, and the features [steps, F]. */
  run(categories: ArrayLike<number>[], features: ArrayLike<number>): void {
    const { batchSize: size, steps } = this.#network.shape;
    this.#network.load({ size, steps, categories, features });
    this.#network.forwardLayers();
    this.#heads.reset();
  }

  output(head: number): Floats {
    return this.#heads.output(head);
  }

  choose(head: number, chosen: number): void {
    this.#heads.choose(head, chosen);
  }
}
