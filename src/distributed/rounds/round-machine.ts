import { setImmediate } from 'node:timers/promises';
import { DataError } from '../../errors.ts';
import type { PreparedData, Settings } from '../../music/index.ts';
import { optimizerFor, type OptimizerSettings } from '../../music/model-spec.ts';
import {
  drawOrder,
  fillFromOrder,
  inTurns,
  LocalEngine,
  NonFiniteError,
  planEpochs,
  type EngineState,
  type EpochPlan,
  type StepResult,
  type WindowBatch,
} from '../../nn/index.ts';
import { Random } from '../../tensor/index.ts';
import { kernelsFor } from './kernels.ts';
import { stepsOf, type ComputeRound, type Contribution, type RoundTask } from './machines.ts';
import type { RoundSettings } from './settings.ts';

/** For how long steps may follow each other before others have their turn, in milliseconds. */
const SLICE_MS = 50;

/** What a machine trains on. */
export type MachineData = Pick<PreparedData, 'spec' | 'train'>;

/** The settings that say what a machine computes. */
export type MachineSettings = Pick<Settings, 'seed' | 'seqLength' | 'batchSize' | 'stepsPerEpoch' | 'epochs'> &
  OptimizerSettings;

/** Which of the machines of a run one is. */
export interface MachinePart extends Pick<RoundSettings, 'machines' | 'innerSteps'> {
  /** Its number, from 0. */
  machine: number;
}

/** An engine, and its state before it has learned anything; machines in one process share it, and take turns. */
export interface MachineEngine {
  engine: LocalEngine;
  fresh: EngineState;
}

/** The newest round of a machine. */
interface Newest {
  task: RoundTask;
  contribution: Contribution;
  /** The engine's states around it, weights aside; `before` is undefined where it began anew. */
  before?: EngineState;
  after: EngineState;
}

/**
 * The engine of a machine, without weights: they come with each round.
 * @param backend one of KERNEL_BACKENDS, or `auto`
 * @throws UsageError when the backend is unknown, or does not run here
 */
export async function openMachineEngine(
  { spec }: MachineData,
  settings: MachineSettings,
  backend: string,
): Promise<MachineEngine> {
  const engine = new LocalEngine(spec, {
    kernels: await kernelsFor(backend),
    optimizer: optimizerFor(settings),
    steps: settings.seqLength,
    dropout: Random.stream(settings.seed, 'dropout'),
  });
  return { engine, fresh: await engine.readState() };
}

/**
 * One of the machines that train a model together: takes its batches of a round one after the other, and says what it found. Its results
 * depend on the tasks that it was given, its number, the data and the settings alone.
 *
 * Its optimizer keeps its state between rounds, also across rounds that it took no part in: moments that are somewhat old are
 * better than none. Where a run goes on from before what the machine has seen, it begins anew. With one inner step there is no such state.
 * Dropout draws from a stream of its own for each round and machine.
 */
export class RoundMachine {
  readonly #data: MachineData;
  readonly #settings: MachineSettings;
  readonly #part: MachinePart;
  readonly #model: MachineEngine;
  readonly #plan: EpochPlan;
  readonly #batch: WindowBatch;
  #order?: { name: string; windows: Uint32Array };
  #newest?: Newest;
  #sliceEnd = 0;

  constructor(data: MachineData, settings: MachineSettings, part: MachinePart, model: MachineEngine) {
    this.#data = data;
    this.#settings = settings;
    this.#part = part;
    this.#model = model;
    this.#plan = planEpochs(data.train.size, settings, part.machines * part.innerSteps);
    this.#batch = data.train.createBatch(this.#plan.batchSize, data.spec.lossOn);
  }

