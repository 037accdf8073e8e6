"""Trains the language model of letters that examples/imported.ts looks into: an Embedding, an LSTM and a Linear layer in PyTorch, on the
names of countries in Finnish (countries.csv), a line each. Every fifth name is left out.

    python3 examples/data/train-letters.py    # writes letters.pt and letters.json beside this file; made with PyTorch 1.13
"""

import csv
import json
from pathlib import Path

import torch
from torch import nn

HERE = Path(__file__).parent
torch.manual_seed(1)
torch.set_num_threads(1)

with open(HERE / 'countries.csv', encoding='utf-8') as file:
    names = [row['fi'] for row in csv.DictReader(file)]
letters = sorted(set('\n'.join(names)))
known = [name for index, name in enumerate(names) if index % 5 != 0]


class Letters(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(letters), 12)
        self.lstm = nn.LSTM(12, 48)
        self.fc = nn.Linear(48, len(letters))

    def forward(self, codes):
        return self.fc(self.lstm(self.embedding(codes))[0])


model = Letters()
optimizer = torch.optim.Adam(model.parameters(), 0.01)
STEPS, BATCH, WINDOW = 300, 16, 48
for step in range(STEPS):
    optimizer.param_groups[0]['lr'] = 0.01 * (1 - step / STEPS)
    order = torch.randperm(len(known)).tolist()
    text = '\n'.join([''] + [known[k] for k in order] + [''])
    codes = torch.tensor([letters.index(letter) for letter in text])
    starts = torch.randint(len(codes) - WINDOW - 1, (BATCH,)).tolist()
    batch = torch.stack([codes[start : start + WINDOW + 1] for start in starts], 1)
    loss = nn.functional.cross_entropy(model(batch[:-1]).flatten(0, 1), batch[1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()
    if step % 50 == 49:
        print(f'step {step + 1}: {loss.item():.3f} nats a letter')

torch.save(model.state_dict(), HERE / 'letters.pt')
(HERE / 'letters.json').write_text(json.dumps(letters, ensure_ascii=False) + '\n', encoding='utf-8')
