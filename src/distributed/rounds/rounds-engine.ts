import type {
  LocalEngine,
  Engine,
  EngineState,
  BatchPlace,
  Batch,
  ModelSpec,
  NamedArrays,
  StepResult,
} from '../../nn/index.ts';
import { EtudeError, UsageError } from '../../errors.ts';
import type { StopSignal } from '../../stop-signal.ts';
import type { Machines, RoundOutcome } from './machines.ts';
import type { RoundSettings } from './settings.ts';

/** How a round went, for logs. */
export interface RoundReport extends Omit<RoundOutcome, 'contributions'> {
  /** From 1. */
  round: number;
  /** Training steps taken by its end. */
  step: number;
  /** The numbers of the machines that took part, from 0. */
  machines: readonly number[];
  /** Those whose optimizers began anew with this round. */
  beganAnew: readonly number[];
  /** The mean loss of the steps that count. */
  loss: number;
}

/** How an engine of rounds is made. */
export interface RoundsEngineOptions {
  /** Holds the weights, and takes the outer steps: its optimizer is that of the outer step. */
  local: LocalEngine;
  machines: Machines;
  rounds: Pick<RoundSettings, 'innerSteps' | 'outerLearningRate'>;
  /** Told about each round after its outer step. */
  onRound?(report: RoundReport): void;
}

/**
 * The engine of a model that several machines train together, by local SGD with an outer step (DiLoCo, Douillard et al. 2023): in a round every
 * machine takes its steps from the same weights w, and comes to w_k; the outer step is the optimizer of `local` on the mean of w - w_k as
 * if that were a gradient. With one inner step the machines give gradients, and the outer step is the training step itself.
 *
 * Its steps are training steps: a round of n machines with H inner steps is n * H of them. Evaluation is done here.
 */
export class RoundsEngine implements Engine {
  readonly spec: ModelSpec;
  readonly name: string;
  readonly roundSteps: number;
  readonly #options: RoundsEngineOptions;
  /** Rounds taken. */
  #rounds = 0;

  constructor(options: RoundsEngineOptions) {
    const { local, machines, rounds } = options;
    this.spec = local.spec;
    this.name = local.name;
    this.roundSteps = machines.count * rounds.innerSteps;
    this.#options = options;
  }

  async trainRound(place: BatchPlace, learningRates: readonly number[], signal?: StopSignal): Promise<StepResult[]> {
    const { local, machines, rounds, onRound } = this.#options;
    const task = { ...place, round: this.#rounds + 1, learningRates, weights: local.parameters.toFlat() };
    const outcome = await withAbort(signal, (abort) => machines.compute(task, abort));
    const { contributions, ...rest } = outcome;
    if (contributions.every(({ steps }) => steps.length === 0)) {
      // Only in a round of fewer batches than machines.
      throw new EtudeError(`Round ${task.round}: none of the machines that had a batch of it came in time. Resume the run to ask again.`); // prettier-ignore
    }
    const isGradient = rounds.innerSteps === 1;
    const { gradientNorm, clipped } = await local.applyGradient(
      meanDifference(outcome),
      isGradient ? learningRates[0] : rounds.outerLearningRate,
    );
    this.#rounds++;
    const found = inOrderOfSteps(outcome, machines.count, learningRates.length);
    // With gradients the step was taken on their mean.
    const results = isGradient ? found.map((result) => ({ ...result, gradientNorm, clipped })) : found;
    onRound?.({
      ...rest,
      round: this.#rounds,
      step: place.step + learningRates.length,
      machines: contributions.map(({ machine }) => machine),
      beganAnew: contributions.filter(({ beganAnew }) => beganAnew).map(({ machine }) => machine),
      loss: results.reduce((sum, { loss }) => sum + loss, 0) / results.length,
    });
    return results;
  }

  /** @throws UsageError always: what several machines train is not trained batch by batch */
  trainStep(): Promise<StepResult> {
    return Promise.reject(new UsageError('Several machines train in rounds: use trainRound.'));
  }

  evaluate(batch: Batch): Promise<number[]> {
    return this.#options.local.evaluate(batch);
  }

  readParameters(): Promise<NamedArrays> {
    return this.#options.local.readParameters();
  }

  writeParameters(parameters: NamedArrays): Promise<void> {
    return this.#options.local.writeParameters(parameters);
  }

  readState(): Promise<EngineState> {
    return this.#options.local.readState();
  }

  async writeState(state: EngineState): Promise<void> {
    await this.#options.local.writeState(state);
    // The optimizer of the outer step has taken as many steps as there were rounds.
    this.#rounds = state.step;
  }

  /** Lets the machines go, too. */
  async dispose(): Promise<void> {
    try {
      await this.#options.machines.close();
    } finally {
      await this.#options.local.dispose();
    }
  }
}

/**
 * The mean over the machines that took a step, summed in float32 in the order of their numbers, so that the same machines give
 * the same bits.
 */
function meanDifference({ contributions }: RoundOutcome): Float32Array {
  const parts = contributions.filter(({ steps }) => steps.length > 0).map(({ difference }) => difference);
  const mean = Float32Array.from(parts[0]);
  for (const part of parts.slice(1)) {
    for (let i = 0; i < mean.length; i++) mean[i] += part[i];
  }
  for (let i = 0; i < mean.length; i++) mean[i] /= parts.length;
  return mean;
}

/**
 * The results of a round by training step; one machine at least took one. A batch of a machine that did not come in time was learned by nobody; for the losses that are
 * reported, what the next machine found at the same inner step stands for it.
 */
function inOrderOfSteps({ contributions }: RoundOutcome, machines: number, count: number): StepResult[] {
  const byMachine = new Map(contributions.map(({ machine, steps }) => [machine, steps]));
  return Array.from({ length: count }, (_, step) => {
    const [inner, machine] = [Math.floor(step / machines), step % machines];
    const nearest = Array.from({ length: machines }, (_, next) => byMachine.get((machine + next) % machines));
    const steps = nearest.find((each) => each !== undefined && each.length > 0)!;
    return steps.at(inner) ?? steps.at(-1)!;
  });
}

/** Work under a signal as Node's own functions want it. */
async function withAbort<T>(signal: StopSignal | undefined, work: (abort: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => { controller.abort(signal?.reason); }; // prettier-ignore
  signal?.addEventListener('abort', abort);
  try {
    if (signal?.aborted) abort();
    return await work(controller.signal);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
