import type { StopSignal } from '../stop-signal.ts';
import { nameOfBits, Random } from '../tensor/index.ts';
import { accumulatedStep, withGradients } from './accumulate.ts';
import { assertCarries } from './carried-state.ts';
import type { Dataset, WindowBatch } from './dataset.ts';
import { EarlyStopping } from './early-stopping.ts';
import { fillFromOrder, orderFor, planFor, type EpochPlan } from './epochs.ts';
import type { Engine, StepResult } from './engine.ts';
import { CheckpointError, DivergedError, NonFiniteError, type HighLossError } from './errors.ts';
import { evaluateDataset } from './evaluate.ts';
import { HighLossWatch } from './high-loss.ts';
import { inTurns } from './in-turns.ts';
import type { NamedArrays } from './parameters.ts';
import type { Checkpoint } from './saved-model.ts';
import { Schedule, type ScheduleStart } from './schedule.ts';
import { unsoundError } from './sound-numbers.ts';
import { emptySums, epochRecord, newestRate, stateAtStart, type TrainerState } from './trainer-state.ts';
import {
  endsAtMaxSteps,
  stepsOfSchedule,
  validateConfig,
  type RateJump,
  type ResumeOptions,
  type TrainerCallbacks,
  type TrainingConfig,
  type TrainingResult,
} from './training-config.ts';
import { averageFor, type WeightAverage } from './weight-average.ts';

/** Why an epoch is left before its end. */
type Leaving = 'interrupted' | 'paused' | 'max steps' | 'minutes';

/**
 * Trains an engine's model: epochs reshuffled from a seed, validation, schedule, early stopping, checkpoints. Batches hold
 * `batchSize` windows; what is left at the end of an epoch's order is not used in that epoch (it will be in another). With
 * fewer windows than that a batch holds them all. Of streams a batch has a window of each of `batchSize` rows, and all are used.
 */
export class Trainer {
  readonly #engine: Engine;
  readonly #train: Dataset;
  readonly #validation?: Dataset;
  readonly #config: TrainingConfig;
  readonly #callbacks: TrainerCallbacks;
  readonly #extra: Record<string, unknown>;
  readonly #schedule: Schedule;
  readonly #earlyStopping: EarlyStopping;
  readonly #shuffle: Random;
  /** As many as a step takes, or, where that is one, as many as the engine likes to be given at once. */
  readonly #loaded: WindowBatch[];
  readonly #average?: WeightAverage;
  readonly #plan: EpochPlan;
  readonly #highLoss: HighLossWatch;
  #state: TrainerState;
  #best?: NamedArrays;
  /** What the clock said when the time was last added to the state's; only while it runs. */
  #began?: number;
  /** The step of the newest state that was handed out to be saved, or that the run goes on from. */
  #kept?: number;
  /** The step at which this call of `run` pauses. */
  #until = Infinity;
  #lastStep?: StepResult;

