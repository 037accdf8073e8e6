import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordSequence } from '../../../src/nn/probe/recording.ts';
import { cellArithmetic, strongest } from '../../../src/pages/studio/cell-arithmetic.ts';
import { HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import {
  CELL_KINDS,
  CELLS,
  parameterSpecs,
  type CellKind,
  type ModelSpec,
  type NamedArrays,
} from '../../../src/nn/index.ts';
import { Random, type Floats } from '../../../src/tensor/index.ts';

const sequence = { length: 4, categories: [[1, 3, 0, 4]], features: [0.1, -0.4, 0.9, 0.25] };

/** A layer of three units of a cell, with weights that are anything. */
function modelOf(cell: CellKind): { spec: ModelSpec; weights: Record<string, Floats> } {
  const spec: ModelSpec = {
    inputs: { categories: [{ name: 'pitch', size: 5 }], features: ['step'] },
    lstm: { layers: 1, hiddenSize: 3, dropout: 0, cell },
    heads: [{ name: 'pitch', kind: 'categorical', size: 5, lossWeight: 1 }],
    lossOn: 'all',
  };
  const random = Random.stream(5, 'batch');
  const weights = parameterSpecs(spec).map(({ name, shape }) => {
    const length = shape.reduce((size, each) => size * each, 1);
    return [name, Float32Array.from({ length }, () => random.normal())] as const;
  });
  return { spec, weights: Object.fromEntries(weights) };
}

describe.each(CELL_KINDS)('the arithmetic of a unit of %s', (cell) => {
  const { spec, weights } = modelOf(cell);
  const { layers, initialState } = recordSequence(spec, weights as NamedArrays, sequence, {
    kernels: new ReferenceKernels(new HeapArena('float64')),
  });
  const [layer] = layers;
  const row = (values: ArrayLike<number>, at: number): number[] => [0, 1, 2].map((j) => values[at * 3 + j]);
  const prefix = `${CELLS[cell].prefix}.0.`;
  const parameters = Object.fromEntries(Object.entries(weights).map(([name, values]) => [name.replace(prefix, ''), values])); // prettier-ignore

  it.each([0, 1, 2, 3])('gives what the network computed, at step %i', (at) => {
    for (let unit = 0; unit < 3; unit++) {
      const made = cellArithmetic({
        cell,
        layer: 0,
        unit,
        at,
        inputs: [
          { name: 'pitch', row: sequence.categories[0][at], value: 1 },
          { name: 'step', row: 5, value: sequence.features[at] },
        ],
        previousH: at === 0 ? initialState.h[0] : row(layer.h, at - 1),
        previousC: at === 0 || !layer.c ? 0 : layer.c[(at - 1) * 3 + unit],
        parameters,
        all: { ...('r' in layer.gates && { r: row(layer.gates.r, at) }), ...(layer.c && { c: row(layer.c, at) }) },
      });
      expect(made.gates.map(({ gate }) => gate)).toEqual(Object.keys(layer.z));
      for (const { gate, z, activation, inputs, recurrent, others, bias } of made.gates) {
        expect(z).toBeCloseTo(layer.z[gate][at * 3 + unit], 10);
        expect(activation).toBeCloseTo((layer.gates[gate] ?? layer.h)[at * 3 + unit], 10);
        const terms = [...inputs, ...recurrent, ...others].reduce((sum, { value, weight }) => sum + value * weight, 0);
        expect(terms + bias).toBeCloseTo(z, 10);
      }
      for (const { name, products, result } of made.states) {
        expect(result).toBeCloseTo(layer[name]![at * 3 + unit], 10);
        if (products.length > 0) expect(products.reduce((sum, [a, b]) => sum + a * b, 0)).toBeCloseTo(result, 12);
      }
      expect(made.states.map(({ name }) => name)).toEqual(layer.c ? ['c', 'h'] : ['h']);
    }
  });
});

describe('the terms of a sum', () => {
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
