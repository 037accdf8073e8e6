import type { Kernels, Random } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import { findNonFinite, inParameters } from './diagnose.ts';
import { weightedLoss, type Engine, type EngineState, type OptimizerSpec, type StepResult } from './engine.ts';
import { NonFiniteError } from './errors.ts';
import { Network } from './network.ts';
import { ParameterSet, type NamedArrays } from './parameters.ts';
import type { ModelSpec } from './spec.ts';

/** What a local engine is made of beside the architecture. */
export interface LocalEngineOptions {
  kernels: Kernels;
  optimizer: OptimizerSpec;
  /** The steps of a window, T. */
  steps: number;
  /** The stream `init`, from which the starting weights are drawn. */
  init: Random;
  /** The stream `dropout`. */
  dropout: Random;
}

/** The engine that trains on the calling thread, with any kernels. */
export class LocalEngine implements Engine {
  readonly spec: ModelSpec;
  readonly name: string;
  readonly parameters: ParameterSet;
  readonly gradients: ParameterSet;
  readonly #m: ParameterSet;
  readonly #v: ParameterSet;
  readonly #options: LocalEngineOptions;
  /** Networks by batch size: the usual one, and one for a remainder. */
  readonly #training = new Map<number, Network>();
  readonly #evaluation = new Map<number, Network>();
  #step = 0;

  constructor(spec: ModelSpec, options: LocalEngineOptions) {
    const { arena } = options.kernels;
    this.spec = spec;
    this.name = options.kernels.name;
    this.#options = options;
    this.parameters = new ParameterSet(arena, spec);
    this.gradients = new ParameterSet(arena, spec);
    this.#m = new ParameterSet(arena, spec);
    this.#v = new ParameterSet(arena, spec);
    this.parameters.initialise(options.init);
  }

  trainStep(batch: Batch, learningRate: number): Promise<StepResult> {
    return Promise.resolve().then(() => this.#trainStep(batch, learningRate));
  }

  evaluate(batch: Batch): Promise<number[]> {
    return Promise.resolve().then(() => {
      const network = this.#evaluationNetwork(batch.size);
      network.load(batch);
      network.forward();
      return network.losses();
    });
  }

  readParameters(): Promise<NamedArrays> {
    return Promise.resolve(this.parameters.toArrays());
  }

  writeParameters(parameters: NamedArrays): Promise<void> {
    return Promise.resolve().then(() => {
      this.parameters.fromArrays(parameters);
    });
  }

  readState(): Promise<EngineState> {
    return Promise.resolve({
      parameters: this.parameters.toArrays(),
      m: this.#m.toArrays(),
      v: this.#v.toArrays(),
      step: this.#step,
      dropout: this.#options.dropout.state(),
    });
  }

  writeState(state: EngineState): Promise<void> {
    return Promise.resolve().then(() => {
      this.parameters.fromArrays(state.parameters);
      this.#m.fromArrays(state.m);
      this.#v.fromArrays(state.v);
      this.#step = state.step;
      this.#options.dropout.restore(state.dropout);
    });
  }

  dispose(): Promise<void> {
    this.#training.clear();
    this.#evaluation.clear();
    return Promise.resolve();
  }

  #trainStep(batch: Batch, learningRate: number): StepResult {
    const { kernels, dropout } = this.#options;
    const network = this.#trainingNetwork(batch.size);
    const dropoutBefore = dropout.state();
    network.load(batch);
    kernels.fill(this.gradients.flat, 0);
    network.forward();
    const losses = network.losses();
    const loss = weightedLoss(this.spec, losses);
    network.backward();
    const gradientNorm = Math.sqrt(kernels.sumOfSquares(this.gradients.flat));
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      dropout.restore(dropoutBefore);
      const place = this.#locate(network);
      dropout.restore(dropoutBefore);
      throw new NonFiniteError(place, loss, gradientNorm);
    }
    const clipped = this.#clip(gradientNorm);
    this.#step++;
    const { beta1, beta2, epsilon } = this.#options.optimizer;
    const settings = { beta1, beta2, epsilon, learningRate, step: this.#step };
    kernels.adam(this.parameters.flat, this.gradients.flat, this.#m.flat, this.#v.flat, settings);
    return { losses, loss, gradientNorm, clipped };
  }

  /** Clips by the global norm (Pascanu et al. 2013): the direction stays, the length becomes the limit. */
  #clip(gradientNorm: number): boolean {
    const { clipNorm } = this.#options.optimizer;
    if (clipNorm === null || gradientNorm <= clipNorm) return false;
    this.#options.kernels.scale(this.gradients.flat, clipNorm / gradientNorm);
    return true;
  }

  /** Runs the failed batch forward once more, the way back having overwritten the activations, and looks through it. */
  #locate(network: Network): NonFiniteError['place'] {
    network.forward();
    const losses = network.losses();
    const found = findNonFinite(network, this.parameters);
    if (found) return found;
    const head = losses.findIndex((loss) => !Number.isFinite(loss));
    if (head >= 0) return { stage: 'loss', layer: `heads.${this.spec.heads[head].name}` };
    return (
      inParameters(this.gradients, 'gradient') ?? { stage: 'gradient', layer: 'the whole model (overflow of the norm)' }
    );
  }

  #trainingNetwork(batchSize: number): Network {
    const { dropout } = this.#options;
    return this.#network(this.#training, batchSize, () => ({ gradients: this.gradients, dropout }), this.spec.lossOn);
  }

  #evaluationNetwork(batchSize: number): Network {
    return this.#network(this.#evaluation, batchSize, () => undefined, 'last');
  }

  #network(
    cache: Map<number, Network>,
    batchSize: number,
    training: () => ConstructorParameters<typeof Network>[4],
    lossOn: 'last' | 'all',
  ): Network {
    let network = cache.get(batchSize);
    if (!network) {
      const shape = { batchSize, steps: this.#options.steps };
      network = new Network(this.#options.kernels, this.spec, shape, this.parameters, training(), lossOn);
      cache.set(batchSize, network);
    }
    return network;
  }
}
