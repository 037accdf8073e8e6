import type { Kernels, Lease, Random } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import { CarriedState } from './carried-state.ts';
import type { Engine, EngineState, StepResult } from './engine.ts';
import { evaluationNetworks, fewNetworks } from './few-networks.ts';
import type { FewRecent } from './few-recent.ts';
import { findGradient } from './find-gradient.ts';
import type { OwnLosses } from './losses/loss-of.ts';
import { Network } from './network.ts';
import type { InTurns } from './in-turns.ts';
import { initialise, initialiseInTurns } from './initialise.ts';
import type { OptimizerSpec } from './optimizers/spec.ts';
import type { NamedArrays, ParameterSet } from './parameters.ts';
import type { ModelSpec } from './spec.ts';
import { TrainedWeights } from './trained-weights.ts';
import { Turns } from './turns.ts';

/** What a local engine is made of beside the architecture. */
export interface LocalEngineOptions {
  kernels: Kernels;
  optimizer: OptimizerSpec;
  /** The steps of a window, T. */
  steps: number;
  /** The stream `init`, from which the starting weights are drawn; without it they are zeros, for whoever writes them next. */
  init?: Random;
  /** The stream `dropout`. */
  dropout: Random;
  /** Losses of one's own that heads name. */
  losses?: OwnLosses;
}

/** The engine that trains on the calling thread, with any kernels. */
export class LocalEngine implements Engine {
  readonly spec: ModelSpec;
  readonly name: string;
  readonly carriesState = true;
  readonly #weights: TrainedWeights;
  readonly #options: LocalEngineOptions;
  readonly #turns = new Turns();
  /** After the newest batch that was trained on, and that was evaluated. */
  readonly #carried: CarriedState;
  readonly #judged: CarriedState;
  readonly #training: FewRecent<number, Lease<Network>>;
  readonly #evaluation: FewRecent<number, Lease<Network>>;

  constructor(spec: ModelSpec, options: LocalEngineOptions) {
    this.spec = spec;
    this.name = options.kernels.name;
    this.#options = options;
    this.#weights = new TrainedWeights(options.kernels, spec, options.optimizer);
    if (options.init) initialise(this.parameters, options.init);
    this.#carried = new CarriedState(spec);
    this.#judged = new CarriedState(spec);
    this.#training = fewNetworks((batchSize) => this.#trainingNetwork(batchSize));
    this.#evaluation = evaluationNetworks(options.kernels, spec, options.steps, this.parameters, options.losses);
  }

  /** An engine whose starting weights are drawn without keeping the thread. */
  static async create(
    spec: ModelSpec,
    { init, ...options }: LocalEngineOptions,
    inTurns?: InTurns,
  ): Promise<LocalEngine> {
    const engine = new LocalEngine(spec, options);
    if (init) await initialiseInTurns(engine.parameters, init, inTurns);
    return engine;
  }

  /** The weights, where they live: for probes and tests. */
  get parameters(): ParameterSet {
    return this.#weights.parameters;
  }

  /** The gradients of the last step, clipped if it was clipped. */
  get gradients(): ParameterSet {
    return this.#weights.gradients;
  }

  trainStep(batch: Batch, learningRate: number): Promise<StepResult> {
    return this.#turns.takeWith([batch], ([own]) => this.#trainStep(own, learningRate));
  }

  gradientOf(batch: Batch): Promise<{ result: StepResult; gradients: Float32Array }> {
    return this.#turns.takeWith([batch], ([own]) => {
      const result = { ...this.#backward(own), clipped: false };
      return { result, gradients: this.#weights.handOut() };
    });
  }

  applyGradient(gradient: Float32Array, learningRate: number): Promise<{ gradientNorm: number; clipped: boolean }> {
    return this.#turns.take(() => this.#weights.apply(gradient, learningRate));
  }

  evaluate(batch: Batch): Promise<number[]> {
    return this.#turns.takeWith([batch], ([own]) => {
      const network = this.#evaluation.get(own.size).value;
      const parts = [{ network, from: 0 }];
      network.load(own);
      this.#judged.begin(own, parts);
      network.forward();
      this.#judged.end(own, parts);
      return network.losses();
    });
  }

  readParameters(): Promise<NamedArrays> {
    return this.#turns.take(() => this.parameters.toArrays());
  }

  writeParameters(parameters: NamedArrays): Promise<void> {
    return this.#turns.take(() => {
      this.parameters.fromArrays(parameters);
    });
  }

  readState(): Promise<EngineState> {
    return this.#turns.take(() => {
      const carried = this.#carried.read();
      return { ...this.#weights.read(), dropout: this.#options.dropout.state(), ...(carried && { carried }) };
    });
  }

  writeState(state: EngineState): Promise<void> {
    return this.#turns.take(() => {
      this.#carried.write(state.carried);
      this.#weights.write(state);
      this.#options.dropout.restore(state.dropout);
    });
  }

  dispose(): Promise<void> {
    return this.#turns.close(() => {
      this.#training.clear();
      this.#evaluation.clear();
    });
  }

  #trainStep(batch: Batch, learningRate: number): StepResult {
    const found = this.#backward(batch);
    return { ...found, clipped: this.#weights.update(found.gradientNorm, learningRate) };
  }

  /** Leaves the gradient of a batch in `gradients`. */
  #backward(batch: Batch): Omit<StepResult, 'clipped'> {
    const { kernels, dropout } = this.#options;
    const network = this.#training.get(batch.size).value;
    const { parameters, gradients } = this;
    const norm = (): number => this.#weights.gradientNorm();
    const parts = [{ network, from: 0 }];
    this.#carried.begin(batch, parts);
    const found = findGradient({ kernels, network, parameters, gradients, dropout, norm }, batch);
    this.#carried.end(batch, parts);
    return found;
  }

  #trainingNetwork(batchSize: number): Lease<Network> {
    const { kernels, steps, dropout, losses } = this.#options;
    const training = { gradients: this.gradients, dropout };
    const shape = { batchSize, steps };
    return kernels.arena.lease(() => new Network(kernels, this.spec, shape, this.parameters, { training, losses }));
  }
}
