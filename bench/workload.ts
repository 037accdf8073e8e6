import { ADAM_DEFAULTS, type AdamSpec, type Batch, type ModelSpec, type NamedArrays } from '../src/nn/index.ts';

/** The numbers that say how much work a training step is. */
export interface WorkloadShape {
  batchSize: number;
  seqLength: number;
  hiddenSize: number;
  layers: number;
}

/** TensorFlow's tutorial: what all frameworks are compared at. */
export const REFERENCE: WorkloadShape = { batchSize: 64, seqLength: 25, hiddenSize: 128, layers: 1 };
/** Large enough that the matrix products are all that counts. */
export const LARGE: WorkloadShape = { batchSize: 64, seqLength: 100, hiddenSize: 512, layers: 2 };

export const LEARNING_RATE = 0.005;

/**
 * The losses of the reference workload at these steps, on which PyTorch, C, TensorFlow.js, jax-js and plain loops agree to
 * LOSS_TOLERANCE, with weights and batch as `createWorkload` draws them and Adam as `TorchAdam` has it.
 */
export const REFERENCE_LOSSES: readonly (readonly [step: number, loss: number])[] = [
  [1, 1.215282],
  [2, 0.724768],
  [5, 0.406519],
  [20, 0.382809],
];
export const LOSS_TOLERANCE = 2e-6;
/** The same for gpu.js: drivers have their own exp and tanh, and several steps of a plan share the ε of the first. */
export const GPU_LOSS_TOLERANCE = 1e-4;

/** Pitch, step and duration in; the numbers of the classes of the pitch head. */
const FEATURES = 3;
const PITCHES = 128;

/** A model with weights, and a batch to train it on. */
export interface Workload {
  shape: WorkloadShape;
  spec: ModelSpec;
  parameters: NamedArrays;
  batch: Batch;
}

/**
 * The model and the batch of a shape, all numbers drawn from one stream of mulberry32 in this order: of each layer kernel
 * and recurrent kernel, of each head its kernel, the inputs sequence by sequence, the targets.
 */
export function createWorkload(shape: WorkloadShape): Workload {
  const { batchSize: B, seqLength: T, hiddenSize: H, layers } = shape;
  const random = mulberry32(1234);
  const draw = (length: number, value: (index: number) => number) =>
    Float32Array.from({ length }, (_, index) => value(index));
  const size = 1 / Math.sqrt(H);
  const weights = (length: number) => draw(length, () => (2 * random() - 1) * size);
  const pitch = (): number => 38 + Math.floor(random() * 52);

  const parameters: NamedArrays = {};
  for (let layer = 0; layer < layers; layer++) {
    parameters[`lstm.${layer}.kernel`] = weights((layer === 0 ? FEATURES : H) * 4 * H);
    parameters[`lstm.${layer}.recurrent_kernel`] = weights(H * 4 * H);
    parameters[`lstm.${layer}.bias`] = draw(4 * H, (column) => (column >= H && column < 2 * H ? 1 : 0));
  }
  const spec = workloadSpec(shape);
  for (const head of spec.heads) {
    const outputs = head.kind === 'categorical' ? head.size : 1;
    parameters[`heads.${head.name}.kernel`] = weights(H * outputs);
    parameters[`heads.${head.name}.bias`] = new Float32Array(outputs);
  }
  const drawn = draw(B * T * FEATURES, (at) => (at % FEATURES === 0 ? pitch() / 128 : random()));
  // The engine wants them step by step.
  const features = draw(drawn.length, (at) => {
    const [t, b, f] = [Math.floor(at / (B * FEATURES)), Math.floor(at / FEATURES) % B, at % FEATURES];
    return drawn[(b * T + t) * FEATURES + f];
  });
  const targets = { pitch: draw(B, pitch), step: draw(B, random), duration: draw(B, random) };
  return { shape, spec, parameters, batch: { size: B, steps: T, categories: [], features, targets } };
}

/** The tutorial's heads and loss on a stack of LSTM layers. */
export function workloadSpec({ hiddenSize, layers }: WorkloadShape): ModelSpec {
  return {
    inputs: { categories: [], features: ['pitch', 'step', 'duration'] },
    lstm: { layers, hiddenSize, dropout: 0 },
    heads: [
      { name: 'pitch', kind: 'categorical', size: PITCHES, lossWeight: 0.05 },
      { name: 'step', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
      { name: 'duration', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
    ],
    lossOn: 'last',
  };
}

/**
 * The multiplications and additions in the matrix products of a training step: the recurrent product of every step, forward
 * and back, and its weight gradient; the same of the input (whose own gradient only the layers above the first need) and of
 * the heads, which see the last step. Bias, cell, losses and Adam, some 5 % more at the reference workload, do not count.
 */
export function flopsPerStep({ batchSize, seqLength, hiddenSize: H, layers }: WorkloadShape): number {
  const rows = batchSize * seqLength;
  const product = (m: number, k: number, n: number): number => 2 * m * k * n;
  let flops = 3 * product(batchSize, H, PITCHES + 2);
  for (let layer = 0; layer < layers; layer++) {
    flops += 3 * product(rows, H, 4 * H);
    flops += layer === 0 ? 2 * product(rows, FEATURES, 4 * H) : 3 * product(rows, H, 4 * H);
  }
  return flops;
}

/**
 * Adam as PyTorch and TensorFlow.js have it, where ε stands beside the root of v after the bias correction. Keras's form,
 * which is ours, gives the same when its ε is smaller by √(1-β₂ᵗ) at step t: an engine reads ε at every step.
 */
export class TorchAdam implements AdamSpec {
  readonly kind = 'adam';
  readonly beta1 = ADAM_DEFAULTS.beta1;
  readonly beta2 = ADAM_DEFAULTS.beta2;
  readonly clipNorm = null;
  #step = 0;

  /** To be called before each step. */
  nextStep(): void {
    this.#step++;
  }

  get epsilon(): number {
    // Before the first step as at it: it is looked at when an engine is made.
    return ADAM_DEFAULTS.epsilon * Math.sqrt(1 - this.beta2 ** Math.max(1, this.#step));
  }
}

/** Uniform numbers in [0, 1), multiples of 2^-32; the peers were given the same. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
