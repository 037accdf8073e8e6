#!/usr/bin/env python3
"""Writes keras/*.keras and *.weights.h5 as Keras 3 lays them out, and keras.json: what each network says, in float64.

    apt-get install python3-h5py python3-torch      # h5py 3.7 and PyTorch 1.13 made the committed files
    /usr/bin/python3 test/golden/make_keras.py [FOLDER SEED]

Keras itself is not asked: it is not packaged where these files were made. The places of weights are those of
`keras/src/saving/saving_lib.py`, the configurations those that `serialize_keras_object` writes, and HDF5 is written by h5py, as
in Keras. What a network says is computed here, from the definitions in `keras/src/layers/rnn/{lstm,gru,simple_rnn}.py`; where
PyTorch has the cell, its own layers have to say the same.
"""
import io
import json
import os
import re
import sys
import zipfile

import h5py
import numpy as np
import torch

BATCH, STEPS = 2, 5
FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), 'keras')
RANDOM = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 17)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def snake_case(name):
    """keras/src/utils/naming.py"""
    name = re.sub(r'\W+', '', name)
    name = re.sub('(.)([A-Z][a-z]+)', r'\1_\2', name)
    return re.sub('([a-z])([A-Z])', r'\1_\2', name).lower()


# --- Cells. x is [B, T, inputs]; all weights are float64 of what is stored.
def lstm(x, kernel, recurrent, bias):
    h = c = np.zeros((len(x), len(recurrent)))
    said = []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        said.append(h)
    return np.stack(said, 1)


def gru(x, kernel, recurrent, bias):
    units = len(recurrent)
    after = bias.ndim == 2
    h = np.zeros((len(x), units))
    said = []
    for t in range(x.shape[1]):
        xz, xr, xh = np.split(x[:, t] @ kernel + (bias[0] if after else bias), 3, axis=1)
        hz, hr, hh = np.split(h @ recurrent + (bias[1] if after else 0), 3, axis=1)
        z, r = sigmoid(xz + hz), sigmoid(xr + hr)
        candidate = np.tanh(xh + (r * hh if after else (r * h) @ recurrent[:, 2 * units:]))
        h = z * h + (1 - z) * candidate
        said.append(h)
    return np.stack(said, 1)


def simple_rnn(x, kernel, recurrent, bias):
    h = np.zeros((len(x), len(recurrent)))
    said = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ kernel + bias + h @ recurrent)
        said.append(h)
    return np.stack(said, 1)


CELLS = {'LSTM': (lstm, 4), 'GRU': (gru, 3), 'SimpleRNN': (simple_rnn, 1)}


def as_torch(name, x, kernel, recurrent, bias):
    """What PyTorch's own layer says with the same weights: gates i f g o and r z n, a row for each unit."""
    units = len(recurrent)
    order = {'LSTM': [0, 1, 2, 3], 'GRU': [1, 0, 2], 'SimpleRNN': [0]}[name]
    rows = np.concatenate([np.arange(gate * units, (gate + 1) * units) for gate in order])
    layer = {'LSTM': torch.nn.LSTM, 'GRU': torch.nn.GRU, 'SimpleRNN': torch.nn.RNN}[name](kernel.shape[0], units, batch_first=True).double()
    first, second = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    given = [kernel.T[rows], recurrent.T[rows], first[rows], second[rows]]
    with torch.no_grad():
        for parameter, values in zip(layer.parameters(), given):
            parameter.copy_(torch.from_numpy(values.copy()))
        return layer(torch.from_numpy(x))[0].numpy()


# --- Layers: a configuration, weights by their places in the group, and what the layer says.
def stored(*shape, dtype='float32'):
    return (0.5 * RANDOM.standard_normal(shape)).astype(dtype)


class Layer:
    def __init__(self, class_name, name, config, weights=None, say=lambda x: x, dtype='float32'):
        self.class_name, self.name, self.weights, self.say = class_name, name, weights or {}, say
        policy = dict(module='keras', class_name='DTypePolicy', config=dict(name=dtype), registered_name=None)
        self.config = dict(name=name, trainable=True, dtype=policy, **config)

    def serialized(self):
        return dict(module='keras.layers', class_name=self.class_name, config=self.config, registered_name=None)


def input_layer(name, *shape):
    return Layer('InputLayer', name, dict(batch_shape=[None, None, *shape], sparse=False))


def embedding(name, classes, width):
    table = stored(classes, width)
    config = dict(input_dim=classes, output_dim=width, embeddings_initializer=initializer('RandomUniform'), mask_zero=False)
    return Layer('Embedding', name, config, {'vars': [table]}, lambda x: table.astype(float)[x])


