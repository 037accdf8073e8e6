#!/usr/bin/env python3
"""Writes the golden fixtures: what PyTorch computes for models whose weights and data anybody can regenerate.

    apt-get install python3-torch        # PyTorch 1.13 made the committed files
    python3 test/golden/make_fixtures.py

Weights, inputs and targets come from a linear congruential generator (see Numbers), so that only results are stored. All
of it runs in float64. The forward and backward passes are torch.nn.LSTM's and autograd's; only Keras's form of Adam and
the clipping, which PyTorch has not, are written out here. test/nn/golden.test.ts compares.

A large tensor is stored as a summary: every k-th number, and its products with eight vectors of pseudo-random signs, in
each of which every number of the tensor counts.
"""
import base64
import json
import math
import os

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
ADAM = dict(kind='adam', learningRate=0.002, beta1=0.9, beta2=0.999, epsilon=1e-7)
STEPS = 3
SUMMARISE_FROM = 3000


class Numbers:
    """x <- 1664525 x + 1013904223 (mod 2^32); its upper 24 bits make a number in [-1, 1) that float32 holds exactly."""

    def __init__(self, seed):
        self.x = seed

    def bits(self):
        self.x = (1664525 * self.x + 1013904223) % 2**32
        return self.x >> 8

    def uniform(self, shape, size):
        count = int(np.prod(shape))
        return np.array([(self.bits() / 2**23 - 1) * size for _ in range(count)]).reshape(shape)

    def classes(self, count, size):
        return np.array([self.bits() % size for _ in range(count)])


def parameter_shapes(spec):
    hidden = spec['lstm']['hiddenSize']
    width = sum(c['size'] for c in spec['inputs']['categories']) + len(spec['inputs']['features'])
    for layer in range(spec['lstm']['layers']):
        yield f'lstm.{layer}.kernel', (width if layer == 0 else hidden, 4 * hidden)
        yield f'lstm.{layer}.recurrent_kernel', (hidden, 4 * hidden)
        yield f'lstm.{layer}.bias', (4 * hidden,)
    for head in spec['heads']:
        size = head.get('size', 1)
        yield f"heads.{head['name']}.kernel", (hidden, size)
        yield f"heads.{head['name']}.bias", (size,)


class Model(nn.Module):
    """The architecture in PyTorch's own layers and layouts."""

    def __init__(self, spec, weights):
        super().__init__()
        self.spec = spec
        width = weights['lstm.0.kernel'].shape[0]
        self.lstm = nn.LSTM(width, spec['lstm']['hiddenSize'], spec['lstm']['layers'])
        self.heads = nn.ModuleDict({h['name']: nn.Linear(spec['lstm']['hiddenSize'], h.get('size', 1)) for h in spec['heads']})
        self.set(weights)

    def set(self, weights):
        with torch.no_grad():
            for layer in range(self.spec['lstm']['layers']):
                getattr(self.lstm, f'weight_ih_l{layer}').copy_(torch.from_numpy(weights[f'lstm.{layer}.kernel'].T))
                getattr(self.lstm, f'weight_hh_l{layer}').copy_(torch.from_numpy(weights[f'lstm.{layer}.recurrent_kernel'].T))
                # PyTorch adds two biases; three quarters in one and a quarter in the other, both exact.
                bias = torch.from_numpy(weights[f'lstm.{layer}.bias'])
                getattr(self.lstm, f'bias_ih_l{layer}').copy_(0.75 * bias)
                getattr(self.lstm, f'bias_hh_l{layer}').copy_(0.25 * bias)
            for name, head in self.heads.items():
                head.weight.copy_(torch.from_numpy(weights[f'heads.{name}.kernel'].T))
                head.bias.copy_(torch.from_numpy(weights[f'heads.{name}.bias']))

    def gradients(self):
        """In Keras's layout."""
        result = {}
        for layer in range(self.spec['lstm']['layers']):
            result[f'lstm.{layer}.kernel'] = getattr(self.lstm, f'weight_ih_l{layer}').grad.T.numpy().copy()
            result[f'lstm.{layer}.recurrent_kernel'] = getattr(self.lstm, f'weight_hh_l{layer}').grad.T.numpy().copy()
            one, other = (getattr(self.lstm, f'bias_{which}_l{layer}').grad for which in ('ih', 'hh'))
            assert torch.allclose(one, other)
            result[f'lstm.{layer}.bias'] = one.numpy().copy()
        for name, head in self.heads.items():
            result[f'heads.{name}.kernel'] = head.weight.grad.T.numpy().copy()
            result[f'heads.{name}.bias'] = head.bias.grad.numpy().copy()
        return result

    def forward(self, x):
        """x [T, B, width] -> for each head [rows, size], the rows that the loss looks at, time-major."""
        out, _ = self.lstm(x)
        seen = out[-1:] if self.spec['lossOn'] == 'last' else out
        rows = seen.reshape(-1, seen.shape[-1])
        return {name: head(rows) for name, head in self.heads.items()}


def losses_of(spec, outputs, targets):
    result = []
    for head in spec['heads']:
        out, target = outputs[head['name']], targets[head['name']]
        if head['kind'] == 'categorical':
            result.append(F.cross_entropy(out, torch.from_numpy(target).long()))
        else:
            p = out[:, 0]
            assert float(p.abs().min()) > 1e-4, 'a prediction at the kink of the positive pressure'
            result.append(((p - torch.from_numpy(target)) ** 2 + head['positivePressure'] * torch.relu(-p)).mean())
    return result


