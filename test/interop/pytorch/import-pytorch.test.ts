import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isShared } from '../../../bench/interop/measure-pytorch.ts';
import { BOTH_WAYS, ONE_WAY } from '../../../bench/interop/models.ts';
import { largestDifference } from '../../../bench/interop/ours.ts';
import { outputsOf, type Sequences } from '../../../bench/interop/sequences.ts';
import { loadModel } from '../../../src/fit/index.ts';
import { importPytorch, type ImportOptions } from '../../../src/interop/node.ts';
import {
  ADAM_DEFAULTS,
  createEngine,
  encodeCheckpoint,
  encodeSafetensors,
  randomBatch,
  type SafeTensors,
} from '../../../src/nn/index.ts';
import { Random } from '../../../src/tensor/index.ts';

interface Golden {
  cases: { name: string; inputs: Sequences; outputs: number[][][] }[];
}

const folder = new URL('../../golden/interop/', import.meta.url);
const fileOf = (name: string): Uint8Array => readFileSync(new URL(`${name}.pt`, folder));
const { cases } = JSON.parse(readFileSync(new URL('../interop.json', folder), 'utf8')) as Golden;

/** A safetensors file of tensors that all hold `0.5`. */
function fileWith(shapes: Record<string, number[]>): Uint8Array {
  const tensors: SafeTensors['tensors'] = {};
  for (const [name, shape] of Object.entries(shapes)) {
    tensors[name] = { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5) };
  }
  return encodeSafetensors({ tensors, metadata: {} });
}

/** An LSTM of 4 units that reads 3 numbers. */
const LSTM = {
  'lstm.weight_ih_l0': [16, 3],
  'lstm.weight_hh_l0': [16, 4],
  'lstm.bias_ih_l0': [16],
  'lstm.bias_hh_l0': [16],
};
const HEAD = { 'fc.weight': [5, 4], 'fc.bias': [5] };
const imported = (shapes: Record<string, number[]>, options?: ImportOptions) =>
  importPytorch(fileWith(shapes), options);

