import { DataError, UsageError } from '../../errors.ts';
import {
  CELLS,
  parameterSpecs,
  validateSpec,
  type ModelSpec,
  type NamedArrays,
  type SavedModel,
} from '../../nn/index.ts';
import { plainSequences } from '../codings.ts';
import { cellParametersOf, columnShapes } from './cell-columns.ts';
import { describeLayers } from './describe.ts';
import { layerGraph, titleOf, type LayerNode } from './graph.ts';
import type { FoundLayers } from './found.ts';
import { findHeads, type FoundHead } from './heads.ts';
import { findInputs } from './inputs.ts';
import { recurrentLayer, type Dialect, type RecurrentLayer } from './settings.ts';
import { Trail } from './trail.ts';
import { LayerWeights, type WeightsOf } from './weights.ts';

/** A model of layers as Keras and TensorFlow.js describe it. */
export interface LayersModel {
  /** `{ class_name: 'Sequential', config }`, as `model_config` in a file. */
  config: unknown;
  weightsOf: WeightsOf;
  dialect: Dialect;
}

/** How a network is read that others made. */
export interface LayersOptions {
  /** What heads predict where it cannot be seen: `dense:numbers`, `dense:classes`. */
  heads?: readonly string[];
  /** What the classes that go in are called, in the order of their indices. */
  vocabulary?: readonly string[];
}

/** More numbers in the direct path beside a relu layer, which is all zeros, are not made. */
const MOST_ZEROS = 1 << 26;

/**
 * Reads a network of LSTM, GRU or SimpleRNN layers: Sequential, or Functional with several inputs and heads that read one layer.
 *
 * @throws DataError that names the first layer or tensor which has no place in a model of Etude
 * @throws UsageError for options that do not fit
 */
export function readLayers({ config, weightsOf, dialect }: LayersModel, options: LayersOptions = {}): SavedModel & { notes: string[] } {
  const graph = layerGraph(config);
  const trail = new Trail(graph);
  const { heads, trunk } = findHeads(trail, graph.outputs, options.heads);
  const stack = stackUnder(trail, trunk, dialect);
  const found = findInputs(trail, stack.source.name, options.vocabulary);
  trail.assertAllSeen();
  const layers: FoundLayers = { found, heads, stack: stack.layers, passed: trail.passed };
  const spec = specOf(layers);
  const weights = new LayerWeights(weightsOf);
  const parameters = parametersOf(layers, spec, weights);
  weights.assertNoneLeft(graph.layers.values());
  const { extra, notes } = plainSequences(spec, options.vocabulary);
  return { spec, parameters, extra, notes: [...describeLayers(layers, spec), ...notes] };
} // prettier-ignore

/** The recurrent layers from the one that heads read down to the first, and what that reads. */
function stackUnder(trail: Trail, trunk: LayerNode, dialect: Dialect): { layers: RecurrentLayer[]; source: LayerNode } {
  const layers: RecurrentLayer[] = [];
  let node = trunk;
  for (let layer = recurrentLayer(node, dialect); layer; layer = recurrentLayer(node, dialect)) {
    // One that reads itself would never end, and Etude has at most 64.
    if (layers.length >= 64) throw new DataError('the model has more than 64 recurrent layers on one another.');
    if (layers.length > 0 && !layer.givesSteps) throw new DataError(`${titleOf(node)}: return_sequences is false, and another recurrent layer reads what it gives at every step.`); // prettier-ignore
    layers.unshift(layer);
    node = trail.onlySource(node);
  }
  if (layers.length === 0) {
    throw new DataError(`${titleOf(trunk)}: expected LSTM, GRU or SimpleRNN, or Bidirectional around one, in front of what the model predicts.`); // prettier-ignore
  }
  const [first] = layers;
  const other = layers.find(({ cell, bidirectional }) => cell !== first.cell || bidirectional !== first.bidirectional);
  if (other) throw new DataError(`${titleOf(other.node)}: expected what ${titleOf(first.node)} is, ${first.bidirectional ? 'bidirectional ' : ''}${CELLS[first.cell].title}; the recurrent layers of Etude are all of one kind.`); // prettier-ignore
  return { layers, source: node };
}

