#!/usr/bin/env python3
"""Writes ragged.json: an LSTM of PyTorch on packed sequences of several lengths, its loss and gradients by autograd.

    apt-get install python3-torch        # PyTorch 1.13 made the committed file
    /usr/bin/python3 test/golden/make_ragged.py
"""
import json
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.manual_seed(3)
INPUTS, HIDDEN, CLASSES, LENGTHS = 2, 3, 4, [5, 2, 4, 1]
lstm, head = nn.LSTM(INPUTS, HIDDEN), nn.Linear(HIDDEN, CLASSES)
# Batches hold float32.
inputs = torch.randn(max(LENGTHS), len(LENGTHS), INPUTS).float().double()
labels = torch.randint(CLASSES, (max(LENGTHS), len(LENGTHS)))
packed = pack_padded_sequence(inputs, torch.tensor(LENGTHS), enforce_sorted=False)
outputs, (last, _) = lstm(packed)
outputs, _ = pad_packed_sequence(outputs)
there = torch.arange(max(LENGTHS))[:, None] < torch.tensor(LENGTHS)[None]


def result(loss):
    for p in [*lstm.parameters(), *head.parameters()]:
        p.grad = None
    loss.backward(retain_graph=True)
    return dict(loss=loss.item(), kernel=lstm.weight_ih_l0.grad.T.tolist(), recurrent=lstm.weight_hh_l0.grad.T.tolist(),
                bias=lstm.bias_ih_l0.grad.tolist(), head=head.weight.grad.T.tolist())


data = dict(
    source=f'PyTorch {torch.__version__}, make_ragged.py', lengths=LENGTHS, hidden=HIDDEN, classes=CLASSES,
    inputs=[inputs[:n, b].tolist() for b, n in enumerate(LENGTHS)],
    labels=[labels[:n, b].tolist() for b, n in enumerate(LENGTHS)],
    # The gates of PyTorch stand in the order i f g o, as here.
    weights={'lstm.0.kernel': lstm.weight_ih_l0.T.tolist(), 'lstm.0.recurrent_kernel': lstm.weight_hh_l0.T.tolist(),
             'lstm.0.bias': (lstm.bias_ih_l0 + lstm.bias_hh_l0).tolist(), 'heads.out.kernel': head.weight.T.tolist(),
             'heads.out.bias': head.bias.tolist()},
    steps=result(F.cross_entropy(head(outputs[there]), labels[there])),
    ends=result(F.cross_entropy(head(last[0]), torch.stack([labels[n - 1, b] for b, n in enumerate(LENGTHS)]))),
)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'ragged.json'), 'w') as out:
    json.dump(data, out, indent=1)
    out.write('\n')
