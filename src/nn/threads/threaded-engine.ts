import type { Lease, Random } from '../../tensor/index.ts';
import { SimdKernels } from '../../tensor/simd/kernels.ts';
import { loadSimd } from '../../tensor/simd/load.ts';
import type { SimdModule, SimdVariant } from '../../tensor/index.ts';
import { createMemory } from '../../tensor/simd/wasm-arena.ts';
import type { Batch } from '../batch.ts';
import { CarriedState } from '../carried-state.ts';
import { locateNonFinite } from '../diagnose.ts';
import { weightedLoss, type Engine, type EngineState, type StepResult } from '../engine.ts';
import { DisposedError, NonFiniteError, WorkerError } from '../errors.ts';
import { EVALUATION_BATCH } from '../evaluate.ts';
import { evaluationNetworks } from '../few-networks.ts';
import type { FewRecent } from '../few-recent.ts';
import type { Network } from '../network.ts';
import type { InTurns } from '../in-turns.ts';
import { initialiseInTurns } from '../initialise.ts';
import type { OptimizerSpec } from '../optimizers/spec.ts';
import { ParameterSet, type NamedArrays } from '../parameters.ts';
import type { ModelSpec } from '../spec.ts';
import { TrainedWeights } from '../trained-weights.ts';
import { Turns } from '../turns.ts';
import { Part } from './part.ts';
import { COMMANDS, ControlBlock, rangeOf, WORDS, type PartShape, type WorkerInit } from './protocol.ts';
import { startThread, type BrowserWorker, type RunningThread } from './start-thread.ts';
import { mayBlock, pauseWhileEqual, spinWhileEqual } from './waiting.ts';
import { counted } from '../../text/words.ts';

/** What a threaded engine is made of beside the architecture. */
export interface ThreadedEngineOptions {
  variant: SimdVariant;
  threads: number;
  optimizer: OptimizerSpec;
  /** Sequences of a training batch, and their steps. */
  batchSize: number;
  steps: number;
  /** The starting weights are drawn from it; without it they are zeros. */
  init?: Random;
  dropout: Random;
  /** See `EngineChoice`. */
  createWorker?: () => BrowserWorker;
}

/** How long the engine sleeps before it looks whether a worker has died, in milliseconds. */
const PATIENCE = 50;

/**
 * Trains on several threads over one shared memory: each has a part of every batch (data parallelism), this thread too.
 *
 * A step has one meeting point: when all parts have their gradients, this thread adds them up in the order of the threads,
 * clips, and lets the optimizer update the weights that all threads read. So the same seed and the same number of threads give the
 * same bytes, and whatever happens to a worker, the weights are those of a whole step.
 */
export class ThreadedEngine implements Engine {
  readonly spec: ModelSpec;
  readonly name: string;
  readonly carriesState = true;
  readonly #options: ThreadedEngineOptions;
  readonly #kernels: SimdKernels;
  readonly #weights: TrainedWeights;
  readonly #control: ControlBlock;
  readonly #parts: Part[];
  readonly #workers: RunningThread[] = [];
  readonly #mayBlock = mayBlock();
  /** Networks for evaluation batches of unusual sizes, on this thread. */
  readonly #remainders: FewRecent<number, Lease<Network>>;
  readonly #turns = new Turns();
  /** After the newest batch that was trained on, and that was evaluated. */
  readonly #carried: CarriedState;
  readonly #judged: CarriedState;
  #failure?: Error;

  private constructor(spec: ModelSpec, options: ThreadedEngineOptions, layout: Layout) {
    this.spec = spec;
    this.name = `${layout.kernels.name}, ${counted(options.threads, 'thread')}`;
    this.#options = options;
    this.#kernels = layout.kernels;
    this.#weights = layout.weights;
    this.#control = layout.control;
    this.#parts = layout.parts;
    this.#carried = new CarriedState(spec);
    this.#judged = new CarriedState(spec);
    this.#remainders = evaluationNetworks(layout.kernels, spec, options.steps, layout.weights.parameters);
  }

