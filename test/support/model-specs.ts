import fc from 'fast-check';

import type { HeadSpec, ModelSpec } from '../../src/nn/spec.ts';

/** The tutorial's model: 3 numbers in, one LSTM, pitch, step and duration out, its loss weights, the last step judged. */
export function tutorialSpec(hiddenSize = 128, pitches = 128): ModelSpec {
  return {
    inputs: { categories: [], features: ['pitch', 'step', 'duration'] },
    lstm: { layers: 1, hiddenSize, dropout: 0 },
    heads: [
      { name: 'pitch', kind: 'categorical', size: pitches, lossWeight: 0.05 },
      { name: 'step', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
      { name: 'duration', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
    ],
    lossOn: 'last',
  };
}

/** A small model with every kind of part: categories beside features, two layers, both heads, every step judged. */
export function smallSpec(
  overrides: { lstm?: Partial<ModelSpec['lstm']>; lossOn?: ModelSpec['lossOn'] } = {},
): ModelSpec {
  return {
    inputs: {
      categories: [
        { name: 'pitch', size: 5 },
        { name: 'bar', size: 3 },
      ],
      features: ['step', 'duration'],
    },
    lstm: { layers: 2, hiddenSize: 4, dropout: 0, ...overrides.lstm },
    heads: [
      { name: 'pitch', kind: 'categorical', size: 5, lossWeight: 1 },
      { name: 'step', kind: 'scalar', lossWeight: 0.5, positivePressure: 10 },
    ],
    lossOn: overrides.lossOn ?? 'all',
  };
}

const anyHead = fc.oneof(
  fc.record({
    kind: fc.constant('categorical' as const),
    size: fc.integer({ min: 2, max: 6 }),
    lossWeight: fc.constantFrom(1, 0.05, 2),
  }),
  fc.record({
    kind: fc.constant('scalar' as const),
    lossWeight: fc.constantFrom(1, 0.3),
    positivePressure: fc.constantFrom(0, 10),
  }),
);

const anyInputs = fc
  .record({
    categories: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
    features: fc.integer({ min: 0, max: 3 }),
  })
  .filter(({ categories, features }) => categories.length + features > 0);

/** Any architecture of a few hundred weights: all kinds of inputs and heads, 1 to 3 layers of 1 to 9 units. */
export const anySpec: fc.Arbitrary<ModelSpec> = fc
  .record({
    inputs: anyInputs,
    layers: fc.integer({ min: 1, max: 3 }),
    hiddenSize: fc.integer({ min: 1, max: 9 }),
    dropout: fc.constantFrom(0, 0.3),
    heads: fc.array(anyHead, { minLength: 1, maxLength: 3 }),
    lossOn: fc.constantFrom('last' as const, 'all' as const),
  })
  .map(({ inputs, layers, hiddenSize, dropout, heads, lossOn }) => ({
    inputs: {
      categories: inputs.categories.map((size, k) => ({ name: `category${k}`, size })),
      features: Array.from({ length: inputs.features }, (_, f) => `feature${f}`),
    },
    lstm: { layers, hiddenSize, dropout },
    heads: heads.map((head, k): HeadSpec => ({ ...head, name: `head${k}` })),
    lossOn,
  }));

/** The batch and the length of sequences for `anySpec`. */
export const anySequenceShape = fc.record({
  batchSize: fc.integer({ min: 1, max: 5 }),
  steps: fc.integer({ min: 1, max: 7 }),
});