function specOf({ found, stack, heads }: FoundLayers): ModelSpec {
  const widths = stack.map(({ units }) => units);
  const { cell, bidirectional } = stack[0];
  const { units, givesSteps } = stack.at(-1)!;
  const lossOn = givesSteps ? 'all' : 'last';
  return validateSpec({
    inputs: found.inputs,
    lstm: {
      layers: stack.length,
      hiddenSize: units,
      ...(widths.some((width) => width !== units) && { widths }),
      dropout: 0,
      ...(cell !== 'lstm' && { cell }),
      ...(bidirectional && { bidirectional: true as const }),
    },
    heads: heads.map(({ spec }) => spec),
    lossOn,
    evaluateOn: lossOn,
  });
}

function parametersOf({ found, stack, heads }: FoundLayers, spec: ModelSpec, weights: LayerWeights): NamedArrays {
  const parameters: NamedArrays = {};
  for (const { node, size, width } of found.tables) {
    parameters[`embeddings.${node.name}`] = Float32Array.from(weights.take(node, 'embeddings', [size, width]));
  }
  const { prefix } = CELLS[stack[0].cell];
  const kernels = parameterSpecs(spec).filter(({ name }) => name.endsWith('.kernel'));
  stack.forEach(({ node, cell, units, hasBias, bidirectional }, layer) => {
    for (const direction of bidirectional ? (['forward', 'backward'] as const) : [undefined]) {
      const place = direction === 'backward' ? `${layer}.reverse` : String(layer);
      const [inputs] = kernels.find(({ name }) => name === `${prefix}.${place}.kernel`)!.shape;
      const shapes = columnShapes(cell, inputs, units);
      const kernel = weights.take(node, 'kernel', shapes.kernel, direction);
      const columns = {
        kernel: layer === 0 ? found.inOrder(kernel) : kernel,
        recurrent_kernel: weights.take(node, 'recurrent_kernel', shapes.recurrent_kernel, direction),
        bias: weights.takeOrZeros(hasBias, node, 'bias', shapes.bias, direction),
      };
      for (const [name, values] of Object.entries(cellParametersOf(columns, cell, units))) parameters[`${prefix}.${place}.${name}`] = values; // prettier-ignore
    }
  });
  const outputs = stack.at(-1)!.units * (stack[0].bidirectional ? 2 : 1);
  for (const head of heads) addHead(parameters, head, outputs, weights);
  // In the order of the model's own list, as files have them.
  return Object.fromEntries(parameterSpecs(spec).map(({ name }) => [name, parameters[name]]));
}

/** A head of Etude has a direct path beside its relu layer; of one that had none it is zero. */
function addHead(parameters: NamedArrays, { dense, hidden }: FoundHead, inputs: number, weights: LayerWeights): void {
  const { node, units, hasBias } = dense;
  const name = `heads.${node.name}`;
  const kernel = weights.take(node, 'kernel', [hidden?.units ?? inputs, units]);
  parameters[`${name}.bias`] = Float32Array.from(weights.takeOrZeros(hasBias, node, 'bias', [units]));
  if (!hidden) {
    parameters[`${name}.kernel`] = Float32Array.from(kernel);
    return;
  }
  parameters[`${name}.hidden.out`] = Float32Array.from(kernel);
  parameters[`${name}.hidden.kernel`] = Float32Array.from(weights.take(hidden.node, 'kernel', [inputs, hidden.units]));
  parameters[`${name}.hidden.bias`] = Float32Array.from(weights.takeOrZeros(hidden.hasBias, hidden.node, 'bias', [hidden.units])); // prettier-ignore
  if (inputs * units > MOST_ZEROS) throw new UsageError(`${titleOf(node)}: with ${units} outputs behind a relu layer it is too large for Etude.`); // prettier-ignore
  parameters[`${name}.kernel`] = new Float32Array(inputs * units);
}
