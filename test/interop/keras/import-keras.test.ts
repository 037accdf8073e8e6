import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../../bench/interop/ours.ts';
import { loadModel } from '../../../src/fit/index.ts';
import { readArchive } from '../../../src/interop/archive.ts';
import { importKeras as importInPage } from '../../../src/interop/index.ts';
import { loadHdf5 } from '../../../src/interop/keras/hdf5-library.ts';
import { importKeras } from '../../../src/interop/node.ts';
import { ADAM_DEFAULTS, createEngine, decodeCheckpoint, encodeCheckpoint, ProbedModel, randomBatch, recordSequence } from '../../../src/nn/index.ts'; // prettier-ignore
import { Random } from '../../../src/tensor/index.ts';
import { cases, kerasFile, saidBy, type KerasCase } from '../../../bench/interop/keras-cases.ts';

/** Twice what was measured: bench/results/interop-keras.json. */
const MOST_DIFFERENCE = 1e-7;

const caseOf = (name: string): KerasCase => cases.find((each) => each.name === name)!;
const archived = (name: string) => importKeras(kerasFile(`${name}.keras`));

/** The configuration in a `.keras`: what `model.to_json()` gives. */
async function configOf(name: string): Promise<string> {
  return new TextDecoder().decode((await readArchive(kerasFile(`${name}.keras`))).get('config.json'));
}

function expectAlike(said: Record<string, number[][][]>, { heads }: KerasCase): void {
  expect(Object.keys(said).sort()).toEqual(Object.keys(heads).sort());
  for (const [name, expected] of Object.entries(heads)) {
    expect(largestDifference(said[name].flat(2), expected.flat(2)), name).toBeLessThan(MOST_DIFFERENCE);
  }
}

describe('a .keras', () => {
  it('is there of eight kinds of network', () => {
    expect(cases).toHaveLength(8);
  });

  it.each(cases)('$name: the imported model says what Keras’s definitions say', async (network) => {
    expectAlike(saidBy(await archived(network.name), network), network);
  });

  it.each([
    ['characters', { layers: 2, hiddenSize: 4 }, 'all'],
    ['music', { layers: 1, hiddenSize: 6 }, 'last'],
    ['labels', { layers: 2, hiddenSize: 4, cell: 'gru', bidirectional: true }, 'all'],
    ['answers', { layers: 1, hiddenSize: 4, bidirectional: true }, 'last'],
    ['before', { layers: 2, hiddenSize: 3, widths: [5, 3], cell: 'gru-before' }, 'all'],
    ['relu', { layers: 1, hiddenSize: 4, cell: 'rnn' }, 'all'],
    ['types', { layers: 1, hiddenSize: 4, cell: 'gru' }, 'all'],
    ['inputs', { layers: 2, hiddenSize: 5, widths: [4, 5] }, 'all'],
  ])('%s has the layers %j and is asked at %s steps', async (name, lstm, lossOn) => {
    expect((await archived(name)).spec).toMatchObject({ lstm: { dropout: 0, ...lstm }, lossOn, evaluateOn: lossOn });
  });

  it('says with its activations, losses and weights of losses what the heads are', async () => {
    const headsOf = async (name: string) => (await archived(name)).spec.heads;
    expect(await headsOf('music')).toEqual([
      { name: 'duration', lossWeight: 1, size: 1, kind: 'numbers', loss: { kind: 'squared' } },
      { name: 'pitch', lossWeight: 0.05, size: 8, kind: 'categorical' },
      { name: 'step', lossWeight: 1, size: 1, kind: 'numbers', loss: { kind: 'squared' } },
    ]);
    expect(await headsOf('before')).toMatchObject([{ kind: 'numbers', size: 2, loss: { kind: 'binary' } }]);
    expect(await headsOf('relu')).toMatchObject([{ kind: 'numbers', hidden: 6, loss: { kind: 'absolute' } }]);
    expect(await headsOf('types')).toMatchObject([{ kind: 'numbers', loss: { kind: 'huber', delta: 0.5 } }]);
  });

  it('says what was found in it', async () => {
    expect((await archived('characters')).notes).toEqual([
      'first, second: LSTM, 2 layers of 4.',
      'embedding: an embedding of 7 classes in 3 numbers.',
      'words: a head of 7 classes: Etude gives logits, of which the softmax is what it gave.',
      'second: stateful. In Etude whoever runs a model carries its state: a Stepper, or a stream.',
      'dropout (Dropout): does nothing outside of training, and is left out.',
      'Its 7 classes are called 0 to 6: --vocabulary FILE gives them names.',
    ]);
    expect((await archived('relu')).notes).toEqual([
      'rnn: RNN, 1 layer of 4, without biases.',
      'The first layer reads 2 numbers.',
      'value: a head of 1 number, behind wide, a relu layer of 6.',
      "wide: beside such a layer Etude's heads have a direct path, of zeros here; training moves it.",
    ]);
  });

  it('may have several inputs, side by side', async () => {
    const { spec, notes } = await archived('inputs');
    expect(spec.inputs).toEqual({
      categories: [
        { name: 'pitches', size: 6, width: 3 },
        { name: 'bars', size: 4, width: 2 },
      ],
      features: ['number 0', 'number 1'],
      combine: 'join',
    });
    expect(spec.heads).toMatchObject([
      { name: 'pitch', kind: 'categorical', lossWeight: 0.5 },
      { name: 'length', kind: 'numbers', loss: { kind: 'absolute' }, lossWeight: 1 },
    ]);
    expect(notes).toContain('It has several inputs or heads, which decodeCheckpoint and Stepper take; loadModel takes one of each.'); // prettier-ignore
  });

  it('is not read in a page, which its weights are', async () => {
    await expect(importInPage(kerasFile('characters.keras'))).rejects.toThrow(/is read in Node; in a page give a \.weights\.h5/); // prettier-ignore
    const config = await configOf('characters');
    expectAlike(saidBy(await importInPage(kerasFile('characters.weights.h5'), { config }), caseOf('characters')), caseOf('characters')); // prettier-ignore
  });
});

