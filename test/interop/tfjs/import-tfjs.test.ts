import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largestDifference, randomModel, runNetwork } from '../../../bench/interop/ours.ts';
import { caseDifference, importCase, tfjsCases } from '../../../bench/interop/tfjs-cases.ts';
import { loadModel } from '../../../src/fit/index.ts';
import { importTfjs, type TfjsOptions } from '../../../src/interop/index.ts';
import { encodeCheckpoint } from '../../../src/nn/index.ts';
import { cellColumns } from '../../../src/interop/keras-layers/cell-columns.ts';

const folder = join(import.meta.dirname, '../../golden/interop-tfjs');
const cases = tfjsCases(folder);

describe('a network that TensorFlow.js saved', () => {
  it.each(cases)('says what it said there: $name', async (each) => {
    const model = await importCase(folder, each.name);
    expect(caseDifference(model, each)).toBeLessThan(1e-6);
    expect(() => encodeCheckpoint(model)).not.toThrow();
  });

  it('has zeros of both signs as they were', async () => {
    const { parameters } = await importCase(folder, 'characters');
    expect(Object.is(parameters['lstm.0.kernel'][0], -0)).toBe(true);
  });

  it('is described, with what was left out', async () => {
    const { notes, spec } = await importCase(folder, 'mixed');
    expect(notes).toEqual([
      'gru_GRU3: GRU (reset before), 1 layer of 5, without biases.',
      'pitches: an embedding of 6 classes in 3 numbers.',
      'bars: an embedding of 4 classes in 2 numbers.',
      'The first layer reads 2 numbers behind the embeddings.',
      'chord: a head of 3 classes, behind wide, a relu layer of 4: Etude gives logits, of which the softmax is what it gave.',
      'pedals: a head of 2 numbers: Etude gives what its sigmoid read.',
      "wide: beside such a layer Etude's heads have a direct path, of zeros here; training moves it.",
      'dropout_Dropout2 (Dropout): does nothing outside of training, and is left out.',
      'It has several inputs or heads, which decodeCheckpoint and Stepper take; loadModel takes one of each.',
    ]);
    expect(spec.heads.map(({ kind }) => kind)).toEqual(['categorical', 'numbers']);
  });

  it('is a model that loadModel takes, with names for its classes, and answers once where it did', async () => {
    const letters = await loadModel<string>(encodeCheckpoint(await importCase(folder, 'characters', { vocabulary: [...'abcdefg'] }))); // prettier-ignore
    expect(letters.forecast('abc', 4)).toHaveLength(4);
    const { extra } = await importCase(folder, 'answers');
    expect(extra.fit).toMatchObject({ task: 'ends', output: { classes: ['0', '1'] } });
  });

  it('reads one-hot vectors where a vocabulary says so, and numbers where a head is said to give them', async () => {
    const model = await importCase(folder, 'labels', { vocabulary: ['a', 'b', 'c'], heads: ['label:numbers'] });
    expect(model.spec.inputs).toEqual({ categories: [{ name: 'class', size: 3 }], features: [] });
    expect(model.spec.heads[0]).toMatchObject({ kind: 'numbers', size: 5, loss: { kind: 'squared' } });
  });

  it.each<[TfjsOptions, RegExp]>([
    [{ heads: ['nxet:classes'] }, /--head nxet: no head is called so; expected one of next/],
    [{ heads: ['next:numbers'] }, /--head next:numbers: its softmax makes it one of classes/],
    [{ vocabulary: ['a'] }, /vocabulary: expected 7 names/],
  ])('refuses %j', async (options, reason) => {
    await expect(importCase(folder, 'characters', options)).rejects.toThrow(reason);
  });
});

interface Layer {
  class_name: string;
  name?: string;
  config: Record<string, unknown>;
  inbound_nodes?: unknown[][][];
}

