import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../src/interop/keras/chain.ts';
import { readConfig } from '../../../src/interop/keras/config.ts';
import type { Network } from '../../../src/interop/keras/network.ts';

type Config = Record<string, unknown>;

const layer = (className: string, config: Config): Config => ({ module: 'keras.layers', class_name: className, config, registered_name: null }); // prettier-ignore
const LSTM = {
  name: 'lstm',
  units: 4,
  activation: 'tanh',
  recurrent_activation: 'sigmoid',
  use_bias: true,
  return_sequences: true,
};
const GRU = { ...LSTM, name: 'gru', reset_after: true };
const lstm = (more: Config = {}): Config => layer('LSTM', { ...LSTM, ...more });
const gru = (more: Config = {}): Config => layer('GRU', { ...GRU, ...more });
const dense = (more: Config = {}): Config =>
  layer('Dense', { name: 'dense', units: 3, activation: 'linear', use_bias: true, ...more });
const both = (more: Config = {}, backward: Config = {}, inner: Config = {}): Config =>
  layer('Bidirectional', {
    name: 'both',
    merge_mode: 'concat',
    layer: lstm(inner),
    backward_layer: lstm({ go_backwards: true, ...backward }),
    ...more,
  });

function read(model: Config): Network {
  return networkOf(readConfig(new TextEncoder().encode(JSON.stringify(model))));
}
const sequential = (...layers: Config[]): Config => ({ class_name: 'Sequential', config: { layers } });
const chain = (...layers: Config[]): Network => read(sequential(...layers));

/** A functional model: each layer with the names of those that it reads. */
function functional(nodes: [Config, ...string[]][], outputs: unknown): Config {
  const tensor = (name: string): Config => ({
    class_name: '__keras_tensor__',
    config: { keras_history: [name, 0, 0] },
  });
  const layers = nodes.map(([each, ...reads]) => ({
    ...each,
    inbound_nodes: reads.length > 0 ? [{ args: reads.map(tensor), kwargs: { mask: null } }] : [],
  }));
  return { class_name: 'Functional', config: { layers, output_layers: outputs } };
}
const input = layer('InputLayer', { name: 'input', batch_shape: [null, null, 2] });

