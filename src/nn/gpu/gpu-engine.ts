import { biasCorrectedRate } from '../../tensor/adam-rate.ts';
import type { GpuDevice } from '../../tensor/gpu/device.ts';
import type { GpuPlan } from '../../tensor/gpu/plan.ts';
import { HeapArena, Random, ReferenceKernels, type RandomState } from '../../tensor/index.ts';
import { copyBatch, type Batch } from '../batch.ts';
import { weightedLoss, type Engine, type EngineState, type StepResult } from '../engine.ts';
import { NonFiniteError } from '../errors.ts';
import { FewRecent } from '../few-recent.ts';
import { findGradient } from '../find-gradient.ts';
import { Network } from '../network.ts';
import type { AdamSpec } from '../optimizers/spec.ts';
import { ParameterSet, type NamedArrays } from '../parameters.ts';
import type { ModelSpec } from '../spec.ts';
import { Turns } from '../turns.ts';
import { batchArrays, drawMasks, type BatchArrays } from './batch-arrays.ts';
import { EvaluationPlan, evaluationLayout } from './evaluation-plan.ts';
import { layOut } from './layout.ts';
import { Packs } from './packs.ts';
import { TrainingPlan } from './plans.ts';
import { describeRun, refuseFallback } from './what-ran.ts';
import { initialise } from '../initialise.ts';

/** What a GPU engine is made of beside the architecture. */
export interface GpuEngineOptions {
  /** Without clipping by value. */
  optimizer: AdamSpec;
  /** The steps of a window, T. */
  steps: number;
  /** Training steps of one plan. */
  planSteps: number;
  /** Batches that are evaluated in one plan; 1 unless given. */
  planEvaluations?: number;
  /** Whether gpu.js may use threads, in the mode that has them; true unless given. */
  threads?: boolean;
  /** Whether anything but what was asked for is refused; else the name says it. */
  strict?: boolean;
  /** What is known to run already. */
  ran?: GpuPlan['ran'];
  /** The stream `init`, from which the starting weights are drawn; without it they are zeros. */
  init?: Random;
  /** The stream `dropout`. */
  dropout: Random;
}

/**
 * Compiled plans that are kept: for evaluation of a full plan and of a remainder; for training of the usual batch and of a
 * remainder, with one step and with several.
 */
const EVALUATION_PLANS = 2;
const TRAINING_PLANS = 4;

/** One training step, ready to run. */
interface PreparedStep {
  batch: Batch;
  arrays: BatchArrays;
  learningRate: number;
}

/**
 * The engine that trains through gpu.js. Several training steps are one compiled plan: weights and moments go up with its
 * arguments, stay on the device from step to step, and come back with the losses of all of them.
 */
export class GpuEngine implements Engine {
  readonly spec: ModelSpec;
  readonly preferredSteps: number;
  readonly preferredEvaluations: number;
  readonly #device: GpuDevice;
  readonly #options: GpuEngineOptions;
  /** By `batch size x steps of the plan`. */
  readonly #training: FewRecent<string, TrainingPlan>;
  /** By the batch sizes of the plan. */
  readonly #evaluation: FewRecent<string, EvaluationPlan>;
  readonly #turns = new Turns();
  #packs: Packs;
  #step = 0;
  #name: string;

