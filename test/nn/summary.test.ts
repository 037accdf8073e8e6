import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parameterCount, type ModelSpec } from '../../src/nn/spec.ts';
import { summarise } from '../../src/nn/summary.ts';

const tutorial: ModelSpec = {
  inputs: { categories: [], features: ['pitch', 'step', 'duration'] },
  lstm: { layers: 1, hiddenSize: 128, dropout: 0 },
  heads: [
    { name: 'pitch', kind: 'categorical', size: 128, lossWeight: 0.05 },
    { name: 'step', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
    { name: 'duration', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
  ],
  lossOn: 'last',
};

describe('the summary of a model', () => {
  it("has the tutorial's layers with Keras's parameter counts, 84,354 in all", () => {
    const rows = summarise(tutorial);
    expect(rows.map(({ name, outputShape, parameters }) => [name, outputShape, parameters])).toEqual([
      ['input', ['batch', 'steps', 3], 0],
      ['lstm.0', ['batch', 128], 67_584],
      ['heads.pitch', ['batch', 128], 16_512],
      ['heads.step', ['batch', 1], 129],
      ['heads.duration', ['batch', 1], 129],
    ]);
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(84_354);
  });

  it('shows dropout between the layers, and every step where the loss is on every step', () => {
    const rows = summarise({ ...tutorial, lstm: { layers: 2, hiddenSize: 8, dropout: 0.1 }, lossOn: 'all' });
    expect(rows.map(({ name, from }) => [name, from])).toEqual([
      ['input', undefined],
      ['lstm.0', 'input'],
      ['dropout.0', 'lstm.0'],
      ['lstm.1', 'dropout.0'],
      ['dropout.1', 'lstm.1'],
      ['heads.pitch', 'dropout.1'],
      ['heads.step', 'dropout.1'],
      ['heads.duration', 'dropout.1'],
    ]);
    expect(rows.at(-1)!.outputShape).toEqual(['batch', 'steps', 1]);
  });

  it('adds up to the number of parameters, also with more than ten layers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 9 }), (layers, hiddenSize) => {
        const spec: ModelSpec = { ...tutorial, lstm: { layers, hiddenSize, dropout: 0 } };
        expect(summarise(spec).reduce((sum, { parameters }) => sum + parameters, 0)).toBe(parameterCount(spec));
      }),
    );
  });
});
