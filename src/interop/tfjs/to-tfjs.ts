import { UsageError } from '../../errors.ts';
import { validateSpec } from '../../nn/index.ts';
import { sizeOf } from '../../tensor/index.ts';
import { checkWeights, type ExportedModel, type ModelToExport } from '../exported-model.ts';
import { cellColumns, type CellColumns } from '../keras-layers/cell-columns.ts';
import { littleEndian } from '../number-types.ts';
import { isBeside } from './file-names.ts';
import { planOf } from './plan-of.ts';
import type { Origin } from './plan.ts';

/** The version of what we write into the metadata. */
export const VERSION = '1';

/** What TensorFlow.js reads: a description, and the numbers that it names. */
export interface TfjsModel extends ExportedModel {
  /** The model.json. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What stands in the file of weights. */
  weights: Uint8Array<ArrayBuffer>;
}

/**
 * A model as a layers model of TensorFlow.js: a model.json and the weights beside it, for `tf.loadLayersModel`. Names, inputs and outputs
 * stand in docs/interop.md. The architecture and all that the application keeps are in `userDefinedMetadata`, so that `importTfjs` gives
 * the same model, bit for bit. The state of training does not travel. The same model gives the same bytes.
 *
 * @param weightsFile what the file of weights is called, which the model.json names
 * @throws UsageError that names what its layers cannot hold
 * @throws DataError that names a tensor which is missing, has another size, or holds a number that is not finite
 */
export function toTfjs(model: ModelToExport, weightsFile = 'weights.bin'): TfjsModel {
  const { spec, extra, etude } = model;
  validateSpec(spec);
  if (!isBeside(weightsFile)) throw new UsageError(`the file of weights cannot be called ${JSON.stringify(weightsFile)}: expected a name without folders, "%", "#", "?" and ":".`); // prettier-ignore
  const plan = planOf(spec);
  checkWeights(model);
  const numbers = new Float32Array(plan.weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  let at = 0;
  const valuesOf = reader(model);
  for (const { from, shape } of plan.weights) {
    numbers.set(valuesOf(from), at);
    at += sizeOf(shape);
  }
  const references = (ports: typeof plan.inputs) => ports.map(({ name }) => [name, 0, 0]);
  const config = { name: 'etude', layers: plan.layers, input_layers: references(plan.inputs), output_layers: references(plan.outputs) }; // prettier-ignore
  const known = { version: VERSION, ...(etude !== undefined && { writer: `Etude ${etude}` }), spec, extra };
  const json = {
    format: 'layers-model',
    generatedBy: etude === undefined ? 'Etude' : `Etude ${etude}`,
    convertedBy: null,
    modelTopology: { class_name: 'Model', config, keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' },
    weightsManifest: [{ paths: [weightsFile], weights: plan.weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }], // prettier-ignore
    userDefinedMetadata: { etude: known },
  };
  const ports = (role: 'input' | 'output', list: typeof plan.inputs) => list.map((port) => ({ role, ...port }));
  return {
    bytes: new TextEncoder().encode(`${JSON.stringify(json)}\n`),
    weights: littleEndian(numbers),
    parts: [...ports('input', plan.inputs), ...ports('output', plan.outputs)],
  };
}

/** The numbers of a weight in a model. */
function reader(model: ModelToExport): (from: Origin) => Float32Array {
  const cells = new Map<string, CellColumns>();
  return (from) => {
    if ('parameter' in from) return model.parameters[from.parameter];
    if ('oneHot' in from) return oneHotRows(from.oneHot);
    const key = String(from.cell);
    const columns = cells.get(key) ?? cellColumns(model, from.cell);
    cells.set(key, columns);
    return columns[from.part];
  };
}

/** [size, size]: row k is class k as a one-hot vector. */
export function oneHotRows(size: number): Float32Array {
  const rows = new Float32Array(size * size);
  for (let k = 0; k < size; k++) rows[k * (size + 1)] = 1;
  return rows;
}
