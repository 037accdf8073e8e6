// brain.js trains a recurrent network of its own (LSTMTimeStep, 3 -> 128 -> 3, squared error, one sequence at a time): not the same
// work. It is there for who asks what the best known JavaScript library takes for as many sequences of as many steps.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import * as work from './protocol.mjs';

const { batchSize: B, seqLength: T, hiddenSize: H, layers: L, inputs: I, learningRate } = work;
/** So many sequences are trained in a run; all of the batch take B / SEQUENCES times as long. */
const SEQUENCES = 4;

try {
  const require = createRequire(import.meta.url);
  const brain = require('brain.js');
  const { version } = JSON.parse(readFileSync(require.resolve('brain.js/package.json'), 'utf8'));
  const features = work.tensor('features');
  const [pitch, step, duration] = ['pitch', 'step', 'duration'].map((name) => work.tensor(`targets.${name}`));
  const sequences = Array.from({ length: SEQUENCES }, (_, b) => [
    ...Array.from({ length: T }, (_, t) => Array.from(features.subarray((t * B + b) * I, (t * B + b + 1) * I))),
    [pitch[b] / 128, step[b], duration[b]],
  ]);
  const network = new brain.recurrent.LSTMTimeStep({ inputSize: I, hiddenLayers: Array(L).fill(H), outputSize: I });
  const options = { iterations: 1, log: false, errorThresh: 1e-9, learningRate };
  const run = () => network.train(sequences, options);
  run();
  await work.serve({ name: 'brain.js', version, check: [] }, run, B / SEQUENCES);
} catch (thrown) {
  work.giveUp(thrown.message);
}
