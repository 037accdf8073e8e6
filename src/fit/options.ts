import { UsageError } from '../errors.ts';
import type { BrowserWorker, CellKind, Loss, NumbersLoss } from '../nn/index.ts';
import type { StopSignal } from '../stop-signal.ts';
import { boundsInWords, isWithin, type Bounds } from '../text/words.ts';

/** An epoch, as it is told and remembered. Losses are those of numbers as the model writes them: standardised ones. */
export interface FitEpoch {
  /** From 1. */
  epoch: number;
  /** The mean training loss over the epoch. */
  loss: number;
  /** The loss on what was held out; null where nothing was. */
  validation: number | null;
}

/** How a model is made and trained. Every setting has a default that suits a first try. */
export interface FitOptions {
  /** Units of each layer, or a list with those of every layer, from the first on. 32 learn most small things, in seconds. @default 32 */
  units?: number | readonly number[];
  /** Layers on top of each other; a second one helps with long texts, and seldom elsewhere. Where `units` is a list, as many. @default 1 */
  layers?: number;
  /** The cell of every layer; a `gru` has three quarters of the weights, and often learns as much. @default 'lstm' */
  cell?: CellKind;
  /**
   * Whether every layer has a second cell, with as many units, which reads each sequence from its end: for answers about sequences that
   * are there as a whole. Such a model reads no stream, and cannot learn what comes next. @default false
   */
  bidirectional?: boolean;
  /** The share of each layer's output that training drops; for small data, such as 0.2. @default 0 */
  dropout?: number;
  /**
   * Steps of a training window, where the model learns what comes next: how far back it can learn to look. 32 is more than two
   * years of months. Sequences with answers are read whole. @default 32
   */
  window?: number;
  /** Passes over the data, of at most 100 training steps each so that validation comes often enough. @default 40 */
  epochs?: number;
  /**
   * Sequences, or windows, of a training step. Unless given 32, which make steps steady enough for the learning rate, but at most an
   * eighth of all, so that small data are not over after a few steps.
   */
  batchSize?: number;
  /** Of Adam, at the start; it falls to a hundredth along a cosine. 0.01 suits up to some 100 units, and more take less. @default 0.01 */
  learningRate?: number;
  /**
   * What is minimised where numbers are predicted: `squared` error (the mean), `absolute` (the median), `huber`, `binary` (yes or no, as 1
   * and 0), `gaussian` (a mean with a deviation), `{ kind: 'quantile', levels: [0.1, 0.5, 0.9] }`, `{ kind: 'mixture', components: 3 }`,
   * or a loss of one's own. Classes have the cross-entropy. @default 'squared'
   */
  loss?: 'squared' | 'absolute' | 'huber' | 'binary' | 'gaussian' | Exclude<NumbersLoss, { kind: 'own' }> | Loss;
  /** How much each class counts, by name; 1 where nothing is said. For classes of which some are rare. */
  classWeights?: Readonly<Record<string, number>>;
  /** How much each sequence counts, where there are answers; 1 each unless given. */
  weights?: ArrayLike<number>;
  /**
   * The share that is held out, to tell when more training makes the model worse: the end of a series given alone, or whole
   * sequences, drawn by the seed. 0 holds nothing out. @default 0.1
   */
  validation?: number;
  /** Epochs without a better validation loss before it stops; the best weights are kept in any case. @default 8 */
  patience?: number;
  /** Of all that is drawn: the same seed gives the same model, byte for byte, on the same kernels and number of threads. @default 1 */
  seed?: number;
  /** Which kernels; `auto` takes the fastest that run here. @default 'auto' */
  backend?: string;
  /** Threads; one gives the same bytes wherever there is SIMD, and small models gain nothing from more. @default 1 */
  threads?: number | 'auto';
  /** For pages that forbid workers from blobs; see `EngineChoice.createWorker`. */
  createWorker?: () => BrowserWorker;
  /** Ends the training when it is aborted: with the best model so far, or, in the first epoch, with the signal's reason as an error. */
  signal?: StopSignal;
  /** Told each epoch; training waits for it. */
  onEpoch?: (epoch: FitEpoch) => void | Promise<void>;
}

const UNITS = { units: { min: 1, max: 1 << 16 } } as const;

const COUNTS = {
  layers: { min: 1, max: 64 },
  window: { min: 1, max: 1 << 20 },
  epochs: { min: 1 },
  batchSize: { min: 1, max: 1 << 16 },
  patience: { min: 1 },
  seed: { min: 0 },
} as const satisfies Partial<Record<keyof FitOptions, Bounds>>;

const SHARES = {
  dropout: { min: 0, below: 1 },
  validation: { min: 0, below: 1 },
  learningRate: { above: 0 },
} as const satisfies Partial<Record<keyof FitOptions, Bounds>>;

const DEFAULTS = {
  units: 32 as number | readonly number[],
  layers: 1,
  cell: 'lstm' as CellKind,
  bidirectional: false,
  dropout: 0,
  window: 32,
  epochs: 40,
  learningRate: 0.01,
  validation: 0.1,
  patience: 8,
  seed: 1,
  backend: 'auto',
  threads: 1 as number | 'auto',
};

/** What is neither a number nor has a default. */
const OTHERS = ['batchSize', 'loss', 'classWeights', 'weights', 'createWorker', 'signal', 'onEpoch'] as const satisfies readonly (keyof FitOptions)[]; // prettier-ignore

export type Settled = FitOptions & typeof DEFAULTS;

/**
 * Options with their defaults.
 * @throws UsageError that names the first that is unknown or out of range
 */
export function settle(options: FitOptions): Settled {
  const known: readonly string[] = [...Object.keys(DEFAULTS), ...OTHERS];
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new UsageError(`${name}: there is no such option. There are ${known.join(', ')}.`);
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settled: Settled = { ...DEFAULTS, ...given };
  const { units, bidirectional } = settled;
  if (Array.isArray(units)) settled.layers = layersIn(units, given);
  for (const each of [units].flat()) check({ units: each }, UNITS, 'a whole number', Number.isInteger);
  check({ ...settled, batchSize: settled.batchSize ?? 1 }, COUNTS, 'a whole number', Number.isInteger);
  if (typeof bidirectional !== 'boolean') {
    throw new UsageError(`bidirectional: expected true or false, got ${JSON.stringify(bidirectional)}.`);
  }
  check(settled, SHARES, 'a number', Number.isFinite);
  const { threads } = settled;
  if (threads !== 'auto' && !(Number.isInteger(threads) && threads >= 1)) {
    throw new UsageError(`threads: expected "auto" or a whole number of at least 1, got ${String(threads)}.`);
  }
  return settled;
}

/** How many layers a list of widths is for. */
function layersIn(units: readonly unknown[], { layers = units.length }: { layers?: unknown }): number {
  if (units.length > 0 && layers === units.length) return units.length;
  throw new UsageError(`units: expected one number, or one for each layer, got ${units.length} with layers ${JSON.stringify(layers)}.`);
} // prettier-ignore

function check(given: object, all: Readonly<Record<string, Bounds>>, what: string, is: (value: unknown) => boolean): void {
  for (const [name, bounds] of Object.entries(all)) {
    const value = (given as Record<string, unknown>)[name];
    if (is(value) && isWithin(value as number, bounds)) continue;
    throw new UsageError(`${name}: expected ${what} ${boundsInWords(bounds)}, got ${JSON.stringify(value) ?? String(value)}.`);
  }
} // prettier-ignore
