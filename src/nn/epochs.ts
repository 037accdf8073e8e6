import { Random, type RandomState } from '../tensor/index.ts';
import type { Dataset, Streams, WindowBatch } from './dataset.ts';
import type { Pieces } from './in-turns.ts';

/** How the training steps of a run are divided into epochs. */
export interface EpochPlan {
  /** Windows in a batch: what was asked for, or all there are. */
  batchSize: number;
  /** Batches of a training step: as many as were asked for, or as there are. */
  accumulate: number;
  /** Training steps of an epoch, which is a whole number of rounds. The last may be shorter. */
  batches: number;
  /** How often an epoch's order goes through the windows. */
  passes: number;
  /** How many epochs there are; null where `maxSteps` or `minutes` end the run. */
  epochs: number | null;
  /** Training steps of all of them. */
  steps: number;
}

/** Where the next batches of a run stand. */
export interface BatchPlace {
  /** Training steps taken before them. */
  step: number;
  /** From 0. */
  epoch: number;
  /** The stream `shuffle` as it stood when the epoch's order was drawn. */
  shuffle: RandomState;
  /** The first of them in that order. */
  batch: number;
}

/**
 * Divides a run into epochs. With rounds of several steps an epoch is as many whole rounds as fit into what an epoch is otherwise, but one
 * at least: where a round is longer than a pass over the windows, its order takes several. The run has as many steps as without rounds.
 *
 * @param windows how many there are
 * @param roundSteps training steps of a round
 */
export function planEpochs(
  windows: number,
  config: { batchSize: number; accumulate?: number; stepsPerEpoch: number | null; epochs: number | null },
  roundSteps = 1,
): EpochPlan {
  const batchSize = Math.min(config.batchSize, windows);
  const accumulate = Math.min(config.accumulate ?? 1, Math.floor(windows / batchSize));
  const windowsOfStep = batchSize * accumulate;
  const usual = Math.min(Math.floor(windows / windowsOfStep), config.stepsPerEpoch ?? Infinity);
  const batches = roundSteps * Math.max(1, Math.floor(usual / roundSteps));
  const steps = (config.epochs ?? Infinity) * usual;
  return {
    batchSize,
    accumulate,
    batches,
    passes: Math.ceil((batches * windowsOfStep) / windows),
    epochs: config.epochs === null ? null : Math.ceil(steps / batches),
    steps,
  };
}

/** The same for batches that go on where those before ended: a step is a batch, and an epoch reads every piece once. */
function planStreams(streams: Streams, config: Parameters<typeof planEpochs>[1]): EpochPlan {
  const batchSize = Math.min(config.batchSize, streams.rows);
  const batches = Math.min(streams.batches(batchSize), config.stepsPerEpoch ?? Infinity);
  return {
    batchSize,
    accumulate: 1,
    batches,
    passes: 1,
    epochs: config.epochs,
    steps: (config.epochs ?? Infinity) * batches,
  };
}

/** How a run on some data is divided into epochs. */
export function planFor(
  train: Pick<Dataset, 'size' | 'streams'>,
  config: Parameters<typeof planEpochs>[1],
  roundSteps?: number,
): EpochPlan {
  return train.streams ? planStreams(train.streams, config) : planEpochs(train.size, config, roundSteps);
}

/** The order in which an epoch goes through its data. */
export function orderFor(
  train: Pick<Dataset, 'size' | 'streams'>,
  plan: EpochPlan,
  shuffle: Random,
): Pieces<Uint32Array> {
  return train.streams ? train.streams.order(plan.batchSize, shuffle) : drawOrder(train.size, plan, shuffle);
}

/** The order in which an epoch goes through its windows, `passes` times through each; made in pieces, since there may be millions. */
export function drawOrder(
  windows: number,
  { passes }: Pick<EpochPlan, 'passes'>,
  shuffle: Random,
): Pieces<Uint32Array> {
  const order = new Uint32Array(passes * windows);
  for (let place = 0; place < order.length; place++) order[place] = place % windows;
  return shuffle.shufflePieces(order);
}

/** Fills `batch` with what stands at number `at`, counted in batches, of an epoch's order. */
export function fillFromOrder(
  batch: WindowBatch,
  data: Dataset,
  order: Uint32Array,
  at: number,
  { seed, epoch }: { seed: number; epoch: number },
): void {
  // By the place in the order: a run that goes on in the middle of an epoch varies the rest of it as it would have.
  data.fill(batch, order, at * batch.size, (place) => Random.stream(seed, `vary ${epoch} ${place}`));
}
