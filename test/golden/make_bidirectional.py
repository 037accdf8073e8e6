#!/usr/bin/env python3
"""Writes bidirectional.json: two bidirectional layers of PyTorch on packed sequences of several lengths, their outputs, losses and
gradients by autograd: asked at every step, and once for each sequence (`h_n` of the last layer).

    apt-get install python3-torch        # PyTorch 1.13 made the committed file
    /usr/bin/python3 test/golden/make_bidirectional.py
"""
import json
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.manual_seed(9)
INPUTS, HIDDEN, LAYERS, CLASSES, LENGTHS = 2, 3, 2, 4, [5, 2, 4, 1]
# Batches hold float32.
inputs = torch.randn(max(LENGTHS), len(LENGTHS), INPUTS).float().double()
labels = torch.randint(CLASSES, (max(LENGTHS), len(LENGTHS)))
last_labels = torch.stack([labels[n - 1, b] for b, n in enumerate(LENGTHS)])
there = torch.arange(max(LENGTHS))[:, None] < torch.tensor(LENGTHS)[None]


def arrays(kind, of):
    """Parameters, or their gradients, under our names; gates stand in the order of PyTorch here, too (i f g o; r z n)."""
    result = {}
    for k in range(LAYERS):
        for place, end in ((f'{k}', ''), (f'{k}.reverse', '_reverse')):
            w, u, b, c = (of(f'{name}_l{k}{end}') for name in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'))
            result[f'{kind}.{place}.kernel'] = w.T
            if kind != 'gru':
                result[f'{kind}.{place}.recurrent_kernel'], result[f'{kind}.{place}.bias'] = u.T, (b, c)
                continue
            H = HIDDEN
            result[f'gru.{place}.recurrent_kernel'], result[f'gru.{place}.candidate_kernel'] = u[:2 * H].T, u[2 * H:].T
            result[f'gru.{place}.bias'] = (b, torch.cat([c[:2 * H], torch.zeros(H)]))
            result[f'gru.{place}.candidate_bias'] = c[2 * H:]
    return result


def case(kind, layer):
    head = nn.Linear(2 * HIDDEN, CLASSES)
    packed = pack_padded_sequence(inputs, torch.tensor(LENGTHS), enforce_sorted=False)
    outputs, state = layer(packed)
    outputs, _ = pad_packed_sequence(outputs)
    h = state[0] if kind == 'lstm' else state
    ends = torch.cat([h[-2], h[-1]], dim=1)
    flat = lambda of: {name: p.flatten().tolist() for name, p in of.items()}
    both = lambda of, heads: flat({**of, 'heads.out.kernel': heads(head.weight).T, 'heads.out.bias': heads(head.bias)})

    def result(logits, wanted):
        for p in [*layer.parameters(), *head.parameters()]:
            p.grad = None
        loss = F.cross_entropy(logits, wanted)
        loss.backward(retain_graph=True)
        # Two biases that are only ever added are one here; the gradient in either is that in the sum.
        grads = {name: p[0] if isinstance(p, tuple) else p for name, p in arrays(kind, lambda n: getattr(layer, n).grad).items()}
        return dict(loss=loss.item(), logits=logits.detach().flatten().tolist(), gradients=both(grads, lambda p: p.grad))

    weights = {name: sum(p) if isinstance(p, tuple) else p for name, p in arrays(kind, lambda n: getattr(layer, n)).items()}
    return dict(cell=kind, weights=both(weights, lambda p: p), steps=result(head(outputs[there]), labels[there]), ends=result(head(ends), last_labels))


sizes = dict(input_size=INPUTS, hidden_size=HIDDEN, num_layers=LAYERS, bidirectional=True)
data = dict(
    source=f'PyTorch {torch.__version__}, make_bidirectional.py', lengths=LENGTHS, hidden=HIDDEN, layers=LAYERS, classes=CLASSES,
    inputs=[inputs[:n, b].tolist() for b, n in enumerate(LENGTHS)],
    labels=[labels[:n, b].tolist() for b, n in enumerate(LENGTHS)],
    cases=[case('lstm', nn.LSTM(**sizes)), case('gru', nn.GRU(**sizes)), case('rnn', nn.RNN(**sizes))],
)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'bidirectional.json'), 'w') as out:
    json.dump(data, out, indent=None, separators=(',', ':'))
    out.write('\n')
