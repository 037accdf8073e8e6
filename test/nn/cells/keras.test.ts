import { describe, expect, it } from 'vitest';

import { CELLS, cellParameters, type CellKind } from '../../../src/nn/cells/kinds.ts';
import { Network, ParameterSet, type ModelSpec } from '../../../src/nn/index.ts';
import { HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { LayerAlone, type LayerWeights } from '../../support/layer-alone.ts';

/** Three sequences of six steps of four numbers, and so on: 0, 1, 2, ... in the order [B, T, I]. */
type Shape = [batch: number, steps: number, inputs: number];

/** What Keras's tests give a layer: kernels of 0.01, recurrent kernels of 0.02, and biases of 0.03, but for a forget gate 1. */
function keras(
  cell: CellKind,
  inputs: number,
  hidden: number,
  biases: { own?: number; forget?: number } = {},
): LayerWeights {
  const { own = 0.03, forget = 1 } = biases;
  const weights: Record<string, Float64Array> = Object.fromEntries(
    cellParameters(cell, 0, inputs, hidden).map(({ name, shape }) => {
      const part = name.split('.')[2];
      const value = { kernel: 0.01, recurrent_kernel: 0.02, candidate_kernel: 0.02 }[part] ?? own;
      return [part, new Float64Array(shape.reduce((size, each) => size * each, 1)).fill(value)];
    }),
  );
  if (CELLS[cell].prefix === 'lstm') weights.bias.fill(forget, hidden, 2 * hidden);
  // With the reset after the product Keras's GRU has a second bias of 0.03 for r and z.
  if (cell === 'gru') weights.bias.fill(2 * own, 0, 2 * hidden);
  return weights;
}

/** 0, 1, 2, ... as batches have them, time-major, of each sequence the steps that are not masked. */
function counting([batch, steps, inputs]: Shape, kept: readonly number[][]): number[] {
  const length = Math.max(...kept.map((each) => each.length));
  const rows = Array.from({ length }, (_, t) =>
    Array.from({ length: batch }, (_, b) => {
      const step = kept[b].at(t) ?? 0;
      return Array.from({ length: inputs }, (_, i) => (b * steps + step) * inputs + i);
    }),
  );
  return rows.flat(2);
}

/** The outputs after each step, [T][B][H]. */
function run(layer: LayerAlone, features: number[], batch: number, hidden: number): number[][][] {
  const flat = layer.run(features);
  return Array.from({ length: flat.length / (batch * hidden) }, (_, t) =>
    Array.from({ length: batch }, (_, b) => [...flat.subarray((t * batch + b) * hidden, (t * batch + b + 1) * hidden)]),
  );
}

/** Keras's own tolerance: 1e-5 beside 1e-5 of the value. */
function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, at) => {
    expect(Math.abs(found[at] - value)).toBeLessThan(1e-5 + 1e-5 * Math.abs(value));
  });
}

const all = (steps: number): number[] => Array.from({ length: steps }, (_, at) => at);
const same = (value: number, hidden: number): number[] => Array<number>(hidden).fill(value);

// keras/src/layers/rnn/{lstm,gru,simple_rnn}_test.py of Keras 3 (Apache 2.0): test_correctness, test_statefulness,
// test_pass_initial_state and test_masking, but for go_backwards, which is no setting here.
describe('the tests of Keras', () => {
  it.each<{ cell: CellKind; shape: Shape; H: number; biases?: { own: number; forget?: number }; expected: number[] }>([
    { cell: 'lstm', shape: [3, 6, 4], H: 3, expected: [0.6288687, 0.86899155, 0.9460773] },
    {
      cell: 'lstm',
      shape: [3, 6, 4],
      H: 3,
      biases: { own: 0.03, forget: 0.03 },
      expected: [0.57019705, 0.8661914, 0.9459622],
    },
    {
      cell: 'lstm',
      shape: [3, 6, 4],
      H: 3,
      biases: { own: 0, forget: 0 },
      expected: [0.54986924, 0.86226785, 0.9443936],
    },
    { cell: 'gru', shape: [3, 6, 4], H: 3, expected: [0.5217289, 0.6371659, 0.39384964] },
    { cell: 'gru', shape: [3, 6, 4], H: 3, biases: { own: 0 }, expected: [0.49988455, 0.64701194, 0.4103359] },
    { cell: 'gru-before', shape: [3, 6, 4], H: 3, expected: [0.51447755, 0.6426879, 0.40208298] },
    { cell: 'rnn', shape: [2, 3, 4], H: 4, expected: [0.405432, 0.73605347] },
  ])('correctness: $cell with biases of $biases gives $expected', ({ cell, shape, H, biases, expected }) => {
    const [batch, steps, inputs] = shape;
    const layer = new LayerAlone(cell, { inputs, hidden: H, steps, batch });
    layer.write(keras(cell, inputs, H, biases));
    const last = run(layer, counting(shape, expected.map(() => all(steps))), batch, H)[steps - 1]; // prettier-ignore
    expected.forEach((value, b) => { expectClose(last[b], same(value, H)); }); // prettier-ignore
  });

  it.each<{ cell: CellKind; expected: number[] }>([
    { cell: 'lstm', expected: [0.3124785, 0.6863672] },
    { cell: 'gru', expected: [0.29542392, 0.5885018] },
    { cell: 'rnn', expected: [0.40559256, 0.7361247] },
  ])('statefulness: $cell goes on where it ended, and gives $expected', ({ cell, expected }) => {
    const layer = new LayerAlone(cell, { inputs: 4, hidden: 4, steps: 3, batch: 2 });
    layer.write(keras(cell, 4, 4));
    const features = counting([2, 3, 4], [all(3), all(3)]);
    layer.run(features);
    layer.carry();
    const last = run(layer, features, 2, 4)[2];
    expected.forEach((value, b) => { expectClose(last[b], same(value, 4)); }); // prettier-ignore
  });

  it.each<{ cell: CellKind; H: number; expected: number[][] }>([
    { cell: 'lstm', H: 2, expected: [[0.20574439, 0.3558822], [0.64930826, 0.66276]] },
    { cell: 'gru', H: 2, expected: [[0.23774096, 0.33508456], [0.83659905, 1.0227708]] },
    { cell: 'rnn', H: 4, expected: [same(0.33621645, 4), same(0.6262637, 4)] },
  ])('initial states: $cell begins with 0, 1, 2, ...', ({ cell, H, expected }) => {
    const layer = new LayerAlone(cell, { inputs: 3, hidden: H, steps: 4, batch: 2 });
    layer.write(keras(cell, 3, H));
    layer.begin(...CELLS[cell].states.map(() => all(2 * H)));
    const last = run(layer, counting([2, 4, 3], [all(4), all(4)]), 2, H)[3];
    expected.forEach((values, b) => { expectClose(last[b], values); }); // prettier-ignore
  }); // prettier-ignore

  // A masked step leaves the state as it is: the sequence without it says what is to come out.
  it.each<{ cell: CellKind; kept: number[][]; expected: number[][] }>([
    { cell: 'lstm', kept: [[0, 1, 2], [0, 1]], expected: [[0.0158891, 0.05552048, 0.11755939], [0.14185596, 0.28556206]] },
    { cell: 'gru', kept: [[0, 1, 3], [0, 3]], expected: [[0.03606692, 0.09497581, 0.19393763], [0.16051409, 0.30818558]] },
    { cell: 'rnn', kept: [[0, 1, 3], [0, 3]], expected: [[0.0599281, 0.15122814, 0.32394567], [0.3969304, 0.608085]] },
  ])('masks: $cell over the steps $kept', ({ cell, kept, expected }) => {
    const layer = new LayerAlone(cell, { inputs: 3, hidden: 2, steps: 3, batch: 2 });
    layer.write(keras(cell, 3, 2));
    const outputs = run(layer, counting([2, 4, 3], kept), 2, 2);
    expected.forEach((values, b) => values.forEach((value, t) => { expectClose(outputs[t][b], same(value, 2)); }));
  }); // prettier-ignore
});