def initializer(name):
    return dict(module='keras.initializers', class_name=name, config=dict(seed=None), registered_name=None)


def cell_config(class_name, units, sequences, **more):
    config = dict(return_sequences=sequences, return_state=False, go_backwards=False, stateful=False, unroll=False, zero_output_for_mask=False,
                  units=units, activation='tanh', use_bias=True, kernel_initializer=initializer('GlorotUniform'), dropout=0.0, recurrent_dropout=0.0, seed=None)
    if class_name != 'SimpleRNN':
        config['recurrent_activation'] = 'sigmoid'
    if class_name == 'LSTM':
        config['unit_forget_bias'] = True
    if class_name == 'GRU':
        config['reset_after'] = True
    return {**config, **more}


def cell_weights(class_name, inputs, units, config, dtypes):
    columns = CELLS[class_name][1] * units
    weights = [stored(inputs, columns, dtype=dtypes[0]), stored(units, columns, dtype=dtypes[1])]
    if config['use_bias']:
        weights.append(stored(*([2] if config.get('reset_after') else []), columns, dtype=dtypes[2]))
    return weights


def run_cell(class_name, weights, config, x, backwards=False):
    kernel, recurrent, *bias = [each.astype(float) for each in weights]
    bias = bias[0] if bias else np.zeros((2,) * bool(config.get('reset_after')) + (kernel.shape[1],))
    x = x[:, ::-1] if backwards else x
    said = CELLS[class_name][0](x, kernel, recurrent, bias)
    if config.get('reset_after', True):
        assert np.abs(said - as_torch(class_name, np.ascontiguousarray(x), kernel, recurrent, bias)).max() < 1e-12
    return said


SEED = np.array([1, 0], 'uint32')


def recurrent(class_name, name, inputs, units, sequences=True, dtypes=('float32',) * 3, **more):
    config = cell_config(class_name, units, sequences, **more)
    weights = cell_weights(class_name, inputs, units, config, dtypes)

    def say(x):
        said = run_cell(class_name, weights, config, x)
        return said if sequences else said[:, -1:]
    return Layer(class_name, name, config, {'vars': [], 'cell/vars': weights, 'cell/seed_generator/vars': [SEED]}, say)


def bidirectional(class_name, name, inputs, units, sequences=True, **more):
    forward = cell_config(class_name, units, sequences, **more)
    inner = {part: dict(module='keras.layers', class_name=class_name, config=dict(name=f'{part}_{snake_case(class_name)}', **{**forward, 'go_backwards': part == 'backward'}), registered_name=None) for part in ('forward', 'backward')}
    weights = {part: cell_weights(class_name, inputs, units, forward, ('float32',) * 3) for part in ('forward', 'backward')}
    places = {f'{part}_layer/cell/vars': weights[part] for part in weights}

    def say(x):
        ahead, back = run_cell(class_name, weights['forward'], forward, x), run_cell(class_name, weights['backward'], forward, x, True)
        return np.concatenate([ahead, back[:, ::-1]] if sequences else [ahead[:, -1:], back[:, -1:]], -1)
    return Layer('Bidirectional', name, dict(merge_mode='concat', layer=inner['forward'], backward_layer=inner['backward']), places, say)


def dense(name, inputs, units, activation='linear', use_bias=True):
    """Says what goes into its softmax or sigmoid: what Etude's heads say, too."""
    weights = [stored(inputs, units)] + [stored(units)] * use_bias

    def say(x):
        said = x @ weights[0].astype(float) + (weights[1].astype(float) if use_bias else 0)
        return np.maximum(said, 0) if activation == 'relu' else said
    return Layer('Dense', name, dict(units=units, activation=activation, use_bias=use_bias, kernel_initializer=initializer('GlorotUniform')), {'vars': weights}, say)


def distributed(name, inner):
    return Layer('TimeDistributed', name, dict(layer=inner.serialized()), {'layer/vars': inner.weights['vars']}, inner.say)


def dropout(name):
    return Layer('Dropout', name, dict(rate=0.2, seed=None, noise_shape=None), {'seed_generator/vars': [SEED]})


# --- Files.
def h5_bytes(layers, place='layers', names=True, pack=()):
    """As H5IOStore writes it: a group `vars` for whatever has variables, with the name of who has them."""
    file = io.BytesIO()
    with h5py.File(file, 'w') as store:
        store.create_group('vars')
        used = {}
        for layer in layers:
            stem = snake_case(layer.class_name)
            used[stem] = used.get(stem, -1) + 1
            group = f'{place}/{stem}' + (f'_{used[stem]}' if used[stem] else '')
            for path, arrays in layer.weights.items():
                entry = store.create_group(f'{group}/{path}')
                if names:
                    entry.attrs['name'] = layer.name
                for k, array in enumerate(arrays):
                    put(entry, str(k), array, layer.name in pack)
        store.create_group('optimizer/vars').create_dataset('0', data=np.int64(3))
        store['optimizer/vars/1'] = np.float32(0.001)
    return file.getvalue()


