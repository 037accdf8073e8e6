import type { StopSignal } from '../stop-signal.ts';
import { Random } from '../tensor/index.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { WindowBatch, WindowDataset } from './dataset.ts';
import { EarlyStopping } from './early-stopping.ts';
import { weightedLoss, type Engine, type StepResult } from './engine.ts';
import { CheckpointError, DivergedError, NonFiniteError } from './errors.ts';
import { evaluateDataset } from './evaluate.ts';
import { inTurns } from './in-turns.ts';
import type { NamedArrays } from './parameters.ts';
import { Schedule } from './schedule.ts';
import { newestRate, type EpochRecord, type TrainerState } from './trainer-state.ts';
import { validateConfig, type RateJump, type ResumeOptions, type TrainingConfig } from './training-config.ts';

/** What a step has done, for progress displays. Losses are means over the epoch so far. */
export interface StepReport extends StepResult {
  epoch: number;
  step: number;
  batch: number;
  batches: number;
  learningRate: number;
  meanLoss: number;
  meanLosses: number[];
}

/** What the trainer tells its owner. Each may be asynchronous; training waits for it. */
export interface TrainerCallbacks {
  onStep?(report: StepReport): void | Promise<void>;
  onEpoch?(record: EpochRecord): void | Promise<void>;
  /** `last` is the state to resume from; `best` comes when the watched loss is the best so far. */
  onCheckpoint?(kind: 'best' | 'last', checkpoint: Checkpoint): void | Promise<void>;
}

/** How a run ended. The engine then holds the best weights, whatever the reason. */
export interface TrainingResult {
  reason: 'completed' | 'early stopping' | 'max steps' | 'interrupted';
  history: EpochRecord[];
  /** The best epoch, from 1, and its watched loss; null when no epoch was finished. */
  best: { epoch: number; loss: number } | null;
  step: number;
}

/**
 * Trains an engine's model: epochs reshuffled from a seed, validation, schedule, early stopping, checkpoints. Batches hold
 * `batchSize` windows; what is left at the end of an epoch's order is not used in that epoch (it will be in another). With
 * fewer windows than that a batch holds them all.
 */
export class Trainer {
  readonly #engine: Engine;
  readonly #train: WindowDataset;
  readonly #validation?: WindowDataset;
  readonly #config: TrainingConfig;
  readonly #callbacks: TrainerCallbacks;
  readonly #extra: Record<string, unknown>;
  readonly #schedule: Schedule;
  readonly #earlyStopping: EarlyStopping;
  readonly #shuffle: Random;
  /** One, or as many as the engine likes to be given at once. */
  readonly #loaded: WindowBatch[];
  readonly #batchSize: number;
  readonly #batches: number;
  #state: TrainerState;
  #best?: NamedArrays;

  /**
   * @param extra what the application wants to find in every checkpoint, plain JSON
   * @throws UsageError when a setting makes no sense
   */
  constructor(
    engine: Engine,
    data: { train: WindowDataset; validation?: WindowDataset },
    config: TrainingConfig,
    callbacks: TrainerCallbacks = {},
    extra: Record<string, unknown> = {},
  ) {
    validateConfig(config);
    const batchSize = Math.min(config.batchSize, data.train.size);
    this.#engine = engine;
    this.#train = data.train;
    this.#validation = data.validation;
    this.#config = config;
    this.#callbacks = callbacks;
    this.#extra = extra;
    this.#batches = Math.min(Math.floor(data.train.size / batchSize), config.stepsPerEpoch ?? Infinity);
    this.#batchSize = batchSize;
    const atOnce = engine.trainSteps ? (engine.preferredSteps ?? 1) : 1;
    this.#loaded = Array.from({ length: atOnce }, () => data.train.createBatch(batchSize, engine.spec.lossOn));
    this.#schedule = new Schedule(config.schedule, config.learningRate, config.epochs * this.#batches);
    this.#earlyStopping = new EarlyStopping(config.patience ?? Infinity);
    this.#shuffle = Random.stream(config.seed, 'shuffle');
    this.#state = this.#initialState();
  }

