import type { Batch } from '../../../src/nn/batch.ts';
import type { Engine } from '../../../src/nn/engine.ts';
import { ADAM_DEFAULTS, type AdamSpec } from '../../../src/nn/optimizers/spec.ts';
import { randomBatch } from '../../../src/nn/gradient-check.ts';
import { GpuEngine } from '../../../src/nn/gpu/gpu-engine.ts';
import { LocalEngine } from '../../../src/nn/local-engine.ts';
import type { ModelSpec } from '../../../src/nn/spec.ts';
import { GpuDevice } from '../../../src/tensor/gpu/device.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { createKernels, HeapArena, Random, ReferenceKernels } from '../../../src/tensor/index.ts';

export interface TestEngineOptions {
  steps?: number;
  planSteps?: number;
  planEvaluations?: number;
  seed?: number;
  optimizer?: Partial<AdamSpec>;
}

export const STEPS = 4;

function common({ steps = STEPS, seed = 1, optimizer }: TestEngineOptions) {
  return {
    steps,
    optimizer: { ...ADAM_DEFAULTS, ...optimizer },
    init: Random.stream(seed, 'init'),
    dropout: Random.stream(seed, 'dropout'),
  };
}

/** An engine of gpu.js. gpu.js shares nothing between them, so that each can be disposed of. */
export async function gpuEngine(mode: GpuMode, spec: ModelSpec, options: TestEngineOptions = {}): Promise<GpuEngine> {
  const device = await GpuDevice.open(mode);
  return new GpuEngine(device, spec, { planSteps: 1, ...options, ...common(options) });
}

/** The engine that says what is right: the reference kernels, in double precision unless said. */
export function judge(
  spec: ModelSpec,
  options: TestEngineOptions = {},
  kernels: 'float64' | 'float32' | 'simd' = 'float64',
): LocalEngine {
  const made = kernels === 'simd' ? createKernels('simd') : new ReferenceKernels(new HeapArena(kernels));
  return new LocalEngine(spec, { kernels: made, ...common(options) });
}

export const batches = (spec: ModelSpec, count: number, size = 3, steps = STEPS): Batch[] =>
  Array.from({ length: count }, (_, s) => randomBatch(spec, size, steps, Random.stream(s, 'batch')));

/** Trains step by step; the losses. */
export async function train(engine: Engine, list: readonly Batch[], learningRate = 0.01): Promise<number[]> {
  const losses: number[] = [];
  for (const batch of list) losses.push((await engine.trainStep(batch, learningRate)).loss);
  return losses;
}
