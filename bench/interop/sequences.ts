import type { ModelToExport } from '../../src/interop/index.ts';
import { runNetwork } from './ours.ts';

/** Sequences of one length as PyTorch is asked: classes, [B][T], or rows of numbers, [B][T][F]. */
export type Sequences = readonly (readonly number[])[] | readonly (readonly (readonly number[])[])[];

/** What the first head of a model says of sequences at every step, [B][T][outputs]. */
export function outputsOf(model: ModelToExport, inputs: Sequences): number[][][] {
  const [size, steps] = [inputs.length, inputs[0].length];
  // Time-major, as batches are.
  const rows = Array.from({ length: steps * size }, (_, row) => inputs[row % size][Math.floor(row / size)]);
  const isClasses = typeof rows[0] === 'number';
  const said = runNetwork(model, {
    size,
    steps,
    categories: isClasses ? model.spec.inputs.categories.map(() => rows as number[]) : [],
    features: isClasses ? [] : (rows as number[][]).flat(),
  }).heads[0];
  const width = said.length / (size * steps);
  return Array.from({ length: size }, (_, b) =>
    Array.from({ length: steps }, (_, t) => [...said.subarray((t * size + b) * width, (t * size + b + 1) * width)]),
  );
}