/** The model.json of a case after a change of its layers, with its weights. */
function changed(name: string, change: (layers: Layer[], json: Record<string, unknown>) => void): Promise<unknown> {
  const json = JSON.parse(readFileSync(join(folder, name, 'model.json'), 'utf8')) as { modelTopology: { config: { layers: Layer[] } } }; // prettier-ignore
  change(json.modelTopology.config.layers, json as never);
  return importTfjs(json, (path) => readFileSync(join(folder, name, path)));
}

/** Sets settings of a layer of the case `characters`: Embedding, LSTM, Dropout, LSTM, Dense; or of the first of another. */
const set = (at: number, settings: Record<string, unknown>) => (layers: Layer[]): void => {
  Object.assign(((layers[at].config.layer as Layer | undefined) ?? layers[at]).config, settings);
}; // prettier-ignore

describe('what Etude has not is refused by name', () => {
  it.each<[string, string, (layers: Layer[], json: Record<string, unknown>) => void, RegExp]>([
    ['the default of gates', 'characters', (layers) => delete layers[1].config.recurrent_activation, /^layer "lstm_LSTM1" \(LSTM\): its gates have the activation "hard_sigmoid", which is the default of TensorFlow\.js and no sigmoid\. Make the layer with recurrentActivation: 'sigmoid', and train it again\.$/],
    ['the same as TensorFlow.js writes it', 'characters', set(1, { recurrent_activation: 'hardSigmoid' }), /"hard_sigmoid", which is the default/],
    ['the same of a GRU in both directions', 'labels', set(0, { recurrent_activation: 'hard_sigmoid' }), /layer "bidirectional_Bidirectional1" \(Bidirectional\): its gates have the activation "hard_sigmoid"/],
    ['other gates', 'characters', set(1, { recurrent_activation: 'tanh' }), /its gates have the activation "tanh", which Etude has not/],
    ['relu in a recurrent layer', 'added', (layers) => Object.assign(layers.find(({ class_name: kind }) => kind === 'SimpleRNN')!.config, { activation: 'relu' }), /"simple_rnn_SimpleRNN1" \(SimpleRNN\): activation is "relu"; expected "tanh"/],
    ['reading from the end alone', 'characters', set(1, { go_backwards: true }), /go_backwards is true; .*use Bidirectional/],
    ['states that are read', 'characters', set(1, { return_state: true }), /return_state is true/],
    ['steps in front', 'characters', set(1, { time_major: true }), /time_major is true/],
    ['masks of an embedding', 'characters', set(0, { mask_zero: true }), /layer "letters" \(Embedding\): mask_zero is true/],
    ['Masking', 'labels', (layers) => layers.unshift({ class_name: 'Masking', config: { name: 'mask', mask_value: 0, batch_input_shape: [null, null, 3] } }), /layer "mask" \(Masking\): it leaves out steps/],
    ['a steps-away return', 'characters', set(1, { return_sequences: false }), /layer "lstm_LSTM1" \(LSTM\): return_sequences is false, and another recurrent layer reads/],
    ['another merge', 'labels', (layers) => (layers[0].config.merge_mode = 'sum'), /merge_mode is "sum"; expected "concat"/],
    ['a backward layer of its own', 'labels', (layers) => (layers[0].config.backward_layer = {}), /backward_layer: class_name: expected a text, got nothing/],
    ['something else in both directions', 'labels', (layers) => ((layers[0].config.layer as Layer).class_name = 'ConvLSTM2D'), /it wraps "ConvLSTM2D"; expected LSTM, GRU or SimpleRNN/],
    ['TimeDistributed of another', 'labels', (layers) => ((layers[2].config.layer as Layer).class_name = 'Conv1D'), /it wraps "Conv1D"; expected Dense/],
    ['mixed cells', 'characters', (layers) => (layers[3].class_name = 'GRU'), /layer "lstm_LSTM2" \(GRU\): expected what layer "lstm_LSTM1" \(LSTM\) is, LSTM/],
    ['a layer that is unknown', 'characters', (layers) => (layers[1].class_name = 'Conv1D'), /layer "lstm_LSTM1" \(Conv1D\): expected what a recurrent layer of Etude reads/],
    ['no recurrent layer', 'characters', (layers) => layers.splice(1, 3), /layer "letters" \(Embedding\): expected LSTM, GRU or SimpleRNN/],
    ['no head', 'characters', (layers) => layers.pop(), /layer "lstm_LSTM2" \(LSTM\): expected Dense/],
    ['another activation of a head', 'characters', set(4, { activation: 'relu' }), /layer "next" \(Dense\): its activation is "relu"; expected linear, softmax or sigmoid/],
    ['two activations of a head', 'answers', (layers) => (layers[1].config.activation = 'sigmoid'), /layer "answer" \(Dense\): it has the activation "sigmoid", and softmax behind it/],
    ['another activation before a head', 'mixed', (layers) => Object.assign(layers.find(({ name }) => name === 'wide')!.config, { activation: 'elu' }), /layer "wide" \(Dense\): its activation is "elu"; the layer before a head of Etude is a Dense with relu/],
    ['a nested model', 'characters', (layers) => (layers[1].class_name = 'Sequential'), /layer 1 is a whole model \(Sequential\)/],
    ['a shared layer', 'tutorial', (layers) => layers[2].inbound_nodes!.push(layers[2].inbound_nodes![0]), /layer "pitch" \(Dense\): it is used 2 times/],
    ['heads of several layers', 'tutorial', (layers) => (layers[2].inbound_nodes![0][0][0] = 'notes'), /"step" \(Dense\): it reads layer "lstm_LSTM4" \(LSTM\), and layer "pitch" \(Dense\) reads layer "notes"/],
    ['states that are given', 'tutorial', (layers) => layers[1].inbound_nodes![0].push(['notes', 0, 0, {}]), /layer "lstm_LSTM4" \(LSTM\): expected to read one layer, got "notes", "notes"/],
    ['a call with more', 'tutorial', (layers) => (layers[1].inbound_nodes![0][0][3] = { mask: 'm' }), /it is called with mask/],
    ['another tensor', 'tutorial', (layers) => (layers[1].inbound_nodes![0][0][2] = 1), /it reads number 1 of what call 0 of "notes" gives/],
    ['a layer that nobody reads', 'tutorial', (layers) => layers.push({ ...layers[0], name: 'more' }), /layer "more" \(InputLayer\): nothing that the model predicts reads it/],
    ['a circle', 'tutorial', (layers) => Object.assign(layers[1], { inbound_nodes: [[['lstm_LSTM4', 0, 0, {}]]], config: { ...layers[1].config, return_sequences: true } }), /layer "lstm_LSTM4" reads itself/],
    ['classes without an embedding', 'tutorial', (layers) => (layers[0].config.batch_input_shape = [null, null]), /layer "notes" \(InputLayer\): expected sequences of numbers.*Classes go through an Embedding/],
    ['numbers into an embedding', 'characters', (layers) => (layers[0].config.batch_input_shape = [null, 5, 2]), /layer "letters" \(Embedding\): expected to read an input of one class a step/],
    ['another axis', 'mixed', (layers) => Object.assign(layers.find(({ class_name: kind }) => kind === 'Concatenate')!.config, { axis: 1 }), /\(Concatenate\): axis is 1; expected -1/],
    ['numbers that are added up', 'added', (layers) => (layers.find(({ class_name: kind }) => kind === 'Add')!.inbound_nodes![0][0][0] = 'a'), /\(Add\): it adds up what layer "a" \(InputLayer\) gives; expected embeddings/],
    ['other sizes', 'characters', set(1, { units: 5 }), /layer "lstm_LSTM1" \(LSTM\): kernel should be \[3, 20\], and is \[3, 16\]/],
    ['more weights', 'characters', set(4, { use_bias: false }), /layer "next" \(Dense\): bias \[7\] has no place in a model of Etude/],
    ['weights of no layer', 'characters', (layers) => (layers[4].config.name = 'other'), /layer "other" \(Dense\): kernel should be \[5, 7\], and is missing/],
  ])('%s', async (_, name, change, reason) => {
    await expect(changed(name, change)).rejects.toThrow(reason);
  }); // prettier-ignore

  it('weights that no layer has', async () => {
    const more = (_: Layer[], json: Record<string, unknown>): void => {
      const [{ weights }] = json.weightsManifest as [{ weights: unknown[] }];
      weights.push({ name: 'conv/kernel', shape: [0], dtype: 'float32' });
    };
    await expect(changed('characters', more)).rejects.toThrow(/there are weights of "conv", and no such layer is in the model/);
  }); // prettier-ignore
});

