import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { gatesIn } from '../../../src/nn/cells/kinds.ts';
import { CELL_KINDS, describeNumbers, describeParameters, layerWidth } from '../../../src/nn/index.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { taperedSpec } from './any-cell.ts';
import { randomWeights } from './random-models.ts';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });

describe('a description of numbers', () => {
  it('agrees with their definitions, and its histogram counts each of them once', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 9 }), (values, bins) => {
        const { histogram, ...found } = describeNumbers(values, bins);
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        const scale = Math.max(1, ...values.map(Math.abs));
        expect(Math.abs(found.norm - Math.hypot(...values))).toBeLessThan(1e-9 * scale);
        expect(Math.abs(found.mean - mean)).toBeLessThan(1e-9 * scale);
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        expect(Math.abs(found.standardDeviation - Math.sqrt(variance))).toBeLessThan(1e-6 * scale);
        expect([found.minimum, found.maximum]).toEqual([Math.min(...values), Math.max(...values)]);
        expect(histogram.counts).toHaveLength(bins);
        expect(histogram.counts.reduce((a, b) => a + b, 0)).toBe(values.length);
        expect(histogram.from).toBe(-histogram.to);
      }),
    );
  });

  it('puts numbers into the bins they fall in, zero in the middle', () => {
    expect(describeNumbers([-1, -0.9, 0, 0.1, -0.1, 0.5, 1], 5).histogram.counts).toEqual([2, 0, 3, 1, 1]);
    expect(describeNumbers([0, 0], 3).histogram.counts).toEqual([0, 2, 0]);
  });

  it('counts what is not finite, and leaves it out', () => {
    const { count, nonFinite, norm, maximum, histogram } = describeNumbers([3, NaN, -4, Infinity]);
    expect([count, nonFinite, norm, maximum]).toEqual([4, 2, 5, 3]);
    expect(histogram.to).toBe(4);
    expect(describeNumbers([NaN])).toMatchObject({ norm: 0, mean: NaN, nonFinite: 1 });
  });
});

describe('a description of parameters', () => {
  it('has every tensor, with its gradient, and the norms of the gates of LSTM layers', () => {
    const spec = smallSpec();
    const [weights, gradients] = [randomWeights(spec, 1), randomWeights(spec, 2, 0.01)];
    const described = describeParameters(weights, gradients);
    expect(described.map(({ name }) => name)).toEqual(Object.keys(weights));
    for (const { name, weights: own, gradient, gates } of described) {
      expect(own.norm).toBeCloseTo(Math.hypot(...weights[name]), 5);
      expect(gradient!.norm).toBeCloseTo(Math.hypot(...gradients[name]), 5);
      expect(gates !== undefined).toBe(name.startsWith('lstm.'));
      if (gates) expect(Math.hypot(...Object.values(gates).map((gate) => gate.weights))).toBeCloseTo(own.norm, 5);
    }
    const bias = weights['lstm.1.bias'];
    expect(described.find(({ name }) => name === 'lstm.1.bias')!.gates!.f.weights).toBeCloseTo(Math.hypot(...bias.subarray(4, 8)), 6); // prettier-ignore
    const kernel = gradients['lstm.0.kernel'].filter((_, at) => at % 16 >= 12);
    expect(described[0].gates!.o.gradient).toBeCloseTo(Math.hypot(...kernel), 6);
  });

  it.each(CELL_KINDS)(
    'has the norms of the gates that stand in each parameter of %s, in layers of any width',
    (cell) => {
      const spec = taperedSpec(cell);
      const weights = randomWeights(spec, 1);
      for (const { name, weights: own, gates } of describeParameters(weights)) {
        const inside = gatesIn(name);
        expect(gates && Object.keys(gates), name).toEqual(inside);
        if (!gates) continue;
        expect(Math.hypot(...Object.values(gates).map((gate) => gate.weights))).toBeCloseTo(own.norm, 5);
        const H = layerWidth(spec, Number(name.split('.')[1]));
        const last = weights[name].filter((_, at) => at % (inside!.length * H) >= (inside!.length - 1) * H);
        expect(gates[inside!.at(-1)!].weights).toBeCloseTo(Math.hypot(...last), 5);
      }
    },
  );

  it('does without gradients', () => {
    const [first] = describeParameters(randomWeights(smallSpec(), 1));
    expect(first.gradient).toBeUndefined();
    expect(first.gates!.i.gradient).toBeUndefined();
  });
});
