// The entry of the worker thread in Node; scripts/build-workers.mjs bundles it into worker.generated.ts.
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerInit } from './protocol.ts';
import { work } from './worker.ts';

work(workerData as WorkerInit, () => parentPort!.postMessage('ready'));