describe('what does not change the numbers is passed over', () => {
  it.each<[string, (layers: Layer[], json: Record<string, unknown>) => void]>([
    ['ways to compute the same', set(1, { unroll: true, implementation: 1, unit_forget_bias: true, kernel_regularizer: { class_name: 'L1L2', config: {} } })],
    ['names of activations in other words', set(1, { recurrent_activation: { class_name: 'Sigmoid', config: {} } })],
    ['states that are carried', set(1, { stateful: true })],
  ])('%s', async (_, change) => {
    const before = await importCase(folder, 'characters');
    expect(await changed('characters', change)).toMatchObject({ spec: before.spec, parameters: before.parameters });
  }); // prettier-ignore

  it('the state of an optimizer', async () => {
    const json = JSON.parse(readFileSync(join(folder, 'tutorial', 'model.json'), 'utf8')) as { weightsManifest: { weights: unknown[] }[] }; // prettier-ignore
    json.weightsManifest[0].weights.push({ name: 'iter', shape: [], dtype: 'int32', group: 'optimizer' });
    const bytes = Buffer.concat([readFileSync(join(folder, 'tutorial', 'weights.bin')), Buffer.alloc(4)]);
    expect(await importTfjs(json, bytes)).toEqual(await importCase(folder, 'tutorial'));
  });
});

