import { UsageError } from '../../errors.ts';

/** How gradients are clipped before an optimizer sees them: by value first, then by norm. */
export interface Clipping {
  /** The norm to which the gradient of all parameters, as one vector, is shortened; null: not at all. */
  clipNorm: number | null;
  /** The magnitude to which every number of the gradient is cut; null, or not given: not at all. */
  clipValue?: number | null;
}

/** What all optimizers have in common. */
export interface CommonSpec extends Clipping {
  /**
   * Parameters that training leaves as they are, by name or by what names begin with: `embeddings`, `lstm.0`,
   * `heads.pitch.bias`. They count nothing in the norm that gradients are clipped by. None unless given.
   */
  freeze?: readonly string[];
}

/**
 * Adam in the form of TensorFlow and Keras: ε stands beside √v before the bias correction. PyTorch's form is `adamw` with a
 * weight decay of 0.
 */
export interface AdamSpec extends CommonSpec {
  kind: 'adam';
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019) in the form of PyTorch: ε stands beside the corrected √v. */
export interface AdamWSpec extends CommonSpec {
  kind: 'adamw';
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Times the learning rate, the share of each weight that a step takes away; biases do not decay (see `decays`). */
  weightDecay: number;
}

/** Gradient descent: plain, with momentum (Polyak 1964), or with Nesterov's. */
export interface SgdSpec extends CommonSpec {
  kind: 'sgd';
  /** The share of the velocity that each step keeps; with 0 none is kept. */
  momentum: number;
  nesterov: boolean;
}

/** RMSprop (Tieleman and Hinton 2012) in the form of PyTorch: ε stands beside the root. */
export interface RmspropSpec extends CommonSpec {
  kind: 'rmsprop';
  /** The share of the mean square that each step keeps; PyTorch's `alpha`. */
  decay: number;
  epsilon: number;
}

/** What turns gradients into steps. */
export type OptimizerSpec = AdamSpec | AdamWSpec | SgdSpec | RmspropSpec;
/** The name of an optimizer. */
export type OptimizerKind = OptimizerSpec['kind'];

/** Keras's defaults. */
export const ADAM_DEFAULTS: AdamSpec = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: null };

/** The defaults of each optimizer: Keras's for Adam, PyTorch's for the others. */
export const OPTIMIZER_DEFAULTS: { readonly [K in OptimizerKind]: Extract<OptimizerSpec, { kind: K }> } = {
  adam: ADAM_DEFAULTS,
  adamw: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: null },
  sgd: { kind: 'sgd', momentum: 0, nesterov: false, clipNorm: null },
  rmsprop: { kind: 'rmsprop', decay: 0.99, epsilon: 1e-8, clipNorm: null },
};

/** The names of the optimizers. */
export const OPTIMIZER_KINDS = Object.keys(OPTIMIZER_DEFAULTS) as readonly OptimizerKind[];

/** What each number of an optimizer may be: whether it holds, and in words. */
const RULES: Readonly<Record<string, [fits: (value: number) => boolean, expected: string]>> = {
  beta1: [isShare, 'a number from 0 up to, not including, 1'],
  beta2: [isShare, 'a number from 0 up to, not including, 1'],
  decay: [isShare, 'a number from 0 up to, not including, 1'],
  momentum: [isShare, 'a number from 0 up to, not including, 1'],
  // Less is 0 in float32, and a weight without a gradient would become 0 / 0.
  epsilon: [(value) => value >= 1e-30 && value < Infinity, 'a number of at least 1e-30'],
  weightDecay: [(value) => value >= 0 && value < Infinity, 'a number of at least 0'],
};

/** @throws UsageError that names the first thing that is wrong */
export function validateOptimizer(spec: OptimizerSpec): void {
  if (!OPTIMIZER_KINDS.includes(spec.kind)) {
    const known = OPTIMIZER_KINDS.map((kind) => JSON.stringify(kind)).join(', ');
    throw new UsageError(`optimizer.kind: expected one of ${known}, got ${JSON.stringify(spec.kind) ?? 'nothing'}.`);
  }
  const numbers = spec as unknown as Record<string, unknown>;
  for (const [key, [fits, expected]] of Object.entries(RULES)) {
    if (!(key in OPTIMIZER_DEFAULTS[spec.kind])) continue;
    if (typeof numbers[key] !== 'number' || !fits(numbers[key])) refuse(key, expected, numbers[key]);
  }
  for (const key of ['clipNorm', 'clipValue'] as const) {
    const limit = spec[key] ?? null;
    if (limit !== null && !(limit > 0)) refuse(key, 'a number above 0, or null', limit);
  }
  if (spec.kind === 'sgd' && spec.nesterov && spec.momentum === 0) {
    throw new UsageError('optimizer.nesterov: it needs a momentum above 0, such as 0.9.');
  }
}

function isShare(value: number): boolean {
  return value >= 0 && value < 1;
}

function refuse(key: string, expected: string, value: unknown): never {
  throw new UsageError(`optimizer.${key}: expected ${expected}, got ${String(value)}.`);
}
