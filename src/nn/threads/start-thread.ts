import type { Worker } from 'node:worker_threads';
import { nodeModule } from '../../node-module.ts';
import type { WorkerInit } from './protocol.ts';

/** A running worker thread. */
export interface RunningThread {
  /** Resolves when the thread has laid out its networks; rejects when it ended before. */
  ready: Promise<void>;
  /** Ends the thread at once. */
  terminate(): Promise<unknown>;
}

/** A browser's `Worker`, as far as it is used here. */
export interface BrowserWorker {
  /** Sends a message to the worker. */
  postMessage(message: unknown): void;
  /** Calls `listener` for every message, or for every error. */
  addEventListener(type: 'message' | 'error', listener: (event: unknown) => void): void;
  /** Ends the worker at once. */
  terminate(): void;
}

/**
 * Starts a worker thread, in Node or in a browser, from code that comes along as text: it needs no file that a bundler would
 * have to find, and is loaded here, on the first call.
 *
 * @param onEnd called with the reason when the thread ends, for whatever reason
 * @param createWorker starts the program in a browser otherwise, for pages that may not run code from text
 */
export async function startThread(
  init: WorkerInit,
  onEnd: (reason: Error) => void,
  createWorker?: () => BrowserWorker,
): Promise<RunningThread> {
  const node = nodeModule('node:worker_threads');
  if (createWorker && !node) return inBrowser(createWorker(), init, onEnd);
  const { THREAD_PROGRAM } = await import('./thread.generated.ts');
  if (node) return inNode(new node.Worker(THREAD_PROGRAM, { eval: true, workerData: init, name: nameOf(init) }), onEnd);
  const url = URL.createObjectURL(new Blob([THREAD_PROGRAM], { type: 'text/javascript' }));
  const browser = globalThis as unknown as { Worker: new (url: string, options: object) => BrowserWorker };
  const thread = inBrowser(new browser.Worker(url, { name: nameOf(init) }), init, onEnd);
  void thread.ready.catch(() => undefined).then(() => URL.revokeObjectURL(url));
  return thread;
}

function nameOf({ thread }: WorkerInit): string {
  return `etude-${thread}`;
}

function inNode(worker: Worker, onEnd: (reason: Error) => void): RunningThread {
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

/** What a browser says of a worker that cannot be loaded is nothing. */
const NOT_LOADED =
  'its program could not be loaded; a content security policy must allow worker-src blob:, or createWorker start it';

function inBrowser(worker: BrowserWorker, init: WorkerInit, onEnd: (reason: Error) => void): RunningThread {
  const ready = new Promise<void>((resolve, reject) => {
    worker.addEventListener('message', () => resolve());
    worker.addEventListener('error', (event) => {
      const reason = new Error((event as { message?: string }).message ?? NOT_LOADED);
      onEnd(reason);
      reject(reason);
    });
  });
  ready.catch(() => undefined);
  worker.postMessage(init);
  return { ready, terminate: () => Promise.resolve(worker.terminate()) };
}
