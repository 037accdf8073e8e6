import { DataError } from '../../errors.ts';
import { CELLS, parameterSpecs, type ModelSpec, type NamedArrays } from '../../nn/index.ts';
import { parametersOf, transposed } from '../cell-weights.ts';
import { cellNames, ORDER, plainNames, sharedCellOf } from './names.ts';
import { assertFinite, listTensors, shown, type StateDict, type StateTensor } from '../state-dict.ts';

/**
 * The parameters of a known architecture from tensors under the names that `toPytorch` gives them.
 * @throws DataError that names a tensor which is missing, has another shape, is not finite or is one too many
 */
export function readOwn(spec: ModelSpec, tensors: StateDict): NamedArrays {
  const cell = sharedCellOf(spec);
  const { prefix, gates } = CELLS[cell];
  const left = new Set(tensors.keys());
  const take = (name: string, shape: readonly number[]): StateTensor['data'] => {
    const tensor = tensors.get(name);
    if (tensor?.shape.join() !== shape.join()) {
      const what = tensor ? `has shape [${tensor.shape.join(', ')}]` : 'is missing';
      throw new DataError(`the tensors do not fit the architecture: ${name} should be [${shape.join(', ')}] and ${what}. There are:${listTensors(tensors.keys(), tensors)}`); // prettier-ignore
    }
    assertFinite(name, tensor);
    left.delete(name);
    return tensor.data;
  };
  const parameters: NamedArrays = {};
  for (const { place, inputs, units, tensors: names } of cellNames(spec)) {
    const rows = gates.length * units;
    const weights = {
      input: take(names.input, [rows, inputs]),
      recurrent: take(names.recurrent, [rows, units]),
      inputBias: take(names.inputBias, [rows]),
      recurrentBias: take(names.recurrentBias, [rows]),
    };
    const ours = parametersOf(weights, cell, units, ORDER);
    for (const [name, values] of Object.entries(ours)) parameters[`${prefix}.${place}.${name}`] = values;
  }
  for (const { ours, theirs, shape, transposed: turned } of plainNames(spec)) {
    const [rows, columns] = shape;
    parameters[ours] = turned ? transposed(take(theirs, [columns, rows]), rows) : Float32Array.from(take(theirs, shape)); // prettier-ignore
  }
  const [extra] = left;
  if (extra !== undefined) throw new DataError(`${shown(extra, tensors.get(extra)!)} is none of this architecture's tensors.`); // prettier-ignore
  // In the order of the model's own list, as files have them.
  return Object.fromEntries(parameterSpecs(spec).map(({ name }) => [name, parameters[name]]));
}
