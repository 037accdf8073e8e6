/**
 * Trains a small LSTM to remember a bit, and looks inside: which units remember, how far back the gradient reaches, which
 * past step a prediction rests on, and what the network is worth without each unit.
 *
 *     npm run example:inside
 */
import {
  ADAM_DEFAULTS,
  createEngine,
  describeParameters,
  evaluateAblations,
  gradientThroughTime,
  integratedGradients,
  recordSequence,
  saliency,
  Trainer,
  WindowDataset,
  type Ablation,
  type ModelSpec,
  type Sequence,
} from 'etude-lstm/nn';
import { Random } from 'etude-lstm/tensor';

const SEED = 3;
const STEPS = 24;

/** At most steps `nothing` comes in; now and then 0 or 1, which is to be remembered until the next. */
const spec: ModelSpec = {
  inputs: { categories: [{ name: 'symbol', size: 3 }], features: ['noise'] },
  lstm: { layers: 1, hiddenSize: 12, dropout: 0 },
  heads: [{ name: 'bit', kind: 'categorical', size: 2, lossWeight: 1 }],
  lossOn: 'all',
};
const NOTHING = 2;

function bits(length: number, random: Random): Sequence {
  const symbol = Int32Array.from({ length }, (_, t) =>
    t === 0 || random.uniform() < 0.08 ? random.integer(2) : NOTHING,
  );
  const noise = Float32Array.from({ length }, () => 2 * random.uniform() - 1);
  const bit = new Int32Array(length);
  // What should be said after step t stands at t + 1: the last bit up to t.
  for (let t = 1; t < length; t++) bit[t] = symbol[t - 1] === NOTHING ? bit[t - 1] : symbol[t - 1];
  return { length, categories: [symbol], features: noise, targets: { bit } };
}

const random = Random.stream(SEED, 'split');
const train = new WindowDataset(spec, Array.from({ length: 8 }, () => bits(400, random)), STEPS); // prettier-ignore
const validation = new WindowDataset(spec, [bits(400, random)], STEPS);
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
    epochs: 8,
    stepsPerEpoch: null,
    learningRate: 0.02,
    schedule: { kind: 'cosine', final: 0.05 },
    patience: null,
    seed: SEED,
    validationWindows: 1000,
    checkpointEvery: null,
    maxSteps: null,
  },
);
const { best } = await trainer.run();
console.log(`validation loss ${best!.loss.toFixed(4)} nats; not knowing the bit would cost ${Math.log(2).toFixed(4)}`);
const parameters = await engine.readParameters();

// One sequence: the bit 1 at step 0, then nothing for 20 steps, as in training.
const length = 21;
const symbol = new Int32Array(length).fill(NOTHING);
symbol[0] = 1;
const song: Sequence = {
  length,
  categories: [symbol],
  features: Float32Array.from({ length }, () => 2 * random.uniform() - 1),
  targets: { bit: Int32Array.from({ length }, (_, t) => (t > 0 ? 1 : 0)) },
};
const recording = recordSequence(spec, parameters, song);
const [{ gates, c = [], size }] = recording.layers;
const [{ nextProbability }] = recording.heads;
console.log(`the bit's probability after 1, 10 and 20 steps: ${[0, 9, 19].map((t) => nextProbability![t].toFixed(3)).join(', ')}`); // prettier-ignore

// A unit by itself forgets sooner than the network does: units that tell each other what they hold keep it together.
const meanForget = (unit: number) => {
  let sum = 0;
  for (let t = 1; t < length; t++) sum += gates.f[t * size + unit];
  return sum / (length - 1);
};
const units = Array.from({ length: size }, (_, unit) => ({
  unit,
  halfLife: Math.log(0.5) / Math.log(meanForget(unit)),
}));
units.sort((a, b) => b.halfLife - a.halfLife);
for (const { unit, halfLife } of units.slice(0, 3)) {
  console.log(`unit ${unit} forgets half of its cell in ${halfLife.toFixed(1)} steps; its cell after 20: ${c[19 * size + unit].toFixed(2)}`); // prettier-ignore
}

const last = { head: 'bit', step: 19, class: 0 };
const [{ dc = [] }] = gradientThroughTime(spec, parameters, recording, last).layers;
console.log(`the gradient in the cells 1, 10 and 19 steps back, of that at the last: ${[18, 9, 0].map((t) => (dc[t] / dc[19]).toFixed(3)).join(', ')}`); // prettier-ignore

const strongest = (attributions: Float64Array, inputs: number) => {
  const byLag = Array.from({ length: attributions.length / inputs }, (_, lag) =>
    attributions.subarray(lag * inputs, (lag + 1) * inputs).reduce((sum, value) => sum + Math.abs(value), 0),
  );
  return 19 - byLag.indexOf(Math.max(...byLag));
};
const quick = saliency(spec, parameters, recording, last, { window: 20 });
const told = integratedGradients(spec, parameters, recording, last, { window: 20 });
console.log(
  `the prediction after step 19 rests on step ${strongest(quick.attributions, quick.inputs.length)} by gradient x input, ` +
    `on step ${strongest(told.attributions, told.inputs.length)} by integrated gradients ` +
    `(which add up within ${(100 * told.completenessError).toPrecision(1)} %)`,
);

const each = units.map(({ unit }): Ablation[] => [{ layer: 0, part: 'h', units: [unit] }]);
const { intact, ablated } = evaluateAblations(spec, parameters, validation, each, { atMost: 256 });
const costs = ablated.map(([loss], k) => ({ unit: units[k].unit, cost: loss - intact[0] }));
costs.sort((a, b) => b.cost - a.cost);
console.log(`without unit ${costs[0].unit} the loss rises by ${costs[0].cost.toFixed(3)} nats, without unit ${costs.at(-1)!.unit} by ${costs.at(-1)!.cost.toFixed(3)}`); // prettier-ignore

for (const { name, weights } of describeParameters(parameters)) {
  console.log(`${name.padEnd(24)} norm ${weights.norm.toFixed(2).padStart(6)}  from ${weights.minimum.toFixed(2)} to ${weights.maximum.toFixed(2)}`); // prettier-ignore
}
await engine.dispose();
