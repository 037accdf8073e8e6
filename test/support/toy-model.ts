import {
  ADAM_DEFAULTS,
  createEngine,
  WindowDataset,
  type Engine,
  type ModelSpec,
  type OptimizerSpec,
  type Sequence,
  type TrainingConfig,
  type Vary,
} from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';

/** A small model with every kind of input and head, dropout included. */
export const TOY_SPEC: ModelSpec = {
  inputs: { categories: [{ name: 'note', size: 5 }], features: ['gap'] },
  lstm: { layers: 2, hiddenSize: 7, dropout: 0.2 },
  heads: [
    { name: 'note', kind: 'categorical', size: 5, lossWeight: 1 },
    { name: 'gap', kind: 'scalar', lossWeight: 0.5, positivePressure: 10 },
  ],
  lossOn: 'all',
};

/** A melody that can be learned: the notes go round, and each has a gap of its own. */
export function toySequence(length: number, shift = 0): Sequence {
  const note = Int32Array.from({ length }, (_, t) => [0, 2, 4, 1, 3, 3][(t + shift) % 6]);
  const gap = Float32Array.from(note, (n) => 0.1 * (n + 1));
  return { length, categories: [note], features: gap, targets: { note, gap } };
}

/** A small model whose inputs are embedded, and whose second head reads the first and has a relu layer as it has. */
export const CHAINED_SPEC: ModelSpec = {
  inputs: {
    categories: [
      { name: 'note', size: 5, width: 4 },
      { name: 'gap', size: 5, width: 4 },
    ],
    features: [],
  },
  lstm: { layers: 1, hiddenSize: 6, dropout: 0 },
  heads: [
    { name: 'gap', kind: 'categorical', size: 5, lossWeight: 1, hidden: 4 },
    { name: 'note', kind: 'categorical', size: 5, lossWeight: 1, hidden: 4, reads: ['gap'] },
  ],
  lossOn: 'all',
};

/** The toy melody with a class for each gap. */
export function chainedSequence(length: number): Sequence {
  const [note, gap] = [0, 2].map((shift) => Int32Array.from(toySequence(length, shift).targets.note));
  return { length, categories: [note, gap], features: new Float32Array(0), targets: { note, gap } };
}

export const TOY_STEPS = 6;

/** Other forms of the toy sequences: each note moved on by the same random number of classes, all gaps by one factor. */
export const varyToy: Vary = (index, from, count, random) => {
  const { features } = [toySequence(30), toySequence(25, 2), toySequence(4)][index];
  const [shift, factor] = [random.integer(5), 1 + random.uniform()];
  const gap = Float32Array.from({ length: count }, (_, t) => features[from + t] * factor);
  const note = Int32Array.from({ length: count }, (_, t) => (Math.round(10 * features[from + t] - 1) + shift) % 5);
  return { length: count, categories: [note], features: gap, targets: { note, gap } };
};

export function toyData(spec: ModelSpec = TOY_SPEC, vary?: Vary) {
  return {
    train: new WindowDataset(spec, [toySequence(30), toySequence(25, 2), toySequence(4)], TOY_STEPS, vary),
    validation: new WindowDataset(spec, [toySequence(20, 3)], TOY_STEPS),
  };
}

export const TOY_CONFIG: TrainingConfig = {
  batchSize: 8,
  epochs: 4,
  stepsPerEpoch: null,
  learningRate: 0.01,
  schedule: { kind: 'constant' },
  patience: null,
  seed: 7,
  validationWindows: 100,
  checkpointEvery: null,
  maxSteps: null,
};

export function toyEngine(
  spec: ModelSpec = TOY_SPEC,
  backend = 'reference',
  threads: number | 'auto' = 1,
  seed = 7,
  optimizer: OptimizerSpec = { ...ADAM_DEFAULTS, clipNorm: 1 },
): Promise<Engine> {
  return createEngine(spec, {
    backend,
    threads,
    optimizer,
    batchSize: TOY_CONFIG.batchSize,
    steps: TOY_STEPS,
    init: Random.stream(seed, 'init'),
    dropout: Random.stream(seed, 'dropout'),
  });
}
