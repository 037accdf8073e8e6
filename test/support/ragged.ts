import {
  initialise,
  Network,
  ParameterSet,
  randomBatch,
  type Batch,
  type ModelSpec,
  type Sequence,
} from '../../src/nn/index.ts';
import type { Asked, SequenceDataset } from '../../src/nn/sequence-dataset.ts';
import { HeapArena, Random, ReferenceKernels } from '../../src/tensor/index.ts';

/** Sequences of noise with a target at every step. */
export function randomSequences(spec: ModelSpec, lengths: readonly number[], seed: number): Sequence[] {
  return lengths.map((length, k) => {
    const { categories, features, targets } = randomBatch(spec, 1, length, Random.stream(seed + k, 'batch'));
    return { length, categories, features, targets: targets! };
  });
}

/** What was asked of a sequence, as SequenceDataset wants it. */
export function asAsked(sequence: Sequence, asked: Asked): Sequence {
  if (asked === 'steps') return sequence;
  const targets = Object.fromEntries(Object.entries(sequence.targets).map(([name, all]) => [name, [all[sequence.length - 1]]]));
  return { ...sequence, targets };
} // prettier-ignore

/** Losses of the heads, and the gradient, of a batch in float64. */
export function passed(spec: ModelSpec, batch: Batch, seed: number): { losses: number[]; gradient: number[] } {
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const [parameters, gradients] = [new ParameterSet(kernels.arena, spec), new ParameterSet(kernels.arena, spec)];
  initialise(parameters, Random.stream(seed, 'init'));
  const training = { gradients, dropout: Random.stream(seed, 'dropout') };
  const network = new Network(kernels, spec, { batchSize: batch.size, steps: batch.steps }, parameters, { training });
  network.load(batch);
  network.forward();
  const losses = network.losses();
  network.backward();
  return { losses, gradient: Array.from(gradients.flat.data) };
}

/** The mean over sequences that are run one by one, weighed by what each is asked for. */
export function oneByOne(spec: ModelSpec, sequences: readonly Sequence[], asked: Asked, seed: number, weights: readonly number[]): ReturnType<typeof passed> {
  const parts = sequences.map((sequence, k) => {
    const batch: Batch = { size: 1, steps: sequence.length, categories: sequence.categories, features: sequence.features, targets: sequence.targets };
    return { ...passed(spec, asked === 'ends' ? { ...batch, asked } : batch, seed), rows: weights[k] * (asked === 'ends' ? 1 : sequence.length) };
  });
  const all = parts.reduce((sum, { rows }) => sum + rows, 0);
  const mean = (of: (part: (typeof parts)[number]) => number[]): number[] =>
    of(parts[0]).map((_, at) => parts.reduce((sum, part) => sum + (part.rows / all) * of(part)[at], 0));
  return { losses: mean(({ losses }) => losses), gradient: mean(({ gradient }) => gradient) };
} // prettier-ignore

/** All of them in one batch, each asked for what the data say. */
export function batchOf(data: SequenceDataset): Batch {
  const batch = data.createBatch(data.size, 'all');
  data.fill(
    batch,
    Array.from({ length: data.size }, (_, k) => k),
  );
  return batch;
}
