import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toPytorch, importPytorch } from '../../../src/interop/node.ts';
import { readArchive, withoutFolder } from '../../../src/interop/archive.ts';
import { readTorchFile } from '../../../src/interop/pytorch/torch-file.ts';
import {
  CELL_KINDS,
  decodeSafetensors,
  encodeSafetensors,
  parameterSpecs,
  type CellKind,
  type ModelSpec,
  type NamedArrays,
  type SavedModel,
} from '../../../src/nn/index.ts';
import { Random, sizeOf } from '../../../src/tensor/index.ts';

const CELLS = ['lstm', 'gru', 'rnn'] as const;

/** A model with everything that a state_dict can hold: chained heads, a relu layer, embeddings, one-hot classes and numbers. */
function modelOf(cell: CellKind, more: Partial<ModelSpec['lstm']> = {}): SavedModel {
  const spec: ModelSpec = {
    inputs: { categories: [{ name: 'key', size: 3 }, { name: 'pitch', size: 5, width: 2 }, { name: 'step', size: 4, width: 3 }], features: ['tempo'], combine: 'join', dropout: 0.1 },
    lstm: { layers: 2, hiddenSize: 4, dropout: 0.2, cell, ...more },
    heads: [
      { name: 'pitch', kind: 'categorical', size: 5, lossWeight: 1 },
      { name: 'step', kind: 'categorical', size: 4, lossWeight: 0.5, reads: ['pitch'], hidden: 3 },
      { name: 'length', kind: 'numbers', size: 2, loss: { kind: 'gaussian' }, lossWeight: 1 },
    ],
    lossOn: 'last',
  }; // prettier-ignore
  return {
    spec,
    parameters: randomParameters(spec),
    extra: { codec: { kind: 'any', list: [1, 2.5] }, settings: { seed: 7 } },
  };
}

/** Zeros of both signs among them: adding biases must not change even these. */
function randomParameters(spec: ModelSpec): NamedArrays {
  const random = Random.stream(3, 'init');
  return Object.fromEntries(
    parameterSpecs(spec).map(({ name, shape }) => {
      const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
      [values[0], values[values.length - 1]] = [-0, 0];
      return [name, values];
    }),
  );
}

const bitsOf = (values: Float32Array): number[] => [
  ...new Uint32Array(values.buffer, values.byteOffset, values.length),
];

describe('export to PyTorch', () => {
  it.each(CELLS.flatMap((cell) => [{ cell }, { cell, bidirectional: true as const }, { cell, widths: [6, 4] }]))('and import again give the same model, bit for bit: %j', async ({ cell, ...more }) => {
    const model = modelOf(cell, more);
    const { spec, parameters, extra } = await importPytorch(toPytorch(model).bytes);
    expect({ spec, extra }).toEqual({ spec: model.spec, extra: model.extra });
    expect(Object.keys(parameters)).toEqual(Object.keys(model.parameters));
    for (const [name, values] of Object.entries(model.parameters)) expect(bitsOf(parameters[name]), name).toEqual(bitsOf(values));
  }); // prettier-ignore

  it.each([
    ['characters', 'rnn', 'lstm'],
    ['labels', 'encoder.gru', 'gru'],
  ])('of %s, a network of PyTorch, has the weights that it had, and biases of the same sum', async (name, theirs, ours) => {
    const bytes = readFileSync(new URL(`../../golden/interop/${name}.pt`, import.meta.url));
    const { tensors } = readTorchFile(withoutFolder(await readArchive(bytes)));
    const { tensors: exported } = decodeSafetensors(toPytorch(await importPytorch(bytes)).bytes);
    const cells = [...tensors.keys()].filter((key) => key.startsWith(`${theirs}.`));
    expect(cells.length).toBeGreaterThan(7);
    for (const key of cells) {
      const of = (part: string): ArrayLike<number> => exported[key.replace(theirs, ours).replace(/bias_[ih]h/, part)].data;
      if (key.includes('weight')) expect([...exported[key.replace(theirs, ours)].data], key).toEqual([...tensors.get(key)!.data]);
      else if (key.includes('bias_ih')) {
        const [first, second] = [tensors.get(key)!.data, tensors.get(key.replace('bias_ih', 'bias_hh'))!.data];
        first.forEach((b, k) => { expect(of('bias_ih')[k] + of('bias_hh')[k]).toBeCloseTo(b + second[k], 6); });
      }
    }
    const head = ours === 'gru' ? 'classifier' : 'fc';
    expect([...exported[`heads.${head}.weight`].data]).toEqual([...tensors.get(`${head}.weight`)!.data]);
  }); // prettier-ignore

  it('has the names and shapes of a state_dict', () => {
    const { tensors, metadata } = decodeSafetensors(toPytorch(modelOf('gru', { bidirectional: true })).bytes);
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape.join()]))).toEqual({
      'gru.weight_ih_l0': '12,9',
      'gru.weight_hh_l0': '12,4',
      'gru.bias_ih_l0': '12',
      'gru.bias_hh_l0': '12',
      'gru.weight_ih_l0_reverse': '12,9',
      'gru.weight_hh_l0_reverse': '12,4',
      'gru.bias_ih_l0_reverse': '12',
      'gru.bias_hh_l0_reverse': '12',
      'gru.weight_ih_l1': '12,8',
      'gru.weight_hh_l1': '12,4',
      'gru.bias_ih_l1': '12',
      'gru.bias_hh_l1': '12',
      'gru.weight_ih_l1_reverse': '12,8',
      'gru.weight_hh_l1_reverse': '12,4',
      'gru.bias_ih_l1_reverse': '12',
      'gru.bias_hh_l1_reverse': '12',
      'embeddings.pitch.weight': '5,2',
      'embeddings.step.weight': '4,3',
      'heads.pitch.weight': '5,8',
      'heads.pitch.bias': '5',
      'heads.step.weight': '4,8',
      'heads.step.bias': '4',
      'tables.step.pitch.weight': '5,4',
      'hidden.step.weight': '3,8',
      'hidden.step.bias': '3',
      'hidden_tables.step.pitch.weight': '5,3',
      'hidden_out.step.weight': '4,3',
      'heads.length.weight': '4,8',
      'heads.length.bias': '4',
    });
    expect(metadata.format).toBe('pt');
  });

  it('makes a module of each layer where their widths differ', () => {
    const { tensors } = decodeSafetensors(toPytorch(modelOf('lstm', { widths: [6, 4] })).bytes);
    expect(tensors['lstm.0.weight_ih_l0'].shape).toEqual([24, 9]);
    expect(tensors['lstm.1.weight_ih_l0'].shape).toEqual([16, 6]);
  });

  it.each(CELL_KINDS.filter((cell) => !(CELLS as readonly string[]).includes(cell)))('refuses %s by its name', (cell) => {
    expect(() => toPytorch(modelOf(cell)).bytes).toThrow(/^This model's layers are (LSTM|GRU) \((peepholes|layer norm|reset before)\), which PyTorch's layers cannot hold/);
  }); // prettier-ignore

  it('refuses names that no module can have, and weights that are not finite', () => {
    const { spec, parameters, extra } = modelOf('lstm');
    const dotted = { ...spec, heads: [{ ...spec.heads[0], name: 'a.b' }] };
    expect(() => toPytorch({ spec: dotted, parameters: randomParameters(dotted), extra })).toThrow(
      /no module can be called "a\.b"/,
    );
    parameters['heads.pitch.bias'][2] = Infinity;
    expect(() => toPytorch({ spec, parameters, extra })).toThrow(/"heads\.pitch\.bias" has Infinity at \[2\]/);
  });
});

