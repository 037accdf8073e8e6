import {
  assertForward,
  createEngine,
  planFor,
  Trainer,
  type Engine,
  type EngineChoice,
  type InTurns,
  type TrainerCallbacks,
} from '../nn/index.ts';
import { Random } from '../tensor/index.ts';
import { optimizerFor, scheduleFor } from './model-spec.ts';
import { checkFineTuning, originOf } from './fine-tune.ts';
import type { MusicExtra, MusicModel } from './music-model.ts';
import type { PreparedData } from './prepare.ts';
import { checkTogether, type Settings } from './settings.ts';

/** A run about to begin: the engine with fresh weights, and the trainer that will train it. */
export interface TrainingRun {
  engine: Engine;
  trainer: Trainer;
  extra: MusicExtra;
}

/** How a run begins. */
export interface RunStart extends InTurns {
  /** Whether a checkpoint will be resumed at once, so that no weights need be drawn. */
  resumes?: boolean;
  /**
   * The model whose best weights it begins with; the data must be prepared with its codec. Adam starts anew, and nothing is
   * kept of its memory and its frequencies. Of a run that resumes, the model of its own checkpoint, where that says so (`MusicModel.from`).
   */
  from?: MusicModel;
  /** Where that model lies, for the record. */
  fromPath?: string;
  /** Makes the engine, where it is not one of this machine alone. @default createEngine */
  makeEngine?: typeof createEngine;
  /** The clock that `minutes` goes by: milliseconds, rising. @default performance.now */
  now?: () => number;
}

/**
 * Builds the engine and the trainer for prepared data. Dispose of the engine when done.
 *
 * @param choice which kernels and how many threads
 * @throws UsageError when the settings make no sense together, or are not those of the weights it begins with, or when the model is bidirectional; the reason of `start.signal` when it is aborted before the engine stands
 */
export async function createTrainingRun(
  data: PreparedData,
  settings: Settings,
  preset: string,
  choice: EngineChoice,
  callbacks: TrainerCallbacks = {},
  { resumes = false, now, from, fromPath, makeEngine = createEngine, ...inTurns }: RunStart = {},
): Promise<TrainingRun> {
  checkTogether(settings);
  assertForward(data.spec, 'music');
  if (from) checkFineTuning(settings, data.codec, from);
  const { seed, seqLength, patience, batchSize, accumulate, ema, epochs, learningRate } = settings;
  // Where it is known to win a GPU takes several steps at once, which none of them lets it do.
  const stepByStep = accumulate > 1 || ema !== null || settings.carryState;
  const engine = await makeEngine(data.spec, {
    ...choice,
    ...(stepByStep && { gpuKnowledge: undefined }),
    optimizer: optimizerFor(settings),
    batchSize: planFor(data.train, settings).batchSize,
    steps: seqLength,
    init: resumes || from ? undefined : Random.stream(seed, 'init'),
    inTurns,
    dropout: Random.stream(seed, 'dropout'),
  });
  const extra: MusicExtra = {
    codec: data.codec.spec,
    settings: { ...settings, time: data.time },
    preset,
    data: {
      train: data.trainPieces.map(({ digest }) => digest),
      validation: data.validationPieces.map(({ digest }) => digest),
    },
    primer: data.primer,
    frequencies: data.frequencies,
    ...(data.heldOutBaseline && { heldOutBaseline: data.heldOutBaseline }),
    repetition: data.repetition,
    ...(from && { from: resumes ? from.from : originOf(from, fromPath) }),
  };
  const config = {
    batchSize,
    epochs,
    stepsPerEpoch: settings.stepsPerEpoch,
    accumulate,
    ema,
    learningRate,
    schedule: scheduleFor(settings),
    patience,
    seed,
    validationWindows: settings.validationWindows,
    checkpointEvery: settings.checkpointEvery,
    maxSteps: settings.maxSteps,
    minutes: settings.minutes,
    now,
  };
  try {
    if (from && !resumes) await engine.writeParameters(from.parameters);
    return { engine, trainer: new Trainer(engine, data, config, callbacks, extra), extra };
  } catch (error) {
    // Its threads would keep the process alive.
    await engine.dispose();
    throw error;
  }
}
