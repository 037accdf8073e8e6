import { HeapArena, Random, ReferenceKernels, type Floats, type Kernels, type Tensor } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import { weightedLoss } from './engine.ts';
import type { OwnLosses } from './losses/loss-of.ts';
import { Network } from './network.ts';
import { ParameterSet, type NamedArrays } from './parameters.ts';
import { headSize, parameterSpecs, targetWidth, type ModelSpec } from './spec.ts';
import { initialise } from './initialise.ts';

/** How far the gradient of one parameter is from numeric differences. */
export interface GradientCheckRow {
  /** The parameter, for instance `lstm.0.recurrent_kernel`. */
  name: string;
  /** How many of its numbers were compared. */
  checked: number;
  /** The largest relative error among them. */
  error: number;
  /** Where it stands in the parameter, and the two values. */
  at: number;
  analytic: number;
  numeric: number;
}

/** What and how thoroughly to check. */
export interface GradientCheckOptions {
  batchSize: number;
  steps: number;
  seed: number;
  /** How many numbers of each parameter are compared at most, drawn at random. */
  samples: number;
  /** Multiplies the starting weights, so that gates saturate; 1 unless given. */
  weightScale?: number;
  /** The weights to check at; random ones unless given. */
  parameters?: NamedArrays;
  /** A batch of `batchSize` and `steps` to check on; a random one unless given. */
  batch?: Batch;
  /** Begins with a state drawn at random, as one that is carried, instead of zeros. */
  fromState?: boolean;
  /** Kernels in float64; the reference unless given. A test plants errors here. */
  kernels?: Kernels;
  /** Losses of one's own that heads name. */
  losses?: OwnLosses;
  /** Told after each number that was compared, with the name of its parameter. */
  onCompared?(name: string): void;
}

/** The steps of the stencil, tried until one agrees; a wrong gradient agrees with none of them. */
const STEPS = [1e-3, 1e-4, 1e-5];

/**
 * Smaller steps, whose differences are noisy, for the weights that need them: the positive pressure has a kink at p = 0, and
 * where a prediction crosses it within the stencil the difference is wrong however right the gradient is.
 */
const STEPS_BESIDE_A_KINK = [1e-6, 1e-7];

/** The relative error at which a step counts as agreeing. */
const AGREEMENT = 1e-7;

/**
 * Compares the gradients of a whole model, float64, with numeric differences: at random weights on a random batch, or at
 * those that are given.
 *
 * The stencil is (8 (L(w+h) - L(w-h)) - (L(w+2h) - L(w-2h))) / 12h, whose error falls with h⁴, so that a relative error of
 * 1e-6 is within reach in float64. The error is |analytic - numeric| / max(|analytic|, |numeric|, floor): below the floor,
 * a hundred-thousandth of the model's largest gradient and at least a millionth, differences are rounding.
 */
export function checkGradients(spec: ModelSpec, options: GradientCheckOptions): GradientCheckRow[] {
  const kernels = options.kernels ?? new ReferenceKernels(new HeapArena('float64'));
  const model = checkedModel(kernels, spec, options);
  const analytic = [...model.gradients.entries()].map(([name, { data }]) => ({
    name,
    values: Float64Array.from(data),
  }));
  const largest = analytic.reduce((most, { values }) => values.reduce((a, b) => Math.max(a, Math.abs(b)), most), 0);
  const floor = Math.max(largest * 1e-5, 1e-6);
  const choose = Random.stream(options.seed, 'gradient-check');
  return analytic.map(({ name, values }) => {
    const weights = model.parameters.get(name).data;
    const row: GradientCheckRow = { name, checked: 0, error: 0, at: 0, analytic: values[0], numeric: values[0] };
    for (const at of sampleIndices(values.length, options.samples, choose, model.rowsUsed(name))) {
      const { numeric, error } = compare(model, weights, at, values[at], floor);
      row.checked++;
      options.onCompared?.(name);
      // Written so that NaN, which compares with nothing, counts as the worst error.
      if (!(error <= row.error)) Object.assign(row, { error, at, analytic: values[at], numeric });
    }
    return row;
  });
}

/** The difference nearest to `analytic` among those of all steps. */
function compare(model: CheckedModel, weights: Floats, at: number, analytic: number, floor: number) {
  let best = { numeric: NaN, error: Infinity };
  const tryStep = (step: number): boolean => {
    const numeric = numericGradient(model.loss, weights, at, step);
    const error = Math.abs(analytic - numeric) / Math.max(Math.abs(analytic), Math.abs(numeric), floor);
    if (error < best.error) best = { numeric, error };
    return best.error <= AGREEMENT;
  };
  if (!STEPS.some(tryStep) && besideKink(model, weights, at)) STEPS_BESIDE_A_KINK.some(tryStep);
  return best;
}

/** Whether a prediction under positive pressure, or what enters a relu, changes its sign within the smallest stencil. */
function besideKink({ loss, kinked }: CheckedModel, weights: Floats, at: number): boolean {
  const kept = weights[at];
  const reach = 2 * STEPS[STEPS.length - 1];
  const [above, below] = [kept + reach, kept - reach].map((weight) => {
    weights[at] = weight;
    loss();
    return kinked.map(({ data }) => data.map((p: number) => Math.sign(p)).join('')).join();
  });
  weights[at] = kept;
  return above !== below;
}