  /**
   * Goes on from a checkpoint of the same architecture and data.
   *
   * @returns the jump of the learning rate when a cosine is laid over other epochs than it was, or from another base rate
   * @throws CheckpointError when it holds no training state or belongs to other windows
   */
  async resume(checkpoint: Checkpoint, { scheduleFrom }: ResumeOptions = {}): Promise<RateJump | undefined> {
    const { training } = checkpoint;
    if (!training) throw new CheckpointError('This file holds a model but no training state; it cannot be resumed.');
    const expected = JSON.stringify(this.#state.windows);
    const found = JSON.stringify(training.trainer.windows);
    if (found !== expected) {
      throw new CheckpointError(
        `The checkpoint was trained on other windows: it has ${found}, the data give ${expected}.`,
      );
    }
    await this.#engine.writeState(training.engine);
    this.#state = structuredClone(training.trainer);
    const hasBest = training.trainer.earlyStopping.best !== null;
    this.#best = hasBest ? (training.best ?? training.engine.parameters) : undefined;
    this.#shuffle.restore(training.trainer.shuffle);
    this.#earlyStopping.restore(training.trainer.earlyStopping);
    this.#schedule.restore(training.trainer.plateau);
    return this.#resumeCosine(scheduleFrom);
  }

  #resumeCosine(scheduleFrom: ResumeOptions['scheduleFrom']): RateJump | undefined {
    const { schedule, learningRate } = this.#config;
    const state = this.#state;
    const newest = newestRate(state);
    if (schedule.kind !== 'cosine' || !newest) return undefined;
    if (scheduleFrom !== undefined) {
      const begin = scheduleFrom === 'here' ? newest.rate : scheduleFrom;
      state.cosine = { step: state.step, scale: begin / learningRate };
    }
    if (state.cosine) this.#schedule.startAt(state.cosine);
    const goesOn = scheduleFrom !== undefined || this.#schedule.rate(newest.step - 1) === newest.rate;
    return goesOn ? undefined : { before: newest.rate, after: this.#schedule.rate(state.step) };
  }

  /**
   * Trains until the epochs are done, early stopping or `maxSteps` ends it, or `signal` is aborted (which saves `last` first).
   * @throws DivergedError when a value is not finite; `last` then holds the state before that step
   */
  async run(signal?: StopSignal): Promise<TrainingResult> {
    let reason: TrainingResult['reason'] = 'completed';
    while (this.#state.epoch < this.#config.epochs) {
      if (this.#earlyStopping.shouldStop) {
        reason = 'early stopping';
        break;
      }
      const ended = await this.#runEpoch(signal);
      if (ended) {
        reason = ended;
        break;
      }
    }
    return this.#finish(reason);
  }

  /** @returns why the epoch was left before its end, or undefined */
  async #runEpoch(signal?: StopSignal): Promise<'interrupted' | 'max steps' | undefined> {
    const { maxSteps, checkpointEvery } = this.#config;
    this.#state.shuffle = this.#shuffle.state();
    const windows = new Uint32Array(this.#train.size);
    for (let window = 0; window < windows.length; window++) windows[window] = window;
    const order = await inTurns(this.#shuffle.shufflePieces(windows));
    while (this.#state.batch < this.#batches) {
      const left = signal?.aborted
        ? 'interrupted'
        : this.#state.step >= (maxSteps ?? Infinity)
          ? 'max steps'
          : undefined;
      if (left) {
        await this.#save('last');
        return left;
      }
      await this.#trainBatches(order);
      const inside = this.#state.batch < this.#batches;
      if (inside && checkpointEvery !== null && this.#state.step % checkpointEvery === 0) await this.#save('last');
    }
    await this.#endEpoch();
    return undefined;
  }

  /** Trains on the next batch, or on the next few where the engine takes several at once. */
  async #trainBatches(order: Uint32Array): Promise<void> {
    const { step, batch } = this.#state;
    const batches = this.#loaded.slice(0, this.#stepsAtOnce());
    const learningRates = batches.map((_, index) => this.#schedule.rate(step + index));
    batches.forEach((each, index) => {
      this.#train.fill(each, order, (batch + index) * each.size);
    });
    const results = await this.#steps(batches, learningRates);
    for (const [index, result] of results.entries()) await this.#count(result, learningRates[index]);
  }

  /** As many steps as are loaded at once, but none beyond where the trainer has to look up. */
  #stepsAtOnce(): number {
    const { step, batch } = this.#state;
    const { maxSteps, checkpointEvery } = this.#config;
    const toCheckpoint = checkpointEvery === null ? Infinity : checkpointEvery - (step % checkpointEvery);
    return Math.min(this.#loaded.length, this.#batches - batch, (maxSteps ?? Infinity) - step, toCheckpoint);
  }

  /** Adds a step that was taken to the sums of the epoch, and reports it. */
  async #count(result: StepResult, learningRate: number): Promise<void> {
    const state = this.#state;
    state.step++;
    state.batch++;
    state.learningRate = learningRate;
    const { sums } = state;
    result.losses.forEach((loss, head) => (sums.losses[head] += loss));
    sums.loss += result.loss;
    sums.gradientNorm += result.gradientNorm;
    sums.clipped += Number(result.clipped);
    await this.#callbacks.onStep?.({
      ...result,
      epoch: state.epoch + 1,
      step: state.step,
      batch: state.batch,
      batches: this.#batches,
      learningRate,
      meanLoss: sums.loss / state.batch,
      meanLosses: sums.losses.map((sum) => sum / state.batch),
    });
  }