  /**
   * @param extra what the application wants to find in every checkpoint, plain JSON
   * @throws UsageError when a setting makes no sense
   */
  constructor(
    engine: Engine,
    data: { train: Dataset; validation?: Dataset },
    config: TrainingConfig,
    callbacks: TrainerCallbacks = {},
    extra: Record<string, unknown> = {},
  ) {
    validateConfig(config);
    this.#engine = engine;
    this.#train = data.train;
    this.#validation = data.validation;
    this.#config = config;
    this.#callbacks = callbacks;
    this.#extra = extra;
    if (data.train.streams) assertCarries(engine, config.accumulate);
    this.#plan = planFor(data.train, config, engine.roundSteps);
    const { batchSize, accumulate, steps } = this.#plan;
    if (accumulate > 1) withGradients(engine);
    this.#average = averageFor(engine, config.ema);
    // The average takes in every step.
    const atOnce = engine.trainRound ? 0 : engine.trainSteps && !this.#average ? (engine.preferredSteps ?? 1) : 1;
    this.#loaded = Array.from({ length: accumulate > 1 ? accumulate : atOnce }, () =>
      data.train.createBatch(batchSize, engine.spec.lossOn),
    );
    const { schedule, learningRate } = config;
    this.#schedule = new Schedule(schedule, learningRate, stepsOfSchedule(config, steps), this.#allSeconds);
    this.#earlyStopping = new EarlyStopping(config.patience ?? Infinity);
    this.#shuffle = Random.stream(config.seed, 'shuffle');
    this.#highLoss = new HighLossWatch(engine.spec, data.train);
    this.#state = stateAtStart(engine.spec, data, this.#plan, {
      shuffle: this.#shuffle.state(),
      earlyStopping: this.#earlyStopping.state(),
      plateau: this.#schedule.state(),
    });
  }

  /**
   * Goes on from a checkpoint of the same architecture and data.
   *
   * @returns the jump of the learning rate when its schedule now has another end, or another base rate
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
    this.#best = hasBest ? (training.best ?? checkpoint.parameters) : undefined;
    // Before the first step there is no average.
    if (training.trainer.step > 0) this.#average?.restore(checkpoint.parameters);
    this.#shuffle.restore(training.trainer.shuffle);
    this.#earlyStopping.restore(training.trainer.earlyStopping);
    this.#schedule.restore(training.trainer.plateau);
    this.#kept = training.trainer.step;
    return this.#resumeFall(scheduleFrom);
  }

  #resumeFall(scheduleFrom: ResumeOptions['scheduleFrom']): RateJump | undefined {
    const { schedule, learningRate } = this.#config;
    const state = this.#state;
    const newest = newestRate(state);
    if ((schedule.kind !== 'cosine' && schedule.kind !== 'linear') || !newest) return undefined;
    if (scheduleFrom !== undefined) {
      const begin = scheduleFrom === 'here' ? newest.rate : scheduleFrom;
      const seconds = this.#seconds;
      const start: ScheduleStart = { step: state.step, scale: begin / learningRate };
      state.cosine = seconds === undefined ? start : { ...start, seconds };
    }
    if (state.cosine) this.#schedule.startAt(state.cosine);
    if (scheduleFrom !== undefined || this.#comesFrom(newest)) return undefined;
    return { before: newest.rate, after: this.#schedule.rate(state.step, this.#seconds) };
  }

  /** Whether the schedule has the newest rate. By the clock it has fallen a little since: it must not be above it. */
  #comesFrom({ step, rate }: { step: number; rate: number }): boolean {
    const again = this.#schedule.rate(step - 1, this.#seconds);
    return this.#allSeconds === undefined ? again === rate : again <= rate;
  }

  /** How long the run may train, where that is set. */
  get #allSeconds(): number | undefined {
    const { minutes = null } = this.#config;
    return minutes === null ? undefined : 60 * minutes;
  }

  /** How long it has trained, where that counts. */
  get #seconds(): number | undefined {
    if (this.#allSeconds === undefined) return undefined;
    const since = this.#began === undefined ? 0 : (this.#now() - this.#began) / 1000;
    return (this.#state.seconds ?? 0) + since;
  }

  #now(): number {
    return (this.#config.now ?? (() => performance.now()))();
  }

  /**
   * Trains until the epochs are done, early stopping, `maxSteps` or `minutes` end it, or `signal` is aborted (which saves
   * `last` first).
   * @param until the step at which it pauses, as if `signal` were aborted there: what goes on from `last` ends with the same bytes
   * @throws DivergedError when a value is not finite, or the loss stays far above that of knowing nothing; what was saved
   *   before is left as it is, or holds the state before the step that failed where that is sound
   */
  async run(signal?: StopSignal, { until = Infinity }: { until?: number } = {}): Promise<TrainingResult> {
    this.#until = until;
    this.#began = this.#now();
    let reason: TrainingResult['reason'] = 'completed';
    while (!this.#isDone) {
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
    const seconds = this.#seconds;
    if (seconds !== undefined) this.#state.seconds = seconds;
    this.#began = undefined;
    return this.#finish(reason);
  }

  /** Training steps of the current epoch. */
  get #batches(): number {
    const { step, batch } = this.#state;
    return Math.min(this.#plan.batches, this.#plan.steps - (step - batch));
  }

  /** Whether all epochs are done; those of rounds are counted in steps, since the last may be shorter. */
  get #isDone(): boolean {
    if (this.#engine.trainRound) return this.#batches <= 0;
    return this.#state.epoch >= (this.#config.epochs ?? Infinity);
  }

  /** @returns why the epoch was left before its end, or undefined */
  async #runEpoch(signal?: StopSignal): Promise<Leaving | undefined> {
    const { checkpointEvery } = this.#config;
    this.#state.shuffle = this.#shuffle.state();
    // An engine that fills its batches itself draws the order too; the stream must stand behind it all the same.
    const order = await inTurns(orderFor(this.#train, this.#plan, this.#shuffle));
    while (this.#state.batch < this.#batches) {
      const left = this.#leaving(signal);
      if (left) {
        await this.#leave(left);
        return left;
      }
      const before = this.#state.step;
      await this.#trainBatches(order, signal);
      const { batch, step } = this.#state;
      const inside = batch < this.#batches;
      const due = checkpointEvery !== null && Math.floor(step / checkpointEvery) > Math.floor(before / checkpointEvery);
      const save = inside && (due || this.#callbacks.wantsCheckpoint?.() === true);
      if (save && !this.#highLoss.isHigh) await this.#save('last');
    }
    await this.#endEpoch();
    return undefined;
  }

  /** Why the run is to be left now, if it is. */
  #leaving(signal?: StopSignal): Leaving | undefined {
    const { maxSteps } = this.#config;
    if (signal?.aborted) return 'interrupted';
    if (this.#state.step >= (maxSteps ?? Infinity)) return 'max steps';
    if ((this.#seconds ?? 0) >= (this.#allSeconds ?? Infinity)) return 'minutes';
    return this.#state.step >= this.#until ? 'paused' : undefined;
  }

  /** Ends the epoch where it stands if this is the end of the run; otherwise it can go on from the very next batch. */
  async #leave(reason: Leaving): Promise<void> {
    const { batch, sums } = this.#state;
    const isEnd = reason === 'minutes' || (reason === 'max steps' && endsAtMaxSteps(this.#config));
    if (isEnd && batch > 0) return this.#endEpoch();
    if (reason === 'max steps') this.#refuseHighLoss(this.#highLoss.end(sums.loss / batch));
    await this.#save('last');
  }

  /** Trains on the next batch, or on the next few where the engine takes several at once. A round that is aborted is not counted. */
  async #trainBatches(order: Uint32Array, signal?: StopSignal): Promise<void> {
    const { step } = this.#state;
    const seconds = this.#seconds;
    const learningRates = Array.from({ length: this.#stepsAtOnce() }, (_, index) =>
      this.#schedule.rate(step + index, seconds),
    );
    const results = await this.#steps(order, learningRates, signal);
    await this.#average?.observe(this.#engine, step + 1);
    for (const [index, result] of results.entries()) await this.#count(result, learningRates[index]);
  }

  /** As many steps as are loaded at once, or the rest of a round, but none beyond where the trainer has to look up. */
  #stepsAtOnce(): number {
    const { step, batch } = this.#state;
    const { maxSteps, checkpointEvery } = this.#config;
    const { trainRound, roundSteps = 1 } = this.#engine;
    const toEnd = Math.min(this.#batches - batch, (maxSteps ?? Infinity) - step);
    // A round is not divided for a checkpoint or a pause: it would be another.
    if (trainRound) return Math.min(roundSteps - (batch % roundSteps), toEnd);
    const toCheckpoint = checkpointEvery === null ? Infinity : checkpointEvery - (step % checkpointEvery);
    return Math.min(this.#loaded.length / this.#plan.accumulate, toEnd, this.#until - step, toCheckpoint);
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
      epochs: this.#plan.epochs,
      step: state.step,
      batch: state.batch,
      batches: this.#batches,
      learningRate,
      ...(this.#allSeconds !== undefined && { secondsLeft: Math.max(0, this.#allSeconds - (this.#seconds ?? 0)) }),
      meanLoss: sums.loss / state.batch,
      meanLosses: sums.losses.map((sum) => sum / state.batch),
    });
    this.#lastStep = result;
    this.#refuseHighLoss(this.#highLoss.step(result.loss, result.losses), learningRate);
  }

  /** @throws DivergedError for the step just taken, where the loss is too high */
  #refuseHighLoss(error: HighLossError | undefined, learningRate = this.#newestRate): void {
    if (error) throw this.#diverged(error, this.#state.step, learningRate);
  }

  get #newestRate(): number {
    return this.#state.learningRate ?? this.#config.learningRate;
  }

  #diverged(cause: NonFiniteError | HighLossError, step: number, learningRate: number): DivergedError {
    // The epoch of the step: the state may stand at the beginning of the next.
    const epoch = this.#state.history.find((record) => step <= record.step)?.epoch ?? this.#state.epoch + 1;
    return new DivergedError(cause, { step, epoch, learningRate }, this.#kept);
  }

  async #steps(order: Uint32Array, learningRates: number[], signal?: StopSignal): Promise<StepResult[]> {
    const engine = this.#engine;
    const { step, epoch, shuffle, batch } = this.#state;
    try {
      if (engine.trainRound) return await engine.trainRound({ step, epoch, shuffle, batch }, learningRates, signal);
      const { accumulate } = this.#plan;
      const batches = this.#loaded.slice(0, learningRates.length * accumulate);
      batches.forEach((each, index) => {
        fillFromOrder(each, this.#train, order, batch * accumulate + index, { seed: this.#config.seed, epoch });
      });
      if (accumulate > 1) return [await accumulatedStep(withGradients(engine), batches, learningRates[0])];
      if (engine.trainSteps) return await engine.trainSteps(batches, learningRates);
      return [await engine.trainStep(batches[0], learningRates[0])];
    } catch (error) {
      if (engine.trainRound && signal?.aborted) return [];
      if (!(error instanceof NonFiniteError)) throw error;
      // Where the step before has spoilt the weights, this throws; what was saved earlier is then worth more.
      if (!this.#highLoss.isHigh) await this.#save('last');
      throw this.#diverged(error, this.#state.step + 1, learningRates[0]);
    }
  }

  async #endEpoch(): Promise<void> {
    const state = this.#state;
    const record = epochRecord(this.#engine.spec, state, await this.#validate(), this.#newestRate);
    const watched = record.validation?.loss ?? record.loss;
    if (!Number.isFinite(watched)) {
      const cause = new NonFiniteError(
        { stage: 'loss', layer: 'the validation windows' },
        watched,
        record.gradientNorm,
      );
      throw this.#diverged(cause, state.step, record.learningRate);
    }
    const validation = record.validation && { loss: record.validation.loss, data: this.#validation! };
    this.#refuseHighLoss(this.#highLoss.end(record.loss, validation ?? undefined), record.learningRate);
    const improved = this.#earlyStopping.observe(record.epoch, watched);
    this.#schedule.epochEnded(watched);
    state.history.push(record);
    state.epoch++;
    state.batch = 0;
    state.sums = emptySums(this.#engine.spec);
    state.shuffle = this.#shuffle.state();
    if (improved) {
      this.#best = this.#average?.arrays ?? (await this.#engine.readParameters());
      await this.#save('best');
    }
    await this.#save('last');
    await this.#callbacks.onEpoch?.(record);
  }

  /** The loss of each head over the validation windows: of the average, where there is one. */
  async #validate(): Promise<number[] | null> {
    const [engine, windows] = [this.#engine, this.#validation];
    if (!windows) return null;
    const evaluate = (): Promise<number[]> => evaluateDataset(engine, windows, this.#config.validationWindows);
    return this.#average ? this.#average.inPlaceOf(engine, evaluate) : evaluate();
  }

  /**
   * The newest state, to resume from. Not while a step is being taken: from a callback, say, or before or after a run.
   * @throws DivergedError when a weight or a moment is not finite
   */
  async checkpoint(): Promise<Checkpoint> {
    return this.#checkpoint(this.#best);
  }

  async #save(kind: 'best' | 'last'): Promise<void> {
    if (!this.#callbacks.onCheckpoint) return;
    await this.#callbacks.onCheckpoint(kind, await this.#checkpoint(kind === 'last' ? this.#best : undefined));
    this.#kept = this.#state.step;
  }

  async #checkpoint(best: NamedArrays | undefined): Promise<Checkpoint> {
    const engine = await this.#engine.readState();
    const seconds = this.#seconds;
    const trainer = structuredClone({
      ...this.#state,
      ...(seconds !== undefined && { seconds }),
      earlyStopping: this.#earlyStopping.state(),
      plateau: this.#schedule.state(),
    });
    const checkpoint: Checkpoint = {
      spec: this.#engine.spec,
      parameters: this.#average?.arrays ?? engine.parameters,
      extra: this.#extra,
      training: { engine, trainer, engineName: nameOfBits(this.#engine.name), ...(best && { best }) },
    };
    // The last step may have given weights or moments that are not finite although its loss and gradient were.
    const unsound = unsoundError(checkpoint, this.#lastStep);
    if (unsound) throw this.#diverged(unsound, this.#state.step, this.#newestRate);
    return checkpoint;
  }

  async #finish(reason: TrainingResult['reason']): Promise<TrainingResult> {
    const model = this.#best ?? this.#average?.arrays;
    if (model) await this.#engine.writeParameters(model);
    const { best, bestEpoch } = this.#earlyStopping.state();
    return {
      reason,
      history: structuredClone(this.#state.history),
      best: best === null ? null : { epoch: bestEpoch, loss: best },
      step: this.#state.step,
    };
  }
}
