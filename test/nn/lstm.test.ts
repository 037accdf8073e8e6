import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { LayerInput } from '../../src/nn/cells/cell.ts';
import { LstmLayer } from '../../src/nn/cells/lstm.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import type { ModelSpec } from '../../src/nn/spec.ts';
import { HeapArena, ReferenceKernels, type Tensor } from '../../src/tensor/index.ts';
import { expectGradients } from '../support/differences.ts';
import { mulberry32, noise, seed } from '../support/generators.ts';
import { inputVector, naiveForward, zeroState } from '../support/naive-lstm.ts';
import { expectWithin } from '../support/tolerances.ts';

interface LayerShape {
  T: number;
  B: number;
  H: number;
  /** The sizes of the categories, and how many features. */
  categories: number[];
  F: number;
}

const anyShape: fc.Arbitrary<LayerShape> = fc
  .record({
    T: fc.integer({ min: 1, max: 5 }),
    B: fc.integer({ min: 1, max: 3 }),
    H: fc.integer({ min: 1, max: 5 }),
    categories: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
    F: fc.integer({ min: 0, max: 3 }),
  })
  .filter(({ categories, F }) => categories.length + F > 0);

/** A layer in float64 with random weights, inputs and starting state. */
function randomLayer({ T, B, H, categories, F }: LayerShape, s: number, weightSize = 1) {
  const random = mulberry32(s);
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const spec: ModelSpec = {
    inputs: {
      categories: categories.map((size, k) => ({ name: `c${k}`, size })),
      features: Array.from({ length: F }, (_, f) => `f${f}`),
    },
    lstm: { layers: 1, hiddenSize: H, dropout: 0 },
    heads: [{ name: 'out', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
    lossOn: 'all',
  };
  const parameters = new ParameterSet(kernels.arena, spec);
  const gradients = new ParameterSet(kernels.arena, spec);
  for (const [, { data }] of parameters.entries()) data.set(noise(data.length, random, weightSize));
  const tensor = (shape: number[]): Tensor => {
    const made = kernels.arena.tensor(shape);
    made.data.set(noise(made.size, random));
    return made;
  };
  const input: LayerInput = {
    categories: categories.map((size) => {
      const indices = kernels.arena.indices([T * B]);
      indices.data.forEach((_, at) => (indices.data[at] = Math.floor(random() * size)));
      return { indices, size };
    }),
    dense: F > 0 ? [{ values: tensor([T * B, F]), gradient: kernels.arena.tensor([T * B, F]) }] : [],
  };
  const layer = new LstmLayer(kernels, 0, { batchSize: B, steps: T }, input, parameters, gradients);
  const weightOfH = tensor([T, B, H]);
  const state = { h: tensor([B, H]), c: tensor([B, H]) };
  layer.setState(state.h, state.c);
  /** Σ weightOfH · h, forward run from the state in slot 0. */
  const loss = (): number => {
    layer.forward();
    let sum = 0;
    for (let at = 0; at < weightOfH.size; at++) sum += weightOfH.data[at] * layer.output.data[at];
    return sum;
  };
  /** Backward of that loss. */
  const backward = (): void => {
    loss();
    kernels.copy(layer.dh!, weightOfH);
    layer.backward();
  };
  const batch = {
    size: B,
    steps: T,
    categories: input.categories.map(({ indices }) => indices.data),
    features: input.dense.at(0)?.values.data ?? [],
  };
  return { kernels, spec, parameters, gradients, input, layer, loss, backward, batch, state };
}

describe('an LSTM layer', () => {
  it('computes what the definition says, from any state, for all sequences of the batch', () => {
    fc.assert(
      fc.property(anyShape, seed, fc.constantFrom(1, 10), (shape, s, weightSize) => {
        const { spec, parameters, layer, batch, state } = randomLayer(shape, s, weightSize);
        const { B, H } = shape;
        layer.forward();
        for (let b = 0; b < B; b++) {
          const naive = zeroState(spec);
          naive.h[0] = [...state.h.row(b).data];
          naive.c[0] = [...state.c.row(b).data];
          naiveForward(spec, parameters, batch, b, naive);
          const last = shape.T;
          expectWithin('h', layer.h.row(last).row(b).data, naive.h[0], () => 1e-13 * weightSize);
          expectWithin('c', layer.c.row(last).row(b).data, naive.c[0], () => 1e-13 * weightSize);
        }
        expect([...layer.h.row(0).data], 'the state before the first step stays').toEqual([...state.h.data]);
        expect(layer.output.shape).toEqual([shape.T * B, H]);
        expect([...layer.output.data]).toEqual([...layer.h.slice(1, shape.T + 1).data]);
      }),
    );
  });

  it('gives the same when run again', () => {
    const { layer } = randomLayer({ T: 3, B: 2, H: 4, categories: [3], F: 2 }, 1);
    layer.forward();
    const first = [...layer.h.data];
    layer.forward();
    expect([...layer.h.data]).toEqual(first);
  });

  it('has gradients that agree with differences: weights, features, and the state it starts from', () => {
    fc.assert(
      fc.property(anyShape, seed, fc.constantFrom(1, 6), (shape, s, weightSize) => {
        const { kernels, parameters, gradients, input, layer, loss, backward } = randomLayer(shape, s, weightSize);
        backward();
        // dL/dh of the state before the first step is dL/dz · Whᵀ. (dL/dc there is the kernels' own, and tested with them.)
        const dh0 = kernels.arena.tensor([shape.B, shape.H]);
        kernels.matmulBackwardA(dh0, layer.gates.row(0), parameters.get('lstm.0.recurrent_kernel'));
        const named = ['kernel', 'recurrent_kernel', 'bias'].map((name) => ({
          name,
          input: parameters.get(`lstm.0.${name}`).data,
          analytic: gradients.get(`lstm.0.${name}`).data.slice(),
        }));
        const dense = input.dense.map(({ values, gradient }) => {
          return { name: 'features', input: values.data, analytic: gradient!.data.slice() };
        });
        const state = { name: 'h0', input: layer.h.row(0).data, analytic: dh0.data };
        expectGradients(loss, [...named, ...dense, state]);
      }),
      { numRuns: Math.min(30, fc.readConfigureGlobal().numRuns!) },
    );
  });

  it('adds to gradients and to the gradient of its input, and never overwrites them', () => {
    const { gradients, input, backward } = randomLayer({ T: 4, B: 2, H: 3, categories: [3], F: 2 }, 2);
    backward();
    const once = [...gradients.flat.data, ...input.dense[0].gradient!.data];
    backward();
    const twice = [...gradients.flat.data, ...input.dense[0].gradient!.data];
    expectWithin('gradients', twice, once.map((x) => 2 * x), (at) => 1e-12 * Math.abs(once[at]) + 1e-15); // prettier-ignore
    expect(once.some((x) => x !== 0)).toBe(true);
  });

  it('sees categories as one-hot vectors beside the features', () => {
    const shape = { T: 3, B: 2, H: 4, categories: [3, 2], F: 2 };
    const embedded = randomLayer(shape, 3);
    const explicit = randomLayer({ ...shape, categories: [], F: 7 }, 4);
    for (const [name, { data }] of embedded.parameters.entries()) explicit.parameters.get(name).data.set(data);
    explicit.input.dense[0].values.data.set(
      Array.from({ length: 6 }, (_, row) => inputVector(embedded.spec, embedded.batch, row)).flat(),
    );
    explicit.layer.h.data.set(embedded.layer.h.data);
    explicit.layer.c.data.set(embedded.layer.c.data);
    embedded.layer.forward();
    explicit.layer.forward();
    expectWithin('h', explicit.layer.h.data, embedded.layer.h.data, () => 1e-14);
    for (const { kernels, layer } of [embedded, explicit]) {
      kernels.fill(layer.dh!, 0.5);
      layer.backward();
    }
    for (const [name, { data }] of embedded.gradients.entries()) {
      expectWithin(name, explicit.gradients.get(name).data, data, () => 1e-13);
    }
    const rows = (tensor: Tensor): number[][] =>
      Array.from({ length: 6 }, (_, row) => [
        ...tensor.data.slice((row + 1) * tensor.columns - 2, (row + 1) * tensor.columns),
      ]);
    rows(explicit.input.dense[0].gradient!).forEach((row, at) => {
      expectWithin('dDense', row, rows(embedded.input.dense[0].gradient!)[at], () => 1e-13);
    });
  });

  it('takes no memory for gradients when it only runs forward', () => {
    const { spec, parameters } = randomLayer({ T: 3, B: 2, H: 4, categories: [], F: 2 }, 5);
    const kernels = new ReferenceKernels(new HeapArena('float64'));
    const input = { categories: [], dense: [{ values: kernels.arena.tensor([6, 2]) }] };
    const before = kernels.arena.bytes;
    const layer = new LstmLayer(kernels, 0, { batchSize: 2, steps: 3 }, input, parameters);
    const state = 2 * 4 * spec.lstm.hiddenSize * 2;
    expect(kernels.arena.bytes - before).toBe(8 * (3 * 2 * 16 + state + 3 * 2 * 4));
    expect(layer.dh).toBeUndefined();
    layer.forward();
  });
});
