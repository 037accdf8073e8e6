import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EtudeError } from '../../src/errors.ts';
import type { Effort } from '../timing.ts';
import type { Judgement } from './case.ts';
import type { Opened, WorkerRequest, WorkerRole } from './work.ts';
import { KERNELS_WORKER } from './worker.generated.ts';

/**
 * Judge and contestants have a thread each, for what one does to V8 another would feel. Functions are optimised for the kinds of
 * arrays that they have seen: plain TypeScript that has met float64 runs float32 at half the speed ever after. And where a
 * WebAssembly memory has grown, every access to a typed array asks first whether the array is still there, at a third of the
 * speed. Only one of them works at a time.
 */
export class Contestant {
  readonly #worker: Worker;

  constructor(role: WorkerRole) {
    this.#worker = new Worker(KERNELS_WORKER, { eval: true, workerData: role, name: role.kind });
  }

  /** Lays out case number `index` of KERNEL_CASES and runs it once. */
  open(index: number): Promise<Opened> {
    return this.#ask({ kind: 'open', index });
  }

  /** Runs the case without timing it. */
  warmUp(effort: Effort): Promise<void> {
    return this.#ask({ kind: 'warm up', effort });
  }

  /** Times the case: milliseconds of a run. */
  sample(effort: Effort): Promise<number[]> {
    return this.#ask({ kind: 'sample', effort });
  }

  /** What case number `index` gives in float64; to be asked of a judge. */
  judge(index: number): Promise<Judgement> {
    return this.#ask({ kind: 'judge', index });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask<T>(request: WorkerRequest): Promise<T> {
    this.#worker.postMessage(request);
    const [{ answer, error }] = (await once(this.#worker, 'message')) as [{ answer: T; error?: string }];
    if (error !== undefined) throw new EtudeError(`internal: a thread of the benchmark failed: ${error}`);
    return answer;
  }
}
