import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Batch } from '../../src/nn/batch.ts';
import type { AdamSpec } from '../../src/nn/optimizers/spec.ts';
import type { NamedArrays } from '../../src/nn/parameters.ts';
import { headSize, parameterSpecs, type ModelSpec } from '../../src/nn/spec.ts';
import { sizeOf } from '../../src/tensor/index.ts';

/** A tensor in full, as base64 of little-endian float64. */
interface Whole {
  float64: string;
}

/** A large tensor: every `stride`-th number, and its products with eight vectors of signs, in which all numbers count. */
interface Summary {
  size: number;
  largest: number;
  norm: number;
  projections: number[];
  stride: number;
  samples: number[];
}

export type Stored = Whole | Summary;

/** What make_fixtures.py wrote: a model, and what PyTorch says of three training steps. */
export interface Golden {
  spec: ModelSpec;
  batchSize: number;
  steps: number;
  seed: number;
  optimizer: AdamSpec & { learningRate: number };
  /** The outputs of each head and all gradients of the first step. */
  outputs: Record<string, Stored>;
  gradients: Record<string, Stored>;
  /** Of each step: every head's loss, and the norm of the gradient before clipping. */
  losses: number[][];
  gradientNorms: number[];
  /** After the last step. */
  parameters: Record<string, Stored>;
}

export const GOLDEN_CASES = ['tutorial', 'tutorial-small', 'two-layers'] as const;

export function readGolden(name: string): Golden {
  return JSON.parse(readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8')) as Golden;
}

/** The generator of make_fixtures.py: 24 bits at each call. */
function congruential(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(1664525, x) + 1013904223) >>> 0;
    return x >>> 8;
  };
}

/** The weights and the batch of a case, drawn in the order in which the script draws them. All are exact in float32. */
export function regenerate({ spec, batchSize, steps, seed }: Pick<Golden, 'spec' | 'batchSize' | 'steps' | 'seed'>): {
  parameters: NamedArrays;
  batch: Batch;
} {
  const bits = congruential(seed);
  const uniform = (length: number, size: number) => Float32Array.from({ length }, () => (bits() / 2 ** 23 - 1) * size);
  const classes = (length: number, size: number) => Int32Array.from({ length }, () => bits() % size);
  const rows = batchSize * steps;
  const targetRows = spec.lossOn === 'last' ? batchSize : rows;
  const parameters = Object.fromEntries(
    parameterSpecs(spec).map(({ name, shape }) => [name, uniform(sizeOf(shape), 0.25)]),
  );
  const features = uniform(rows * spec.inputs.features.length, 1);
  const categories = spec.inputs.categories.map(({ size }) => classes(rows, size));
  const targets = Object.fromEntries(
    spec.heads.map((head) => [
      head.name,
      head.kind === 'categorical' ? classes(targetRows, headSize(head)) : uniform(targetRows, 1),
    ]),
  );
  return { parameters, batch: { size: batchSize, steps, categories, features, targets } };
}

/** The numbers of a tensor that is stored whole. */
export function wholeOf({ float64 }: Whole): Float64Array {
  const bytes = Buffer.from(float64, 'base64');
  return Float64Array.from({ length: bytes.length / 8 }, (_, at) => bytes.readDoubleLE(8 * at));
}

/** The products of `values` with the eight vectors of signs. */
export function projectionsOf(values: Iterable<number>): number[] {
  return Array.from({ length: 8 }, (_, k) => {
    const bits = congruential(1000 + k);
    let sum = 0;
    for (const value of values) sum += bits() >>> 23 ? value : -value;
    return sum;
  });
}
