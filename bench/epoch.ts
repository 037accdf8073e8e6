import { LocalEngine, type Engine } from '../src/nn/index.ts';
import { createKernels, Random, type Kernels } from '../src/tensor/index.ts';
import type { Row } from './results.ts';
import { createWorkload, LEARNING_RATE, REFERENCE, TorchAdam } from './workload.ts';

/** Where the time of an epoch goes. */
export interface EpochRow extends Row {
  engine: string;
  files: number;
  steps: number;
  seconds: number;
  /** The part of the time in Engine.trainStep and Engine.evaluate. */
  engineShare: number;
  /** The part of a training step of the reference workload in the kernels, on one thread. */
  kernelShareOfStep: number;
  /** Both together: the part of the epoch's time in the kernels. */
  kernelShare: number;
}

/** Counts the milliseconds in an engine's training steps and evaluations from now on. */
export function watchEngine(engine: Engine): { milliseconds: number; steps: number[] } {
  const watch = { milliseconds: 0, steps: [] as number[] };
  const trainStep = engine.trainStep.bind(engine);
  const evaluate = engine.evaluate.bind(engine);
  engine.trainStep = async (batch, learningRate) => {
    const begin = performance.now();
    const result = await trainStep(batch, learningRate);
    const ms = performance.now() - begin;
    watch.milliseconds += ms;
    watch.steps.push(ms);
    return result;
  };
  engine.evaluate = async (batch) => {
    const begin = performance.now();
    const losses = await evaluate(batch);
    watch.milliseconds += performance.now() - begin;
    return losses;
  };
  return watch;
}

/** The part of a training step that is spent in the kernels: the reference workload, one thread, `steps` steps. */
export async function kernelShareOfStep(backend: string, steps: number): Promise<number> {
  const { spec, parameters, batch, shape } = createWorkload(REFERENCE);
  const optimizer = new TorchAdam();
  const { kernels, watch } = watchKernels(createKernels(backend, { lasting: true }));
  const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
  const engine = new LocalEngine(spec, { kernels, optimizer, steps: shape.seqLength, ...streams });
  await engine.writeParameters(parameters);
  let total = 0;
  for (let step = 0; step < 2 * steps; step++) {
    optimizer.nextStep();
    if (step === steps) [watch.milliseconds, total] = [0, 0];
    const begin = performance.now();
    await engine.trainStep(batch, LEARNING_RATE);
    total += performance.now() - begin;
  }
  return watch.milliseconds / total;
}

/** The same kernels, each call of which is timed. */
export function watchKernels(kernels: Kernels): { kernels: Kernels; watch: { milliseconds: number } } {
  const watch = { milliseconds: 0 };
  const timed: Record<string, unknown> = { name: kernels.name, arena: kernels.arena };
  for (const operation of Object.getOwnPropertyNames(Object.getPrototypeOf(kernels))) {
    if (operation === 'constructor') continue;
    const run = (kernels[operation as keyof Kernels] as (...operands: unknown[]) => unknown).bind(kernels);
    timed[operation] = (...operands: unknown[]): unknown => {
      const begin = performance.now();
      const result = run(...operands);
      watch.milliseconds += performance.now() - begin;
      return result;
    };
  }
  return { kernels: timed as unknown as Kernels, watch };
}