describe('a .weights.h5', () => {
  it.each(['characters', 'before'])('%s gives the network that its configuration does', async (name) => {
    const { spec, parameters, notes } = await importKeras(kerasFile(`${name}.weights.h5`));
    const whole = await archived(name);
    expect(spec.lstm).toEqual(whole.spec.lstm);
    expect(Object.values(parameters)).toEqual(Object.values(whole.parameters));
    expect(notes.join()).toContain('The file holds weights alone.');
  });

  it('with a configuration is the model whole', async () => {
    const config = await configOf('before');
    expect(await importKeras(kerasFile('before.weights.h5'), { config })).toEqual(await archived('before'));
  });

  it('with another configuration is refused', async () => {
    const config = await configOf('characters');
    await expect(importKeras(kerasFile('before.weights.h5'), { config })).rejects.toThrow(/^dense\/vars\/0 \[3, 2\] .* belongs to no layer of the configuration/); // prettier-ignore
  });
});

describe('an imported language model', () => {
  const vocabulary = [...'abcdefg'];

  it('is one that loadModel and probes take, with the probabilities of its softmax', async () => {
    const { inputs, heads } = caseOf('characters');
    const bytes = encodeCheckpoint(await importKeras(kerasFile('characters.keras'), { vocabulary }));
    const model = await loadModel<string>(bytes);
    expect([model.task, model.classes]).toEqual(['next', vocabulary]);
    const indices = inputs[0] as number[];
    const [{ probabilities }] = model.predict(indices.map((index) => vocabulary[index]).join(''));
    const odds = heads.words[0].at(-1)!.map(Math.exp);
    const sum = odds.reduce((total, each) => total + each, 0);
    expect(largestDifference([...probabilities!], odds.map((each) => each / sum))).toBeLessThan(1e-6); // prettier-ignore
    const { spec, parameters } = decodeCheckpoint(bytes);
    expect(new ProbedModel(spec, parameters).layers).toHaveLength(2);
    const recording = recordSequence(spec, parameters, { length: 5, categories: [indices], features: [] });
    expect([...recording.heads[0].probabilities!.slice(28)]).toEqual([...probabilities!].map(Math.fround));
  });

  it('can be trained on', async () => {
    const { spec, parameters } = await archived('characters');
    const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
    const engine = await createEngine(spec, { backend: 'reference', threads: 1, optimizer: ADAM_DEFAULTS, batchSize: 3, steps: 5, ...streams }); // prettier-ignore
    await engine.writeParameters(parameters);
    const batch = randomBatch(spec, 3, 5, Random.stream(2, 'batch'));
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) losses.push((await engine.trainStep(batch, 0.02)).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
    await engine.dispose();
  });

  it('answers once for each sequence where Keras does, and says yes or no where Keras does', async () => {
    const answers = await loadModel<string>(encodeCheckpoint(await archived('answers')));
    expect(answers.task).toBe('ends');
    const { inputs, heads } = caseOf('answers');
    const said = answers.predict((inputs as number[][]).map((sequence) => sequence.map(String)));
    const likeliest = heads.class.map(([logits]) => String(logits.indexOf(Math.max(...logits))));
    expect(said.map(({ value }) => value)).toEqual(likeliest);
    expect(said[0].probabilities![0] / said[0].probabilities![1]).toBeCloseTo(Math.exp(heads.class[0][0][0] - heads.class[0][0][1]), 5); // prettier-ignore
    const flags = await loadModel<Float64Array>(encodeCheckpoint(await archived('before')));
    const before = caseOf('before');
    const odds = before.heads.flags.map((steps) => steps.at(-1)!.map((logit) => 1 / (1 + Math.exp(-logit))));
    const told = flags.predict(before.inputs as number[][][]).map(({ value }) => [...value]);
    expect(largestDifference(told.flat(), odds.flat())).toBeLessThan(1e-6);
    expect((await loadModel(encodeCheckpoint(await archived('relu')))).task).toBe('steps');
  });
});