describe('a configuration', () => {
  it.each<[string, Config[], RegExp]>([
    ['hard sigmoids', [lstm({ recurrent_activation: 'hard_sigmoid' }), dense()], /^lstm: recurrent_activation is hard_sigmoid \(the default of Keras before 2\.3\).*Train it with recurrent_activation="sigmoid"/],
    ['relu in a cell', [layer('SimpleRNN', { ...LSTM, name: 'rnn', activation: 'relu' }), dense()], /^rnn: activation is relu; Etude's cells have tanh/],
    ['no activation', [gru({ activation: null }), dense()], /^gru: activation is linear/],
    ['sequences from the end', [lstm({ go_backwards: true }), dense()], /^lstm: go_backwards is true.*Turn the sequences round/],
    ['both directions from the end', [both({}, { go_backwards: false }, { go_backwards: true }), dense()], /^both: go_backwards is true/],
    ['directions that are added', [both({ merge_mode: 'sum' }), dense()], /^both: merge_mode is sum.*merge_mode="concat"/],
    ['directions of two widths', [both({}, { units: 5 }), dense()], /^both: its two directions are different layers \(units: 4 and 5\)/],
    ['directions with and without biases', [both({}, { use_bias: false }), dense()], /different layers \(useBias/],
    ['both directions of something else', [both({ layer: dense() }), dense()], /^both wraps Dense; expected LSTM, GRU, SimpleRNN/],
    ['masks of an embedding', [layer('Embedding', { name: 'words', mask_zero: true }), lstm(), dense()], /^words: it masks steps.*mask_zero=False/],
    ['a layer that masks', [layer('Masking', { name: 'masking', mask_value: 0 }), lstm(), dense()], /^masking: it masks steps/],
    ['time-major sequences', [lstm({ time_major: true }), dense()], /^lstm: time_major is true/],
    ['two kinds of cells', [lstm(), gru(), dense()], /^gru is another kind of layer than lstm \(gru, lstm\)/],
    ['two kinds of GRU', [gru(), gru({ name: 'second', reset_after: false }), dense()], /^second is another kind of layer than gru \(gru-before, gru\)/],
    ['one layer in both directions', [both(), lstm(), dense()], /^lstm is another kind of layer than both \(lstm, bidirectional lstm\)/],
    ['a layer behind the last step', [lstm({ return_sequences: false }), lstm({ name: 'second' }), dense()], /^lstm: return_sequences is false, and second reads it/],
    ['no head', [lstm()], /^lstm: what the model gives is that of a recurrent layer; expected Dense/],
    ['no recurrent layer', [input, dense()], /^dense is a Dense layer that reads what goes in/],
    ['a Dense layer in front', [input, dense(), lstm()], /^dense is a Dense layer that reads what goes in; expected the last recurrent layer/],
    ['a head of tanh', [lstm(), dense({ activation: 'tanh' })], /^dense: its activation is tanh; Etude's heads have softmax/],
    ['a relu layer for a head', [lstm(), dense({ activation: 'relu' })], /^dense: its activation is relu/],
    ['a Dense layer of tanh in front of the head', [lstm(), dense({ activation: 'tanh' }), dense({ name: 'out' })], /^out is a Dense layer that reads dense, a Dense layer with activation tanh/],
    ['two relu layers', [lstm(), dense({ activation: 'relu' }), dense({ name: 'b', activation: 'relu' }), dense({ name: 'c' })], /^c is a Dense layer that reads b, a Dense layer with activation relu/],
    ['an activation behind a layer', [lstm(), layer('Activation', { name: 'act', activation: 'relu' }), dense()], /^act \(Activation: relu\) stands behind a recurrent layer/],
    ['a normalisation', [lstm(), layer('LayerNormalization', { name: 'norm' }), dense()], /^norm \(LayerNormalization\) has no place/],
    ['a convolution', [layer('Conv1D', { name: 'conv' }), lstm(), dense()], /^conv \(Conv1D\) has no place/],
    ['a cell of one’s own', [layer('RNN', { name: 'rnn', cell: {} }), dense()], /^rnn \(RNN\) has no place/],
    ['another layer at each step', [lstm(), layer('TimeDistributed', { name: 'steps', layer: lstm() })], /^steps wraps LSTM; expected TimeDistributed\(Dense\)/],
    ['two embeddings', [layer('Embedding', { name: 'a' }), layer('Embedding', { name: 'b' }), lstm(), dense()], /^b reads an embedding, and there is a/],
  ])('with %s is refused by the name of the layer', (_, layers, reason) => {
    expect(() => chain(...layers)).toThrow(reason);
  });

  it.each<[string, Config, RegExp]>([
    ['a layer that is used twice', { ...functional([[input], [lstm(), 'input'], [dense(), 'lstm']], [['dense', 0, 0]]), twice: 'lstm' }, /^lstm \(LSTM\) is used 2 times/],
    ['a sum of two', functional([[input], [lstm(), 'input'], [layer('Add', { name: 'add' }), 'lstm', 'input'], [dense(), 'add']], [['dense', 0, 0]]), /^add \(Add\) reads lstm, input; every layer of Etude reads one other/],
    ['two chains', functional([[input], [lstm(), 'input'], [lstm({ name: 'other' }), 'input'], [dense(), 'other']], [['dense', 0, 0]]), /^other reads what another recurrent layer reads/],
    ['a head on a layer below the last', functional([[input], [lstm(), 'input'], [lstm({ name: 'top' }), 'lstm'], [dense({ name: 'low' }), 'lstm'], [dense(), 'top']], [['low', 0, 0], ['dense', 0, 0]]), /^low reads lstm, and not the last recurrent layer, top/],
    ['a head that is no output', functional([[input], [lstm(), 'input'], [dense({ name: 'unread' }), 'lstm'], [dense(), 'lstm']], [['dense', 0, 0]]), /^unread is read by no other layer/],
    ['states as outputs', functional([[input], [lstm({ return_state: true }), 'input'], [dense(), 'lstm']], [['dense', 0, 0], ['lstm', 0, 1]]), /reads a state that lstm returns \(return_state\).*Stepper/],
  ])('with %s is refused', (_, { twice, ...model }, reason) => {
    const { layers } = model.config as { layers: (Config & { config: Config; inbound_nodes: unknown[] })[] };
    for (const each of layers) if (each.config.name === twice) each.inbound_nodes.push(each.inbound_nodes[0]);
    expect(() => read(model)).toThrow(reason);
  });

  it('is read whatever of it acts in training alone, or changes how and not what is computed', () => {
    const idle = ['Dropout', 'SpatialDropout1D', 'GaussianNoise'].map((name) => layer(name, { name }));
    const settings = { dropout: 0.3, recurrent_dropout: 0.2, unit_forget_bias: true, implementation: 1, unroll: true, zero_output_for_mask: true, kernel_regularizer: { class_name: 'L2' }, return_state: true };
    const { recurrent, heads, lastOnly, notes } = chain(input, idle[0], lstm(settings), idle[1], lstm({ name: 'top', ...settings }), idle[2], dense());
    expect(recurrent.map(({ name, cell }) => [name, cell])).toEqual([['lstm', 'lstm'], ['top', 'lstm']]);
    expect([heads.length, lastOnly, notes]).toEqual([1, false, []]);
  });

  it('of Keras 2 has no backward layer and no reset_after where these are as they were', () => {
    expect(chain(both({ backward_layer: undefined }), dense()).recurrent[0].cells).toHaveLength(2);
    expect(chain(gru({ reset_after: undefined }), dense()).recurrent[0].cell).toBe('gru-before');
  });

  it.each<[Config, unknown]>([
    [{ activation: 'softmax' }, { kind: 'categorical' }],
    [{ activation: 'sigmoid' }, { kind: 'numbers', loss: { kind: 'binary' } }],
    [{ activation: { module: 'builtins', class_name: 'function', config: 'softmax', registered_name: 'function' } }, { kind: 'categorical' }],
    [{ loss: 'sparse_categorical_crossentropy' }, { kind: 'categorical' }],
    [{ loss: { module: 'keras.losses', class_name: 'BinaryCrossentropy', config: { from_logits: true } } }, { kind: 'numbers', loss: { kind: 'binary' } }],
    [{ loss: 'mse' }, { kind: 'numbers', loss: { kind: 'squared' } }],
    [{ loss: { class_name: 'Huber', config: { delta: 2 } } }, { kind: 'numbers', loss: { kind: 'huber', delta: 2 } }],
    [{ loss: ['mean_absolute_error'] }, { kind: 'numbers', loss: { kind: 'absolute' } }],
    [{ loss: 'constructor' }, undefined],
    [{}, undefined],
  ])('with %j says what its head predicts', ({ loss, ...config }, meaning) => {
    const model = { ...sequential(lstm(), dense(config)), compile_config: { loss } };
    expect(read(model).heads[0].meaning).toEqual(meaning);
  });
}); // prettier-ignore

it('the refusals name what docs/interop.md says is refused', () => {
  const page = readFileSync(new URL('../../../docs/interop.md', import.meta.url), 'utf8');
  for (const word of ['hard_sigmoid', 'go_backwards', 'mask_zero', 'Masking', 'merge_mode', 'Lambda', '--config', 'h5wasm']) expect(page).toContain(word); // prettier-ignore
});
