#!/usr/bin/env python3
"""Runs models of `etude export --to pytorch` in PyTorch: reads {"cases": [{"file", "batch"}]} from stdin, and writes what each head of
each model says, [steps * batch * outputs], and the version of PyTorch as JSON to stdout. Also how one writes such a module oneself.
"""
import json
import struct
import sys

import torch
from torch import nn


def load_safetensors(path):
    """The tensors and the metadata of a file; `safetensors.torch.load_file` gives the same tensors."""
    with open(path, 'rb') as file:
        length = struct.unpack('<Q', file.read(8))[0]
        header, data = json.loads(file.read(length)), bytearray(file.read())
    metadata = header.pop('__metadata__')
    tensors = {}
    for name, entry in header.items():
        begin, end = entry['data_offsets']
        tensors[name] = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4).reshape(entry['shape'])
    return tensors, metadata


class Exported(nn.Module):
    """The network of docs/interop.md; the names of its modules are those of the file."""

    def __init__(self, spec, tensors):
        super().__init__()
        lstm = spec['lstm']
        self.spec, self.kind, self.both = spec, lstm.get('cell', 'lstm'), lstm.get('bidirectional', False)
        make = dict(lstm=nn.LSTM, gru=nn.GRU, rnn=nn.RNN)[self.kind]
        size = lambda name: reversed(tensors[f'{name}.weight'].shape)
        linear = lambda name, bias=True: nn.Linear(*size(name), bias=bias)
        table = lambda name: nn.Embedding(*tensors[f'{name}.weight'].shape)
        widths = lstm.get('widths', [lstm['hiddenSize']] * lstm['layers'])
        if len(set(widths)) == 1:
            inputs = tensors[f'{self.kind}.weight_ih_l0'].shape[1]
            layers = make(inputs, widths[0], len(widths), bidirectional=self.both)
        else:
            inputs = [tensors[f'{self.kind}.{k}.weight_ih_l0'].shape[1] for k in range(len(widths))]
            layers = nn.ModuleList(make(i, width, bidirectional=self.both) for i, width in zip(inputs, widths))
        setattr(self, self.kind, layers)
        names = [category['name'] for category in spec['inputs']['categories'] if 'width' in category]
        self.embeddings = nn.ModuleDict({name: table(f'embeddings.{name}') for name in names})
        self.heads, self.tables, self.hidden = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        self.hidden_tables, self.hidden_out = nn.ModuleDict(), nn.ModuleDict()
        for head in spec['heads']:
            name, reads = head['name'], head.get('reads', [])
            self.heads[name] = linear(f'heads.{name}')
            self.tables[name] = nn.ModuleDict({other: table(f'tables.{name}.{other}') for other in reads})
            if 'hidden' in head:
                self.hidden[name] = linear(f'hidden.{name}')
                self.hidden_tables[name] = nn.ModuleDict({other: table(f'hidden_tables.{name}.{other}') for other in reads})
                self.hidden_out[name] = linear(f'hidden_out.{name}', bias=False)

    def forward(self, categories, features, classes):
        """categories and classes: [steps, batch] by name; features [steps, batch, F]."""
        inputs = self.spec['inputs']
        each = inputs['categories']
        parts = [nn.functional.one_hot(categories[c['name']], c['size']).float() for c in each if 'width' not in c]
        embedded = [self.embeddings[c['name']](categories[c['name']]) for c in each if 'width' in c]
        parts += embedded if inputs.get('combine') == 'join' else [sum(embedded)] if embedded else []
        x = torch.cat(parts + [features], dim=2)
        layers = getattr(self, self.kind)
        for layer in layers if isinstance(layers, nn.ModuleList) else [layers]:
            x, _ = layer(x)
        if self.both and self.spec['lossOn'] == 'last':
            # Each direction where it has read all.
            half = x.shape[2] // 2
            x = torch.cat([x[-1:, :, :half], x[:1, :, half:]], dim=2)
        said = {}
        for name, head in self.heads.items():
            said[name] = head(x) + sum(table(classes[other]) for other, table in self.tables[name].items())
            if name in self.hidden:
                r = self.hidden[name](x) + sum(table(classes[other]) for other, table in self.hidden_tables[name].items())
                said[name] = said[name] + self.hidden_out[name](torch.relu(r))
        return said


def run(case):
    tensors, metadata = load_safetensors(case['file'])
    spec, batch = json.loads(metadata['spec']), case['batch']
    model = Exported(spec, tensors)
    model.load_state_dict(tensors)
    model.eval()
    rows = lambda values: torch.tensor(values).reshape(batch['steps'], batch['size'], -1)
    categories = {c['name']: rows(v)[..., 0] for c, v in zip(spec['inputs']['categories'], batch['categories'])}
    classes = {name: rows(values)[..., 0] for name, values in batch['classes'].items()}
    with torch.no_grad():
        said = model(categories, rows(batch['features']).float(), classes)
    return [said[head['name']].flatten().tolist() for head in spec['heads']]


torch.set_num_threads(1)
json.dump(dict(pytorch=torch.__version__, said=[run(case) for case in json.load(sys.stdin)['cases']]), sys.stdout)
