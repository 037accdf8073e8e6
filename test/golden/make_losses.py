#!/usr/bin/env python3
"""Writes losses.json: what PyTorch's own losses, and their gradients by autograd, are on a few numbers.

    apt-get install python3-torch        # PyTorch 1.13 made the committed file
    /usr/bin/python3 test/golden/make_losses.py
"""
import json
import os

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, MixtureSameFamily, Normal

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
ROWS, SIZE = 5, 3


def case(name, head, outputs, targets, loss, **more):
    outputs = outputs.clone().requires_grad_()
    value = loss(outputs)
    value.backward()
    return dict(name=name, head=head, outputs=outputs.tolist(), targets=targets.tolist(), loss=value.item(),
                gradient=outputs.grad.tolist(), **more)


def numbers(kind, **more):
    return dict(kind='numbers', size=SIZE, loss=dict(kind=kind, **more))


def pinball(outputs, targets, levels):
    d = targets.unsqueeze(-1) - outputs.reshape(ROWS, SIZE, len(levels))
    q = torch.tensor(levels)
    return torch.maximum(q * d, (q - 1) * d).mean()


def mixture(outputs, targets, components):
    o = outputs.reshape(ROWS, SIZE, 3, components)
    return -MixtureSameFamily(Categorical(logits=o[:, :, 0]), Normal(o[:, :, 1], o[:, :, 2].exp())).log_prob(targets).mean()


def gaussian(outputs, targets):
    o = outputs.reshape(ROWS, SIZE, 2)
    return F.gaussian_nll_loss(o[:, :, 0], targets, (2 * o[:, :, 1]).exp(), full=True)


logits = 2 * torch.randn(ROWS, 4)
classes = torch.tensor([0, 3, 1, 1, 2])
some = torch.tensor([0, -1, 1, -1, 2])
weights = [0.5, 2.0, 1.0, 3.0]
wanted = torch.randn(ROWS, SIZE)
said = wanted + torch.randn(ROWS, SIZE) * torch.tensor([0.3, 1.0, 4.0])
yes = (torch.rand(ROWS, SIZE) > 0.5).double()
levels = [0.1, 0.5, 0.9]
ce = F.cross_entropy
cases = [
    case('cross-entropy', dict(kind='categorical', size=4), logits, classes, lambda o: ce(o, classes)),
    case('cross-entropy, some ignored', dict(kind='categorical', size=4), logits, some, lambda o: ce(o, some, ignore_index=-1)),
    case('cross-entropy, smoothed', dict(kind='categorical', size=4, smoothing=0.1), logits, classes,
         lambda o: ce(o, classes, label_smoothing=0.1)),
    case('cross-entropy, weighted', dict(kind='categorical', size=4, classWeights=weights), logits, classes,
         lambda o: ce(o, classes, weight=torch.tensor(weights))),
    case('cross-entropy, weighted, smoothed, some ignored', dict(kind='categorical', size=4, smoothing=0.2, classWeights=weights),
         logits, some, lambda o: ce(o, some, weight=torch.tensor(weights), label_smoothing=0.2, ignore_index=-1)),
    case('squared', numbers('squared'), said, wanted, lambda o: F.mse_loss(o, wanted)),
    case('absolute', numbers('absolute'), said, wanted, lambda o: F.l1_loss(o, wanted)),
    case('huber', numbers('huber', delta=1.5), said, wanted, lambda o: F.huber_loss(o, wanted, delta=1.5)),
    case('binary', numbers('binary'), said, yes, lambda o: F.binary_cross_entropy_with_logits(o, yes)),
    case('quantile', numbers('quantile', levels=levels), torch.randn(ROWS, 9), wanted, lambda o: pinball(o, wanted, levels)),
    case('gaussian', numbers('gaussian'), 0.7 * torch.randn(ROWS, 6), wanted, lambda o: gaussian(o, wanted)),
    case('mixture', numbers('mixture', components=2), 0.7 * torch.randn(ROWS, 18), wanted, lambda o: mixture(o, wanted, 2)),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'losses.json')
with open(path, 'w') as out:
    json.dump(dict(source=f'PyTorch {torch.__version__}, make_losses.py', cases=cases), out, indent=1)
    out.write('\n')