def put(entry, key, array, packed):
    if array.dtype == np.dtype('V2'):
        entry.create_dataset(key, data=array).attrs['dtype'] = 'bfloat16'
    elif packed:
        entry.create_dataset(key, data=array, chunks=tuple(max(1, n // 2) for n in array.shape), compression='gzip', shuffle=True)
    else:
        entry[key] = array


def archive(name, config, weights):
    with zipfile.ZipFile(os.path.join(FOLDER, f'{name}.keras'), 'w') as file:
        for path, data in (('metadata.json', json.dumps(dict(keras_version='3.8.0', date_saved='2025-01-01@00:00:00'))), ('config.json', json.dumps(config)), ('model.weights.h5', weights)):
            file.writestr(zipfile.ZipInfo(path), data)


def sequential(layers, compile_config=None):
    return dict(module='keras', class_name='Sequential', config=dict(name='sequential', trainable=True, layers=[layer.serialized() for layer in layers]),
                registered_name=None, build_config=dict(input_shape=[None, None]), **(dict(compile_config=compile_config) if compile_config else {}))


def tensor(read):
    return dict(class_name='__keras_tensor__', config=dict(shape=[None, None, 3], dtype='float32', keras_history=[read, 0, 0]))


def functional(nodes, outputs, compile_config=None, old=False):
    """@param nodes each layer with the name of the one that it reads, or a list of them"""
    def node(read):
        if old:
            return [[read, 0, 0, {}]]
        if isinstance(read, list):
            return dict(args=[[tensor(each) for each in read]], kwargs={})
        return dict(args=[tensor(read)], kwargs={})
    layers = [dict(layer.serialized(), name=layer.name, inbound_nodes=[node(read)] if read else []) for layer, read in nodes]
    config = dict(name='functional', trainable=True, layers=layers, input_layers=[[layer.name, 0, 0] for layer, read in nodes if not read], output_layers=outputs)
    return dict(module='keras.src.models.functional', class_name='Functional', config=config, registered_name='Functional', build_config=dict(input_shape=None),
                **(dict(compile_config=compile_config) if compile_config else {}))


def inputs_of(classes=None, features=None):
    return RANDOM.integers(0, classes, (BATCH, STEPS)) if classes else RANDOM.standard_normal((BATCH, STEPS, features)).astype('float32').astype(float)


def chain(layers, x):
    for layer in layers:
        x = layer.say(x)
    return x


CASES = []


def case(name, inputs, classes=None, **outputs):
    """@param classes what goes into embeddings beside numbers"""
    more = {} if classes is None else dict(classes=[each.tolist() for each in classes])
    CASES.append(dict(name=name, inputs=inputs.tolist(), **more, heads={key: value.tolist() for key, value in outputs.items()}))


os.makedirs(FOLDER, exist_ok=True)

# A language model, as tutorials build it.
layers = [input_layer('input', ), embedding('embedding', 7, 3), recurrent('LSTM', 'first', 3, 4), dropout('dropout'), recurrent('LSTM', 'second', 4, 4, stateful=True), distributed('words', dense('dense', 4, 7, 'softmax'))]
x = inputs_of(classes=7)
archive('characters', sequential(layers), h5_bytes(layers))
case('characters', x, words=chain(layers, x))
with open(os.path.join(FOLDER, 'characters.weights.h5'), 'wb') as file:
    file.write(h5_bytes(layers, names=False))

# TensorFlow's tutorial "Generate music with an RNN": three heads, asked at the last step.
trunk = [input_layer('input_1', 3), recurrent('LSTM', 'lstm', 3, 6, sequences=False)]
heads = [dense('duration', 6, 1), dense('pitch', 6, 8), dense('step', 6, 1)]
loss = dict(pitch=dict(module='keras.losses', class_name='SparseCategoricalCrossentropy', config=dict(name='scc', from_logits=True), registered_name=None),
            step=dict(module='builtins', class_name='function', config='mse_with_positive_pressure', registered_name='function'),
            duration=dict(module='builtins', class_name='function', config='mse_with_positive_pressure', registered_name='function'))
config = functional([(trunk[0], None), (trunk[1], 'input_1'), *((head, 'lstm') for head in heads)], dict(duration=['duration', 0, 0], pitch=['pitch', 0, 0], step=['step', 0, 0]),
                    dict(optimizer=dict(class_name='Adam'), loss=loss, loss_weights=dict(pitch=0.05, step=1.0, duration=1.0)))
archive('music', config, h5_bytes([*trunk, *heads]))
x = inputs_of(features=3)
h = chain(trunk, x)
case('music', x, **{head.name: head.say(h) for head in heads})

# Labels from both directions; as TensorFlow 2.13 wrote it.
layers = [input_layer('given', 3), bidirectional('GRU', 'a', 3, 4), bidirectional('GRU', 'b', 8, 4), dense('label', 8, 5, 'softmax')]
archive('labels', functional([(layers[0], None), *zip(layers[1:], ('given', 'a', 'b'))], [['label', 0, 0]], old=True), h5_bytes(layers, '_layer_checkpoint_dependencies', names=False))
x = inputs_of(features=3)
case('labels', x, label=chain(layers, x))

# One answer a sequence from both directions, with the softmax as a layer of its own.
layers = [embedding('letters', 6, 3), bidirectional('LSTM', 'both', 3, 4, sequences=False), dense('class', 8, 3), Layer('Activation', 'softmax', dict(activation='softmax'))]
archive('answers', sequential(layers), h5_bytes(layers))
x = inputs_of(classes=6)
case('answers', x, **{'class': chain(layers, x)})

# A GRU that resets before the product, in layers of two widths, with a yes or no for each of two.
layers = [input_layer('input', 2), recurrent('GRU', 'gru', 2, 5, reset_after=False), recurrent('GRU', 'gru_1', 5, 3, reset_after=False), dense('flags', 3, 2, 'sigmoid')]
archive('before', sequential(layers), h5_bytes(layers))
x = inputs_of(features=2)
case('before', x, flags=chain(layers, x))
with open(os.path.join(FOLDER, 'before.weights.h5'), 'wb') as file:
    file.write(h5_bytes(layers))

# No biases, and a relu layer in front of the head.
layers = [input_layer('input', 2), recurrent('SimpleRNN', 'rnn', 2, 4, use_bias=False), dense('wide', 4, 6, 'relu'), dense('value', 6, 1, use_bias=False)]
archive('relu', sequential(layers, dict(loss='mae')), h5_bytes(layers))
x = inputs_of(features=2)
case('relu', x, value=chain(layers, x))

# Numbers of every type, of either order of bytes, packed and not.
layers = [input_layer('input', 2), recurrent('GRU', 'gru', 2, 4, dtypes=('float16', '>f8', 'float32')), dense('out', 4, 2)]
short = layers[-1].weights['vars']
short[0] = (short[0].view('uint32') & 0xffff0000).view('float32')
said = short[0].astype(float), short[1].astype(float)
layers[-1].say = lambda h: h @ said[0] + said[1]
short[0] = np.ascontiguousarray((short[0].view('uint32') >> 16).astype('uint16')).view('V2')
archive('types', sequential(layers, dict(loss=dict(class_name='Huber', config=dict(delta=0.5)))), h5_bytes(layers, pack=('gru',)))
x = inputs_of(features=2)
case('types', x, out=chain(layers, x))

# Three inputs side by side: two embeddings, and numbers between them. The first head has a weight of its loss, and both a place in lists.
pitches, bars = embedding('pitches', 6, 3), embedding('bars', 4, 2)
trunk = [recurrent('LSTM', 'lower', 7, 4), recurrent('LSTM', 'upper', 4, 5)]
heads = [dense('pitch', 5, 6, 'softmax'), dense('length', 5, 1)]
nodes = [(input_layer('pitch_in'), None), (input_layer('bar_in'), None), (input_layer('lengths', 2), None), (pitches, 'pitch_in'), (bars, 'bar_in'),
         (Layer('Concatenate', 'together', dict(axis=-1)), ['pitches', 'lengths', 'bars']), (trunk[0], 'together'), (dropout('rest'), 'lower'), (trunk[1], 'rest'), *((head, 'upper') for head in heads)]
config = functional(nodes, [[head.name, 0, 0] for head in heads], dict(loss=['sparse_categorical_crossentropy', 'mae'], loss_weights=[0.5, 1.0]))
archive('inputs', config, h5_bytes([layer for layer, _ in nodes]))
classes, x = [inputs_of(classes=6), inputs_of(classes=4)], inputs_of(features=2)
h = chain(trunk, np.concatenate([pitches.say(classes[0]), x, bars.say(classes[1])], -1))
case('inputs', x, classes, **{head.name: head.say(h) for head in heads})

with open(f'{FOLDER}.json', 'w') as file:
    json.dump(dict(made_with=f'h5py {h5py.__version__}, PyTorch {torch.__version__}', cases=CASES), file, separators=(',', ':'))
    file.write('\n')
