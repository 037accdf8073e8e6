// The entry of the worker thread in a browser: a file of its own, since a page with a strict content security policy runs
// no code from strings. Its first message is what Node hands over as workerData.
import type { WorkerInit } from './protocol.ts';
import { work } from './worker.ts';

/** The part of a dedicated worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: { data: WorkerInit }) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = ({ data }) => work(data, () => scope.postMessage('ready'));
