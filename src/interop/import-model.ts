import { DataError, UsageError } from '../errors.ts';
import { readArchive, withoutFolder } from './archive.ts';
import type { ImportedModel } from './imported-model.ts';
import type { KerasOptions } from './keras/import-keras.ts';
import { isHdf5, isJson, isOnnx, isZip } from './magic.ts';
import type { ImportOptions } from './pytorch/import-pytorch.ts';
import type { WeightBytes } from './tfjs/import-tfjs.ts';

/** All that can be said of a file that is read, in whatever format. */
export type AnyImportOptions = ImportOptions & KerasOptions;

/** Reads a file beside the given one, by its name: some formats have weights in files of their own. */
type Beside = Extract<WeightBytes, (name: string) => unknown>;

/** A file, and what is in it where it is a zip archive. */
interface GivenFile {
  bytes: Uint8Array;
  beside: Beside;
  entries?: ReadonlyMap<string, Uint8Array>;
}

/** A format that models are read from. */
interface Source {
  /** As sentences call it. */
  title: string;
  /** The options that mean something there. */
  options: readonly (keyof AnyImportOptions)[];
  /** Whether a file is of this format, by what is in it. */
  isIt(file: GivenFile): boolean;
  /** Reads it, with code that is loaded for it alone. */
  read(file: GivenFile, options: AnyImportOptions): Promise<ImportedModel>;
}

/** The first that knows a file reads it; the last takes what none does, and says what is wrong with it. */
const SOURCES: readonly Source[] = [
  {
    title: 'ONNX',
    options: ['heads', 'embeddings', 'vocabulary', 'like', 'config'],
    isIt: ({ bytes }) => isOnnx(bytes),
    read: () => Promise.reject(onnxError()),
  },
  {
    title: 'Keras',
    options: ['heads', 'vocabulary', 'config'],
    isIt: ({ bytes, entries }) => isHdf5(bytes) || (entries?.has('config.json') ?? false),
    async read({ bytes, entries }, options) {
      if (entries) return (await import('./keras/import-keras-file.ts')).fromArchive(entries, options);
      return (await import('./keras/import-keras.ts')).importKeras(bytes, options);
    },
  },
  {
    title: 'TensorFlow.js',
    options: ['heads', 'vocabulary', 'like'],
    isIt: ({ bytes }) => isJson(bytes),
    read: async ({ bytes, beside }, options) =>
      (await import('./tfjs/import-tfjs.ts')).importTfjs(bytes, beside, options),
  },
  {
    title: 'PyTorch',
    options: ['heads', 'embeddings', 'vocabulary', 'like'],
    isIt: () => true,
    async read({ bytes, entries }, options) {
      const { modelFrom } = await import('./pytorch/import-pytorch.ts');
      if (!entries) return modelFrom((await import('./pytorch/read.ts')).readWeights(bytes), options);
      return modelFrom((await import('./pytorch/torch-file.ts')).readTorchFile(withoutFolder(entries)), options);
    },
  },
];

/**
 * Reads a model of another program, whichever it is by the content of its file.
 * @throws DataError, CheckpointError where it cannot be read or has no place in a model of Etude
 * @throws UsageError for options that do not fit the file
 */
export async function importModel(
  bytes: Uint8Array,
  options: AnyImportOptions,
  beside: Beside,
): Promise<ImportedModel> {
  const file = { bytes, beside, entries: isZip(bytes) ? await readArchive(bytes) : undefined };
  const { title, options: known, read } = SOURCES.find(({ isIt }) => isIt(file))!;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const stranger = given.find(([key]) => !known.includes(key as keyof AnyImportOptions));
  if (stranger) throw new UsageError(`${stranger[0]}: this is a file of ${title}, for which it means nothing; leave it out.`); // prettier-ignore
  return read(file, Object.fromEntries(given));
}

/** What is said of a file of ONNX. */
export function onnxError(): DataError {
  return new DataError('this is ONNX, which Etude writes and does not read: in a graph of operations nothing says which of them were a layer. Save the weights where the network was trained, in PyTorch with safetensors.torch.save_file(model.state_dict(), "model.safetensors"), and import that.'); // prettier-ignore
}
