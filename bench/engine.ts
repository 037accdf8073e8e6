import { createEngine, type Engine } from '../src/nn/index.ts';
import { isGpuBackend, Random } from '../src/tensor/index.ts';
import { LEARNING_RATE, TorchAdam, type Workload } from './workload.ts';

/** What should run a benchmark. */
export interface EngineRequest {
  backend: string;
  threads: number | 'auto';
  /** Training steps that gpu.js takes at once; what suits the device unless given. */
  planSteps?: number;
  /** How many steps of the reference run verify it at most; all 20 unless given. */
  verifySteps?: number;
}

/** An engine with the weights of a workload, ready to be trained on its batch. */
export interface WorkloadEngine {
  engine: Engine;
  /** The kernels that run, without the number of threads: `simd (relaxed)`. */
  backend: string;
  threads: number;
  /** Whether it trains through gpu.js. */
  gpu: boolean;
  /** The steps of one call that suit it: more than 1 where a call is dear. */
  stepsAtOnce: number;
  /** One training step; returns the loss before the update. */
  step(): Promise<number>;
  /** So many of them in one call, with the ε of the first, where the engine can do that; returns their losses. */
  steps(count: number): Promise<number[]>;
}

/** Builds the engine of a workload. Dispose of it when done. */
export async function createWorkloadEngine(
  { spec, shape, parameters, batch }: Workload,
  { backend, threads, planSteps }: EngineRequest,
): Promise<WorkloadEngine> {
  const optimizer = new TorchAdam();
  const engine = await createEngine(spec, {
    backend,
    threads,
    planSteps,
    optimizer,
    batchSize: shape.batchSize,
    steps: shape.seqLength,
    init: Random.stream(1, 'init'),
    dropout: Random.stream(1, 'dropout'),
  });
  await engine.writeParameters(parameters);
  const step = async (): Promise<number> => {
    optimizer.nextStep();
    return (await engine.trainStep(batch, LEARNING_RATE)).loss;
  };
  return {
    engine,
    ...partsOfName(engine.name),
    gpu: isGpuBackend(backend),
    stepsAtOnce: engine.trainSteps ? (engine.preferredSteps ?? 1) : 1,
    step,
    steps: async (count) => {
      if (!engine.trainSteps) throw new Error('internal: this engine takes its steps one by one');
      optimizer.nextStep();
      const results = await engine.trainSteps(Array(count).fill(batch), Array(count).fill(LEARNING_RATE));
      for (let taken = 1; taken < count; taken++) optimizer.nextStep();
      return results.map(({ loss }) => loss);
    },
  };
}

/** `simd (relaxed), 2 threads` in its parts; of `gpu.js webgpu, NVIDIA ..., fused plan of 8 steps` the first. */
export function partsOfName(name: string): { backend: string; threads: number } {
  const [backend] = name.split(', ');
  const threads = /, (\d+) threads?$/.exec(name);
  return { backend, threads: threads ? Number(threads[1]) : 1 };
}
