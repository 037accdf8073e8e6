import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { LocalEngine } from '../../src/nn/local-engine.ts';
import type { OptimizerSpec } from '../../src/nn/optimizers/spec.ts';
import {
  bestSimdVariant,
  createKernels,
  HeapArena,
  Random,
  ReferenceKernels,
  type Kernels,
} from '../../src/tensor/index.ts';
import { regenerate, wholeOf, type Golden } from '../golden/fixtures.ts';
import { relativeError } from '../support/tolerances.ts';

/** What make_optimizers.py wrote: losses before each of 100 steps of an optimizer of PyTorch, and the weights after them. */
interface OptimizerFacts extends Pick<Golden, 'spec' | 'batchSize' | 'steps' | 'seed'> {
  cases: {
    name: string;
    optimizer: OptimizerSpec;
    learningRate: number;
    losses: number[];
    parameters: Record<string, { float64: string }>;
  }[];
}

const path = join(import.meta.dirname, '../golden/optimizers.json');
const facts = JSON.parse(readFileSync(path, 'utf8')) as OptimizerFacts;

async function train(kernels: Kernels, optimizer: OptimizerSpec, learningRate: number, steps: number) {
  const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
  const engine = new LocalEngine(facts.spec, { kernels, optimizer, steps: facts.steps, ...streams });
  const { parameters, batch } = regenerate(facts);
  await engine.writeParameters(parameters);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push((await engine.trainStep(batch, learningRate)).loss);
  return { losses, engine };
}

/** The largest error of a parameter, as a part of its largest number. */
function worstOf({ parameters }: LocalEngine, expected: Record<string, { float64: string }>): number {
  return Math.max(...[...parameters.entries()].map(([name, { data }]) => relativeError(data, wholeOf(expected[name]))));
}

const SIMD = bestSimdVariant() ? ['simd', 'simd-plain'] : [];
const IMPLEMENTATIONS: [name: string, create: () => Kernels, tolerance: number][] = [
  ['reference, float64', () => new ReferenceKernels(new HeapArena('float64')), 1e-12],
  ['reference', () => new ReferenceKernels(new HeapArena('float32')), 1e-5],
  ...SIMD.map((name): [string, () => Kernels, number] => [name, () => createKernels(name), 1e-5]),
];

describe.each(IMPLEMENTATIONS)('%s takes 100 steps as PyTorch does', (_, create, tolerance) => {
  it.for(facts.cases)('with $name', async ({ name, optimizer, learningRate, losses, parameters }, { annotate }) => {
    expect(losses).toHaveLength(100);
    expect(losses[99]).toBeLessThan(losses[0]);
    const found = await train(create(), optimizer, learningRate, 100);
    const [lossError, weightError] = [relativeError(found.losses, losses), worstOf(found.engine, parameters)];
    await annotate(`${create().name}, ${name}: losses ${lossError}, weights ${weightError} of the largest`);
    expect(lossError, 'losses').toBeLessThan(tolerance);
    expect(weightError, 'weights').toBeLessThan(tolerance);
  });
});

describe('Adam in the form of Keras', () => {
  const { optimizer, learningRate, losses } = facts.cases.find(({ name }) => name === 'Adam with a large epsilon')!;
  const float64 = (): Kernels => new ReferenceKernels(new HeapArena('float64'));

  it('is not PyTorch’s: its epsilon stands before the bias correction', async () => {
    const keras = await train(float64(), { ...optimizer, kind: 'adam' } as OptimizerSpec, learningRate, 100);
    expect(relativeError(keras.losses, losses)).toBeGreaterThan(1e-3);
  });
});
