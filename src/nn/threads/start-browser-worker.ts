import type { WorkerInit } from './protocol.ts';
import type { RunningWorker } from './start-worker.ts';

/** The part of the browser's Worker that is used here; Node's types do not know it. */
interface BrowserWorker {
  onmessage: (() => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}
type BrowserWorkerClass = new (url: URL, options: { type: 'module'; name: string }) => BrowserWorker;

/**
 * Starts a worker thread in a browser, from the file thread.js beside the bundle that calls it. The page must be
 * cross-origin isolated, or there is no memory to share. Stands in for start-worker.ts in the page's bundles.
 *
 * @param onEnd called with the reason when the thread fails
 */
export function startWorker(init: WorkerInit, onEnd: (reason: Error) => void): Promise<RunningWorker> {
  const { Worker } = globalThis as unknown as { Worker: BrowserWorkerClass };
  const worker = new Worker(new URL('./thread.js', import.meta.url), { type: 'module', name: `etude-${init.thread}` });
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = ({ message }) => {
      const reason = new Error(message ?? 'its code could not be loaded');
      onEnd(reason);
      reject(reason);
    };
  });
  ready.catch(() => undefined);
  worker.postMessage(init);
  return Promise.resolve({ ready, terminate: () => Promise.resolve(worker.terminate()) });
}
