import { DataError } from '../../errors.ts';
import {
  CELLS,
  cellOf,
  layerWidth,
  parameterSpecs,
  type CellPlace,
  type ModelSpec,
  type NamedArrays,
} from '../../nn/index.ts';
import type { Floats } from '../../tensor/index.ts';
import { cellParametersOf, type CellColumns } from '../keras-layers/cell-columns.ts';
import { layerGraph, titleOf, type LayerNode } from '../keras-layers/graph.ts';
import { own } from '../keras-layers/json.ts';
import { recurrentLayer } from '../keras-layers/recurrent.ts';
import { activationLayer, denseLayer, embeddingSizes } from '../keras-layers/settings.ts';
import { assertFinite, listTensors, shown, type StateDict } from '../state-dict.ts';
import { TFJS } from './dialect.ts';
import type { Plan } from './plan.ts';
import { planOf } from './plan-of.ts';
import { oneHotRows } from './to-tfjs.ts';

/**
 * The parameters of a known architecture from a model with the layers that `toTfjs` gives it.
 * @param config the layers, `{ class_name, config }`
 * @throws DataError that names a layer or tensor which is missing, is another or is one too many
 */
export function readOwn(spec: ModelSpec, config: unknown, tensors: StateDict): NamedArrays {
  const plan = planOf(spec);
  assertSameLayers(plan, config);
  const left = new Set(tensors.keys());
  const parameters: NamedArrays = {};
  const cells = new Map<CellPlace, Partial<CellColumns<Floats>>>();
  for (const { name, shape, from } of plan.weights) {
    const data = take(tensors, name, shape);
    left.delete(name);
    if ('parameter' in from) parameters[from.parameter] = Float32Array.from(data);
    else if ('oneHot' in from) assertOneHot(name, data, from.oneHot);
    else cells.set(from.cell, { ...cells.get(from.cell), [from.part]: data });
  }
  const cell = cellOf(spec);
  for (const [place, columns] of cells) {
    const ours = cellParametersOf(columns as CellColumns<Floats>, cell, layerWidth(spec, parseInt(String(place))));
    for (const [name, values] of Object.entries(ours)) parameters[`${CELLS[cell].prefix}.${place}.${name}`] = values;
  }
  const [extra] = left;
  if (extra !== undefined) throw new DataError(`${shown(extra, tensors.get(extra)!)} is none of this architecture's weights.`); // prettier-ignore
  // In the order of the model's own list, as files have them.
  return Object.fromEntries(parameterSpecs(spec).map(({ name }) => [name, parameters[name]]));
}

function take(tensors: StateDict, name: string, shape: readonly number[]): Floats {
  const tensor = tensors.get(name);
  if (tensor?.shape.join() !== shape.join()) {
    const what = tensor ? `has shape [${tensor.shape.join(', ')}]` : 'is missing';
    throw new DataError(`the weights do not fit the architecture: ${name} should be [${shape.join(', ')}] and ${what}. There are:${listTensors(tensors.keys(), tensors)}`); // prettier-ignore
  }
  assertFinite(name, tensor);
  return tensor.data;
}

/** What was trained on elsewhere may have changed what a class is. */
function assertOneHot(name: string, data: Floats, size: number): void {
  const expected = oneHotRows(size);
  if (data.every((value, k) => value === expected[k])) return;
  throw new DataError(`${name} is no longer a table of one-hot vectors, which the model reads; it is not to be trained (trainable: false).`); // prettier-ignore
}

/** @throws DataError where the layers are not those of the architecture: weights alone do not say what a network does */
function assertSameLayers(plan: Plan, config: unknown): void {
  const { layers, outputs } = layerGraph(config);
  for (const { name, class_name: className, config: settings, inbound_nodes: inbound } of plan.layers) {
    const reads = ((inbound[0] ?? []) as [string][]).map(([read]) => read);
    const expected = { name, className, config: settings, reads };
    const found = layers.get(name);
    if (!found) throw new DataError(`${titleOf(expected)} of the architecture is not there.`);
    if (summary(found) === summary(expected)) continue;
    throw new DataError(`${titleOf(found)} is not what the architecture says: expected ${summary(expected)}, got ${summary(found)}.`); // prettier-ignore
  }
  const more = [...layers.values()].find(({ name }) => !plan.layers.some((each) => each.name === name));
  if (more) throw new DataError(`${titleOf(more)} is none of the architecture's layers.`);
  const names = plan.outputs.map(({ name }) => name);
  if (names.join() !== outputs.join()) throw new DataError(`the model gives ${outputs.join(', ')}; expected ${names.join(', ')}.`); // prettier-ignore
}

/** All of a layer that changes what it computes. */
function summary(node: LayerNode): string {
  const { className, reads, config } = node;
  const recurrent = recurrentLayer(node, TFJS);
  const dense = denseLayer(node);
  const what = recurrent
    ? { cell: recurrent.cell, units: recurrent.units, hasBias: recurrent.hasBias, bidirectional: recurrent.bidirectional, givesSteps: recurrent.givesSteps }
    : dense
      ? { units: dense.units, activation: dense.activation, hasBias: dense.hasBias }
      : className === 'Embedding'
        ? embeddingSizes(node)
        : { activation: activationLayer(node), axis: className === 'Concatenate' ? (own(config, 'axis') ?? -1) : undefined };
  return JSON.stringify({ className, reads, ...what });
} // prettier-ignore