  /** @param device belongs to the engine from now on, which disposes of it */
  constructor(device: GpuDevice, spec: ModelSpec, options: GpuEngineOptions) {
    this.spec = spec;
    this.preferredSteps = options.planSteps;
    this.preferredEvaluations = options.planEvaluations ?? 1;
    this.#device = device;
    this.#options = options;
    const parameters = new ParameterSet(new HeapArena('float32'), spec);
    if (options.init) initialise(parameters, options.init);
    this.#packs = Packs.of(spec).with({ parameters: parameters.toArrays() });
    this.#name = describeRun(device, options.ran, options.planSteps);
    const { steps, threads = true } = options;
    const release = ({ plan }: TrainingPlan | EvaluationPlan): void => void plan.dispose();
    this.#training = new FewRecent(
      TRAINING_PLANS,
      (key) => {
        const [batchSize, planSteps] = key.split(' x ').map(Number);
        return new TrainingPlan(device, spec, { batchSize, steps, planSteps }, threads);
      },
      release,
    );
    this.#evaluation = new FewRecent(
      EVALUATION_PLANS,
      (key) => new EvaluationPlan(device, spec, { batchSizes: key.split(',').map(Number), steps }, threads),
      release,
    );
  }

  /** What gpu.js says that ran. */
  get name(): string {
    return this.#name;
  }

  trainStep(batch: Batch, learningRate: number): Promise<StepResult> {
    return this.#turns.takeWith([batch], async (own) => {
      const [result] = await this.#trainSteps(own, [learningRate]);
      return result;
    });
  }

  trainSteps(batches: readonly Batch[], learningRates: readonly number[]): Promise<StepResult[]> {
    return this.#turns.takeWith(batches, (own) => this.#trainSteps(own, learningRates));
  }

  evaluate(batch: Batch): Promise<number[]> {
    return this.#turns.takeWith([batch], async (own) => (await this.#evaluate(own))[0]);
  }

  evaluateBatches(batches: readonly Batch[]): Promise<number[][]> {
    return this.#turns.takeWith(batches, (own) => this.#evaluate(own));
  }

  readParameters(): Promise<NamedArrays> {
    return this.#turns.take(() => this.#packs.read('parameters'));
  }

  writeParameters(parameters: NamedArrays): Promise<void> {
    return this.#turns.take(() => {
      this.#packs = this.#packs.with({ parameters });
    });
  }

  readState(): Promise<EngineState> {
    return this.#turns.take(() => this.#state());
  }

  writeState(state: EngineState): Promise<void> {
    return this.#turns.take(() => {
      this.#packs = this.#packs.withState(state);
      this.#step = state.step;
      this.#options.dropout.restore(state.dropout);
    });
  }

  dispose(): Promise<void> {
    // The device destroys its plans.
    return this.#turns.close(() => this.#device.dispose());
  }

  async #trainSteps(batches: readonly Batch[], learningRates: readonly number[]): Promise<StepResult[]> {
    // All are looked at before any runs, so that a batch that cannot be loaded changes nothing.
    const steps = batches.map((batch, index): PreparedStep => {
      const layout = layOut(this.spec, { batchSize: batch.size, steps: this.#options.steps });
      // The caller may fill its batch again while the step runs, and a step that fails is looked into.
      return { batch: copyBatch(batch), arrays: batchArrays(layout, batch), learningRate: learningRates[index] };
    });
    const results: StepResult[] = [];
    while (results.length < steps.length) {
      const rest = steps.slice(results.length);
      const next = rest.slice(0, this.#planStepsFor(rest));
      const done = next.length === 1 ? [] : await this.#runTogether(next);
      if (done.length > 0) {
        results.push(...done);
        continue;
      }
      // Alone: a single step, or steps of which one failed.
      for (const step of next) {
        try {
          results.push(await this.#runAlone(step));
        } catch (error) {
          if (error instanceof NonFiniteError && results.length > 0) return results;
          throw error;
        }
      }
    }
    return results;
  }

  async #evaluate(batches: readonly Batch[]): Promise<number[][]> {
    const { steps } = this.#options;
    const arrays = batches.map((batch) => batchArrays(evaluationLayout(this.spec, batch.size, steps), batch));
    const sizes = batches.map(({ size }) => size);
    const means: number[][] = [];
    while (means.length < batches.length) {
      const [from, to] = [means.length, means.length + this.preferredEvaluations];
      const plan = this.#evaluation.get(sizes.slice(from, to).join());
      const sums = await plan.run(this.#packs, arrays.slice(from, to));
      this.#noteRun(plan);
      means.push(...sums.map((sum, index) => Array.from(sum, (total) => total / sizes[from + index])));
    }
    return means;
  }

  #state(): EngineState {
    return { ...this.#packs.state(), step: this.#step, dropout: this.#options.dropout.state() };
  }

  /** A whole plan's worth when so many batches of one size are left, else one. */
  #planStepsFor(rest: readonly PreparedStep[]): number {
    const { planSteps } = this.#options;
    const fits = rest.length >= planSteps && rest.slice(0, planSteps).every(({ batch }) => batch.size === rest[0].batch.size); // prettier-ignore
    return fits ? planSteps : 1;
  }

  /** @returns nothing, and leaves everything as it was, when something is not finite on the way */
  async #runTogether(steps: readonly PreparedStep[]): Promise<StepResult[]> {
    if (!this.#packs.finite) return [];
    const { dropout } = this.#options;
    const before = dropout.state();
    const { packs, results } = await this.#runPlan(steps);
    const finite = packs.finite && results.every(isFinite);
    if (!finite) {
      dropout.restore(before);
      return [];
    }
    this.#packs = packs;
    this.#step += steps.length;
    return results;
  }

  /** @throws NonFiniteError when something is not finite; everything is as it was then */
  async #runAlone(step: PreparedStep): Promise<StepResult> {
    const { dropout } = this.#options;
    const before = dropout.state();
    // A GPU may lose a NaN on its way to the loss: what goes in is looked at too.
    const suspect = !this.#packs.finite;
    const { packs, results } = await this.#runPlan([step]);
    const [result] = results;
    if (suspect || !isFinite(result)) {
      const after = dropout.state();
      dropout.restore(before);
      this.#diagnose(step, result);
      dropout.restore(after);
    }
    this.#packs = packs;
    this.#step++;
    return result;
  }

  async #runPlan(steps: readonly PreparedStep[]): Promise<{ packs: Packs; results: StepResult[] }> {
    const plan = this.#training.get(`${steps[0].batch.size} x ${steps.length}`);
    const { optimizer, dropout } = this.#options;
    const masks = this.spec.lstm.dropout > 0 ? steps.map(() => drawMasks(plan.layout, dropout)) : [];
    const rates = steps.map(({ learningRate }, index) => this.#rates(learningRate, this.#step + index + 1));
    const batches = steps.map(({ arrays }) => arrays);
    const trained = await plan.run({ packs: this.#packs, batches, rates, masks });
    this.#noteRun(plan);
    const rows = plan.layout.seen * plan.layout.shape.batchSize;
    const results = trained.steps.map(({ losses, squares }): StepResult => {
      const means = meanLosses(losses, this.spec.heads.length, rows);
      const gradientNorm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      const clipped = optimizer.clipNorm !== null && gradientNorm > optimizer.clipNorm;
      return { losses: means, loss: weightedLoss(this.spec, means), gradientNorm, clipped };
    });
    return { packs: trained.packs, results };
  }

  #rates(learningRate: number, step: number): number[] {
    const { beta1, beta2, epsilon, clipNorm } = this.#options.optimizer;
    const rate = biasCorrectedRate({ learningRate, beta1, beta2, epsilon, step });
    return [rate, epsilon, beta1, 1 - beta1, beta2, 1 - beta2, clipNorm ?? -1];
  }

  /** Takes the step with the reference kernels, which name the place where it fails. */
  #diagnose({ batch }: PreparedStep, { loss, losses, gradientNorm }: StepResult): void {
    const kernels = new ReferenceKernels(new HeapArena('float32'));
    const [parameters, gradients] = [0, 1].map(() => new ParameterSet(kernels.arena, this.spec));
    parameters.fromArrays(this.#packs.read('parameters'));
    const dropout = restored(this.#options.dropout.state());
    const shape = { batchSize: batch.size, steps: this.#options.steps };
    const network = new Network(kernels, this.spec, shape, parameters, { training: { gradients, dropout } });
    const norm = (): number => Math.sqrt(kernels.sumOfSquares(gradients.flat));
    findGradient({ kernels, network, parameters, gradients, dropout, norm }, batch);
    if (isFinite({ loss, gradientNorm })) return;
    // Only the GPU's numbers are not finite: all that is known is which.
    const head = losses.findIndex((value) => !Number.isFinite(value));
    const place =
      head >= 0
        ? { stage: 'loss' as const, layer: `heads.${this.spec.heads[head].name}` }
        : { stage: 'gradient' as const, layer: 'the whole model, on the GPU alone,' };
    throw new NonFiniteError(place, loss, gradientNorm);
  }

  #noteRun({ plan }: TrainingPlan | EvaluationPlan): void {
    if (this.#options.strict) refuseFallback(this.#device, plan.ran);
    this.#name = describeRun(this.#device, plan.ran, this.preferredSteps);
  }
}

function isFinite({ loss, gradientNorm }: Pick<StepResult, 'loss' | 'gradientNorm'>): boolean {
  return Number.isFinite(loss) && Number.isFinite(gradientNorm);
}

function restored(state: RandomState): Random {
  const random = Random.stream(1, 'dropout');
  random.restore(state);
  return random;
}

/** From sums [seen, heads] to the mean of each head. */
function meanLosses(sums: Float32Array, heads: number, rows: number): number[] {
  const means = Array<number>(heads).fill(0);
  sums.forEach((sum, at) => (means[at % heads] += sum));
  return means.map((sum) => sum / rows);
}
