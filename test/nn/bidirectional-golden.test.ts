import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SequenceDataset, type Asked, type CellKind, type ModelSpec } from '../../src/nn/index.ts';
import { trainableNetwork } from '../support/networks.ts';
import { asAsked, batchOf } from '../support/ragged.ts';

interface Result {
  loss: number;
  logits: number[];
  gradients: Record<string, number[]>;
}

interface Golden {
  lengths: number[];
  hidden: number;
  layers: number;
  classes: number;
  inputs: number[][][];
  labels: number[][];
  cases: ({ cell: CellKind; weights: Record<string, number[]> } & Record<Asked, Result>)[];
}

const ASKED = ['steps', 'ends'] as const satisfies Asked[];

describe('packed sequences of PyTorch', () => {
  const golden = JSON.parse(readFileSync(new URL('../golden/bidirectional.json', import.meta.url), 'utf8')) as Golden;
  const { lengths, hidden, layers, classes, inputs, labels } = golden;

  it.each(golden.cases.flatMap((given) => ASKED.map((asked) => ({ ...given, asked }))))('have the same outputs, loss and gradients of two bidirectional layers of $cell, asked at: $asked', ({ cell, asked, weights, ...of }) => {
    const spec: ModelSpec = {
      inputs: { categories: [], features: inputs[0][0].map((_, f) => `x${f}`) },
      lstm: { layers, hiddenSize: hidden, dropout: 0, cell, bidirectional: true },
      heads: [{ name: 'out', kind: 'categorical', size: classes, lossWeight: 1 }],
      lossOn: 'all',
    };
    const sequences = lengths.map((length, b) => {
      return asAsked({ length, categories: [], features: inputs[b].flat(), targets: { out: labels[b] } }, asked);
    });
    const { network, parameters: ours, gradients } = trainableNetwork(spec, { batchSize: lengths.length, steps: 5 }, 1);
    expect(Object.keys(weights).sort()).toEqual(ours.specs.map(({ name }) => name).sort());
    for (const [name, { data }] of ours.entries()) data.set(weights[name]);
    network.load(batchOf(new SequenceDataset(spec, sequences, asked)));
    network.forward();
    const { loss, logits, gradients: theirs } = of[asked];
    const rows = Array.from({ length: 20 }, (_, row) => row).filter((row) => Math.floor(row / 4) < lengths[row % 4]);
    const wanted = asked === 'ends' ? lengths.map((length, b) => 4 * (length - 1) + b) : rows;
    const { data } = network.heads[0].out;
    wanted.flatMap((row) => [...data.subarray(classes * row, classes * (row + 1))]).forEach((each, at) => { expect(each).toBeCloseTo(logits[at], 12); });
    expect(network.losses()[0]).toBeCloseTo(loss, 12);
    network.backward();
    for (const [name, { data }] of gradients.entries()) {
      data.forEach((each: number, at: number) => { expect(each, name).toBeCloseTo(theirs[name][at], 12); });
    }
  }); // prettier-ignore
});