def keras_adam(weights, gradients, moments, t):
    """Kingma and Ba's Adam with epsilon beside the root of v, before the bias correction, as Keras has it."""
    lr, b1, b2, eps = (ADAM[k] for k in ('learningRate', 'beta1', 'beta2', 'epsilon'))
    rate = lr * math.sqrt(1 - b2**t) / (1 - b1**t)
    for name, g in gradients.items():
        m, v = moments[name]
        m[...] = b1 * m + (1 - b1) * g
        v[...] = b2 * v + (1 - b2) * g * g
        weights[name] -= rate * m / (np.sqrt(v) + eps)


def stored(array):
    """Small tensors whole, as base64 of little-endian float64; large ones as a summary."""
    flat = np.ascontiguousarray(array, dtype='<f8').ravel()
    if flat.size < SUMMARISE_FROM:
        return dict(float64=base64.b64encode(flat.tobytes()).decode())
    projections = []
    for k in range(8):
        numbers = Numbers(1000 + k)
        signs = np.array([1.0 if numbers.bits() >> 23 else -1.0 for _ in range(flat.size)])
        projections.append(float(flat @ signs))
    stride = flat.size // 256 + 1
    return dict(size=int(flat.size), largest=float(np.abs(flat).max()), norm=float(np.linalg.norm(flat)),
                projections=projections, stride=stride, samples=[float(v) for v in flat[::stride]])


def case(name, spec, batch_size, steps, seed, clip_norm=None):
    numbers = Numbers(seed)
    weights = {key: numbers.uniform(shape, 0.25) for key, shape in parameter_shapes(spec)}
    rows = batch_size * steps
    features = numbers.uniform((rows, len(spec['inputs']['features'])), 1)
    categories = [numbers.classes(rows, c['size']) for c in spec['inputs']['categories']]
    target_rows = batch_size if spec['lossOn'] == 'last' else rows
    targets = {h['name']: numbers.classes(target_rows, h['size']) if h['kind'] == 'categorical'
               else numbers.uniform((target_rows,), 1) for h in spec['heads']}
    one_hot = [np.eye(c['size'])[indices] for c, indices in zip(spec['inputs']['categories'], categories)]
    x = torch.from_numpy(np.concatenate([*one_hot, features], axis=1)).reshape(steps, batch_size, -1)

    model = Model(spec, weights)
    moments = {key: (np.zeros_like(w), np.zeros_like(w)) for key, w in weights.items()}
    result = dict(torch=torch.__version__, spec=spec, batchSize=batch_size, steps=steps, seed=seed,
                  optimizer=dict(ADAM, clipNorm=clip_norm), losses=[], gradientNorms=[])
    for t in range(1, STEPS + 1):
        model.set(weights)
        model.zero_grad()
        outputs = model(x)
        losses = losses_of(spec, outputs, targets)
        sum(h['lossWeight'] * loss for h, loss in zip(spec['heads'], losses)).backward()
        gradients = model.gradients()
        norm = math.sqrt(sum(float((g**2).sum()) for g in gradients.values()))
        result['losses'].append([float(loss) for loss in losses])
        result['gradientNorms'].append(norm)
        if t == 1:
            result['outputs'] = {key: stored(out.detach().numpy()) for key, out in outputs.items()}
            result['gradients'] = {key: stored(g) for key, g in gradients.items()}
        if clip_norm is not None and norm > clip_norm:
            gradients = {key: g * (clip_norm / norm) for key, g in gradients.items()}
        keras_adam(weights, gradients, moments, t)
    result['parameters'] = {key: stored(w) for key, w in weights.items()}
    with open(os.path.join(HERE, f'{name}.json'), 'w') as file:
        json.dump(result, file, indent=1)
        file.write('\n')
    print(name, 'norms', result['gradientNorms'], 'losses', result['losses'], os.path.getsize(file.name), 'bytes')


def tutorial(hidden, pitches):
    return dict(
        inputs=dict(categories=[], features=['pitch', 'step', 'duration']),
        lstm=dict(layers=1, hiddenSize=hidden, dropout=0),
        heads=[dict(name='pitch', kind='categorical', size=pitches, lossWeight=0.05),
               dict(name='step', kind='scalar', lossWeight=1, positivePressure=10),
               dict(name='duration', kind='scalar', lossWeight=1, positivePressure=10)],
        lossOn='last')


if __name__ == '__main__':
    # Every one of the 84,354 gradients of the tutorial's model, by projections and samples ...
    case('tutorial', tutorial(128, 128), batch_size=16, steps=25, seed=1)
    # ... and every one in full for the same architecture, smaller.
    case('tutorial-small', tutorial(16, 32), batch_size=5, steps=25, seed=2)
    # Two layers, categories as one-hot vectors, every step judged, the gradient clipped.
    case('two-layers', dict(
        inputs=dict(categories=[dict(name='pitch', size=11), dict(name='bar', size=5)], features=['step', 'duration']),
        lstm=dict(layers=2, hiddenSize=9, dropout=0),
        heads=[dict(name='pitch', kind='categorical', size=11, lossWeight=1),
               dict(name='step', kind='scalar', lossWeight=0.5, positivePressure=10)],
        lossOn='all'), batch_size=4, steps=7, seed=3, clip_norm=0.2985)
