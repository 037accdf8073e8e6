import { Network, ParameterSet, type SavedModel } from '../../src/nn/index.ts';
import { HeapArena, ReferenceKernels } from '../../src/tensor/index.ts';

/** Sequences as models are asked: classes, [B][T], or rows of numbers, [B][T][F]. */
export type Inputs = readonly (readonly number[])[] | readonly (readonly (readonly number[])[])[];

/** What each head of a model says of sequences of one length, [B][T][outputs], in float64. */
export function outputsOf({ spec, parameters }: Pick<SavedModel, 'spec' | 'parameters'>, inputs: Inputs): number[][][][] {
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const set = new ParameterSet(kernels.arena, spec);
  set.fromArrays(parameters);
  const [size, steps] = [inputs.length, inputs[0].length];
  const network = new Network(kernels, spec, { batchSize: size, steps }, set);
  // Time-major, as batches are.
  const rows = Array.from({ length: steps * size }, (_, row) => inputs[row % size][Math.floor(row / size)]);
  const isClasses = typeof rows[0] === 'number';
  network.load({
    size,
    steps,
    categories: isClasses ? spec.inputs.categories.map(() => rows as number[]) : [],
    features: isClasses ? [] : (rows as number[][]).flat(),
  });
  network.forward();
  return network.heads.map(({ out: { data, columns } }) =>
    Array.from({ length: size }, (_, b) =>
      Array.from({ length: steps }, (_, t) => [...data.subarray((t * size + b) * columns, (t * size + b + 1) * columns)]),
    ),
  );
} // prettier-ignore

/** The largest difference between two lists of numbers, however nested; NaN where their shapes differ. */
export function largestDifference(ours: unknown, theirs: unknown): number {
  if (typeof ours === 'number' && typeof theirs === 'number') return Math.abs(ours - theirs);
  if (!Array.isArray(ours) || !Array.isArray(theirs) || ours.length !== theirs.length) return NaN;
  return ours.reduce<number>((most, each, k) => Math.max(most, largestDifference(each, theirs[k])), 0);
}
