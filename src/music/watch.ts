import type { Codec, NoteEvent } from '../midi/index.ts';
import {
  ADAM_DEFAULTS,
  describeParameters,
  gatesOf,
  gradientThroughTime,
  LocalEngine,
  opens,
  ProbedModel,
  recordModel,
  type Distribution,
  type ModelSpec,
  type NamedArrays,
  type Sequence,
} from '../nn/index.ts';
import { HeapArena, Random, ReferenceKernels } from '../tensor/index.ts';
import { tableOfEvents } from './prepare-table.ts';
import { roundedAll, roundedJson } from './rounding.ts';

/** How numbers are spread: small enough to be kept every few steps. */
export type WatchedNumbers = Pick<Distribution, 'norm' | 'mean' | 'minimum' | 'maximum' | 'histogram'>;

/** What a network is like at one moment of its training, seen on one phrase. */
export interface WatchRecord {
  /** The mean loss of each head on the phrase, without dropout. */
  losses: Record<string, number>;
  /** Each weight tensor, and the gradient of the phrase's mean weighted loss in it. */
  parameters: { name: string; weights: WatchedNumbers; gradient: WatchedNumbers }[];
  layers: {
    /** For each gate that opens and shuts (candidates do not) the part of all units and steps at which it is below 0.1 and above 0.9. */
    saturation: Record<string, { low: number; high: number }>;
    /** The norms of dL/dh, and where there is a cell dL/dc, at every step, L the weighted loss of the phrase's last prediction. */
    gradient: { dh: number[]; dc?: number[] };
  }[];
}

/** Bins of the histograms: odd, so that zero has one. */
const BINS = 21;

/** A phrase as the network reads it. */
export function watchedPhrase(codec: Codec, notes: readonly NoteEvent[]): Sequence {
  return codec.encode(tableOfEvents(notes));
}

/**
 * Looks at a network on a phrase: spread of weights and gradients, saturation, and the gradient through time. Runs on
 * kernels of its own, on copies: what is being trained is not touched.
 *
 * @param phrase at least two notes
 */
export async function watchModel(spec: ModelSpec, parameters: NamedArrays, phrase: Sequence): Promise<WatchRecord> {
  const kernels = new ReferenceKernels(new HeapArena());
  const recording = recordModel(new ProbedModel(spec, parameters, kernels), phrase);
  const through = gradientThroughTime(spec, parameters, recording, { loss: 'last' }, { kernels });
  const described = describeParameters(parameters, await gradientsOf(spec, parameters, phrase), BINS);
  const share = (values: ArrayLike<number>, holds: (value: number) => boolean): number =>
    Array.from(values).filter(holds).length / Math.max(1, values.length);
  return roundedJson({
    losses: Object.fromEntries(
      recording.heads.map(({ name, nextLoss }) => {
        const known: number[] = Array.from(nextLoss).slice(0, -1);
        return [name, known.reduce((sum, loss) => sum + loss, 0) / known.length];
      }),
    ),
    parameters: described.map(({ name, weights, gradient }) => {
      return { name, weights: watched(weights), gradient: watched(gradient!) };
    }),
    layers: recording.layers.map((layer, index) => {
      const gate = (values: ArrayLike<number>) => ({ low: share(values, (v) => v < 0.1), high: share(values, (v) => v > 0.9) }); // prettier-ignore
      const { dh, dc } = through.layers[index];
      return {
        saturation: Object.fromEntries(
          gatesOf(layer.cell)
            .filter(opens)
            .map((name) => [name, gate(layer.gates[name])]),
        ),
        gradient: { dh: roundedAll(dh), ...(dc && { dc: roundedAll(dc) }) },
      };
    }),
  });
}

function watched({ norm, mean, minimum, maximum, histogram }: Distribution): WatchedNumbers {
  return { norm, mean, minimum, maximum, histogram };
}

/** The gradient of the mean weighted loss over all of the phrase's predictions: a training step of no length. */
async function gradientsOf(given: ModelSpec, parameters: NamedArrays, phrase: Sequence): Promise<NamedArrays> {
  const spec: ModelSpec = { ...given, lstm: { ...given.lstm, dropout: 0 }, lossOn: 'all' };
  const steps = phrase.length - 1;
  const engine = new LocalEngine(spec, {
    kernels: new ReferenceKernels(new HeapArena()),
    optimizer: ADAM_DEFAULTS,
    steps,
    dropout: Random.stream(0, 'dropout'),
  });
  await engine.writeParameters(parameters);
  const F = spec.inputs.features.length;
  const slice = (values: ArrayLike<number>, from: number, to: number): number[] => Array.from(values).slice(from, to);
  await engine.trainStep(
    {
      size: 1,
      steps,
      categories: phrase.categories.map((classes) => slice(classes, 0, steps)),
      features: slice(phrase.features, 0, steps * F),
      targets: Object.fromEntries(
        Object.entries(phrase.targets).map(([name, values]) => [name, slice(values, 1, steps + 1)]),
      ),
    },
    0,
  );
  return engine.gradients.toArrays();
}
