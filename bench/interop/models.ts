import { Codec } from '../../src/midi/codec/codec.ts';
import { noteTable } from '../../src/midi/table.ts';
import { codingsOf, modelSpecFor, resolveSettings, type PresetName } from '../../src/music/index.ts';
import { CELL_KINDS, type HeadSpec, type ModelSpec } from '../../src/nn/index.ts';

const PITCH: HeadSpec = { name: 'pitch', kind: 'categorical', size: 9, lossWeight: 1 };

/** Classes and numbers in, classes and a number out. */
function plain(lstm: Partial<ModelSpec['lstm']>, others: Partial<ModelSpec> = {}): ModelSpec {
  return {
    inputs: { categories: [{ name: 'pitch', size: 9 }, { name: 'bar', size: 3 }], features: ['step', 'duration'] },
    lstm: { layers: 2, hiddenSize: 8, dropout: 0.1, ...lstm },
    heads: [PITCH, { name: 'step', kind: 'scalar', lossWeight: 0.5, positivePressure: 10 }],
    lossOn: 'all',
    ...others,
  };
} // prettier-ignore

/** A preset's network, with fewer units, of a tune that has a few times of each kind. */
function presetModel(name: PresetName): ModelSpec {
  const settings = resolveSettings(name, { hiddenSize: 24, layers: 2, ...(name !== 'quick' && { embedding: 12, headHidden: 16 }) }); // prettier-ignore
  const notes = Array.from({ length: 60 }, (_, k) => {
    const start = 0.25 * k + 0.01 * (k % 7);
    return { pitch: 48 + ((7 * k) % 24), velocity: 40 + k, start, end: start + 0.1 * (1 + (k % 9)) };
  });
  return modelSpecFor(Codec.fit([noteTable(notes)], codingsOf(settings)), settings);
}

/** What a model can have, each named: those that go one way. */
export const ONE_WAY: Readonly<Record<string, ModelSpec>> = {
  ...Object.fromEntries(CELL_KINDS.map((cell) => [`two layers of ${cell}`, plain({ cell })])),
  ...Object.fromEntries(
    CELL_KINDS.map((cell) => [`${cell} of 7, 4 and 5 units`, plain({ cell, layers: 3, widths: [7, 4, 5], hiddenSize: 5 })]),
  ),
  'embeddings, joined, beside classes and numbers': plain(
    {},
    {
      inputs: {
        categories: [
          { name: 'pitch', size: 9, width: 3 },
          { name: 'bar', size: 5 },
          { name: 'step', size: 4, width: 2 },
          { name: 'place', size: 2 },
        ],
        features: ['velocity', 'pedal'],
        combine: 'join',
      },
    },
  ),
  'an embedding alone': plain({ layers: 1 }, { inputs: { categories: [{ name: 'pitch', size: 9, width: 3 }], features: [] } }),
  'numbers alone': plain({ layers: 1 }, { inputs: { categories: [], features: ['a', 'b', 'c'] } }),
  'heads of numbers': plain(
    {},
    {
      heads: [
        { name: 'mean', kind: 'numbers', size: 2, lossWeight: 1, loss: { kind: 'squared' } },
        { name: 'yes', kind: 'numbers', size: 2, lossWeight: 1, loss: { kind: 'binary' } },
        { name: 'bands', kind: 'numbers', size: 2, lossWeight: 1, loss: { kind: 'quantile', levels: [0.1, 0.9] } },
        { name: 'normal', kind: 'numbers', size: 1, lossWeight: 1, loss: { kind: 'gaussian' } },
        { name: 'likely', kind: 'numbers', size: 1, lossWeight: 1, loss: { kind: 'mixture', components: 3 }, hidden: 4 },
      ],
    },
  ),
  ...Object.fromEntries((['quick', 'performance', 'songbook'] as const).map((name) => [`the preset ${name}, smaller`, presetModel(name)])),
}; // prettier-ignore

/** Those that read in both directions. */
export const BOTH_WAYS: Readonly<Record<string, ModelSpec>> = Object.fromEntries(
  CELL_KINDS.filter((cell) => cell !== 'lstm-norm').flatMap((cell) => [
    [`${cell} in both directions`, plain({ cell, bidirectional: true })],
    [`${cell} in both directions, asked at the end`, plain({ cell, bidirectional: true }, { lossOn: 'last' })],
  ]),
);
