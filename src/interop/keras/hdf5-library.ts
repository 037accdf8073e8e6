import { DataError } from '../../errors.ts';

/** Kept on what is counted, so that no module has a state. */
const FILES = Symbol.for('etude.hdf5-files');

/** What is known of a dataset. */
export interface DatasetMetadata {
  /** The class of its type, as H5Tpublic.h numbers them, and the bytes of a number. */
  type: number;
  size: number;
  /** Null of a dataset without numbers. */
  shape: number[] | null;
  chunks: number[] | null;
  /** Of a dataset that is put together from others. */
  virtual_sources?: unknown[];
}

/** What is used of h5wasm: libhdf5 in WebAssembly, with a file system in memory. Paths are those within a file. */
export interface Hdf5Library {
  FS: { writeFile(name: string, bytes: Uint8Array): void; unlink(name: string): void };
  HEAPU8: Uint8Array<ArrayBuffer>;
  H5G_GROUP: number;
  H5G_DATASET: number;
  open(name: string, mode: number, trackOrder: boolean, low: number, high: number): bigint;
  close_file(file: bigint): number;
  get_names(file: bigint, path: string, recursive: boolean): string[];
  /** What a symbolic link names; null of anything else. */
  get_symbolic_link(file: bigint, path: string): string | null;
  get_type(file: bigint, path: string): number;
  get_dataset_metadata(file: bigint, path: string): DatasetMetadata;
  get_dataset_data(file: bigint, path: string, count: null, offset: null, strides: null, to: bigint): number;
  get_attribute_names(file: bigint, path: string): string[];
  _malloc(bytes: number): number;
  _free(place: number): void;
  activate_throwing_error_handler(): void;
  /** How many files were read. */
  [FILES]?: number;
}

/** The version that is known to work. */
const VERSION = '^0.10.3';

/**
 * Loads h5wasm, the build for pages also in Node: that for Node would let a file name others of this machine.
 * @param load how it is loaded
 * @throws DataError that says what to install
 */
export async function loadHdf5(load: () => Promise<unknown> = importH5wasm): Promise<Hdf5Library> {
  let library: Hdf5Library;
  try {
    const { ready } = (await load()) as { ready: Promise<Hdf5Library> };
    library = await ready;
  } catch (error) {
    throw error instanceof DataError ? error : missing(error);
  }
  // Without it errors are printed, and some calls give numbers that were never read.
  library.activate_throwing_error_handler();
  return library;
}

async function importH5wasm(): Promise<unknown> {
  try {
    return await import('h5wasm');
  } catch (error) {
    // In the same function as the import: then bundlers go on where the package is not there.
    throw missing(error);
  }
}

/** A name that no file has had: libhdf5 may remember what it read under one. */
export function nextFileName(library: Hdf5Library): string {
  return `model-${(library[FILES] = (library[FILES] ?? 0) + 1)}.h5`;
}

function missing(cause: unknown): DataError {
  const { code, message } = cause as { code?: string; message?: string };
  const notThere = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return new DataError(
    notThere
      ? `weights of Keras are HDF5, which the package "h5wasm" reads, and that is not installed: npm install h5wasm@${VERSION}`
      : `weights of Keras are HDF5, and the package "h5wasm", which reads it, does not load here: ${String(message ?? cause).split('\n')[0]}`,
    { cause },
  );
}
