/**
 * The program of a worker thread, for Node and for browsers alike: it exports nothing, and a page that may not run code from text starts it as
 * a module (`createWorker` of `EngineChoice`). Its first message in a browser is what Node hands over as workerData.
 *
 * @module etude-lstm/thread
 */
// scripts/build-workers.mjs bundles it into thread.generated.ts.
import { nodeModule } from '../../node-module.ts';
import type { WorkerInit } from './protocol.ts';
import { work } from './worker.ts';

/** The part of a dedicated worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: { data: WorkerInit }) => void) | null;
  postMessage(message: unknown): void;
}

const node = nodeModule('node:worker_threads');
if (node) {
  work(node.workerData as WorkerInit, () => node.parentPort!.postMessage('ready'));
} else {
  const scope = globalThis as unknown as WorkerScope;
  scope.onmessage = ({ data }) => work(data, () => scope.postMessage('ready'));
}
