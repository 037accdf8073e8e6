import { CELLS, encodeSafetensors, validateSpec, type SafeTensors } from '../../nn/index.ts';
import { cellWeights, transposed } from '../cell-weights.ts';
import { checkWeights, type ExportedModel, type ExportedPart, type ModelToExport } from '../exported-model.ts';
import { cellNames, ORDER, plainNames, sharedCellOf } from './names.ts';

/** The version of what we write into the metadata. */
export const VERSION = '1';

/**
 * A model as a safetensors file that PyTorch loads: names, layouts and gate orders (i f g o, r z n) of a `state_dict`, in which recurrent
 * layers are `lstm`, `gru` or `rnn`, heads `heads.NAME` (Linear) and tables of embeddings `embeddings.NAME` (docs/interop.md). The
 * architecture and all that the application keeps travel in the metadata, so that `importPytorch` gives the same model, bit for bit.
 * The state of training does not. The same model gives the same bytes.
 *
 * @throws UsageError that names what PyTorch's layers cannot hold
 * @throws DataError that names a tensor which is missing, has another size, or holds a number that is not finite
 */
export function toPytorch(model: ModelToExport): ExportedModel {
  const { spec, parameters, extra, etude } = model;
  validateSpec(spec);
  const cell = sharedCellOf(spec);
  checkWeights(model);
  const tensors: SafeTensors['tensors'] = {};
  const parts: ExportedPart[] = [];
  const add = (name: string, shape: number[], data: Float32Array, help: string): void => {
    tensors[name] = { shape, data };
    parts.push({ role: 'tensor', name, type: 'float32', shape, help });
  };
  for (const { place, inputs, units, tensors: names } of cellNames(spec)) {
    const { input, recurrent, inputBias, recurrentBias } = cellWeights(model, place, ORDER);
    const rows = CELLS[cell].gates.length * units;
    const gates = CELLS[cell].gates.join(' ');
    add(names.input, [rows, inputs], input, `what comes in${gates && `, gates ${gates}`}`);
    add(names.recurrent, [rows, units], recurrent, 'the state before the step');
    add(names.inputBias, [rows], inputBias, 'the bias');
    add(names.recurrentBias, [rows], recurrentBias, cell === 'gru' ? 'zeros, but for n' : 'zeros');
  }
  for (const { ours, theirs, shape, transposed: turned, help } of plainNames(spec)) {
    const [rows, columns] = shape;
    if (turned) add(theirs, [columns, rows], transposed(parameters[ours], columns), help);
    else add(theirs, [...shape], parameters[ours], help);
  }
  // `format` is what `safetensors.torch.save_file` writes, so that other readers know it for PyTorch's.
  const metadata = { format: 'pt', etude: VERSION, spec: JSON.stringify(spec), extra: JSON.stringify(extra), ...(etude !== undefined && { writer: `Etude ${etude}` }) }; // prettier-ignore
  return { bytes: encodeSafetensors({ tensors, metadata }), parts };
}
