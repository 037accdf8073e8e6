#!/usr/bin/env python3
"""Writes streams.json: truncated backpropagation through time of PyTorch's LSTM and GRU, the state carried from window to window
(h.detach()) and zeroed in rows where a piece begins, with gradient descent after each window.

    apt-get install python3-torch        # PyTorch 1.13 made the committed file
    /usr/bin/python3 test/golden/make_streams.py

Three rows read pieces of several lengths; what stands beyond the end of a piece counts nothing. A GRU's and an LSTM's second bias
stays zero, and with it PyTorch's parameters are ours but for the transposition. test/nn/carried-state.test.ts compares.
"""
import json
import os

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(9)
INPUTS, HIDDEN, LAYERS, ROWS, STEPS, RATE = 2, 3, 2, 3, 4, 0.3
# Of each row the lengths of its windows, and where pieces begin.
WINDOWS = [
    dict(lengths=[4, 4, 4], carry=[0, 0, 0]),
    dict(lengths=[4, 2, 4], carry=[1, 1, 1]),
    dict(lengths=[1, 4, 4], carry=[1, 0, 1]),
    dict(lengths=[4, 4, 3], carry=[0, 1, 1]),
    dict(lengths=[4, 4, 4], carry=[1, 1, 0]),
    dict(lengths=[2, 3, 4], carry=[1, 1, 1]),
]
for window in WINDOWS:
    # Batches hold float32.
    window['inputs'] = torch.randn(STEPS, ROWS, INPUTS).float().double()
    window['wanted'] = torch.randn(STEPS, ROWS).float().double()


def our_names(layer, head, kind):
    names = {}
    for k in range(LAYERS):
        w, u, b, c = (getattr(layer, f'{name}_l{k}') for name in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'))
        names[f'{kind}.{k}.kernel'], names[f'{kind}.{k}.bias'] = w.T, b
        if kind == 'lstm':
            names[f'{kind}.{k}.recurrent_kernel'] = u.T
        else:
            names[f'{kind}.{k}.recurrent_kernel'], names[f'{kind}.{k}.candidate_kernel'] = u[:2 * HIDDEN].T, u[2 * HIDDEN:].T
            names[f'{kind}.{k}.candidate_bias'] = c[2 * HIDDEN:]
    names['heads.out.kernel'], names['heads.out.bias'] = head.weight.T, head.bias
    return {name: p.detach().flatten().tolist() for name, p in names.items()}


def case(kind):
    layer = dict(lstm=nn.LSTM, gru=nn.GRU)[kind](INPUTS, HIDDEN, LAYERS)
    head = nn.Linear(HIDDEN, 1)
    trained = []
    for name, p in [*layer.named_parameters(), *head.named_parameters()]:
        # What the files hold is float32.
        p.data = p.data.float().double()
        if name.startswith('bias_hh'):
            p.data[: p.shape[0] if kind == 'lstm' else 2 * HIDDEN] = 0
        trained.append((name, p))
    start = our_names(layer, head, kind)
    state = tuple(torch.zeros(LAYERS, ROWS, HIDDEN) for _ in range(2 if kind == 'lstm' else 1))
    losses = []
    for window in WINDOWS:
        goes_on = torch.tensor(window['carry'], dtype=torch.float64).reshape(1, ROWS, 1)
        state = tuple(s.detach() * goes_on for s in state)
        outputs, after = layer(window['inputs'], state if kind == 'lstm' else state[0])
        state = after if kind == 'lstm' else (after,)
        counts = torch.tensor([[float(t < length) for length in window['lengths']] for t in range(STEPS)])
        loss = (counts * (head(outputs)[..., 0] - window['wanted']) ** 2).sum() / counts.sum()
        for _, p in trained:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for name, p in trained:
                if name.startswith('bias_hh'):
                    # What is only ever added to the other bias is not trained; the candidate's of the GRU is.
                    p.grad[: p.shape[0] if kind == 'lstm' else 2 * HIDDEN] = 0
                p -= RATE * p.grad
        losses.append(loss.item())
    print(kind, losses)
    return dict(cell=kind, losses=losses, start=start, end=our_names(layer, head, kind),
                state=[s.detach().flatten().tolist() for s in state])


data = dict(
    source=f'PyTorch {torch.__version__}, make_streams.py', hidden=HIDDEN, layers=LAYERS, rows=ROWS, steps=STEPS, rate=RATE,
    windows=[dict(window, inputs=window['inputs'].flatten().tolist(), wanted=window['wanted'].flatten().tolist()) for window in WINDOWS],
    cases=[case('lstm'), case('gru')],
)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'streams.json'), 'w') as out:
    json.dump(data, out, indent=None, separators=(',', ':'))
    out.write('\n')