describe('a file of torch.save', () => {
  it('is there of six kinds of network', () => {
    expect(cases).toHaveLength(6);
  });

  it.each(cases)('$name: the imported model says what PyTorch says', async ({ name, inputs, outputs }) => {
    const model = await importPytorch(fileOf(name));
    expect(largestDifference(outputsOf(model, inputs).flat(2), outputs.flat(2))).toBeLessThan(1e-6);
  });

  it('shows its numbers wherever they lie in its storages', async () => {
    const { spec } = await importPytorch(fileOf('strided'));
    expect(spec).toEqual((await importPytorch(fileOf('characters'))).spec);
  });

  it('says what was found in it', async () => {
    expect((await importPytorch(fileOf('characters'))).notes).toEqual([
      'rnn: LSTM, 2 layers of 4.',
      'embedding: an embedding of 7 classes in 3 numbers.',
      'fc: a head of 7 classes.',
      'Its 7 classes are called 0 to 6: --vocabulary FILE gives them names.',
    ]);
    expect((await importPytorch(fileOf('tied'))).notes).toContain('rnn: RNN, 1 layer of 4, without biases.');
    expect((await importPytorch(fileOf('labels'))).spec.lstm).toEqual({
      layers: 2,
      hiddenSize: 4,
      dropout: 0,
      cell: 'gru',
      bidirectional: true,
    });
  });

  it.each([
    ['legacy', /old format.*_use_new_zipfile_serialization=True/],
    ['projected', /^weight_hr_l0 \[3, 4\] projects the output.*proj_size/],
    ['convolution', /^0\.weight \[2, 2, 1\] has no place/],
    ['whole', /would have __main__\.Numbers loaded.*executes nothing.*torch\.save\(model\.state_dict/],
  ])('%s.pt is refused with the reason', async (name, reason) => {
    await expect(importPytorch(fileOf(name))).rejects.toThrow(reason);
  });
});

describe('an imported language model', () => {
  const vocabulary = [...'abcdefg'];

  it('is one that loadModel takes, which says what comes next', async () => {
    const { inputs, outputs } = cases.find(({ name }) => name === 'characters')!;
    const model = await loadModel<string>(encodeCheckpoint(await importPytorch(fileOf('characters'), { vocabulary })));
    expect(model.task).toBe('next');
    expect(model.classes).toEqual(vocabulary);
    const text = (inputs[0] as number[]).map((index) => vocabulary[index]).join('');
    const [{ probabilities }] = model.predict(text);
    const logits = outputs[0].at(-1)!;
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    expect(
      largestDifference(
        [...probabilities!],
        logits.map((logit) => Math.exp(logit) / sum),
      ),
    ).toBeLessThan(1e-6);
    expect(model.forecast(text, 3)).toHaveLength(3);
  });

  it('can be trained on', async () => {
    const { spec, parameters } = await importPytorch(fileOf('characters'));
    const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
    const engine = await createEngine(spec, { backend: 'reference', threads: 1, optimizer: ADAM_DEFAULTS, batchSize: 3, steps: 5, ...streams }); // prettier-ignore
    await engine.writeParameters(parameters);
    const batch = randomBatch(spec, 3, 5, Random.stream(2, 'batch'));
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) losses.push((await engine.trainStep(batch, 0.02)).loss);
    expect(losses[0]).toBeCloseTo(Math.log(7), 0);
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
    await engine.dispose();
  });

  it('calls its classes by their numbers where no vocabulary is given', async () => {
    const model = await loadModel(encodeCheckpoint(await importPytorch(fileOf('characters'))));
    expect(model.classes).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  it.each([
    [['a'], /expected 7 names, one for each class, got 1/],
    [[...'abcdefa'], /the name "a" stands there twice/],
  ])('refuses the vocabulary %j', async (wrong, reason) => {
    await expect(importPytorch(fileOf('characters'), { vocabulary: wrong })).rejects.toThrow(reason);
  });

  it('labels steps where it reads from both directions, and its classes are not those that go in', async () => {
    const model = await loadModel(encodeCheckpoint(await importPytorch(fileOf('labels'))));
    expect(model.task).toBe('steps');
    expect(
      model.predictSteps([
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ])[0],
    ).toHaveLength(2);
  });
});

describe('names and shapes', () => {
  it('say what is a head and what an embedding', async () => {
    const { spec } = await imported({ 'model.encoder.weight': [9, 3], ...LSTM, ...HEAD, 'heads.two.weight': [1, 4] });
    expect(spec.inputs).toEqual({ categories: [{ name: 'encoder', size: 9, width: 3 }], features: [] });
    expect(spec.heads.map(({ name, kind }) => [name, kind])).toEqual([
      ['fc', 'categorical'],
      ['two', 'numbers'],
    ]);
  });

  it('leave numbers where the embedding is narrower than the input', async () => {
    const { spec } = await imported({ 'emb.weight': [9, 2], ...LSTM, ...HEAD });
    expect(spec.inputs.features).toEqual(['number 0']);
  });

  it('take a one-hot input for what a vocabulary of its width says', async () => {
    const { spec } = await imported({ ...LSTM, 'fc.weight': [3, 4], 'fc.bias': [3] }, { vocabulary: ['a', 'b', 'c'] });
    expect(spec.inputs).toEqual({ categories: [{ name: 'class', size: 3 }], features: [] });
  });

  it('ask for an order where several tables stand side by side', async () => {
    const tables = { 'a.weight': [9, 1], 'b.weight': [8, 2] };
    await expect(imported({ ...tables, ...LSTM, ...HEAD })).rejects.toThrow(
      /a \[9, 1\], b \[8, 2\], and nothing says in which order: --embedding a,b/,
    );
    const { spec } = await imported({ ...tables, ...LSTM, ...HEAD }, { embeddings: ['b', 'a'] });
    expect(spec.inputs).toMatchObject({ combine: 'join', categories: [{ name: 'b' }, { name: 'a' }] });
  });

  it('ask what a table is that could be either, with all of them', async () => {
    const square = { ...LSTM, 'lstm.weight_ih_l0': [16, 4], 'x.weight': [5, 4], ...HEAD };
    await expect(imported(square)).rejects.toThrow(
      /x\.weight could be a head or an embedding.*--head x, or --embedding x\. There are:\n {2}x\.weight \[5, 4\]\n {2}fc\.weight \[5, 4\]/s,
    );
    expect((await imported(square, { embeddings: ['x'] })).spec.inputs.categories).toHaveLength(1);
    expect((await imported(square, { heads: ['fc', 'x:numbers'] })).spec.heads.map(({ kind }) => kind)).toEqual([
      'categorical',
      'numbers',
    ]);
  });

  it('are one stack where modules are numbered and fit', async () => {
    const second = { 'rnn.1.weight_ih_l0': [8, 4], 'rnn.1.weight_hh_l0': [8, 2] };
    const first = { 'rnn.0.weight_ih_l0': [16, 3], 'rnn.0.weight_hh_l0': [16, 4] };
    const { spec } = await imported({ ...second, ...first, 'fc.weight': [5, 2], 'fc.bias': [5] });
    expect(spec.lstm).toMatchObject({ layers: 2, widths: [4, 2], hiddenSize: 2 });
  });

  const other = { 'decoder.weight_ih_l0': [16, 3], 'decoder.weight_hh_l0': [16, 4] };
  const oneBias = Object.fromEntries(Object.entries(LSTM).filter(([name]) => name !== 'lstm.bias_hh_l0'));
  it.each<[string, Record<string, number[]>, ImportOptions, RegExp]>([
    ['two stacks', { ...LSTM, ...other, ...HEAD }, {}, /several recurrent modules.*lstm\.weight_ih_l0 \[16, 3\].*decoder\.weight_ih_l0/s],
    ['no recurrent layer', HEAD, {}, /no recurrent layer.*fc\.weight \[5, 4\]/s],
    ['no head', LSTM, {}, /no head is in this file/],
    ['a head of another width', { ...LSTM, 'fc.weight': [5, 9], 'fc.bias': [5] }, {}, /fc\.weight \[5, 9\] has no place.*the 4 numbers/s],
    ['one bias alone', { ...oneBias, ...HEAD }, {}, /lstm\.bias_hh_l0 is missing/],
    ['a layer that is missing', { ...LSTM, 'lstm.weight_ih_l2': [16, 4], ...HEAD }, {}, /lstm\.weight_ih_l1 is missing/],
    ['a layer of another width', { ...LSTM, 'lstm.weight_ih_l1': [16, 5], 'lstm.weight_hh_l1': [16, 4], ...HEAD }, {}, /lstm\.weight_ih_l1 \[16, 5\] reads 5 numbers into 4 units; expected 4/],
    ['five gates', { 'rnn.weight_ih_l0': [20, 3], 'rnn.weight_hh_l0': [20, 4], ...HEAD }, {}, /weight_hh_l0 \[20, 4\]: expected \[4H, H\] of an LSTM/],
    ['a normalisation', { ...LSTM, ...HEAD, 'norm.weight': [4], 'norm.bias': [4] }, {}, /norm\.weight \[4\] has no place/],
    ['a parameter of nobody', { ...LSTM, ...HEAD, scale: [1] }, {}, /scale \[1\] has no place/],
    ['a module that is not there', { ...LSTM, ...HEAD }, { heads: ['fd'] }, /--head fd: no module is called so; expected one of fc \[5, 4\]/],
    ['a head that reads something else', { ...LSTM, ...HEAD, 'emb.weight': [7, 3] }, { heads: ['emb'] }, /emb\.weight \[7, 3\] reads 3 numbers, and the last recurrent layer gives 4/],
  ])('refuse %s', async (_, shapes, options, reason) => {
    await expect(imported(shapes, options)).rejects.toThrow(reason);
  }); // prettier-ignore
});

describe('numbers', () => {
  it('that are not finite are refused by the name and the place', async () => {
    const tensors: SafeTensors['tensors'] = {};
    for (const [name, shape] of Object.entries({ ...LSTM, ...HEAD }))
      tensors[name] = { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
    tensors['fc.bias'].data[3] = NaN;
    await expect(importPytorch(encodeSafetensors({ tensors, metadata: {} }))).rejects.toThrow(
      /^fc\.bias: number 3 is NaN/,
    );
  });
});

it('the differences that docs/interop.md gives are those that were measured, and none is larger than 1e-5', () => {
  const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  interface Measured {
    model: string;
    difference: number;
  }
  const { largest, exported, imported } = JSON.parse(read('bench/results/interop-pytorch.json')) as { largest: Record<'exported' | 'imported', number>; exported: Measured[]; imported: Measured[] }; // prettier-ignore
  const specs = Object.entries({ ...ONE_WAY, ...BOTH_WAYS }).filter(([, spec]) => isShared(spec));
  expect(exported.map(({ model }) => model)).toEqual(specs.map(([name]) => name));
  expect(imported.map(({ model }) => model)).toEqual(cases.map(({ name }) => `${name}.pt`));
  const page = read('docs/interop.md');
  for (const [most, measured, power, sign] of [
    [largest.exported, exported, 1e7, '⁷'],
    [largest.imported, imported, 1e8, '⁸'],
  ] as const) {
    expect(most).toBe(Math.max(...measured.map(({ difference }) => difference)));
    expect(most).toBeLessThan(1e-5);
    expect(page).toContain(`${(power * most).toPrecision(2)} · 10⁻${sign}`);
  }
});