  /** Lays out the shared memory, draws the starting weights without keeping the thread, and starts the workers. */
  static async create(spec: ModelSpec, options: ThreadedEngineOptions, inTurns?: InTurns): Promise<ThreadedEngine> {
    const layout = layOut(spec, options, await loadSimd(options.variant, true));
    const engine = new ThreadedEngine(spec, options, layout);
    try {
      if (options.init) await initialiseInTurns(layout.weights.parameters, options.init, inTurns);
      for (const init of layout.inits) {
        const fail = (reason: Error) => (engine.#failure ??= new WorkerError(init.thread, reason));
        engine.#workers.push(await startThread(init, fail, options.createWorker));
      }
      await Promise.all(engine.#workers.map(({ ready }) => ready));
    } catch (error) {
      const failure = engine.#failure ?? error;
      await engine.dispose();
      throw failure;
    }
    return engine;
  }

  trainStep(batch: Batch, learningRate: number): Promise<StepResult> {
    return this.#turns.takeWith([batch], ([own]) => this.#trainStep(own, learningRate));
  }

  gradientOf(batch: Batch): Promise<{ result: StepResult; gradients: Float32Array }> {
    return this.#turns.takeWith([batch], async ([own]) => {
      const result = { ...(await this.#backward(own)), clipped: false };
      return { result, gradients: this.#weights.handOut() };
    });
  }

  applyGradient(gradient: Float32Array, learningRate: number): Promise<{ gradientNorm: number; clipped: boolean }> {
    return this.#turns.take(() => this.#weights.apply(gradient, learningRate));
  }

  evaluate(batch: Batch): Promise<number[]> {
    return this.#turns.takeWith([batch], ([own]) => {
      if (own.size !== EVALUATION_BATCH) return this.#evaluateHere(own);
      const parts = this.#parts.map(({ evaluation, shape }) => ({ network: evaluation, from: shape.evaluate.from }));
      for (const { network, from } of parts) network.load(own, from);
      return this.#judge(own, parts, (goesOn) => this.#run('evaluate', goesOn));
    });
  }

  readParameters(): Promise<NamedArrays> {
    return this.#turns.take(() => this.#weights.parameters.toArrays());
  }

  writeParameters(parameters: NamedArrays): Promise<void> {
    return this.#turns.take(() => {
      this.#weights.parameters.fromArrays(parameters);
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
    return this.#turns.close(async () => {
      // What the workers say from here on is no failure of theirs.
      this.#failure ??= new DisposedError();
      this.#command('exit');
      await Promise.all(this.#workers.map((worker) => worker.terminate()));
      this.#workers.length = 0;
      this.#remainders.clear();
    });
  }

  async #trainStep(batch: Batch, learningRate: number): Promise<StepResult> {
    const found = await this.#backward(batch);
    return { ...found, clipped: this.#weights.update(found.gradientNorm, learningRate) };
  }

