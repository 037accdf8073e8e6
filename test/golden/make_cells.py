#!/usr/bin/env python3
"""Writes cells.json: layers of GRU and RNN of PyTorch, their outputs, loss and gradients by autograd; and the same of the GRU
of Cho et al. (2014) and of the LSTMs with peepholes and with layer normalisation, which PyTorch lacks, from their formulas.

    apt-get install python3-torch        # PyTorch 1.13 made the committed file
    /usr/bin/python3 test/golden/make_cells.py
"""
import json
import os

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
INPUTS, HIDDEN, LAYERS, BATCH, STEPS = 2, 3, 2, 2, 4
# Batches hold float32.
inputs = torch.randn(STEPS, BATCH, INPUTS).float().double()
wanted = torch.randn(STEPS, BATCH).float().double()
NORM = dict(input_gain=4 * HIDDEN, recurrent_gain=4 * HIDDEN, cell_gain=HIDDEN, cell_bias=HIDDEN)


class GruBefore(nn.GRU):
    """The reset gate before the product; only b_hh of the candidate has no place, and is part of b_ih."""

    def forward(self, x):
        for k in range(LAYERS):
            wr, wz, wn = getattr(self, f'weight_ih_l{k}').chunk(3)
            ur, uz, un = getattr(self, f'weight_hh_l{k}').chunk(3)
            br, bz, bn = (getattr(self, f'bias_ih_l{k}') + getattr(self, f'bias_hh_l{k}')).chunk(3)
            h, outputs = torch.zeros(BATCH, HIDDEN), []
            for t in range(STEPS):
                r = torch.sigmoid(x[t] @ wr.T + h @ ur.T + br)
                z = torch.sigmoid(x[t] @ wz.T + h @ uz.T + bz)
                n = torch.tanh(x[t] @ wn.T + (r * h) @ un.T + bn)
                h = z * h + (1 - z) * n
                outputs.append(h)
            x = torch.stack(outputs)
        return x, h


class Peephole(nn.LSTM):
    """Input and forget gate see the cell before the step, the output gate the cell behind it (Gers and Schmidhuber 2000)."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        for k in range(LAYERS):
            setattr(self, f'peephole_l{k}', nn.Parameter(torch.randn(3 * HIDDEN)))

    def forward(self, x):
        for k in range(LAYERS):
            w, u = getattr(self, f'weight_ih_l{k}'), getattr(self, f'weight_hh_l{k}')
            b, (pi, pf, po) = getattr(self, f'bias_ih_l{k}') + getattr(self, f'bias_hh_l{k}'), getattr(self, f'peephole_l{k}').chunk(3)
            h, c, outputs = torch.zeros(BATCH, HIDDEN), torch.zeros(BATCH, HIDDEN), []
            for t in range(STEPS):
                i, f, g, o = (x[t] @ w.T + h @ u.T + b).chunk(4, dim=1)
                i, f = torch.sigmoid(i + pi * c), torch.sigmoid(f + pf * c)
                c = f * c + i * torch.tanh(g)
                h = torch.sigmoid(o + po * c) * torch.tanh(c)
                outputs.append(h)
            x = torch.stack(outputs)
        return x, h


class Norm(nn.LSTM):
    """Input, state and cell go through layer normalisation (Ba et al. 2016, supplementary material)."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        for k in range(LAYERS):
            for name, size in NORM.items():
                setattr(self, f'{name}_l{k}', nn.Parameter(torch.randn(size)))

    def forward(self, x):
        norm = nn.functional.layer_norm
        for k in range(LAYERS):
            w, u = getattr(self, f'weight_ih_l{k}'), getattr(self, f'weight_hh_l{k}')
            b = getattr(self, f'bias_ih_l{k}') + getattr(self, f'bias_hh_l{k}')
            gx, gh, gc, bc = (getattr(self, f'{name}_l{k}') for name in NORM)
            h, c, outputs = torch.zeros(BATCH, HIDDEN), torch.zeros(BATCH, HIDDEN), []
            for t in range(STEPS):
                i, f, g, o = (norm(x[t] @ w.T, gx.shape, gx) + norm(h @ u.T, gh.shape, gh) + b).chunk(4, dim=1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(norm(c, gc.shape, gc, bc))
                outputs.append(h)
            x = torch.stack(outputs)
        return x, h


def arrays(of, cell):
    """Parameters, or their gradients, under our names. PyTorch's gates of a GRU stand in the order r z n, as here."""
    result, kind = {}, cell.split('-')[0]
    for k in range(LAYERS):
        w, u, b, c = (of(f'{name}_l{k}') for name in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'))
        result[f'{kind}.{k}.kernel'] = w.T
        if kind in ('rnn', 'lstm'):
            result[f'{kind}.{k}.recurrent_kernel'], result[f'{kind}.{k}.bias'] = u.T, (b, c)
            for name in {'lstm-peephole': ['peephole'], 'lstm-norm': NORM}.get(cell, []):
                result[f'{kind}.{k}.{name}'] = of(f'{name}_l{k}')
        else:
            H = HIDDEN
            result[f'gru.{k}.recurrent_kernel'], result[f'gru.{k}.candidate_kernel'] = u[:2 * H].T, u[2 * H:].T
            if cell == 'gru-before':
                result[f'gru.{k}.bias'] = (b, c)
                continue
            result[f'gru.{k}.bias'] = (b, torch.cat([c[:2 * H], torch.zeros(H)]))
            result[f'gru.{k}.candidate_bias'] = c[2 * H:]
    return result


def case(kind, layer):
    head = nn.Linear(HIDDEN, 1)
    outputs, last = layer(inputs)
    loss = ((head(outputs)[..., 0] - wanted) ** 2).mean()
    loss.backward()
    # Two biases of PyTorch that are only ever added are one here: their sum. The gradient in either is that in the sum.
    weights = {name: sum(p) if isinstance(p, tuple) else p for name, p in arrays(lambda n: getattr(layer, n), kind).items()}
    grads = {name: p[0] if isinstance(p, tuple) else p for name, p in arrays(lambda n: getattr(layer, n).grad, kind).items()}
    heads = {'heads.out.kernel': lambda of: of(head.weight).T, 'heads.out.bias': lambda of: of(head.bias)}
    weights.update({name: get(lambda p: p) for name, get in heads.items()})
    grads.update({name: get(lambda p: p.grad) for name, get in heads.items()})
    flat = lambda of: {name: p.flatten().tolist() for name, p in of.items()}
    return dict(cell=kind, outputs=outputs.flatten().tolist(), loss=loss.item(), weights=flat(weights), gradients=flat(grads))


data = dict(
    source=f'PyTorch {torch.__version__}, make_cells.py', hidden=HIDDEN, layers=LAYERS, batch=BATCH, steps=STEPS,
    inputs=inputs.flatten().tolist(), wanted=wanted.flatten().tolist(),
    cases=[case('gru', nn.GRU(INPUTS, HIDDEN, LAYERS)), case('gru-before', GruBefore(INPUTS, HIDDEN, LAYERS)),
           case('rnn', nn.RNN(INPUTS, HIDDEN, LAYERS)), case('lstm-peephole', Peephole(INPUTS, HIDDEN, LAYERS)),
           case('lstm-norm', Norm(INPUTS, HIDDEN, LAYERS))],
)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cells.json'), 'w') as out:
    json.dump(data, out, indent=None, separators=(',', ':'))
    out.write('\n')
