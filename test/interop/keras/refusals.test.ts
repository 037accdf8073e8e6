import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FoundLayers } from '../../../src/interop/keras-layers/found.ts';
import { findLayers } from '../../../src/interop/keras-layers/find-layers.ts';
import { readConfig } from '../../../src/interop/keras/config.ts';
import { describedBy } from '../../../src/interop/keras/import-keras.ts';

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

const input = layer('InputLayer', { name: 'input', batch_shape: [null, null, 2] });
const embedding = (name: string, more: Config = {}): Config =>
  layer('Embedding', { name, input_dim: 5, output_dim: 2, ...more });

function read(model: Config): FoundLayers {
  return findLayers(describedBy(readConfig(new TextEncoder().encode(JSON.stringify(model)))));
}
const sequential = (...layers: Config[]): Config => ({ class_name: 'Sequential', config: { layers } });
/** Layers behind an input of numbers, or an embedding. */
const chain = (...layers: Config[]): FoundLayers =>
  read(sequential(...(['Embedding', 'InputLayer'].includes(layers[0].class_name as string) ? [] : [input]), ...layers));

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

describe('a configuration', () => {
  it.each<[string, Config[], RegExp]>([
    ['hard sigmoids', [lstm({ recurrent_activation: 'hard_sigmoid' }), dense()], /^layer "lstm" \(LSTM\): its gates have the activation "hard_sigmoid", which is the default of Keras before 2\.3 .*Make the layer with recurrent_activation="sigmoid", and train it again/],
    ['relu in a cell', [layer('SimpleRNN', { ...LSTM, name: 'rnn', activation: 'relu' }), dense()], /^layer "rnn" \(SimpleRNN\): activation is "relu"; expected "tanh"/],
    ['no activation', [gru({ activation: null }), dense()], /^layer "gru" \(GRU\): activation is null; expected "tanh"/],
    ['no activation of gates', [gru({ recurrent_activation: null }), dense()], /^layer "gru" \(GRU\): its gates have the activation null/],
    ['sequences from the end', [lstm({ go_backwards: true }), dense()], /^layer "lstm" \(LSTM\): go_backwards is true.*turn the sequences round/],
    ['both directions from the end', [both({}, { go_backwards: false }, { go_backwards: true }), dense()], /^layer "both" \(Bidirectional\): go_backwards is true/],
    ['the second direction from the beginning', [both({}, { go_backwards: false }), dense()], /^layer "both" \(Bidirectional\): .*backward_layer of its own, of which go_backwards is false; expected true/],
    ['directions that are added', [both({ merge_mode: 'sum' }), dense()], /^layer "both" \(Bidirectional\): merge_mode is "sum"; expected "concat"/],
    ['directions of two widths', [both({}, { units: 5 }), dense()], /^layer "both" \(Bidirectional\): .* of which units is 5, and forward it is 4; expected both directions alike/],
    ['directions with and without biases', [both({}, { use_bias: false }), dense()], /of which use_bias is false, and forward it is true/],
    ['directions that are asked at other steps', [both({}, { return_sequences: false }), dense()], /of which return_sequences is false, and forward it is true/],
    ['a direction of something else', [both({ backward_layer: gru({ go_backwards: true }) }), dense()], /of which cell is "gru", and forward it is "lstm"/],
    ['both directions of something else', [both({ layer: dense() }), dense()], /^layer "both" \(Bidirectional\): it wraps "Dense"; expected LSTM, GRU or SimpleRNN/],
    ['masks of an embedding', [embedding('words', { mask_zero: true }), lstm(), dense()], /^layer "words" \(Embedding\): mask_zero is true.*Etude has no masks.*save the model without mask_zero, and leave padding away/],
    ['a layer that masks', [layer('Masking', { name: 'masking', mask_value: 0 }), lstm(), dense()], /^layer "masking" \(Masking\): it leaves out steps.*save the model without it/],
    ['time-major sequences', [lstm({ time_major: true }), dense()], /^layer "lstm" \(LSTM\): time_major is true/],
    ['two kinds of cells', [lstm(), gru(), dense()], /^layer "gru" \(GRU\): expected what layer "lstm" \(LSTM\) is, LSTM, got GRU/],
    ['two kinds of GRU', [gru(), gru({ name: 'second', reset_after: false }), dense()], /^layer "second" \(GRU\): expected what layer "gru" \(GRU\) is, GRU, got GRU \(reset before\)/],
    ['one layer in both directions', [both(), lstm(), dense()], /^layer "lstm" \(LSTM\): expected what layer "both" \(Bidirectional\) is, bidirectional LSTM, got LSTM/],
    ['a layer behind the last step', [lstm({ return_sequences: false }), lstm({ name: 'second' }), dense()], /^layer "lstm" \(LSTM\): return_sequences is false, and another recurrent layer reads/],
    ['states for the next layer', [lstm({ return_state: true }), dense()], /^layer "lstm" \(LSTM\): return_state is true.*Stepper/],
    ['no head', [lstm()], /^layer "lstm" \(LSTM\): expected Dense, which says what the model predicts/],
    ['no recurrent layer', [dense()], /^layer "input" \(InputLayer\): expected LSTM, GRU or SimpleRNN/],
    ['a Dense layer in front', [dense(), lstm(), dense({ name: 'out' })], /^layer "dense" \(Dense\): expected what a recurrent layer of Etude reads/],
    ['a head of tanh', [lstm(), dense({ activation: 'tanh' })], /^layer "dense" \(Dense\): its activation is "tanh"; expected linear, softmax or sigmoid/],
    ['a relu layer for a head', [lstm(), dense({ activation: 'relu' })], /^layer "dense" \(Dense\): its activation is "relu"/],
    ['a Dense layer of tanh in front of the head', [lstm(), dense({ activation: 'tanh' }), dense({ name: 'out' })], /^layer "dense" \(Dense\): its activation is "tanh"; the layer before a head of Etude is a Dense with relu/],
    ['two relu layers', [lstm(), dense({ activation: 'relu' }), dense({ name: 'b', activation: 'relu' }), dense({ name: 'c' })], /^layer "dense" \(Dense\): expected at most one relu layer/],
    ['an activation behind a layer', [lstm(), layer('Activation', { name: 'act', activation: 'relu' }), dense()], /^layer "act" \(Activation\): its activation is "relu"; the layer before a head/],
    ['a normalisation', [lstm(), layer('LayerNormalization', { name: 'norm' }), dense()], /^layer "norm" \(LayerNormalization\): expected LSTM/],
    ['a convolution', [layer('Conv1D', { name: 'conv' }), lstm(), dense()], /^layer "conv" \(Conv1D\): expected what a recurrent layer of Etude reads/],
    ['a cell of one’s own', [layer('RNN', { name: 'rnn', cell: {} }), dense()], /^layer "rnn" \(RNN\): expected LSTM, GRU or SimpleRNN/],
    ['another layer at each step', [lstm(), layer('TimeDistributed', { name: 'steps', layer: lstm() })], /^layer "steps" \(TimeDistributed\): it wraps "LSTM"; expected Dense/],
    ['an embedding of an embedding', [embedding('a'), embedding('b'), lstm(), dense()], /^layer "b" \(Embedding\): expected to read an input of one class a step/],
    ['more units than any model has', [lstm({ units: 70000 }), dense()], /^layer "lstm" \(LSTM\): units: expected a whole number from 1 to 65536, got 70000/],
    ['an unknown number of numbers', [{ ...input, config: { name: 'input' } }, lstm(), dense()], /^layer "input" \(InputLayer\): it does not say how many numbers a step has: expected .*batch_shape/],
  ])('with %s is refused by the name of the layer', (_, layers, reason) => {
    expect(() => chain(...layers)).toThrow(reason);
  });

  it.each<[string, Config, RegExp]>([
    ['a layer that is used twice', { ...functional([[input], [lstm(), 'input'], [dense(), 'lstm']], [['dense', 0, 0]]), twice: 'lstm' }, /^layer "lstm" \(LSTM\): it is used 2 times/],
    ['a sum of two', functional([[input], [lstm(), 'input'], [layer('Add', { name: 'add' }), 'lstm', 'input'], [dense(), 'add']], [['dense', 0, 0]]), /^layer "add" \(Add\): expected LSTM, GRU or SimpleRNN/],
    ['numbers that go in twice', functional([[input], [layer('Concatenate', { name: 'twice', axis: -1 }), 'input', 'input'], [lstm(), 'twice'], [dense(), 'lstm']], [['dense', 0, 0]]), /^layer "input" \(InputLayer\): it goes into the recurrent layers twice/],
    ['layers put together again and again', functional([[input], ...Array.from({ length: 200 }, (_, k): [Config, ...string[]] => [layer('Concatenate', { name: `c${k}` }), ...new Array<string>(20).fill(k === 0 ? 'input' : `c${k - 1}`)]), [lstm(), 'c199'], [dense(), 'lstm']], [['dense', 0, 0]]), /^layer "input" \(InputLayer\): it goes into the recurrent layers twice/],
    ['more numbers than any model reads', functional([...['a', 'b'].map((name): [Config] => [layer('InputLayer', { name, batch_shape: [null, null, 60000] })]), [layer('Concatenate', { name: 'both', axis: -1 }), 'a', 'b'], [lstm(), 'both'], [dense(), 'lstm']], [['dense', 0, 0]]), /^120000 numbers go in at every step; at most 65536/],
    ['two for one layer', functional([[input], [lstm(), 'input', 'input'], [dense(), 'lstm']], [['dense', 0, 0]]), /^layer "lstm" \(LSTM\): expected to read one layer, got "input", "input"/],
    ['two chains', functional([[input], [lstm(), 'input'], [lstm({ name: 'other' }), 'input'], [dense(), 'other']], [['dense', 0, 0]]), /^layer "lstm" \(LSTM\): nothing that the model predicts reads it/],
    ['a head on a layer below the last', functional([[input], [lstm(), 'input'], [lstm({ name: 'top' }), 'lstm'], [dense({ name: 'low' }), 'lstm'], [dense(), 'top']], [['low', 0, 0], ['dense', 0, 0]]), /^layer "dense" \(Dense\): it reads layer "top" \(LSTM\), and layer "low" \(Dense\) reads layer "lstm" \(LSTM\)/],
    ['a head that is no output', functional([[input], [lstm(), 'input'], [dense({ name: 'unread' }), 'lstm'], [dense(), 'lstm']], [['dense', 0, 0]]), /^layer "unread" \(Dense\): nothing that the model predicts reads it/],
    ['states as outputs', functional([[input], [lstm({ return_state: true }), 'input'], [dense(), 'lstm']], [['dense', 0, 0], ['lstm', 0, 1]]), /^output_layers: it reads number 1 .*\(return_state\).*Stepper/],
    ['a state to begin with', { ...functional([[input], [lstm(), 'input'], [dense(), 'lstm']], [['dense', 0, 0]]), kwargs: { initial_state: [{ class_name: '__keras_tensor__', config: { keras_history: ['input', 0, 0] } }] } }, /^layer "lstm" \(LSTM\): it is called with initial_state/],
    ['a second argument', { ...functional([[input], [lstm(), 'input'], [dense(), 'lstm']], [['dense', 0, 0]]), more: 'mask' }, /^layer "lstm": it is called with "mask"/],
  ])('with %s is refused', (_, { twice, kwargs, more, ...model }, reason) => {
    const { layers } = model.config as { layers: (Config & { config: Config; inbound_nodes: { args: unknown[]; kwargs: unknown }[] })[] };
    if (kwargs) layers[1].inbound_nodes[0].kwargs = kwargs;
    if (more) layers[1].inbound_nodes[0].args.push(more);
    for (const each of layers) if (each.config.name === twice) each.inbound_nodes.push(each.inbound_nodes[0]);
    expect(() => read(model)).toThrow(reason);
  });

  it('is read whatever of it acts in training alone, or changes how and not what is computed', () => {
    const idle = ['Dropout', 'SpatialDropout1D', 'GaussianNoise'].map((name) => layer(name, { name }));
    const settings = { dropout: 0.3, recurrent_dropout: 0.2, unit_forget_bias: true, implementation: 1, unroll: true, zero_output_for_mask: true, kernel_regularizer: { class_name: 'L2' } };
    const same = ['Identity', 'Activation'].map((name) => layer(name, { name, activation: 'linear' }));
    const { stack, heads, spec, passed } = chain(idle[0], lstm(settings), idle[1], same[0], lstm({ name: 'top', ...settings }), idle[2], dense(), same[1]);
    expect(stack.map(({ node, cell }) => [node.name, cell])).toEqual([['lstm', 'lstm'], ['top', 'lstm']]);
    expect([heads.length, spec.lossOn, passed.length]).toEqual([1, 'all', 5]);
  });

  it('names the parts of a model without what commands a terminal, and short', () => {
    const { inputs, heads } = chain(embedding('\u001b[2Jin'), lstm(), dense({ name: 'x'.repeat(5000) })).spec;
    expect(inputs.categories[0].name).toBe('\\u001b[2Jin');
    expect(heads[0].name).toBe(`${'x'.repeat(119)}…`);
  });

  it('may give states that nothing reads', () => {
    const model = functional([[input], [lstm({ return_state: true }), 'input'], [dense(), 'lstm']], ['dense', 0, 0]);
    expect(read(model).stack).toHaveLength(1);
  });

  it('says how many numbers a step has where it was built, too', () => {
    const { class_name: className, config } = sequential({ ...lstm(), build_config: { input_shape: [null, null, 3] } }, dense());
    expect(read({ class_name: className, config }).spec.inputs.features).toHaveLength(3);
  });

  it('of Keras 2 has no backward layer and no reset_after where these are as they were', () => {
    expect(chain(both({ backward_layer: undefined }), dense()).spec.lstm.bidirectional).toBe(true);
    expect(chain(both({ backward_layer: null }), dense()).spec.lstm.bidirectional).toBe(true);
    expect(chain(gru({ reset_after: undefined }), dense()).stack[0].cell).toBe('gru-before');
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
    [{ loss: 'constructor' }, { kind: 'categorical' }],
    [{}, { kind: 'categorical' }],
    [{ loss: { dense: 'mse', other: 'categorical_crossentropy' } }, { kind: 'numbers', loss: { kind: 'squared' } }],
  ])('with %j says what its head predicts', ({ loss, ...config }, meaning) => {
    const model = { ...sequential(input, lstm(), dense(config)), compile_config: { loss } };
    expect(read(model).heads[0].spec).toEqual({ name: 'dense', size: 3, lossWeight: 1, ...(meaning as Config) });
  });
}); // prettier-ignore

it('the refusals name what docs/interop.md says is refused', () => {
  const page = readFileSync(new URL('../../../docs/interop.md', import.meta.url), 'utf8');
  for (const word of ['hard_sigmoid', 'go_backwards', 'mask_zero', 'Masking', 'merge_mode', 'Lambda', '--config', 'h5wasm']) expect(page).toContain(word); // prettier-ignore
});
