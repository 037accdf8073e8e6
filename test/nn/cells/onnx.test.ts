import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { CellKind } from '../../../src/nn/cells/kinds.ts';
import { LayerAlone, type LayerWeights } from '../../support/layer-alone.ts';
import { relativeError } from '../../support/tolerances.ts';

type Array = [shape: number[], values: number[]];

/** A node test as make_onnx.py wrote it. */
interface NodeTest {
  name: string;
  op: 'LSTM' | 'GRU' | 'RNN';
  batchFirst: boolean;
  inputs: Record<'X' | 'W' | 'R', Array> & Partial<Record<'B' | 'P' | 'initial_h' | 'initial_c', Array>>;
  outputs: Partial<Record<'Y' | 'Y_h', Array>>;
}

/** For each operator the places of our gates among ONNX's: i o f c, z r h. */
const GATES: Record<NodeTest['op'], number[]> = { LSTM: [0, 2, 3, 1], GRU: [1, 0, 2], RNN: [0] };

// Expected values are those of float32 there.
const TOLERANCE = 1e-6;

/** The rows of gates in our order, each transposed: [G * H, N] becomes [N, gates * H]. */
function columns([shape, values]: Array, gates: number[], H: number): number[] {
  const N = shape[2];
  const blocks = Array.from({ length: N }, (_, n) =>
    gates.flatMap((gate) => Array.from({ length: H }, (_, j) => values[(gate * H + j) * N + n])),
  );
  return blocks.flat();
}

function cellOf({ op, inputs }: NodeTest): CellKind {
  if (op === 'LSTM') return inputs.P ? 'lstm-peephole' : 'lstm';
  return op === 'GRU' ? 'gru-before' : 'rnn';
}

/** What the layer is to hold for the weights of a node test. */
function weightsOf({ op, inputs: { W, R, B, P } }: NodeTest, H: number): LayerWeights {
  const gates = GATES[op];
  const count = gates.length;
  const bias = gates.flatMap((gate) =>
    Array.from({ length: H }, (_, j) => (B ? B[1][gate * H + j] + B[1][(count + gate) * H + j] : 0)),
  );
  const own = { kernel: columns(W, gates, H), bias };
  if (op === 'GRU') {
    return { ...own, recurrent_kernel: columns(R, [1, 0], H), candidate_kernel: columns(R, [2], H) };
  }
  // Peepholes stand in the order i o f there, and i f o here.
  const peephole = P && [0, 2, 1].flatMap((block) => P[1].slice(block * H, (block + 1) * H));
  return { ...own, recurrent_kernel: columns(R, gates, H), ...(peephole && { peephole }) };
}

describe('the node tests of ONNX', () => {
  const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/onnx.json'), 'utf8')) as {
    cases: NodeTest[];
  };

  it('are twelve, of three operators', () => {
    expect(cases).toHaveLength(12);
    expect(new Set(cases.map(cellOf))).toEqual(new Set(['lstm', 'lstm-peephole', 'gru-before', 'rnn']));
  });

  it.each(cases)('$name: the outputs are those expected there', (test) => {
    const { batchFirst, inputs, outputs } = test;
    const [[first, second, I], X] = inputs.X;
    // With the batch first there is one step, so that the numbers stand in the same order.
    const [T, B] = batchFirst ? [second, first] : [first, second];
    expect(batchFirst && T > 1).toBe(false);
    const H = inputs.R[0][2];
    const layer = new LayerAlone(cellOf(test), { inputs: I, hidden: H, steps: T, batch: B });
    layer.write(weightsOf(test, H));
    if (inputs.initial_h) layer.begin(inputs.initial_h[1], inputs.initial_c![1]);
    const found = layer.run(X);
    expect(relativeError(found.subarray((T - 1) * B * H), outputs.Y_h![1])).toBeLessThan(TOLERANCE);
    if (outputs.Y) expect(relativeError(found, outputs.Y[1])).toBeLessThan(TOLERANCE);
  });
});
