import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Judgement } from './case.ts';
import { JUDGE_WORKER } from './judge-worker.generated.ts';

/**
 * Judges cases in a thread of its own: engines optimise a function for the kinds of arrays that it has seen, and a thread in
 * which the plain TypeScript kernels have met float64 runs them at less than half the speed ever after.
 */
export class Judge {
  readonly #worker = new Worker(JUDGE_WORKER, { eval: true, name: 'judge' });

  /** What case number `index` of KERNEL_CASES gives in float64. One at a time. */
  async judge(index: number): Promise<Judgement> {
    this.#worker.postMessage(index);
    const [judgement] = (await once(this.#worker, 'message')) as [Judgement];
    return judgement;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