  async #steps(batches: WindowBatch[], learningRates: number[]): Promise<StepResult[]> {
    const engine = this.#engine;
    try {
      if (engine.trainSteps) return await engine.trainSteps(batches, learningRates);
      return [await engine.trainStep(batches[0], learningRates[0])];
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      await this.#save('last');
      const { step, epoch } = this.#state;
      throw new DivergedError(error, { step: step + 1, epoch: epoch + 1, learningRate: learningRates[0] });
    }
  }

  async #endEpoch(): Promise<void> {
    const state = this.#state;
    const record = await this.#record();
    const watched = record.validation?.loss ?? record.loss;
    if (!Number.isFinite(watched)) {
      const cause = new NonFiniteError(
        { stage: 'loss', layer: 'the validation windows' },
        watched,
        record.gradientNorm,
      );
      throw new DivergedError(cause, { step: state.step, epoch: record.epoch, learningRate: record.learningRate });
    }
    const improved = this.#earlyStopping.observe(record.epoch, watched);
    this.#schedule.epochEnded(watched);
    state.history.push(record);
    state.epoch++;
    state.batch = 0;
    state.sums = this.#emptySums();
    state.shuffle = this.#shuffle.state();
    if (improved) {
      this.#best = await this.#engine.readParameters();
      await this.#save('best');
    }
    await this.#save('last');
    await this.#callbacks.onEpoch?.(record);
  }

  async #record(): Promise<EpochRecord> {
    const { epoch, step, sums } = this.#state;
    const { heads } = this.#engine.spec;
    const named = (losses: number[]): Record<string, number> =>
      Object.fromEntries(heads.map(({ name }, head) => [name, losses[head]]));
    const validation = this.#validation
      ? await evaluateDataset(this.#engine, this.#validation, this.#config.validationWindows)
      : null;
    return {
      epoch: epoch + 1,
      step,
      loss: sums.loss / this.#batches,
      losses: named(sums.losses.map((sum) => sum / this.#batches)),
      validation: validation && { loss: weightedLoss(this.#engine.spec, validation), losses: named(validation) },
      learningRate: this.#schedule.rate(Math.max(0, step - 1)),
      gradientNorm: sums.gradientNorm / this.#batches,
      clipped: sums.clipped / this.#batches,
    };
  }

  /** The newest state, to resume from. Not while a step is being taken: from a callback, say, or before or after a run. */
  async checkpoint(): Promise<Checkpoint> {
    return this.#checkpoint(this.#best);
  }

  async #save(kind: 'best' | 'last'): Promise<void> {
    if (!this.#callbacks.onCheckpoint) return;
    await this.#callbacks.onCheckpoint(kind, await this.#checkpoint(kind === 'last' ? this.#best : undefined));
  }

  async #checkpoint(best: NamedArrays | undefined): Promise<Checkpoint> {
    const engine = await this.#engine.readState();
    const trainer = structuredClone({
      ...this.#state,
      earlyStopping: this.#earlyStopping.state(),
      plateau: this.#schedule.state(),
    });
    return {
      spec: this.#engine.spec,
      parameters: engine.parameters,
      extra: this.#extra,
      training: { engine, trainer, engineName: this.#engine.name, ...(best && { best }) },
    };
  }

  async #finish(reason: TrainingResult['reason']): Promise<TrainingResult> {
    if (this.#best) await this.#engine.writeParameters(this.#best);
    const { best, bestEpoch } = this.#earlyStopping.state();
    return {
      reason,
      history: structuredClone(this.#state.history),
      best: best === null ? null : { epoch: bestEpoch, loss: best },
      step: this.#state.step,
    };
  }

  #initialState(): TrainerState {
    return {
      epoch: 0,
      batch: 0,
      step: 0,
      shuffle: this.#shuffle.state(),
      sums: this.#emptySums(),
      history: [],
      earlyStopping: this.#earlyStopping.state(),
      plateau: this.#schedule.state(),
      windows: {
        training: this.#train.size,
        validation: this.#validation?.size ?? 0,
        steps: this.#train.steps,
        batchSize: this.#batchSize,
      },
    };
  }

  #emptySums(): TrainerState['sums'] {
    return { losses: this.#engine.spec.heads.map(() => 0), loss: 0, gradientNorm: 0, clipped: 0 };
  }
}
