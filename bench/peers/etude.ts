// Etude as one of the peers; it talks with the runner as protocol.mjs does.
import { createInterface } from 'node:readline';
import { CategoricalSampler, PLAIN_SAMPLING, Stepper, WindowRunner } from '../../src/nn/index.ts';
import { createKernels, findWideVerdict, Random } from '../../src/tensor/index.ts';
import { createWorkloadEngine } from '../engine.ts';
import { createWorkload, type Workload } from '../workload.ts';
import type { Measured } from './peer-process.ts';
import { shapeOfTask, type Task } from './tasks.ts';

const { PEER_TASK, PEER_VARIANT = 'auto', PEER_THREADS = '1' } = process.env;
const task = PEER_TASK as Task;

interface Contestant {
  name: string;
  check: number[];
  run(): unknown;
}

async function training(workload: Workload, lossSteps: readonly number[]): Promise<Contestant> {
  const request = { backend: PEER_VARIANT, threads: Number(PEER_THREADS) };
  const { engine, step } = await createWorkloadEngine(workload, request);
  const check: number[] = [];
  for (let at = 1; at <= lossSteps.at(-1)!; at++) {
    const loss = await step();
    if (lossSteps.includes(at)) check.push(loss);
  }
  return { name: engine.name, check, run: step };
}

/** What the peers do too: a step of the network, a pitch drawn from its logits, times cut off at 0, the next input. */
function generation({ spec, parameters, batch }: Workload): Contestant {
  const kernels = createKernels(PEER_VARIANT, { lasting: true });
  const width = spec.inputs.features.length;
  const window = Float32Array.from(batch.features);
  const runner = new WindowRunner(spec, parameters, batch.steps, kernels);
  runner.run([], window);
  const [pitches, [step], [duration]] = [0, 1, 2].map((head) => Array.from(runner.output(head)));
  const check = [pitches.reduce((sum, logit) => sum + logit, 0), step, duration];
  const sampler = new CategoricalSampler(pitches.length, PLAIN_SAMPLING);
  const random = Random.stream(1, 'sample');
  const stepper = new Stepper(spec, parameters, kernels);
  const note = new Float32Array(width).fill(0.1);
  const draw = (source: Stepper | WindowRunner): void => {
    note[0] = sampler.sample(source.output(0), random) / 128;
    note[1] = Math.max(0, source.output(1)[0]);
    note[2] = Math.max(0, source.output(2)[0]);
  };
  const ways = {
    stateful: () => {
      stepper.step([], note);
      draw(stepper);
    },
    window: () => {
      runner.run([], window);
      draw(runner);
      window.copyWithin(0, width);
      window.set(note, window.length - width);
    },
  };
  return { name: kernels.name, check, run: ways[task as 'stateful' | 'window'] };
}

/** As in protocol.mjs, which reads its numbers when it is loaded. */
async function measure(run: () => unknown, seconds: number, samples: number): Promise<Measured> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let each = 1; times.length < samples || performance.now() < end;) {
    const begin = performance.now();
    for (let count = 0; count < each; count++) {
      const pending = run();
      if (pending instanceof Promise) await pending;
    }
    const ms = performance.now() - begin;
    if (ms < 0.1 && performance.now() < end) each *= 2;
    else times.push(ms / each);
  }
  times.sort((a, b) => a - b);
  const kept = Math.min(times.length, 101);
  const marks = Array.from({ length: kept }, (_, k) => times[Math.round((k * (times.length - 1)) / Math.max(1, kept - 1))]); // prettier-ignore
  return { ms: times[times.length >> 1], marks };
}

const send = (message: object): unknown => process.stdout.write(`${JSON.stringify(message)}\n`);
const { shape, lossSteps } = shapeOfTask(task);
await findWideVerdict();
const isTraining = task === 'train' || task === 'large';
const workload = createWorkload(isTraining ? shape : { ...shape, batchSize: 1 });
const { name, check, run } = isTraining ? await training(workload, lossSteps) : generation(workload);
send({ ready: true, name: `Etude, ${name}`, version: process.version, check });
for await (const line of createInterface({ input: process.stdin })) {
  const { seconds, samples } = JSON.parse(line) as { seconds: number; samples: number };
  send(await measure(run, seconds, samples));
}
process.exit(0);
