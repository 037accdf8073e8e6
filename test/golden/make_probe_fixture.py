#!/usr/bin/env python3
"""Writes probes.json: what PyTorch says of the inside of a small model of two layers over one sequence.

    python3 test/golden/make_probe_fixture.py

Weights and data are drawn as in make_fixtures.py, everything is float64. The cells are put together from nn.Linear modules,
whose forward hooks give the pre-activations; their outputs are checked against torch.nn.LSTM's. Gradients in states and inputs
are autograd's; integrated gradients are the plain mean over many midpoints. test/nn/probe/golden.test.ts compares.
"""
import base64
import json
import os

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

from make_fixtures import Model, Numbers, parameter_shapes

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
MIDPOINTS = 2000

SPEC = dict(
    inputs=dict(categories=[dict(name='pitch', size=6), dict(name='bar', size=3)], features=['step', 'duration']),
    lstm=dict(layers=2, hiddenSize=5, dropout=0),
    heads=[dict(name='pitch', kind='categorical', size=6, lossWeight=1),
           dict(name='step', kind='scalar', lossWeight=0.5, positivePressure=10)],
    lossOn='all')
STEPS, SEED, SCALE = 9, 5, 4
PREDICTION = dict(head='pitch', step=7)


class Cell(nn.Module):
    """One LSTM layer of nn.Linear modules; `seen` gets what each step computes."""

    def __init__(self, width, hidden):
        super().__init__()
        self.input, self.recurrent = nn.Linear(width, 4 * hidden), nn.Linear(hidden, 4 * hidden, bias=False)
        self.hidden, self.products = hidden, []
        for linear in (self.input, self.recurrent):
            linear.register_forward_hook(lambda _, __, output: self.products.append(output))

    def forward(self, xs, seen):
        h = c = torch.zeros(self.hidden)
        out = []
        for x in xs:
            self.products.clear()
            self.input(x), self.recurrent(h)
            z = self.products[0] + self.products[1]
            i, f, g, o = (gate(part) for gate, part in zip((torch.sigmoid, torch.sigmoid, torch.tanh, torch.sigmoid), z.split(self.hidden)))
            c = f * c + i * g
            tanh_c = torch.tanh(c)
            h = o * tanh_c
            if h.requires_grad:
                h.retain_grad(), c.retain_grad()
            out.append(h)
            seen.append(dict(z=z, i=i, f=f, g=g, o=o, c=c, tanhC=tanh_c, h=h))
        return out


def run(cells, heads, x):
    """x [T, width] -> what each layer saw, and what each head says at each step."""
    seen = [[] for _ in cells]
    for cell, to in zip(cells, seen):
        x = cell(x, to)
    return seen, {name: head(torch.stack(x)) for name, head in heads.items()}


def said(outputs, chosen):
    return F.log_softmax(outputs['pitch'][PREDICTION['step']], dim=0)[chosen]


def stored(rows):
    array = torch.stack(list(rows)) if not isinstance(rows, torch.Tensor) else rows
    return dict(float64=base64.b64encode(array.detach().numpy().astype('<f8').tobytes()).decode())


def main():
    numbers = Numbers(SEED)
    # Larger weights than in the other fixtures: gates should not all stand at a half.
    weights = {key: SCALE * numbers.uniform(shape, 0.25) for key, shape in parameter_shapes(SPEC)}
    features = numbers.uniform((STEPS, 2), 1)
    categories = [numbers.classes(STEPS, c['size']) for c in SPEC['inputs']['categories']]
    targets = dict(pitch=numbers.classes(STEPS, 6), step=numbers.uniform((STEPS,), 1))
    one_hot = [np.eye(c['size'])[k] for c, k in zip(SPEC['inputs']['categories'], categories)]
    x = torch.from_numpy(np.concatenate([*one_hot, features], axis=1)).requires_grad_()

    model = Model(SPEC, weights)
    hidden = SPEC['lstm']['hiddenSize']
    cells = []
    for layer in range(2):
        cell = Cell(weights[f'lstm.{layer}.kernel'].shape[0], hidden)
        with torch.no_grad():
            cell.input.weight.copy_(torch.from_numpy(weights[f'lstm.{layer}.kernel'].T))
            cell.input.bias.copy_(torch.from_numpy(weights[f'lstm.{layer}.bias']))
            cell.recurrent.weight.copy_(torch.from_numpy(weights[f'lstm.{layer}.recurrent_kernel'].T))
        cells.append(cell)

    seen, outputs = run(cells, model.heads, x)
    whole, _ = model.lstm(x[:, None, :])
    assert torch.allclose(torch.stack([step['h'] for step in seen[1]]), whole[:, 0], rtol=0, atol=1e-14)

    # The loss of all steps of which it is known what came next, as training weighs it.
    pitch, step = outputs['pitch'][:-1], outputs['step'][:-1, 0]
    wanted = torch.from_numpy(targets['step'][:-1])
    loss = F.cross_entropy(pitch, torch.from_numpy(targets['pitch'][:-1]).long()) \
        + 0.5 * ((step - wanted) ** 2 + 10 * torch.relu(-step)).mean()
    assert float(step.detach().abs().min()) > 1e-4 and float(step.detach().min()) < 0
    loss.backward()
    gradient = [dict(dh=[s['h'].grad if s['h'].grad is not None else torch.zeros(hidden) for s in layer],
                     dc=[s['c'].grad if s['c'].grad is not None else torch.zeros(hidden) for s in layer]) for layer in seen]

    chosen = int(targets['pitch'][PREDICTION['step']])
    groups = [slice(0, 6), slice(6, 9), slice(9, 10), slice(10, 11)]
    by_input = lambda product: torch.stack([product[:, group].sum(dim=1) for group in groups], dim=1)

    def input_gradient(alpha):
        point = (alpha * x).detach().requires_grad_()
        value = said(run(cells, model.heads, point)[1], chosen)
        value.backward()
        return point.grad, float(value)

    saliency, value = input_gradient(1.0)
    _, baseline = input_gradient(0.0)
    mean = sum(input_gradient((k + 0.5) / MIDPOINTS)[0] for k in range(MIDPOINTS)) / MIDPOINTS
    integrated = by_input(mean * x.detach())
    assert abs(float(integrated.sum()) - (value - baseline)) < 1e-5

    parts = ('i', 'f', 'g', 'o', 'c', 'tanhC', 'h')
    result = dict(
        torch=torch.__version__, spec=SPEC, batchSize=1, steps=STEPS, seed=SEED, scale=SCALE,
        layers=[dict(z=stored(s['z'] for s in layer), **{p: stored(s[p] for s in layer) for p in parts}) for layer in seen],
        outputs={name: stored(out) for name, out in outputs.items()}, loss=float(loss),
        gradient=[{part: stored(values) for part, values in layer.items()} for layer in gradient],
        prediction=dict(PREDICTION, **{'class': chosen}, value=value, baseline=baseline,
                        saliency=stored(by_input(saliency * x.detach())), integrated=stored(integrated)))
    with open(os.path.join(HERE, 'probes.json'), 'w') as file:
        json.dump(result, file, indent=1)
        file.write('\n')
    print('loss', float(loss), 'value', value, 'baseline', baseline, os.path.getsize(file.name), 'bytes')


if __name__ == '__main__':
    main()
