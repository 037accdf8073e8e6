import {
  CELLS,
  CheckpointError,
  cellOf,
  encodeSafetensors,
  type SafeTensor,
  type SafeTensors,
  type SavedModel,
} from '../../nn/index.ts';
import { assertShared, stack, transposed } from '../layout.ts';
import { cellNames, plainNames } from './names.ts';

/** The version of what we write into the metadata. */
export const VERSION = '1';

/**
 * A model as a safetensors file that PyTorch loads: names, layouts and gate orders (i f g o, r z n) of a `state_dict`, in which recurrent
 * layers are `lstm`, `gru` or `rnn`, heads `heads.NAME` (Linear) and tables of embeddings `embeddings.NAME` (docs/interop.md). The
 * architecture and all that the application keeps travel in the metadata, so that `importPytorch` gives the same model, bit for bit.
 * The state of training does not. The same model gives the same bytes.
 *
 * @throws UsageError that names what PyTorch's layers cannot hold
 * @throws CheckpointError where a number is not finite
 */
export function toPytorch({ spec, parameters, extra }: SavedModel): Uint8Array<ArrayBuffer> {
  const cell = cellOf(spec);
  assertShared(cell, "PyTorch's layers");
  const { prefix, gates } = CELLS[cell];
  for (const [name, values] of Object.entries(parameters)) assertFinite(name, values);
  const tensors: SafeTensors['tensors'] = {};
  for (const { place, inputs, units, tensors: names } of cellNames(spec)) {
    const layout = { cell, inputs, units, order: gates };
    const stacked = stack(layout, (name) => parameters[`${prefix}.${place}.${name}`]);
    const rows = gates.length * units;
    tensors[names.input] = { shape: [rows, inputs], data: stacked.input };
    tensors[names.recurrent] = { shape: [rows, units], data: stacked.recurrent };
    tensors[names.inputBias] = { shape: [rows], data: stacked.inputBias };
    tensors[names.recurrentBias] = { shape: [rows], data: stacked.recurrentBias };
  }
  for (const { ours, theirs, shape, transposed: turned } of plainNames(spec)) {
    const data = parameters[ours];
    tensors[theirs] = turned ? linear(data, shape[0], shape[1]) : { shape: [...shape], data };
  }
  // What `safetensors.torch.save_file` writes as `format`, so that other readers know it for PyTorch's.
  const metadata = { format: 'pt', etude: VERSION, spec: JSON.stringify(spec), extra: JSON.stringify(extra) };
  return encodeSafetensors({ tensors, metadata });
}

/** The kernel of a Dense layer [in, out] as a Linear's weight [out, in]. */
function linear(kernel: Float32Array, inputs: number, outputs: number): SafeTensor {
  return { shape: [outputs, inputs], data: transposed(kernel, inputs, outputs) };
}

function assertFinite(name: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new CheckpointError(`This model cannot be exported: "${name}"[${at}] is ${values[at]}. Use an older checkpoint, or train again.`); // prettier-ignore
}