describe('a file of ours that was changed', () => {
  const changed = (change: (file: ReturnType<typeof decodeSafetensors>) => void): Uint8Array => {
    const file = decodeSafetensors(toPytorch(modelOf('lstm')).bytes);
    change(file);
    return encodeSafetensors(file);
  };

  it.each<[string, (file: ReturnType<typeof decodeSafetensors>) => void, RegExp]>([
    ['a tensor is missing', ({ tensors }) => delete tensors['lstm.bias_hh_l1'], /lstm\.bias_hh_l1 should be \[16\] and is missing/],
    ['a tensor is one too many', ({ tensors }) => (tensors.more = tensors['heads.pitch.bias']), /^more \[5\] is none of this architecture's tensors/],
    ['a tensor has another shape', ({ tensors }) => (tensors['heads.pitch.weight'].shape = [4, 5]), /heads\.pitch\.weight should be \[5, 4\] and has shape \[4, 5\]/],
    ['the version is newer', ({ metadata }) => (metadata.etude = '2'), /exported by version 2 of the format; this Etude reads version 1/],
    ['the architecture cannot be', ({ metadata }) => (metadata.spec = '{"inputs":{}}'), /what this file says of its model cannot be read/],
    ['what the application keeps is no object', ({ metadata }) => (metadata.extra = '[]'), /what this file says of its model cannot be read/],
  ])('is refused where %s', async (_, change, reason) => {
    await expect(importPytorch(changed(change))).rejects.toThrow(reason);
  }); // prettier-ignore

  it('takes no options: it says itself what is in it', async () => {
    await expect(importPytorch(toPytorch(modelOf('lstm')).bytes, { heads: ['pitch'] })).rejects.toThrow(
      /heads: the file, which Etude exported, says/,
    );
  });

  it('is read like the model that it came from where its metadata are lost', async () => {
    const model = modelOf('gru');
    const bytes = changed(() => undefined);
    const file = decodeSafetensors(toPytorch(model).bytes);
    const bare = encodeSafetensors({ ...file, metadata: {} });
    const { parameters, extra } = await importPytorch(bare, { like: model });
    expect({ parameters, extra }).toEqual({ parameters: model.parameters, extra: model.extra });
    await expect(importPytorch(bytes, { like: modelOf('gru') })).rejects.toThrow(
      /gru\.weight_ih_l0 should be \[12, 9\] and is missing/,
    );
  });
});
