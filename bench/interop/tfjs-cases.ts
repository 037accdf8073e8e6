import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importTfjs, type TfjsOptions } from '../../src/interop/index.ts';
import type { ModelToExport } from '../../src/interop/index.ts';
import { largestDifference, runNetwork } from './ours.ts';

/** What make-interop-tfjs.mjs writes of a network: what went in, by sequence and step, and what came out of each head. */
export interface TfjsCase {
  name: string;
  categories: number[][][];
  features: number[][][] | null;
  /** What was applied to each head. */
  activations: ('linear' | 'softmax' | 'sigmoid')[];
  /** [head][sequence][step][number], or without steps of what is said once. */
  outputs: (number[][][] | number[][])[];
}

/** The cases in a folder, as its neighbour says them. */
export function tfjsCases(folder: string): TfjsCase[] {
  return (JSON.parse(readFileSync(`${folder}.json`, 'utf8')) as { cases: TfjsCase[] }).cases;
}

/** The network of a case, imported from its folder. */
export function importCase(folder: string, name: string, options?: TfjsOptions) {
  const json = readFileSync(join(folder, name, 'model.json'));
  return importTfjs(json, (path) => readFileSync(join(folder, name, path)), options);
}

/** The largest difference between what a model says of a case here and what TensorFlow.js said. */
export function caseDifference(model: ModelToExport, { categories, features, activations, outputs }: TfjsCase): number {
  const sequences = categories.at(0) ?? features!;
  const [size, steps] = [sequences.length, sequences[0].length];
  /** Rows step by step, as batches are. */
  const rows = <T>(values: T[][]): T[] => Array.from({ length: steps * size }, (_, row) => values[row % size][Math.floor(row / size)]); // prettier-ignore
  const { heads } = runNetwork(model, {
    size,
    steps,
    categories: categories.map(rows),
    features: features ? rows(features).flat() : [],
  });
  const differences = outputs.map((expected, k) => {
    const isOnce = typeof expected[0][0] === 'number';
    const width = model.spec.heads.length > 0 ? (isOnce ? expected[0].length : (expected as number[][][])[0][0].length) : 0; // prettier-ignore
    const said = Array.from({ length: heads[k].length / width }, (_, row) => applied(activations[k], [...heads[k].subarray(row * width, (row + 1) * width)])); // prettier-ignore
    const found = isOnce ? said.slice(-size) : Array.from({ length: size }, (_, b) => said.filter((__, row) => row % size === b)); // prettier-ignore
    return largestDifference(found.flat(2) as number[], expected.flat(2));
  });
  return Math.max(...differences);
}

function applied(activation: TfjsCase['activations'][number], values: number[]): number[] {
  if (activation === 'linear') return values;
  if (activation === 'sigmoid') return values.map((value) => 1 / (1 + Math.exp(-value)));
  const largest = Math.max(...values);
  const exponentials = values.map((value) => Math.exp(value - largest));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}
