import { DataError, UsageError } from '../errors.ts';
import type { ImportedModel, ImportOptions } from './pytorch/import-pytorch.ts';
import { importPytorch } from './pytorch/import-torch-file.ts';

/** How a model is read, and where files beside it are. */
interface ImportModelOptions extends ImportOptions {
  /** Reads a file beside the given one, by its name. */
  beside: (name: string) => Uint8Array;
}

/**
 * Reads a model of another program: what it is follows from its bytes, and the reader is loaded when it is used.
 * @throws DataError, UsageError as the readers do, and for a file of ONNX
 */
export async function importModel(bytes: Uint8Array, { beside, ...options }: ImportModelOptions): Promise<ImportedModel> {
  if (isOnnx(bytes)) throw onnxError();
  if (!isJson(bytes)) return importPytorch(bytes, options);
  const { embeddings, ...choice } = options;
  if (embeddings) throw new UsageError('--embedding: a model.json says which layers are embeddings, and in which order; leave this out.');
  const { importTfjs } = await import('./tfjs/import-tfjs.ts');
  return importTfjs(bytes, beside, choice);
} // prettier-ignore

/** What is said of a file of ONNX. */
export function onnxError(): DataError {
  return new DataError('this is ONNX, which Etude writes and does not read: in a graph of operations nothing says which of them were a layer. Save the weights where the network was trained, in PyTorch with safetensors.torch.save_file(model.state_dict(), "model.safetensors"), and import that.'); // prettier-ignore
}

/** Whether a text begins with an object or list. A safetensors file, whose header may be as long as `{` says, has zeros there. */
function isJson(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 64);
  return !start.subarray(0, 8).includes(0) && /^\ufeff?\s*[{[]/.test(new TextDecoder('utf-8', { ignoreBOM: true }).decode(start));
} // prettier-ignore

/** Whether a file begins with the version of ONNX's format, field 1; of a safetensors file bytes 5 to 8 are zero. */
function isOnnx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && bytes[1] < 32 && bytes.subarray(4, 8).some((byte) => byte !== 0);
}
