import { layerWidth, type SavedModel } from '../../nn/index.ts';
import { LAYER_NORM_EPSILON } from '../../tensor/reference/layer-norm.ts';
import { Graph } from './graph.ts';

/** The names of a layer's values outside of it. */
interface NormNames {
  /** h and c before the first step and after the last, [1, batch, H]. */
  before: readonly string[];
  after: readonly string[];
  /** The outputs of all steps, [steps, batch, H]. */
  steps: string;
}

/**
 * A layer of LSTM with layer normalisation, for which ONNX has no operator: what the input gives is formed for all steps at once,
 * and a Scan goes through the steps. See src/nn/cells/lstm-norm.ts for the formulas.
 */
export function normLayer(graph: Graph, { spec, parameters }: SavedModel, layer: number, x: string, names: NormNames): void {
  const H = layerWidth(spec, layer);
  const name = `lstm.${layer}`;
  const weights = (part: string, ...shape: number[]): string =>
    graph.weights(`${name}.${part}`, shape, parameters[`${name}.${part}`]);
  const normalise = (to: Graph, value: string, out: string, ...gainAndBias: string[]): string =>
    to.node('LayerNormalization', [value, ...gainAndBias], out, { axis: -1, epsilon: { float: LAYER_NORM_EPSILON } });

  const kernel = weights('kernel', parameters[`${name}.kernel`].length / (4 * H), 4 * H);
  const product = graph.node('MatMul', [x, kernel], `${name}.product`);
  const z = normalise(graph, product, `${name}.input`, weights('input_gain', 4 * H), weights('bias', 4 * H));
  const recurrentKernel = weights('recurrent_kernel', H, 4 * H);
  const recurrentGain = weights('recurrent_gain', 4 * H);
  const [cellGain, cellBias] = [weights('cell_gain', H), weights('cell_bias', H)];

  // What stands outside, such as the weights, a body sees by its name.
  const body = new Graph(`${name}.step`);
  const inside = (value: string): string => `${name}.step.${value}`;
  const port = (value: string, width: number) => ({ name: inside(value), type: 'float32' as const, shape: ['batch', width], help: '' }); // prettier-ignore
  const [h, c, zt] = [body.input(port('h', H)), body.input(port('c', H)), body.input(port('z', 4 * H))];
  const recurrent = body.node('MatMul', [h, recurrentKernel], inside('recurrent'));
  const gates = body.node('Add', [zt, normalise(body, recurrent, inside('normalised'), recurrentGain)], inside('gates'));
  const parts = ['zi', 'zf', 'zg', 'zo'].map(inside);
  body.node('Split', [gates], parts, { axis: -1 });
  const [i, f, o] = [0, 1, 3].map((k) => body.node('Sigmoid', [parts[k]], `${parts[k]}.open`));
  const g = body.node('Tanh', [parts[2]], inside('g'));
  const kept = body.node('Mul', [f, c], inside('kept'));
  const written = body.node('Mul', [i, g], inside('written'));
  body.node('Add', [kept, written], inside('c1'));
  const seen = normalise(body, inside('c1'), inside('seen'), cellGain, cellBias);
  body.node('Mul', [o, body.node('Tanh', [seen], inside('tanh'))], inside('h1'));
  body.node('Identity', [inside('h1')], inside('y'));
  for (const value of ['h1', 'c1', 'y']) body.output(port(value, H));

  const first = graph.whole(0);
  const before = names.before.map((state) => graph.node('Squeeze', [state, first], `${state}.flat`));
  const after = names.after.map((state) => `${state}.flat`);
  graph.node('Scan', [...before, z], [...after, names.steps], { body, num_scan_inputs: 1 });
  names.after.forEach((state, k) => graph.node('Unsqueeze', [after[k], first], state));
} // prettier-ignore
