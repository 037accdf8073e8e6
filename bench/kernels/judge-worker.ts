// The entry of the judge's thread; scripts/build-workers.mjs bundles it into judge-worker.generated.ts.
import { parentPort } from 'node:worker_threads';
import { KERNEL_CASES } from './cases.ts';
import { judge } from './judgement.ts';

parentPort!.on('message', (index: number) => {
  parentPort!.postMessage(judge(KERNEL_CASES[index]));
});
