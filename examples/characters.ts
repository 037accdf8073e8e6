/**
 * A character model after Karpathy's char-rnn: learns a text letter by letter and writes on, once as an LSTM and once as a GRU.
 * After 240 training steps on this package's licence the LSTM needs 0.606 nats a letter, the GRU 0.214.
 *
 *     npm run example:characters -- FILE.txt
 */
import { readFileSync } from 'node:fs';
import {
  ADAM_DEFAULTS,
  CategoricalSampler,
  createEngine,
  Stepper,
  Trainer,
  WindowDataset,
  type ModelSpec,
} from 'etude-lstm/nn';
import { Random } from 'etude-lstm/tensor';

const SEED = 1;
const STEPS = 32;
const file = process.argv[2] ?? 'LICENSE';
const text = readFileSync(file, 'utf8').slice(0, 1_000_000);
const letters = [...new Set(text)].sort();
const codes = Int32Array.from(text, (letter) => letters.indexOf(letter));
const sequence = { length: codes.length, categories: [codes], features: [], targets: { letter: codes } };

/** What is trained on the text, side by side. */
const NETWORKS: Readonly<Record<string, ModelSpec['lstm']>> = {
  LSTM: { layers: 1, hiddenSize: 128, dropout: 0 },
  GRU: { layers: 1, hiddenSize: 128, dropout: 0, cell: 'gru' },
};

for (const [name, lstm] of Object.entries(NETWORKS)) {
  const spec: ModelSpec = {
    inputs: { categories: [{ name: 'letter', size: letters.length }], features: [] },
    lstm,
    heads: [{ name: 'letter', kind: 'categorical', size: letters.length, lossWeight: 1 }],
    lossOn: 'all',
  };
  const engine = await createEngine(spec, {
    backend: 'auto',
    threads: 1,
    optimizer: { ...ADAM_DEFAULTS, clipNorm: 5 },
    batchSize: 32,
    steps: STEPS,
    init: Random.stream(SEED, 'init'),
    dropout: Random.stream(SEED, 'dropout'),
  });
  const trainer = new Trainer(
    engine,
    { train: new WindowDataset(spec, [sequence], STEPS) },
    {
      batchSize: 32,
      epochs: 8,
      stepsPerEpoch: 30,
      learningRate: 0.01,
      schedule: { kind: 'cosine', final: 0.01 },
      patience: null,
      seed: SEED,
      validationWindows: 1000,
      checkpointEvery: null,
      maxSteps: null,
    },
    { onEpoch: ({ epoch, loss }) => console.log(`${name}, epoch ${epoch}: ${loss.toFixed(3)} nats a letter`) },
  );
  const { history } = await trainer.run();
  console.log(`\n${write(new Stepper(spec, await engine.readParameters()), 300)}\n`);
  console.log(`${name}: ${history.at(-1)!.loss.toFixed(3)} nats a letter after ${history.at(-1)!.step} steps`);
  await engine.dispose();
}

/** Writes on from the first letter of the text. */
function write(stepper: Stepper, count: number): string {
  const sampler = new CategoricalSampler(letters.length, { temperature: 0.5, topK: 0, topP: 1 });
  const random = Random.stream(SEED, 'sample');
  let code = codes[0];
  let written = letters[code];
  for (let n = 0; n < count; n++) {
    stepper.step([code], []);
    code = sampler.sample(stepper.output(0), random);
    written += letters[code];
  }
  return written;
}