/** The derivative of `loss` in `weights[at]` by the four-point stencil. Leaves the weight as it was. */
export function numericGradient(loss: () => number, weights: Floats, at: number, h = STEPS[0]): number {
  const kept = weights[at];
  const lossAt = (offset: number): number => {
    weights[at] = kept + offset;
    return loss();
  };
  const near = lossAt(h) - lossAt(-h);
  const far = lossAt(2 * h) - lossAt(-2 * h);
  weights[at] = kept;
  return (8 * near - far) / (12 * h);
}

/** A model with its weights and a batch loaded, its gradients computed. */
interface CheckedModel {
  parameters: ParameterSet;
  gradients: ParameterSet;
  /** Of a table that is looked up the rows that the batch has; nothing for other parameters. */
  rowsUsed: (name: string) => TableRows | undefined;
  /** Runs forward with the same dropout each time. */
  loss: () => number;
  /** What has a kink at 0, as `loss` left it: predictions under positive pressure, and the outputs of relu layers. */
  kinked: Tensor[];
}

function checkedModel(kernels: Kernels, spec: ModelSpec, options: GradientCheckOptions): CheckedModel {
  const { batchSize, steps, seed } = options;
  const parameters = new ParameterSet(kernels.arena, spec);
  const gradients = new ParameterSet(kernels.arena, spec);
  if (options.parameters) parameters.fromArrays(options.parameters);
  else drawWeights(kernels, parameters, options);
  const dropout = Random.stream(seed, 'dropout');
  const network = new Network(kernels, spec, { batchSize, steps }, parameters, {
    training: { gradients, dropout },
    losses: options.losses,
  });
  const batch = options.batch ?? randomBatch(spec, batchSize, steps, Random.stream(seed, 'batch'));
  network.load(batch);
  if (options.fromState) drawState(network, Random.stream(seed, 'state'));
  const mask = dropout.state();
  const loss = (): number => {
    dropout.restore(mask);
    network.forward();
    return weightedLoss(spec, network.losses());
  };
  loss();
  network.backward();
  const kinked = network.heads.flatMap(({ spec, out, reluOutput }) => [
    ...(spec.kind === 'scalar' && spec.positivePressure > 0 ? [out] : []),
    ...(reluOutput ? [reluOutput] : []),
  ]);
  const rowsUsed = (name: string): TableRows | undefined => tableRows(spec, batch, name);
  return { parameters, gradients, rowsUsed, loss, kinked };
}

function drawState(network: Network, random: Random): void {
  for (const { states } of network.layers) {
    for (const state of states) {
      const { data } = state.row(0);
      for (let j = 0; j < data.length; j++) data[j] = random.normal();
    }
  }
  network.keepState();
}

/** Rows of a table, and how wide they are. */
interface TableRows {
  rows: readonly number[];
  width: number;
}

function tableRows(spec: ModelSpec, batch: Batch, name: string): TableRows | undefined {
  const [, embedded] = /^embeddings\.(.*)$/.exec(name) ?? [];
  const [, read] = /\.from\.([^.]*)$/.exec(name) ?? [];
  const classes =
    embedded === undefined
      ? batch.targets?.[read ?? '']
      : batch.categories[spec.inputs.categories.findIndex((input) => input.name === embedded)];
  const shape = parameterSpecs(spec).find((parameter) => parameter.name === name)?.shape;
  return classes && shape ? { rows: [...new Set(Array.from(classes))], width: shape[1] } : undefined;
}

function drawWeights(
  kernels: Kernels,
  parameters: ParameterSet,
  { seed, weightScale = 1 }: GradientCheckOptions,
): void {
  initialise(parameters, Random.stream(seed, 'init'));
  kernels.scale(parameters.flat, weightScale);
  shakeBiases(parameters, Random.stream(seed, 'bias'));
}

/**
 * Moves the biases off the values with which training starts: at 0 a unit whose inputs are all dropped predicts exactly 0,
 * where the positive pressure has no derivative, and biases that are all alike would hide that two had been mixed up.
 */
function shakeBiases(parameters: ParameterSet, random: Random): void {
  for (const [name, { data }] of parameters.entries()) {
    if (name.endsWith('.bias')) for (let j = 0; j < data.length; j++) data[j] += 0.3 * random.normal();
  }
}

/** A batch of noise that fits `spec`: uniform classes, features and numbers in [-1, 1). */
export function randomBatch(spec: ModelSpec, size: number, steps: number, random: Random): Batch {
  const rows = size * steps;
  const targetRows = spec.lossOn === 'last' ? size : rows;
  const number = (): number => 2 * random.uniform() - 1;
  return {
    size,
    steps,
    categories: spec.inputs.categories.map((c) => Int32Array.from({ length: rows }, () => random.integer(c.size))),
    features: Float32Array.from({ length: rows * spec.inputs.features.length }, number),
    targets: Object.fromEntries(
      spec.heads.map((head) => [
        head.name,
        head.kind === 'categorical'
          ? Int32Array.from({ length: targetRows }, () => random.integer(headSize(head)))
          : Float32Array.from({ length: targetRows * targetWidth(head) }, number),
      ]),
    ),
  };
}

/**
 * Numbers of a parameter, drawn at random. Of a table a batch looks up some rows and all others have no gradient: half of what
 * is drawn is of those rows.
 */
function sampleIndices(length: number, count: number, random: Random, table?: TableRows): number[] {
  const all = random.shuffle(Array.from({ length }, (_, index) => index));
  if (!table || count >= length) return all.slice(0, count);
  const { rows, width } = table;
  const used = random.shuffle(rows.flatMap((row) => Array.from({ length: width }, (_, k) => row * width + k)));
  return [...new Set([...used.slice(0, Math.ceil(count / 2)), ...all])].slice(0, count);
}
