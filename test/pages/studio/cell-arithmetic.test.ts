import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordSequence } from '../../../src/nn/probe/recording.ts';
import { cellArithmetic, strongest } from '../../../src/pages/studio/cell-arithmetic.ts';
import { HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { ParameterSet, type ModelSpec } from '../../../src/nn/index.ts';
import { Random } from '../../../src/tensor/index.ts';
import { initialise } from '../../../src/nn/initialise.ts';

const spec: ModelSpec = {
  inputs: { categories: [{ name: 'pitch', size: 5 }], features: ['step'] },
  lstm: { layers: 1, hiddenSize: 3, dropout: 0 },
  heads: [{ name: 'pitch', kind: 'categorical', size: 5, lossWeight: 1 }],
  lossOn: 'all',
};
const parameters = new ParameterSet(new HeapArena('float64'), spec);
initialise(parameters, Random.stream(5, 'init'));
const weights = parameters.toArrays();
const sequence = { length: 4, categories: [[1, 3, 0, 4]], features: [0.1, -0.4, 0.9, 0.25] };

describe('the arithmetic of a cell', () => {
  const { layers, initialState } = recordSequence(spec, weights, sequence, {
    kernels: new ReferenceKernels(new HeapArena('float64')),
  });
  const [layer] = layers;
  const row = (values: ArrayLike<number>, at: number): number[] => [0, 1, 2].map((j) => values[at * 3 + j]);

  it.each([0, 1, 2, 3])('gives what the network computed, at step %i', (at) => {
    for (let unit = 0; unit < 3; unit++) {
      const cell = cellArithmetic({
        layer: 0,
        unit,
        at,
        inputs: [
          { name: 'pitch', row: sequence.categories[0][at], value: 1 },
          { name: 'step', row: 5, value: sequence.features[at] },
        ],
        previousH: at === 0 ? initialState.h[0] : row(layer.h, at - 1),
        previousC: at === 0 ? 0 : layer.c![(at - 1) * 3 + unit],
        kernel: weights['lstm.0.kernel'],
        recurrentKernel: weights['lstm.0.recurrent_kernel'],
        bias: weights['lstm.0.bias'],
      });
      for (const { gate, z, activation, inputSum, recurrentSum, bias } of cell.gates) {
        expect(z).toBeCloseTo(layer.z[gate][at * 3 + unit], 12);
        expect(activation).toBeCloseTo(layer.gates[gate][at * 3 + unit], 12);
        expect(inputSum + recurrentSum + bias).toBeCloseTo(z, 12);
      }
      expect(cell.c).toBeCloseTo(layer.c![at * 3 + unit], 12);
      expect(cell.h).toBeCloseTo(layer.h[at * 3 + unit], 12);
    }
  });

  it('puts the terms that weigh most first', () => {
    const terms = fc.array(fc.record({ name: fc.string(), value: fc.double({ noNaN: true, min: -9, max: 9 }), weight: fc.double({ noNaN: true, min: -9, max: 9 }) })); // prettier-ignore
    fc.assert(
      fc.property(terms, fc.nat(20), (given, count) => {
        const sizes = strongest(given, count).map(({ value, weight }) => Math.abs(value * weight));
        const all = given.map(({ value, weight }) => Math.abs(value * weight)).sort((a, b) => b - a);
        expect(sizes).toEqual(all.slice(0, count));
      }),
    );
  });
});
