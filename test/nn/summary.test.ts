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

  it('shows embeddings, what becomes of them, relu layers, and what a head reads', () => {
    const chained: ModelSpec = {
      inputs: {
        categories: [
          { name: 'pitch', size: 10, width: 4 },
          { name: 'step', size: 3, width: 4 },
        ],
        features: [],
        dropout: 0.2,
      },
      lstm: { layers: 1, hiddenSize: 5, dropout: 0 },
      heads: [
        { name: 'step', kind: 'categorical', size: 3, lossWeight: 1, hidden: 6 },
        { name: 'pitch', kind: 'categorical', size: 10, lossWeight: 1, reads: ['step'], hidden: 6 },
        { name: 'loud', kind: 'scalar', positivePressure: 0, lossWeight: 1, reads: ['step', 'pitch'] },
      ],
      lossOn: 'all',
    };
    const rows = summarise(chained);
    expect(rows.map(({ name, type, outputShape, parameters }) => [name, type, outputShape.at(-1), parameters])).toEqual(
      [
        ['input', 'Input', 2, 0],
        ['embeddings.pitch', 'Embedding', 4, 40],
        ['embeddings.step', 'Embedding', 4, 12],
        ['inputs', 'Add', 4, 0],
        ['dropout.input', 'Dropout', 4, 0],
        ['lstm.0', 'LSTM', 5, (4 + 5 + 1) * 20],
        ['heads.step.hidden', 'Dense', 6, 5 * 6 + 6],
        ['heads.step', 'Dense', 3, 5 * 3 + 3 + 6 * 3],
        ['heads.pitch.hidden', 'Dense', 6, 5 * 6 + 6 + 3 * 6],
        ['heads.pitch', 'Dense', 10, 5 * 10 + 10 + 3 * 10 + 6 * 10],
        ['heads.loud', 'Dense', 1, 5 + 1 + 3 + 10],
      ],
    );
    expect(rows.map(({ from }) => from).slice(3)).toEqual([
      'embeddings.*',
      'inputs',
      'dropout.input',
      'lstm.0',
      'lstm.0, heads.step.hidden',
      'lstm.0',
      'lstm.0, heads.pitch.hidden',
      'lstm.0',
    ]);
    expect(rows.map(({ reads }) => reads).slice(6)).toEqual([
      undefined,
      undefined,
      ['step'],
      ['step'],
      ['step', 'pitch'],
    ]);
    expect(rows[8].note).toBe('relu; reads step');
    expect(rows.at(-1)!.note).toBe('squared error, weight 1; reads step, pitch');
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(parameterCount(chained));

    const { inputs } = chained;
    const mixed = summarise({ ...chained, inputs: { ...inputs, combine: 'join', features: ['x'], dropout: 0 } });
    expect(mixed[3]).toMatchObject({
      type: 'Concatenate',
      outputShape: ['batch', 'steps', 9],
      from: 'input, embeddings.*',
    });
    expect(mixed[4]).toMatchObject({ name: 'lstm.0', from: 'inputs' });
    const one = summarise({ ...chained, inputs: { categories: inputs.categories.slice(0, 1), features: [] } });
    expect(one[2]).toMatchObject({ name: 'lstm.0', from: 'embeddings.pitch' });
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
