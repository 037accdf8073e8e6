import type { Random } from '../tensor/index.ts';
import type { GpuKnowledge } from './gpu/knowledge.ts';
import type { InTurns } from './in-turns.ts';
import type { OwnLosses } from './losses/loss-of.ts';
import type { OptimizerSpec } from './optimizers/spec.ts';
import type { BrowserWorker } from './threads/start-thread.ts';

/** What should run a model. */
export interface EngineChoice {
  /** One of BACKENDS. */
  backend: string;
  /** Threads to train on; `auto` takes the cores available where the backend has threads. */
  threads: number | 'auto';
  /** There is so little to do that no time is spent on finding out which build of the kernels is the fastest here. */
  brief?: boolean;
  /** Where this machine's GPU is faster, for `auto`; without it `auto` looks for no GPU. */
  gpuKnowledge?: GpuKnowledge;
  /**
   * Starts the program of a thread, `etude-lstm/thread`, in a browser's worker. Only for a page whose content security policy
   * does not allow `worker-src blob:`: `() => new Worker(new URL('./thread.js', import.meta.url), { type: 'module' })`, and in
   * thread.js `import 'etude-lstm/thread'`.
   */
  createWorker?: () => BrowserWorker;
  /** Told in a clause why `auto` does not take the GPU that it knows, when that is so. */
  onFallback?(why: string): void;
}

/** What an engine needs beside the architecture. */
export interface EngineOptions extends EngineChoice {
  optimizer: OptimizerSpec;
  /** Sequences of a training batch, and the steps of each. */
  batchSize: number;
  steps: number;
  /** The stream `init`, from which the starting weights are drawn; without it they are zeros, for whoever writes them next. */
  init?: Random;
  /** Watches and stops the drawing, which takes seconds in a large model. */
  inTurns?: InTurns;
  /** The stream `dropout`. */
  dropout: Random;
  /** Losses of one's own, by the names that the heads of the model call them; they are trained on one thread. */
  losses?: OwnLosses;
  /** Training steps that a GPU takes at once; what suits the device unless given. */
  planSteps?: number;
}
