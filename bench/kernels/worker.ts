// The entry of a thread that judges or competes; scripts/build-workers.mjs bundles it into worker.generated.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { createWork, type WorkerRequest, type WorkerRole } from './work.ts';

const work = createWork(workerData as WorkerRole);
parentPort!.on('message', (request: WorkerRequest) => {
  void answer(request);
});

async function answer(request: WorkerRequest): Promise<void> {
  try {
    parentPort!.postMessage({ answer: await work(request) });
  } catch (thrown) {
    parentPort!.postMessage({ error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  }
}
