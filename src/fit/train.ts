import { DataError, UsageError } from '../errors.ts';
import {
  ADAM_DEFAULTS,
  createEngine,
  SequenceDataset,
  Trainer,
  WindowDataset,
  type Dataset,
  type Engine,
  type ModelSpec,
  type NamedArrays,
  type OwnLosses,
  type Sequence,
  type TrainingResult,
} from '../nn/index.ts';
import { Random } from '../tensor/index.ts';
import { Coder } from './coding.ts';
import type { Codings } from './describe.ts';
import type { FitReason } from './fitted-model.ts';
import type { FitEpoch, Settled } from './options.ts';
import { askedOf, type Example, type holdOut, type Task } from './problem.ts';

/** What is trained on, and what is held out if anything is, in batches of the same number of steps. */
export function datasetsOf(spec: ModelSpec, task: Task, split: ReturnType<typeof holdOut>, codings: Codings, options: Settled): { train: Dataset; validation?: Dataset } {
  const [coder, answerCoder] = [new Coder(codings.input), new Coder(codings.output)];
  const written = (examples: readonly Example[]): Sequence[] =>
    examples.filter((example) => askedOf(task, example) > 0).map(({ place, sequence, answer }) => {
      const read = coder.encode(sequence, place);
      const inputs = codings.input.kind === 'classes' ? { categories: [read], features: [] } : { categories: [], features: read };
      return { length: sequence.length, ...inputs, targets: { answer: answerCoder.encode(answer, `the answer of ${place}`) } };
    });
  const [train, validation] = [written(split.train), written(split.validation)];
  if (train.length === 0) throw new DataError('sequences: expected one with at least two steps, to learn what comes next.');
  const longest = [...train, ...validation].reduce((most, { length }) => Math.max(most, length), 0);
  const { weights } = options;
  if (weights && task === 'next') throw new UsageError('weights: they count whole sequences, and need answers; without answers leave them out.');
  if (weights && weights.length !== split.weighed.length + split.validation.length) throw new UsageError(`weights: expected one for each of ${split.weighed.length + split.validation.length} sequences, got ${weights.length}.`);
  const datasetOf = (sequences: Sequence[], weighs: boolean): Dataset => {
    if (task !== 'next') return new SequenceDataset(spec, sequences, task, { steps: longest, ...(weighs && { weights: split.weighed.map((index) => weights![index]) }) });
    const steps = Math.min(options.window, longest - 1);
    return new WindowDataset(spec, sequences, steps, undefined, sequences.some(({ length }) => length <= steps) ? 'fill up' : 'leave out');
  };
  return { train: datasetOf(train, weights !== undefined), ...(validation.length > 0 && { validation: datasetOf(validation, false) }) };
} // prettier-ignore

/** Steps of an epoch, at most. */
const STEPS_PER_EPOCH = 100;
/** Windows that are validated on, at most. */
const VALIDATION_WINDOWS = 1000;
/** Milliseconds after which whatever else is due has its turn: a click, or the signal. */
const BREATH = 40;

function usualBatch(size: number): number {
  return Math.min(32, Math.max(1, Math.floor(size / 8)));
}

interface Trained {
  parameters: NamedArrays;
  history: FitEpoch[];
  reason: FitReason;
}

/**
 * Trains a network of this architecture.
 * @throws what `fit` throws of training
 */
export async function train(spec: ModelSpec, data: { train: Dataset; validation?: Dataset }, losses: OwnLosses, options: Settled): Promise<Trained> {
  const { seed, signal, threads, backend, createWorker } = options;
  const batchSize = Math.min(options.batchSize ?? usualBatch(data.train.size), data.train.size);
  const streams = { init: Random.stream(seed, 'init'), dropout: Random.stream(seed, 'dropout') };
  const engine = await createEngine(spec, {
    backend,
    threads,
    ...(createWorker && { createWorker }),
    // One large gradient, of a rare value, would throw the weights far off.
    optimizer: { ...ADAM_DEFAULTS, clipNorm: 1 },
    batchSize,
    steps: data.train.steps,
    losses,
    ...streams,
    inTurns: { signal },
  });
  try {
    return await trainOn(engine, data, { ...options, batchSize });
  } finally {
    await engine.dispose();
  }
} // prettier-ignore

async function trainOn(engine: Engine, data: { train: Dataset; validation?: Dataset }, options: Settled): Promise<Trained> {
  const { batchSize = 1, epochs, learningRate, patience, seed, signal, onEpoch } = options;
  const epochOf = ({ epoch, loss, validation }: TrainingResult['history'][number]): FitEpoch => ({ epoch, loss, validation: validation?.loss ?? null });
  let rested = performance.now();
  const trainer = new Trainer(
    engine,
    data,
    {
      ...{ batchSize, epochs, learningRate, seed },
      stepsPerEpoch: STEPS_PER_EPOCH,
      schedule: { kind: 'cosine', final: 0.01 },
      // The training loss itself says nothing about when to stop.
      patience: data.validation ? patience : null,
      validationWindows: VALIDATION_WINDOWS,
      checkpointEvery: null,
      maxSteps: null,
    },
    {
      onEpoch: (record) => onEpoch?.(epochOf(record)),
      async onStep() {
        if (performance.now() - rested < BREATH) return;
        await new Promise((resolve) => setTimeout(resolve, 0));
        rested = performance.now();
      },
    },
  );
  const { reason, history } = await trainer.run(signal);
  if (reason === 'interrupted' && history.length === 0) throw signal!.reason;
  return { parameters: await engine.readParameters(), history: history.map(epochOf), reason: reason as FitReason };
} // prettier-ignore
