import type { ModelToExport } from '../../src/interop/index.ts';
import type { Batch } from '../../src/nn/batch.ts';
import { randomBatch } from '../../src/nn/gradient-check.ts';
import { CELLS, cellOf, Network, ParameterSet, Stepper, type ModelSpec } from '../../src/nn/index.ts';
import { createKernels, HeapArena, Random, ReferenceKernels } from '../../src/tensor/index.ts';

/** What a model gives: all outputs of each head, and every state after the last step by its name, `lstm.0.h`. */
export interface Answered {
  heads: Float32Array[];
  states: Record<string, Float32Array>;
}

/** A model with random weights, biases and peepholes too. */
export function randomModel(spec: ModelSpec, seed = 1): ModelToExport {
  const parameters = new ParameterSet(new HeapArena(), spec);
  const random = Random.stream(seed, 'init');
  for (const [, { data }] of parameters.entries()) data.forEach((_, at) => (data[at] = 0.4 * random.normal()));
  return { spec, parameters: parameters.toArrays(), extra: {} };
}

/** A random batch in which every step has targets: what heads read of each other. */
export function batchFor(spec: ModelSpec, size: number, steps: number, seed = 1): Batch {
  return randomBatch({ ...spec, lossOn: 'all' }, size, steps, Random.stream(seed, 'batch'));
}

/** The rows of a batch of one sequence from one step up to, not including, another. */
export function partOf({ categories, features, targets, steps }: Batch, from: number, to: number): Batch {
  const cut = (values: ArrayLike<number>): number[] => {
    const width = values.length / steps;
    return Array.from(values).slice(from * width, to * width);
  };
  return {
    size: 1,
    steps: to - from,
    categories: categories.map(cut),
    features: cut(features),
    ...(targets && { targets: Object.fromEntries(Object.entries(targets).map(([name, each]) => [name, cut(each)])) }),
  };
}

/** What our network says of a batch from zero states, in double precision. */
export function runNetwork(model: ModelToExport, batch: Batch): Answered {
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const { spec } = model;
  const parameters = new ParameterSet(kernels.arena, spec);
  parameters.fromArrays(model.parameters);
  const { size: batchSize, steps } = batch;
  const lossOn = spec.lstm.bidirectional ? spec.lossOn : 'all';
  const network = new Network(kernels, spec, { batchSize, steps }, parameters, { lossOn });
  network.load(batch);
  network.forward();
  const states: Answered['states'] = {};
  // From the states of a model in both directions nothing goes on.
  const layers = spec.lstm.bidirectional ? [] : network.layers;
  layers.forEach((layer, k) => {
    layer.states.forEach((state, s) => {
      states[`${CELLS[cellOf(spec)].prefix}.${k}.${'hc'[s]}`] = Float32Array.from(state.row(steps).data);
    });
  });
  return { heads: network.heads.map(({ out }) => Float32Array.from(out.data)), states };
}

/** What our stepper says of a batch of one sequence, step by step, told what the heads read. */
export function runStepper({ spec, parameters }: ModelToExport, batch: Batch): Float32Array[] {
  const { steps, targets = {} } = batch;
  const stepper = new Stepper(spec, parameters, createKernels('reference'));
  const said = spec.heads.map((): number[] => []);
  for (let t = 0; t < steps; t++) {
    const { categories, features } = partOf(batch, t, t + 1);
    stepper.step(categories.map((column) => column[0]), features); // prettier-ignore
    spec.heads.forEach(({ name, kind }, k) => {
      said[k].push(...stepper.output(k));
      if (kind === 'categorical') stepper.choose(k, targets[name][t]);
    });
  }
  return said.map((numbers) => Float32Array.from(numbers));
}

/** The largest difference of two lists of numbers, relative to numbers that are larger than 1; Infinity where there are more of the one. */
export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let worst = 0;
  for (let k = 0; k < found.length; k++) {
    const difference = Math.abs(found[k] - expected[k]) / Math.max(1, Math.abs(expected[k]));
    if (Number.isNaN(difference)) return Infinity;
    worst = Math.max(worst, difference);
  }
  return worst;
}
