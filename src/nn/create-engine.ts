import { createKernels, type Random } from '../tensor/index.ts';
import type { Engine, OptimizerSpec } from './engine.ts';
import { LocalEngine } from './local-engine.ts';
import { UsageError } from '../errors.ts';
import type { ModelSpec } from './spec.ts';

/** What should run a model. */
export interface EngineChoice {
  /** `auto`, or a name from BACKENDS. */
  backend: string;
  /** Threads to train on. */
  threads: number;
}

/** What an engine needs beside the architecture. */
export interface EngineOptions extends EngineChoice {
  optimizer: OptimizerSpec;
  /** The steps of a window, T. */
  steps: number;
  /** The streams `init` and `dropout`. */
  init: Random;
  dropout: Random;
}

/**
 * The engine for a choice of backend and threads.
 * @throws UsageError when the backend is unknown or does not run with so many threads
 */
export function createEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  return Promise.resolve().then(() => {
    const { backend, threads, optimizer, steps, init, dropout } = options;
    if (threads !== 1) {
      throw new UsageError(`--threads: the reference backend runs on 1 thread, got ${threads}.`);
    }
    return new LocalEngine(spec, { kernels: createKernels(backend), optimizer, steps, init, dropout });
  });
}
