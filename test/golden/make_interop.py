#!/usr/bin/env python3
"""Writes interop/*.pt, what torch.save makes of networks of several kinds, and interop.json: what each says, in float64.

    apt-get install python3-torch        # PyTorch 1.13 made the committed files
    /usr/bin/python3 test/golden/make_interop.py [FOLDER SEED]
"""
import json
import os
import sys

import torch
from torch import nn

BATCH, STEPS = 2, 5
FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), 'interop')
torch.manual_seed(int(sys.argv[2]) if len(sys.argv) > 2 else 11)


class Characters(nn.Module):
    """A language model as tutorials write it."""

    def __init__(self, classes=7, width=3, hidden=4, layers=2):
        super().__init__()
        self.embedding = nn.Embedding(classes, width)
        self.rnn = nn.LSTM(width, hidden, layers, batch_first=True)
        self.fc = nn.Linear(hidden, classes)

    def forward(self, x):
        return self.fc(self.rnn(self.embedding(x))[0])


class Labels(nn.Module):
    """Numbers in, a label at each step out, from both directions."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleDict({'gru': nn.GRU(3, 4, 2, bidirectional=True, batch_first=True)})
        self.classifier = nn.Linear(8, 5)

    def forward(self, x):
        return self.classifier(self.encoder['gru'](x)[0])


class Tied(nn.Module):
    """No biases, and one matrix for what goes in and what comes out."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(6, 4)
        self.rnn = nn.RNN(4, 4, bias=False, batch_first=True)
        self.decoder = nn.Linear(4, 6, bias=False)
        self.decoder.weight = self.encoder.weight

    def forward(self, x):
        return self.decoder(self.rnn(self.encoder(x))[0])


class Numbers(nn.Module):
    """A forecast of one number."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True)
        self.out = nn.Linear(3, 1)

    def forward(self, x):
        return self.out(self.lstm(x)[0])


def strided(state):
    """The same numbers: every matrix transposed in its storage, and all of them views of one storage."""
    storage = torch.zeros(sum(t.numel() for t in state.values()) + 3, dtype=next(iter(state.values())).dtype)
    result, at = {}, 3
    for name, tensor in state.items():
        part = storage[at:at + tensor.numel()]
        view = part.view(*reversed(tensor.shape)).t() if tensor.dim() == 2 else part
        view.copy_(tensor)
        result[name], at = view, at + tensor.numel()
    return result


def case(name, model, wrap=lambda state: state, dtype=torch.float32, classes=None, features=None):
    model = model.to(dtype)
    torch.save(wrap(model.state_dict()), os.path.join(FOLDER, f'{name}.pt'))
    model = model.double()
    x = torch.randint(classes, (BATCH, STEPS)) if classes else torch.randn(BATCH, STEPS, features).float().double()
    return dict(name=name, inputs=x.tolist(), outputs=model(x).tolist())


def training(model):
    """A checkpoint as a training saves it: the optimizer's state beside the weights."""
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(1, 2, 3)).sum().backward()
    optimizer.step()
    return lambda state: dict(epoch=3, best=0.5, name='labels', state_dict=state, optimizer=optimizer.state_dict())


os.makedirs(FOLDER, exist_ok=True)
labels = Labels()
nested = training(labels)
cases = [
    case('characters', Characters(), classes=7),
    case('labels', labels, nested, features=3),
    case('tied', Tied(), lambda state: dict(model=state), torch.float64, classes=6),
    case('strided', Characters(), strided, classes=7),
    case('half', Numbers(), dtype=torch.float16, features=2),
    case('brain', Numbers(), dtype=torch.bfloat16, features=2),
]
torch.save(Characters().state_dict(), os.path.join(FOLDER, 'legacy.pt'), _use_new_zipfile_serialization=False)
torch.save(nn.LSTM(2, 4, proj_size=3).state_dict(), os.path.join(FOLDER, 'projected.pt'))
torch.save(nn.Sequential(nn.Conv1d(2, 2, 1), nn.LSTM(2, 3)).state_dict(), os.path.join(FOLDER, 'convolution.pt'))
torch.save(Numbers(), os.path.join(FOLDER, 'whole.pt'))
with open(f'{FOLDER}.json', 'w') as file:
    json.dump(dict(made_with=f'PyTorch {torch.__version__}', cases=cases), file, separators=(',', ':'))
    file.write('\n')