// test_correctness and test_masking of bidirectional_test.py there: both directions have the same weights.
describe('the tests of Keras, in both directions', () => {
  /** What a head that passes everything on sees of two layers side by side, [T][B][2H]. */
  function both(cell: CellKind, shape: Shape, kept: number[][], asked?: 'ends'): number[][][] {
    const [batch, , inputs] = shape;
    const steps = Math.max(...kept.map((each) => each.length));
    const spec: ModelSpec = {
      inputs: { categories: [], features: Array.from({ length: inputs }, (_, at) => `x${at}`) },
      lstm: { layers: 1, hiddenSize: 2, dropout: 0, cell, bidirectional: true },
      heads: [{ name: 'out', kind: 'numbers', size: 4, lossWeight: 1, loss: { kind: 'squared' } }],
      lossOn: 'all',
      evaluateOn: 'all',
    };
    const kernels = new ReferenceKernels(new HeapArena('float64'));
    const parameters = new ParameterSet(kernels.arena, spec);
    const weights = keras(cell, inputs, 2);
    for (const [name, { data }] of parameters.entries()) {
      const part = name.split('.').at(-1)!;
      if (!name.startsWith('heads.')) data.set(weights[part]);
    }
    const identity = parameters.get('heads.out.kernel').data;
    for (let k = 0; k < 4; k++) identity[5 * k] = 1;
    const network = new Network(kernels, spec, { batchSize: batch, steps }, parameters);
    const lengths = kept.map((each) => each.length);
    network.load({ size: batch, steps, lengths, asked, categories: [], features: counting(shape, kept) });
    network.forward();
    const { data } = network.heads[0].out;
    return Array.from({ length: steps }, (_, t) =>
      Array.from({ length: batch }, (_, b) => [...data.subarray((t * batch + b) * 4, (t * batch + b + 1) * 4)]),
    );
  }

  it('joins what both have read of whole sequences', () => {
    const outputs = both('rnn', [2, 3, 4], [all(3), all(3)], 'ends');
    expectClose(outputs[2][0], [0.39687276, 0.39687276, 0.10004295, 0.10004295]);
    expectClose(outputs[2][1], [0.7237238, 0.7237238, 0.53391594, 0.53391594]);
  });

  it('has what both have read at each step, here as their sum', () => {
    const outputs = both('gru', [2, 3, 4], [all(3), all(3)]);
    const sums = [[0.20937867, 0.34462988, 0.40290534], [0.59829646, 0.6734641, 0.6479671]]; // prettier-ignore
    sums.forEach((values, b) => values.forEach((value, t) => {
      const [forward, , reverse] = outputs[t][b];
      expectClose([forward + reverse], [value]);
    })); // prettier-ignore
  });

  it('reads each sequence from its own end', () => {
    const kept = [[0, 1, 3], [0, 3]]; // prettier-ignore
    const outputs = both('gru', [2, 4, 3], kept, 'ends');
    expectClose(outputs[2][0], [0.19393763, 0.19393763, 0.11669192, 0.11669192]);
    expectClose(outputs[1][1], [0.30818558, 0.30818558, 0.28380975, 0.28380975]);
  });
});