it('a GRU with its reset gate behind the product, which Python’s converter writes and TensorFlow.js cannot load, is read', async () => {
  const spec = { inputs: { categories: [], features: ['a', 'b'] }, lstm: { layers: 1, hiddenSize: 3, dropout: 0, cell: 'gru' as const }, heads: [{ name: 'out', kind: 'numbers' as const, size: 2, lossWeight: 1, loss: { kind: 'squared' as const } }], lossOn: 'all' as const }; // prettier-ignore
  const model = randomModel(spec);
  const { kernel, recurrent_kernel: recurrent, bias } = cellColumns(model, 0);
  const parts = [kernel, recurrent, bias, model.parameters['heads.out.kernel'], model.parameters['heads.out.bias']];
  const json = {
    modelTopology: { class_name: 'Sequential', config: [
      { class_name: 'GRU', config: { name: 'gru', units: 3, activation: 'tanh', recurrent_activation: 'sigmoid', reset_after: true, return_sequences: true, batch_input_shape: [null, null, 2] } },
      { class_name: 'Dense', config: { name: 'out', units: 2, activation: 'linear' } },
    ] },
    weightSpecs: Object.entries({ 'gru/gru_cell/kernel': [2, 9], 'gru/gru_cell/recurrent_kernel': [3, 9], 'gru/gru_cell/bias': [2, 9], 'out/kernel': [3, 2], 'out/bias': [2] }).map(([name, shape]) => ({ name, shape, dtype: 'float32' })),
  }; // prettier-ignore
  const found = await importTfjs(json, Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer))), { heads: ['out:numbers'] }); // prettier-ignore
  expect(found.spec.lstm.cell).toBe('gru');
  // Update gates stand in front there: the kernel that was read is ours, and so is what it says.
  const batch = { size: 1, steps: 2, categories: [], features: [0.5, -1, 2, 0.25] };
  expect(largestDifference(runNetwork(found, batch).heads[0], runNetwork(model, batch).heads[0])).toBe(0);
  expect(kernel.slice(0, 3)).toEqual(model.parameters['gru.0.kernel'].slice(3, 6));
});
