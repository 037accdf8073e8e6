import { UsageError } from '../../errors.ts';
import { CELLS, parameterSpecs, type NamedArrays } from '../../nn/index.ts';
import { plainSequences } from '../codings.ts';
import type { ImportedModel } from '../imported-model.ts';
import { cellParametersOf, columnShapes } from './cell-columns.ts';
import { describeLayers } from './describe.ts';
import { findLayers, type DescribedLayers, type LayersOptions } from './find-layers.ts';
import type { FoundLayers } from './found.ts';
import { partName, titleOf } from './graph.ts';
import type { FoundHead } from './heads.ts';
import { LayerWeights, type TensorsOfLayers } from './weights.ts';

/** More numbers in the direct path beside a relu layer, which is all zeros, are not made. */
const MOST_ZEROS = 1 << 26;

/**
 * Reads a network with its weights.
 * @throws DataError that names the first layer or tensor which has no place in a model of Etude
 * @throws UsageError for options that do not fit
 */
export function readLayers(
  { weightsOf, placeOf, ...described }: DescribedLayers & TensorsOfLayers,
  options: LayersOptions = {},
): ImportedModel {
  return withWeights(findLayers(described, options), { weightsOf, placeOf }, options);
}

/** The model of layers that were found, with their weights. @throws what `readLayers` throws */
export function withWeights(layers: FoundLayers, tensors: TensorsOfLayers, { vocabulary }: LayersOptions = {}): ImportedModel {
  const weights = new LayerWeights(tensors);
  const { spec } = layers;
  const parameters = parametersOf(layers, weights);
  weights.assertNoneLeft(layers.nodes);
  const { extra, notes } = plainSequences(spec, vocabulary);
  return { spec, parameters, extra, notes: [...describeLayers(layers), ...notes] };
} // prettier-ignore

function parametersOf({ spec, found, stack, heads }: FoundLayers, weights: LayerWeights): NamedArrays {
  const parameters: NamedArrays = {};
  for (const { node, size, width } of found.tables) {
    parameters[`embeddings.${partName(node)}`] = Float32Array.from(weights.take(node, 'embeddings', [size, width]));
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
  const name = `heads.${partName(node)}`;
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