describe('options', () => {
  it.each<[string, Parameters<typeof importKeras>[1], RegExp]>([
    ['characters.keras', { vocabulary: ['a'] }, /expected 7 names, one for each class, got 1/],
    ['characters.keras', { config: '{}' }, /config: a \.keras has its own/],
    [
      'characters.keras',
      { heads: ['words:numbers'] },
      /--head words:numbers: its softmax makes it one of classes; leave this out/,
    ],
    ['music.keras', { heads: ['note'] }, /--head note: no head is called so; expected one of duration, pitch, step/],
    ['before.weights.h5', { config: '[' }, /config\.json cannot be read as JSON/],
  ])('%s with %j is refused', async (name, options, reason) => {
    await expect(importKeras(kerasFile(name), options)).rejects.toThrow(reason);
  });

  it('say what a head predicts where the file does not', async () => {
    const heads = ['dense:numbers'];
    expect((await importKeras(kerasFile('before.weights.h5'), { heads })).spec.heads[0]).toMatchObject({ kind: 'numbers', size: 2 }); // prettier-ignore
    expect((await importKeras(kerasFile('before.weights.h5'))).spec.heads[0].kind).toBe('categorical');
  });

  it('take a one-hot input for what a vocabulary of its width says', async () => {
    const { spec } = await importKeras(kerasFile('before.keras'), { vocabulary: ['a', 'b'] });
    expect(spec.inputs).toEqual({ categories: [{ name: 'class', size: 2 }], features: [] });
  });
});

it('without h5wasm says what to install', async () => {
  const gone = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  await expect(loadHdf5(() => Promise.reject(gone))).rejects.toThrow(/"h5wasm" reads, and that is not installed: npm install h5wasm@\^/); // prettier-ignore
  await expect(loadHdf5(() => Promise.reject(new Error('no WebAssembly\nhere')))).rejects.toThrow(/does not load here: no WebAssembly$/); // prettier-ignore
});
