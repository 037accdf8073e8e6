import { describe, expect, it } from 'vitest';

import { LocalEngine } from '../../src/nn/local-engine.ts';
import { Network } from '../../src/nn/network.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import { parameterCount } from '../../src/nn/spec.ts';
import { createKernels } from '../../src/tensor/create-kernels.ts';
import { HeapArena, Random, ReferenceKernels, type Floats, type Kernels } from '../../src/tensor/index.ts';
import {
  GOLDEN_CASES,
  projectionsOf,
  readGolden,
  regenerate,
  wholeOf,
  type Golden,
  type Stored,
} from '../golden/fixtures.ts';
import { relativeError } from '../support/tolerances.ts';

/** Float32 agrees to a hundred-thousandth of the array's largest number; float64 far better, or the formula differs. */
const TOLERANCE = { float32: 1e-5, float64: 1e-12 };

const implementations: [name: string, create: () => Kernels][] = [
  ['reference, float64', () => new ReferenceKernels(new HeapArena('float64'))],
  ['reference, float32', () => new ReferenceKernels(new HeapArena('float32'))],
  ['simd, float32', () => createKernels('simd')],
];

/** How far `values` are from what PyTorch gave, as a part of the largest number there. */
function errorOf(values: Floats, stored: Stored): number {
  if ('float64' in stored) return relativeError(values, wholeOf(stored));
  const { size, largest, norm, projections, stride, samples } = stored;
  if (values.length !== size) return Infinity;
  const sampled = samples.map((_, k) => values[k * stride]);
  const inSamples = Math.max(...sampled.map((value, k) => Math.abs(value - samples[k]))) / largest;
  // Every number counts in each projection; independent errors e give one of about e · √size, so norm is the scale.
  const inProjections = Math.max(...projectionsOf(values).map((sum, k) => Math.abs(sum - projections[k]))) / norm;
  return Math.max(inSamples, inProjections);
}

function worst(tensors: [string, Floats][], stored: Record<string, Stored>): { name: string; error: number } {
  expect(tensors.map(([name]) => name).sort()).toEqual(Object.keys(stored).sort());
  return tensors
    .map(([name, values]) => ({ name, error: errorOf(values, stored[name]) }))
    .reduce((most, each) => (each.error <= most.error ? most : each));
}

/** The model of a case with its weights and batch in place. */
function prepare(golden: Golden, kernels: Kernels) {
  const { parameters: weights, batch } = regenerate(golden);
  const { spec, batchSize, steps } = golden;
  const parameters = new ParameterSet(kernels.arena, spec);
  const gradients = new ParameterSet(kernels.arena, spec);
  parameters.fromArrays(weights);
  const training = { gradients, dropout: Random.stream(1, 'dropout') };
  const network = new Network(kernels, spec, { batchSize, steps }, parameters, { training });
  network.load(batch);
  return { network, gradients, weights, batch };
}

describe.each(implementations)('%s agrees with PyTorch', (_, create) => {
  const tolerance = TOLERANCE[create().arena.precision];

  it.for(GOLDEN_CASES)('on outputs, losses and every gradient: %s', async (name, { annotate }) => {
    const golden = readGolden(name);
    const { network, gradients } = prepare(golden, create());
    network.forward();
    const outputs = worst(network.heads.map(({ spec, out }) => [spec.name, out.data]), golden.outputs); // prettier-ignore
    expect(outputs.error, `outputs of ${outputs.name}`).toBeLessThan(tolerance);
    const losses = network.losses();
    losses.forEach((loss, head) => {
      expect(Math.abs(loss / golden.losses[0][head] - 1), `loss ${head}`).toBeLessThan(tolerance);
    });
    network.backward();
    const gradient = worst([...gradients.entries()].map(([name, { data }]) => [name, data]), golden.gradients); // prettier-ignore
    await annotate(`${name}: outputs ${outputs.error}, gradients ${gradient.error} of the largest number`);
    expect(gradient.error, `gradient of ${gradient.name}`).toBeLessThan(tolerance);
  });

  it.for(GOLDEN_CASES)('on three steps of Adam: %s', async (name, { annotate }) => {
    const golden = readGolden(name);
    const { spec, steps, optimizer } = golden;
    const kernels = create();
    const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
    const engine = new LocalEngine(spec, { kernels, optimizer, steps, ...streams });
    const { parameters, batch } = regenerate(golden);
    await engine.writeParameters(parameters);
    for (const [step, losses] of golden.losses.entries()) {
      const result = await engine.trainStep(batch, optimizer.learningRate);
      expect(relativeError(result.losses, losses), `losses of step ${step}`).toBeLessThan(tolerance);
      expect(Math.abs(result.gradientNorm / golden.gradientNorms[step] - 1)).toBeLessThan(tolerance);
      expect(result.clipped).toBe(optimizer.clipNorm !== null && golden.gradientNorms[step] > optimizer.clipNorm);
    }
    const { name: where, error } = worst(
      [...engine.parameters.entries()].map(([name, { data }]) => [name, data]),
      golden.parameters,
    );
    await annotate(`${name}: weights after three steps ${error} of the largest number`);
    expect(error, `weights of ${where}`).toBeLessThan(tolerance);
  });
});

describe('the golden models', () => {
  it('are the tutorial’s with its 84,354 weights, the same smaller, and one of two layers whose gradient is clipped', () => {
    const [tutorial, small, stacked] = GOLDEN_CASES.map(readGolden);
    expect(parameterCount(tutorial.spec)).toBe(84_354);
    expect({ ...small.spec, lstm: null, heads: null }).toEqual({ ...tutorial.spec, lstm: null, heads: null });
    expect(stacked.spec.lstm.layers).toBe(2);
    const clipped = stacked.gradientNorms.map((norm) => norm > stacked.optimizer.clipNorm!);
    expect(clipped).toEqual([true, false, false]);
  });

  it('would show a single wrong gradient among the summarised ones', () => {
    const golden = readGolden('tutorial');
    const { network, gradients } = prepare(golden, new ReferenceKernels(new HeapArena('float64')));
    network.forward();
    network.losses();
    network.backward();
    const { data } = gradients.get('lstm.0.recurrent_kernel');
    const stored = golden.gradients['lstm.0.recurrent_kernel'] as Exclude<Stored, { float64: string }>;
    expect(stored.size).toBe(128 * 512);
    const at = 3 * stored.stride + 1;
    data[at] += 1e-9 * stored.norm;
    expect(errorOf(data, stored)).toBeGreaterThan(TOLERANCE.float64);
  });
});
