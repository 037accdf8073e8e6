import { createEngine, type Engine } from '../src/nn/index.ts';
import { Random } from '../src/tensor/index.ts';
import { LEARNING_RATE, TorchAdam, type Workload } from './workload.ts';

/** What should run a benchmark. */
export interface EngineRequest {
  backend: string;
  threads: number | 'auto';
}

/** An engine with the weights of a workload, ready to be trained on its batch. */
export interface WorkloadEngine {
  engine: Engine;
  /** The kernels that run, without the number of threads: `simd (relaxed)`. */
  backend: string;
  threads: number;
  /** One training step; returns the loss before the update. */
  step(): Promise<number>;
}

/** Builds the engine of a workload. Dispose of it when done. */
export async function createWorkloadEngine(
  { spec, shape, parameters, batch }: Workload,
  request: EngineRequest,
): Promise<WorkloadEngine> {
  const optimizer = new TorchAdam();
  const engine = await createEngine(spec, {
    ...request,
    optimizer,
    batchSize: shape.batchSize,
    steps: shape.seqLength,
    init: Random.stream(1, 'init'),
    dropout: Random.stream(1, 'dropout'),
  });
  await engine.writeParameters(parameters);
  return {
    engine,
    ...partsOfName(engine.name),
    step: async () => {
      optimizer.nextStep();
      return (await engine.trainStep(batch, LEARNING_RATE)).loss;
    },
  };
}

/** `simd (relaxed), 2 threads` in its parts. */
export function partsOfName(name: string): { backend: string; threads: number } {
  const [backend, threads] = name.split(', ');
  return { backend, threads: threads === undefined ? 1 : parseInt(threads, 10) };
}