  /** See {@link ComputeRound}. @throws DataError for a task that cannot be one of this run; ShapeError for weights of another model */
  readonly compute: ComputeRound = async (task, signal) => {
    signal?.throwIfAborted();
    const newest = this.#newest;
    if (newest && isSame(newest.task, task)) return newest.contribution;
    this.#check(task);
    const before = this.#before(task.round);
    const { engine } = this.#model;
    await engine.writeState({ ...(before ?? this.#model.fresh), dropout: this.#dropout(task.round) });
    engine.parameters.fromFlat(task.weights);
    const found = this.#part.innerSteps === 1 ? await this.#gradient(task) : await this.#steps(task, signal);
    const contribution = { machine: this.#part.machine, ...found, beganAnew: !before && this.#part.innerSteps > 1 };
    assertFinite(contribution);
    this.#newest = { task, contribution, before, after: await this.#state() };
    return contribution;
  };

  /** The state to begin with; undefined where there is none that this round can follow on. */
  #before(round: number): EngineState | undefined {
    const newest = this.#newest;
    if (!newest || round < newest.task.round) return undefined;
    return round > newest.task.round ? newest.after : newest.before;
  }

  /** What is kept between rounds. The weights come with each task: none need be held. */
  async #state(): Promise<EngineState> {
    const { engine, fresh } = this.#model;
    return this.#part.innerSteps === 1 ? fresh : { ...(await engine.readState()), parameters: fresh.parameters };
  }

  #dropout(round: number): EngineState['dropout'] {
    return Random.stream(this.#settings.seed, `dropout ${round} ${this.#part.machine}`).state();
  }

  #check({ batch, learningRates }: RoundTask): void {
    const { batches } = this.#plan;
    if (learningRates.length >= 1 && batch + learningRates.length <= batches) return;
    throw new DataError(
      `A round from batch ${batch} on with ${learningRates.length} was asked for; an epoch here has ${batches}. The machines have other settings or other music.`,
    );
  }

  /** The batches of this machine in a round: their places in it. */
  #mine({ learningRates }: RoundTask): number[] {
    const { machine, machines } = this.#part;
    const count = stepsOf(machine, machines, learningRates.length);
    return Array.from({ length: count }, (_, j) => j * machines + machine);
  }

  async #gradient(task: RoundTask): Promise<Pick<Contribution, 'difference' | 'steps'>> {
    if (this.#mine(task).length === 0) return { difference: new Float32Array(task.weights.length), steps: [] };
    await this.#fill(task, this.#part.machine);
    const { result, gradients } = await this.#model.engine.gradientOf(this.#batch);
    return { difference: gradients, steps: [result] };
  }

  async #steps(task: RoundTask, signal?: AbortSignal): Promise<Pick<Contribution, 'difference' | 'steps'>> {
    const { engine } = this.#model;
    const steps: StepResult[] = [];
    for (const place of this.#mine(task)) {
      await this.#fill(task, place);
      steps.push(await engine.trainStep(this.#batch, task.learningRates[place]));
      if (performance.now() < this.#sliceEnd) continue;
      await setImmediate();
      signal?.throwIfAborted();
      this.#sliceEnd = performance.now() + SLICE_MS;
    }
    const after = engine.parameters.toFlat();
    return { difference: after.map((weight, i) => task.weights[i] - weight), steps };
  }

  async #fill({ epoch, shuffle, batch }: RoundTask, place: number): Promise<void> {
    const { train } = this.#data;
    const name = `${epoch} ${shuffle.join()}`;
    if (this.#order?.name !== name) {
      const windows = await inTurns(drawOrder(train.size, this.#plan, new Random(shuffle)));
      this.#order = { name, windows };
    }
    fillFromOrder(this.#batch, train, this.#order.windows, batch + place, { seed: this.#settings.seed, epoch });
  }
}

/** Whether two tasks are the same to the bit. */
function isSame({ weights: a, ...one }: RoundTask, { weights: b, ...other }: RoundTask): boolean {
  return (
    JSON.stringify(one) === JSON.stringify(other) && a.length === b.length && a.every((weight, i) => weight === b[i])
  );
}

/** The last step can have given weights that are not finite although its loss and gradient were. */
function assertFinite({ difference, steps }: Contribution): void {
  if (difference.every((number) => Number.isFinite(number))) return;
  const { loss = NaN, gradientNorm = NaN } = steps.at(-1) ?? {};
  throw new NonFiniteError({ stage: 'parameters', layer: 'the whole model' }, loss, gradientNorm);
}
