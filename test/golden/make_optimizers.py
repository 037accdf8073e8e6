#!/usr/bin/env python3
"""Writes optimizers.json: what PyTorch's own optimizers make of a small model in 100 steps.

    apt-get install --no-install-recommends python3-torch        # PyTorch 1.13 made the committed file
    python3 test/golden/make_optimizers.py

Model, weights and batch come from the generator of make_fixtures.py; the forward pass is that of torch.nn.LSTM, gradients are
autograd's, steps are torch.optim's, in float64. The tensors that are trained have Keras's layout and one bias for each layer,
not PyTorch's two, which would move twice as far. AdamW's decay is for kernels alone, by two groups of parameters.
Frozen parameters have requires_grad=False.
test/nn/pytorch-optimizers.test.ts compares.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from make_fixtures import Numbers, parameter_shapes, stored

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 100
SPEC = dict(
    inputs=dict(categories=[dict(name='note', size=4)], features=['gap']),
    lstm=dict(layers=2, hiddenSize=3, dropout=0),
    heads=[dict(name='note', kind='categorical', size=4, lossWeight=1),
           dict(name='gap', kind='scalar', lossWeight=0.5, positivePressure=0)],
    lossOn='all')
BATCH_SIZE, LENGTH, SEED = 3, 5, 11


def problem():
    """Weights, input [T, B, width] and targets, drawn in the order of make_fixtures.py."""
    numbers = Numbers(SEED)
    weights = {key: numbers.uniform(shape, 0.25) for key, shape in parameter_shapes(SPEC)}
    rows = BATCH_SIZE * LENGTH
    features = numbers.uniform((rows, 1), 1)
    classes = numbers.classes(rows, 4)
    targets = dict(note=torch.from_numpy(numbers.classes(rows, 4)).long(), gap=torch.from_numpy(numbers.uniform((rows,), 1)))
    x = torch.from_numpy(np.concatenate([np.eye(4)[classes], features], axis=1)).reshape(LENGTH, BATCH_SIZE, -1)
    return weights, x, targets


def loss_of(weights, x, targets):
    layers, hidden_size = SPEC['lstm']['layers'], SPEC['lstm']['hiddenSize']
    flat = []
    for layer in range(layers):
        bias = weights[f'lstm.{layer}.bias']
        flat += [weights[f'lstm.{layer}.kernel'].T, weights[f'lstm.{layer}.recurrent_kernel'].T, bias, torch.zeros_like(bias)]
    zeros = torch.zeros(layers, BATCH_SIZE, hidden_size)
    # What torch.nn.LSTM calls: with biases, without dropout, not as in training, in one direction, time first.
    hidden, _, _ = torch.lstm(x, (zeros, zeros), flat, True, layers, 0.0, False, False, False)
    rows = hidden.reshape(-1, hidden.shape[-1])
    note, gap = (rows @ weights[f'heads.{name}.kernel'] + weights[f'heads.{name}.bias'] for name in ('note', 'gap'))
    return F.cross_entropy(note, targets['note']) + 0.5 * F.mse_loss(gap[:, 0], targets['gap'])


def run(name, optimizer, learning_rate, make, decay=None, freeze=(), clip=None):
    """`optimizer` is what Etude calls it; `make` gets the parameters, or groups of them where some decay."""
    start, x, targets = problem()
    trained = [key for key in start if not any(key == part or key.startswith(part + '.') for part in freeze)]
    weights = {key: torch.tensor(w, requires_grad=key in trained) for key, w in start.items()}
    groups = [weights[key] for key in trained]
    if decay is not None:
        groups = [dict(params=[w for w in groups if w.dim() > 1], weight_decay=decay),
                  dict(params=[w for w in groups if w.dim() == 1], weight_decay=0)]
    torch_optimizer = make(groups)
    losses = []
    for _ in range(STEPS):
        torch_optimizer.zero_grad()
        loss = loss_of(weights, x, targets)
        loss.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(weights.values(), clip)
        torch_optimizer.step()
        losses.append(float(loss))
    print(name, losses[0], losses[-1])
    settings = dict(optimizer, clipNorm=clip, **(dict(freeze=freeze) if freeze else {}))
    return dict(name=name, optimizer=settings, learningRate=learning_rate, losses=losses,
                parameters={key: stored(w.detach().numpy()) for key, w in weights.items()})


if __name__ == '__main__':
    momentum = dict(kind='sgd', momentum=0.9, nesterov=False)
    adamw = dict(kind='adamw', beta1=0.9, beta2=0.999, epsilon=1e-8, weightDecay=0)
    cases = [
        run('SGD', dict(kind='sgd', momentum=0, nesterov=False), 0.5, lambda p: torch.optim.SGD(p, lr=0.5)),
        run('SGD with momentum', momentum, 0.05, lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
        run('SGD with Nesterov’s momentum', dict(momentum, nesterov=True), 0.05,
            lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True)),
        run('RMSprop', dict(kind='rmsprop', decay=0.99, epsilon=1e-8), 0.002, lambda p: torch.optim.RMSprop(p, lr=0.002)),
        run('Adam', adamw, 0.01, lambda p: torch.optim.Adam(p, lr=0.01)),
        # An epsilon that is large enough to be seen, and other betas.
        run('Adam with a large epsilon', dict(adamw, beta1=0.8, beta2=0.99, epsilon=0.01), 0.02,
            lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.99), eps=0.01)),
        run('AdamW', dict(adamw, weightDecay=0.3), 0.01, lambda p: torch.optim.AdamW(p, lr=0.01), decay=0.3),
        run('AdamW with frozen parameters', dict(adamw, weightDecay=0.3), 0.01, lambda p: torch.optim.AdamW(p, lr=0.01), decay=0.3,
            freeze=['lstm.0', 'heads.note.bias']),
        # The norm is that of what is trained.
        run('SGD with momentum, frozen parameters and clipping', momentum, 0.1, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
            freeze=['lstm.1.recurrent_kernel', 'heads'], clip=0.05),
    ]
    with open(os.path.join(HERE, 'optimizers.json'), 'w') as file:
        json.dump(dict(torch=torch.__version__, source='test/golden/make_optimizers.py', spec=SPEC, batchSize=BATCH_SIZE,
                       steps=LENGTH, seed=SEED, cases=cases), file, indent=1)
        file.write('\n')