  /** Leaves the gradient of a batch, that of all parts, with the weights. */
  async #backward(batch: Batch): Promise<Omit<StepResult, 'clipped'>> {
    const { dropout } = this.#options;
    const dropoutBefore = dropout.state();
    try {
      this.#parts.forEach(({ training, shape }, thread) => {
        training.load(batch, shape.train.from);
        // The last word is never 0, since a state of zeros is none.
        this.#control.seed(thread).set([dropout.bits(), dropout.bits(), dropout.bits(), dropout.bits() | 1]);
      });
      const parts = this.#parts.map(({ training, shape }) => ({ network: training, from: shape.train.from }));
      const losses = await this.#run('train', this.#carried.begin(batch, parts));
      for (const { gradients } of this.#parts.slice(1)) this.#kernels.add(this.#weights.gradients.flat, gradients.flat);
      const loss = weightedLoss(this.spec, losses);
      const gradientNorm = this.#weights.gradientNorm();
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw this.#diagnose(loss, gradientNorm);
      this.#carried.end(batch, parts);
      return { losses, loss, gradientNorm };
    } catch (error) {
      dropout.restore(dropoutBefore);
      throw error;
    }
  }

  /**
   * Lets all threads carry out a command, this one included.
   * @param goesOn whether the sequences begin with the states that stand in the networks, or with zeros
   * @returns the losses of all parts, added up in order
   */
  async #run(command: 'train' | 'evaluate', goesOn: boolean): Promise<number[]> {
    if (this.#failure) throw this.#failure;
    Atomics.store(this.#control.ints, WORDS.done, 0);
    Atomics.store(this.#control.ints, WORDS.goesOn, Number(goesOn));
    this.#command(command);
    // Before the first training step there are no seeds yet.
    if (command === 'train') this.#parts[0].seed(this.#control.seed(0));
    this.#parts[0][command](this.#control.losses(0), goesOn);
    await this.#waitForWorkers();
    return this.spec.heads.map((_, head) =>
      this.#parts.reduce((sum, _part, thread) => sum + this.#control.losses(thread)[head], 0),
    );
  }

  #command(command: keyof typeof COMMANDS): void {
    const { ints } = this.#control;
    Atomics.store(ints, WORDS.command, COMMANDS[command]);
    Atomics.add(ints, WORDS.generation, 1);
    Atomics.notify(ints, WORDS.generation);
  }

  async #waitForWorkers(): Promise<void> {
    const { ints } = this.#control;
    const all = this.#parts.length - 1;
    for (;;) {
      const done = Atomics.load(ints, WORDS.done);
      if (done === all) return;
      if (spinWhileEqual(ints, WORDS.done, done)) continue;
      if (this.#mayBlock) {
        const late = Atomics.wait(ints, WORDS.done, done, PATIENCE) === 'timed-out';
        if (!late && Atomics.load(ints, WORDS.failed) === 0) continue;
        // The news of a worker's end come as an event: let it in.
        await new Promise((resolve) => setTimeout(resolve, 0));
      } else await pauseWhileEqual(ints, WORDS.done, done, PATIENCE);
      if (this.#failure) throw this.#failure;
    }
  }

  #evaluateHere(batch: Batch): Promise<number[]> {
    const network = this.#remainders.get(batch.size).value;
    network.load(batch);
    return this.#judge(batch, [{ network, from: 0 }], () => {
      network.forward();
      return network.losses();
    });
  }

  /** Runs a batch that is loaded for evaluation with the states that it begins with. */
  async #judge(
    batch: Batch,
    parts: Parameters<CarriedState['begin']>[1],
    run: (goesOn: boolean) => number[] | Promise<number[]>,
  ): Promise<number[]> {
    const losses = await run(this.#judged.begin(batch, parts));
    this.#judged.end(batch, parts);
    return losses;
  }

  /** Finds the thread whose part gave something that is not finite, and looks through that part on this thread. */
  #diagnose(loss: number, gradientNorm: number): NonFiniteError {
    const byLoss = this.#parts.findIndex((_, thread) => !this.#control.losses(thread).every(Number.isFinite));
    // The first part's gradient holds the sum of all by now: it is to blame only if no other is.
    const byGradient = this.#parts.findIndex(
      ({ gradients }, thread) => thread > 0 && !gradients.flat.data.every(Number.isFinite),
    );
    const thread = byLoss >= 0 ? byLoss : Math.max(0, byGradient);
    const part = this.#parts[thread];
    part.seed(this.#control.seed(thread));
    const place = locateNonFinite(part.training, this.#weights.parameters, part.gradients);
    return new NonFiniteError(place, loss, gradientNorm);
  }
}

/** The shared memory, laid out, and what each worker must know to find its part of it. */
interface Layout {
  kernels: SimdKernels;
  weights: TrainedWeights;
  control: ControlBlock;
  parts: Part[];
  inits: WorkerInit[];
}

/**
 * Lays out, in this order: the control block, weights and what the optimizer keeps, a gradient for each worker, a region for each worker's
 * networks, and behind them this thread's own, which may grow.
 */
function layOut(spec: ModelSpec, options: ThreadedEngineOptions, module: SimdModule): Layout {
  const { threads, optimizer } = options;
  const memory = createMemory(true);
  const kernels = new SimdKernels(module, memory);
  const { arena } = kernels;
  const control = arena.reserve(ControlBlock.bytes(threads, spec.heads.length));
  const weights = new TrainedWeights(kernels, spec, optimizer);
  const gradients = Array.from({ length: threads - 1 }, () => new ParameterSet(arena, spec));
  const own = [weights.gradients, ...gradients];
  const parts: Part[] = [];
  const inits: Layout['inits'] = [];
  let region = arena.top;
  for (let thread = threads - 1; thread >= 1; thread--) {
    const part = partShape(thread, options);
    const home = new SimdKernels(module, memory, region);
    parts[thread] = new Part(home, spec, part, weights.parameters, own[thread]);
    const addresses = { parameters: weights.parameters.flat.byteOffset, gradients: own[thread].flat.byteOffset };
    inits.push({ spec, module, memory, thread, threads, control, region, part, ...addresses });
    region = home.arena.top;
  }
  const here = new SimdKernels(module, memory, region);
  parts[0] = new Part(here, spec, partShape(0, options), weights.parameters, weights.gradients);
  const block = new ControlBlock(memory.buffer, control, threads, spec.heads.length);
  // The first kernels must take nothing more: behind what they took the regions begin.
  weights.useKernels(here);
  return { kernels: here, weights, control: block, parts, inits };
}

function partShape(thread: number, { threads, batchSize, steps }: ThreadedEngineOptions): PartShape {
  return {
    steps,
    train: rangeOf(thread, threads, batchSize),
    evaluate: rangeOf(thread, threads, EVALUATION_BATCH),
  };
}
