import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ceilingOf, loopOf, ROUNDS, runnerOf, type Loop } from './loops.ts';

/** Looks at what the machine gives at the moment. */
export interface PeakProbe {
  /** 10^9 operations a second of all threads together: the mean over some milliseconds, not the best. */
  look(ms: number): Promise<number>;
  close(): Promise<void>;
}

/** WebAssembly begins with code that was compiled in a hurry. */
const WARM_MS = 100;

/**
 * A look at what so many threads give, for kernels of that name. Another machine may use the same cores, of which no counter tells;
 * between two looks, work can be compared with what was to be had meanwhile.
 *
 * @param warmMs how long it works before the first look
 */
export async function peakProbe(kernels: string, threads: number, warmMs = WARM_MS): Promise<PeakProbe> {
  const loop = loopOf(ceilingOf(kernels)) ?? loopOf('fused') ?? loopOf('multiplyAdd')!;
  const probe = threads === 1 ? probeHere(loop) : probeInThreads(loop, threads);
  await probe.look(warmMs);
  return probe;
}

function probeHere(loop: Loop): PeakProbe {
  const run = runnerOf(loop);
  return {
    look: (ms) => {
      const begin = performance.now();
      let [calls, now] = [0, begin];
      for (; calls === 0 || now - begin < ms; calls++, now = performance.now()) run();
      return Promise.resolve((calls * ROUNDS * loop.operations) / (now - begin) / 1e6);
    },
    close: () => Promise.resolve(),
  };
}

/** As many threads as the work has, waiting meanwhile: they begin together when they are told to. */
function probeInThreads({ operations, ...loop }: Loop, threads: number): PeakProbe {
  const workers = Array.from({ length: threads }, () => new Worker(WORKER, { eval: true, workerData: { ...loop, rounds: ROUNDS } })); // prettier-ignore
  return {
    look: async (ms) => {
      const answers = workers.map((worker) => once(worker, 'message') as Promise<[number]>);
      for (const worker of workers) worker.postMessage(ms);
      const rates = (await Promise.all(answers)).map(([rounds]) => rounds);
      return (rates.reduce((sum, rate) => sum + rate, 0) * operations) / 1e9;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Runs the loop for as many milliseconds as it is told, and answers with the rounds a second. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const { wasm, name, before, rounds } = workerData;
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65535 });
const run = new WebAssembly.Instance(wasm, { env: { memory } }).exports[name];
parentPort.on('message', (ms) => {
  const begin = performance.now();
  let [calls, now] = [0, begin];
  for (; calls === 0 || now - begin < ms; calls++, now = performance.now()) run(...before, rounds, 0.5, 0.5);
  parentPort.postMessage((calls * rounds * 1000) / (now - begin));
});
`;
