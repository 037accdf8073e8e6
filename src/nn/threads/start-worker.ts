import { NODE_WORKER } from './node-worker.generated.ts';
import type { WorkerInit } from './protocol.ts';

/** A running worker thread. */
export interface RunningWorker {
  /** Resolves when the worker has laid out its networks; rejects when it ended before. */
  ready: Promise<void>;
  /** Ends the thread at once. */
  terminate(): Promise<unknown>;
}

/**
 * Starts a worker thread from the code that is part of the bundle.
 *
 * @param onEnd called with the reason when the thread ends, for whatever reason
 */
export async function startWorker(init: WorkerInit, onEnd: (reason: Error) => void): Promise<RunningWorker> {
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(NODE_WORKER, { eval: true, workerData: init, name: `etude-${init.thread}` });
  // A run that was forgotten must not keep the process alive.
  worker.unref();
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', (error) => {
      onEnd(error);
      reject(error);
    });
    worker.once('exit', (code) => {
      const reason = new Error(`it exited with code ${code}`);
      onEnd(reason);
      reject(reason);
    });
  });
  ready.catch(() => undefined);
  return { ready, terminate: () => worker.terminate() };
}
