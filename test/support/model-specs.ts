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

/** A small model of notes: embedded inputs, and heads that are drawn one after the other, each reading those before. */
export function chainedSpec(overrides: Partial<ModelSpec['inputs']> = {}): ModelSpec {
  return {
    inputs: {
      categories: [
        { name: 'pitch', size: 6, width: 3 },
        { name: 'step', size: 4, width: 3 },
      ],
      features: [],
      ...overrides,
    },
    lstm: { layers: 1, hiddenSize: 4, dropout: 0 },
    heads: [
      { name: 'step', kind: 'categorical', size: 4, lossWeight: 1 },
      { name: 'pitch', kind: 'categorical', size: 6, lossWeight: 1, reads: ['step'], hidden: 5 },
      { name: 'duration', kind: 'categorical', size: 3, lossWeight: 0.5, reads: ['step', 'pitch'], hidden: 5 },
    ],
    lossOn: 'all',
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

/** Any architecture that the GPU knows too, of a few hundred weights: one-hot inputs, 1 to 3 layers, heads that stand alone. */
export const anyPlainSpec: fc.Arbitrary<ModelSpec> = fc
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

/** Which inputs are embedded, and how; which heads read others. */
const anyParts = fc.record({
  widths: fc.array(fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }), { minLength: 2, maxLength: 2 }),
  combine: fc.constantFrom('sum' as const, 'join' as const),
  dropout: fc.constantFrom(0, 0.3),
  reads: fc.array(fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }), { minLength: 3, maxLength: 3 }),
  hidden: fc.array(fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }), { minLength: 3, maxLength: 3 }),
});

/** Any architecture: beside what `anyPlainSpec` has, embedded inputs, dropout on inputs, and heads that read those before. */
export const anySpec: fc.Arbitrary<ModelSpec> = fc
  .tuple(anyPlainSpec, anyParts)
  .map(([spec, { widths, combine, dropout, reads, hidden }]) => {
    const first = widths.find((width) => width !== undefined);
    const categories = spec.inputs.categories.map((category, k) => {
      const width = widths[k] === undefined ? undefined : combine === 'sum' ? first : widths[k];
      return width === undefined ? category : { ...category, width };
    });
    const dense = spec.inputs.features.length > 0 || categories.some(({ width }) => width !== undefined);
    const heads = spec.heads.map((head, k) => {
      const before = spec.heads.slice(0, k).filter((other, at) => other.kind === 'categorical' && reads[k][at]);
      return {
        ...head,
        ...(before.length > 0 && { reads: before.map(({ name }) => name) }),
        ...(hidden[k] !== undefined && { hidden: hidden[k] }),
      };
    });
    const inputs = { ...spec.inputs, categories, combine, ...(dense && dropout > 0 && { dropout }) };
    return { ...spec, inputs, heads };
  });

/** The batch and the length of sequences for `anySpec`. */
export const anySequenceShape = fc.record({
  batchSize: fc.integer({ min: 1, max: 5 }),
  steps: fc.integer({ min: 1, max: 7 }),
});
