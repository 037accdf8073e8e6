/**
 * Learns to continue a sine wave: one number in, one number out. The same engine, dataset and trainer that learn music.
 *
 *     npm run example:sine
 */
import {
  ADAM_DEFAULTS,
  createEngine,
  Stepper,
  Trainer,
  WindowDataset,
  type ModelSpec,
  type Sequence,
} from 'etude-lstm/nn';
import { createKernels, Random } from 'etude-lstm/tensor';

const SEED = 1;
const STEPS = 20;

const spec: ModelSpec = {
  inputs: { categories: [], features: ['value'] },
  lstm: { layers: 1, hiddenSize: 16, dropout: 0 },
  heads: [{ name: 'value', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
  lossOn: 'all',
};

/** `length` samples of a sine with a period of 25 samples. */
function sine(length: number, phase: number): Sequence {
  const values = Float32Array.from({ length }, (_, t) => Math.sin((2 * Math.PI * (t + phase)) / 25));
  return { length, categories: [], features: values, targets: { value: values } };
}

const train = new WindowDataset(spec, [0, 5, 10, 15].map((phase) => sine(200, phase)), STEPS); // prettier-ignore
const validation = new WindowDataset(spec, [sine(100, 2.5)], STEPS);
const engine = await createEngine(spec, {
  backend: 'auto',
  threads: 1,
  optimizer: { ...ADAM_DEFAULTS, clipNorm: 1 },
  batchSize: 32,
  steps: STEPS,
  init: Random.stream(SEED, 'init'),
  dropout: Random.stream(SEED, 'dropout'),
});
const trainer = new Trainer(
  engine,
  { train, validation },
  {
    batchSize: 32,
    epochs: 20,
    stepsPerEpoch: null,
    learningRate: 0.01,
    schedule: { kind: 'cosine', final: 0.01 },
    patience: null,
    seed: SEED,
    validationWindows: 1000,
    checkpointEvery: null,
    maxSteps: null,
  },
  {
    onEpoch: ({ epoch, validation: seen }) =>
      console.log(`epoch ${epoch}: validation error ${seen!.loss.toExponential(2)}`),
  },
);
const { best } = await trainer.run();

// Let it run on its own output for two periods.
const stepper = new Stepper(spec, await engine.readParameters(), createKernels());
for (let t = 0; t < 25; t++) stepper.step([], [Math.sin((2 * Math.PI * t) / 25)]);
let worst = 0;
for (let t = 25; t < 75; t++) {
  const value = stepper.output(0)[0];
  worst = Math.max(worst, Math.abs(value - Math.sin((2 * Math.PI * t) / 25)));
  stepper.step([], [value]);
}
console.log(
  `best validation error ${best!.loss.toExponential(2)}; off by at most ${worst.toFixed(3)} over 50 free steps`,
);
await engine.dispose();
