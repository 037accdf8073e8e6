import { cellPlaces, CELLS, cellOf, layerWidth, type CellKind, type SavedModel } from '../../nn/index.ts';
import { cellWeights, type CellWeights, type GateOrder } from '../cell-weights.ts';
import type { Graph } from './graph.ts';
import { normLayer } from './norm-layer.ts';

/** Gates i o f c and z r h, peepholes i o f: https://onnx.ai/onnx/operators/onnx__LSTM.html, onnx__GRU.html. */
export const ONNX_GATES: GateOrder = { lstm: ['i', 'o', 'f', 'g'], gru: ['z', 'r', 'n'], peephole: ['i', 'o', 'f'] };

const OPERATORS: Record<string, string> = { lstm: 'LSTM', gru: 'GRU', rnn: 'RNN' };

/** What a layer gives. */
export interface LayerNames {
  /** The outputs of each step, [steps, batch, directions * H]. */
  steps: string;
  /** The outputs h after the last step that each direction takes, [directions, batch, H]. */
  last: string;
}

/**
 * One recurrent layer as an operator of ONNX. Its states before the first step go in as `lstm.0.h0` and `lstm.0.c0`, [directions, batch, H], and those
 * after the last come out as `lstm.0.h1` and `lstm.0.c1`.
 * @param x what it reads, [steps, batch, inputs]
 * @param lengths how many steps of each sequence are read, [batch]; all unless given
 */
export function recurrentLayer(graph: Graph, model: SavedModel, layer: number, x: string, lengths = ''): LayerNames {
  const { spec } = model;
  const cell = cellOf(spec);
  const { prefix, states } = CELLS[cell];
  const [H, places] = [layerWidth(spec, layer), cellPlaces(spec, layer)];
  const name = `${prefix}.${layer}`;
  const before = states.map((state) =>
    graph.input({ name: `${name}.${state}0`, type: 'float32', shape: [places.length, 'batch', H], help: `State ${state} of layer ${layer} before the first step: zeros at the beginning, then ${name}.${state}1 of the run before.` }),
  ); // prettier-ignore
  const after = states.map((state) => `${name}.${state}1`);
  const steps = `${name}.steps`;
  if (cell === 'lstm-norm') normLayer(graph, model, layer, x, { before, after, steps });
  else {
    const weights = places.map((place) => cellWeights(model, place, ONNX_GATES));
    const inputs = [x, ...operands(graph, name, weights), lengths, ...before];
    if (weights[0].peephole) inputs.push(stacked(graph, `${name}.P`, weights.map(({ peephole }) => [peephole!]), [3 * H])); // prettier-ignore
    const y = graph.node(OPERATORS[prefix], inputs, [`${name}.Y`, ...after], attributesOf(cell, H, places.length));
    joinDirections(graph, y, steps, places.length);
  }
  states.forEach((state, k) => {
    graph.output({ name: after[k], type: 'float32', shape: [places.length, 'batch', H], help: `State ${state} of layer ${layer} after the last step.` }); // prettier-ignore
  });
  return { steps, last: after[0] };
}

/** W, R and B of an operator: the directions are stacked, and both biases stand in one row. */
function operands(graph: Graph, name: string, cells: readonly CellWeights[]): string[] {
  const rows = cells[0].inputBias.length;
  return [
    stacked(graph, `${name}.W`, cells.map(({ input }) => [input]), [rows, cells[0].input.length / rows]),
    stacked(graph, `${name}.R`, cells.map(({ recurrent }) => [recurrent]), [rows, cells[0].recurrent.length / rows]),
    stacked(graph, `${name}.B`, cells.map(({ inputBias, recurrentBias }) => [inputBias, recurrentBias]), [2 * rows]),
  ];
} // prettier-ignore

function stacked(graph: Graph, name: string, cells: readonly (readonly Float32Array[])[], shape: number[]): string {
  const parts = cells.flat();
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return graph.weights(name, [cells.length, ...shape], all);
}

function attributesOf(cell: CellKind, H: number, directions: number): Record<string, number | string> {
  return {
    hidden_size: H,
    ...(directions === 2 && { direction: 'bidirectional' }),
    // Whether the reset gate is applied behind the product, to what the recurrent kernel and its bias give.
    ...(cell === 'gru' && { linear_before_reset: 1 }),
  };
}

/** [steps, directions, batch, H] as [steps, batch, directions * H]. */
function joinDirections(graph: Graph, y: string, joined: string, directions: number): void {
  if (directions === 1) {
    graph.node('Squeeze', [y, graph.whole(1)], joined);
    return;
  }
  const turned = graph.node('Transpose', [y], `${joined}.turned`, { perm: [0, 2, 1, 3] });
  graph.node('Reshape', [turned, graph.whole(0, 0, -1)], joined);
}

/** The outputs of the last step that each direction takes, [directions, batch, H], as one step [1, batch, directions * H]. */
export function lastStep(graph: Graph, { last }: LayerNames): string {
  const turned = graph.node('Transpose', [last], 'last.turned', { perm: [1, 0, 2] });
  const joined = graph.node('Reshape', [turned, graph.whole(0, -1)], 'last.joined');
  return graph.node('Unsqueeze', [joined, graph.whole(0)], 'last');
}
