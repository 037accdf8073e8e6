import { DataError, messageOf } from '../../errors.ts';
import { printable } from '../../text/table.ts';
import { formatCount } from '../../text/words.ts';
import { FLOAT_TYPES, newNumbers, type ForeignType } from '../number-types.ts';
import type { StateTensor } from '../state-dict.ts';
import { clipped } from '../keras-layers/json.ts';
import { loadHdf5, nextFileName, type DatasetMetadata, type Hdf5Library } from './hdf5-library.ts';

/** Far more groups and datasets than any network has, and deeper than Keras nests them. */
const MOST_ENTRIES = 3000;
const MOST_DEPTH = 16;

/** Longer than any path of Keras. */
const MOST_PATH = 400;

/** More axes than any weight of ours has. */
const MOST_AXES = 8;

/** How many times its bytes the numbers of a file may take: packed ones are smaller than what they hold, and Keras packs none. */
const MOST_GROWTH = 64;

/** What HDF5 calls a class of types (H5Tpublic.h). */
const [FLOAT, OPAQUE] = [1, 5];

/**
 * Reads datasets of floats from a file of HDF5, wherever they lie in it. Only what is in the file itself is read: links to other names and
 * other files are refused, and libhdf5 runs in WebAssembly with a file system of its own, in which there is this file and no other.
 *
 * @param isWanted of which datasets the numbers are read; all others are passed over
 * @returns by path, without a slash at the beginning
 * @throws DataError where the file is damaged or truncated, or a dataset has a type, size or place that is not read, by its name
 * @throws DataError where h5wasm is not installed, with what to do
 */
export async function readHdf5(bytes: Uint8Array, isWanted: (path: string) => boolean): Promise<Map<string, StateTensor>> {
  const library = await loadHdf5();
  const name = nextFileName(library);
  library.FS.writeFile(name, bytes);
  try {
    const file = damaged('the file', () => library.open(name, 0, false, -1, -1));
    try {
      return new Hdf5Reader(library, file, bytes.length).read(isWanted);
    } finally {
      damaged('the file', () => library.close_file(file));
    }
  } finally {
    library.FS.unlink(name);
  }
} // prettier-ignore

class Hdf5Reader {
  readonly #library: Hdf5Library;
  readonly #file: bigint;
  readonly #fileBytes: number;
  /** Of all datasets that were read. */
  #bytes = 0;

  constructor(library: Hdf5Library, file: bigint, fileBytes: number) {
    this.#library = library;
    this.#file = file;
    this.#fileBytes = fileBytes;
  }

  read(isWanted: (path: string) => boolean): Map<string, StateTensor> {
    const tensors = new Map<string, StateTensor>();
    for (const path of this.#datasets()) {
      // Keras for Windows once wrote names with backslashes.
      const name = printable(path.slice(1).replaceAll('\\', '/'));
      if (!isWanted(name)) continue;
      if (tensors.has(name)) throw new DataError(`the file has two datasets ${shownPath(name)}.`);
      tensors.set(name, this.#tensor(path));
    }
    return tensors;
  }

  /** The paths of all datasets. */
  #datasets(): string[] {
    const { H5G_GROUP, H5G_DATASET } = this.#library;
    const [datasets, groups] = [[] as string[], [{ path: '', depth: 0 }]];
    let seen = 0;
    // Groups that are found lengthen the list that is gone through.
    for (const { path, depth } of groups) {
      if (depth > MOST_DEPTH) throw new DataError(`${shownPath(path)}: groups lie in one another deeper than ${MOST_DEPTH} times, as in no file of Keras.`); // prettier-ignore
      for (const name of this.#ask(path || '/', (at) => this.#library.get_names(this.#file, at, false))) {
        if (++seen > MOST_ENTRIES) throw new DataError(`the file has more than ${formatCount(MOST_ENTRIES)} groups and datasets.`); // prettier-ignore
        const child = `${path}/${name}`;
        if (child.length > MOST_PATH) throw new DataError(`${shownPath(child)}: its path has ${formatCount(child.length)} characters, as none of Keras has.`); // prettier-ignore
        const target = this.#ask(child, (at) => this.#library.get_symbolic_link(this.#file, at));
        const type = target === null ? this.#ask(child, (at) => this.#library.get_type(this.#file, at)) : undefined;
        if (type === H5G_GROUP) groups.push({ path: child, depth: depth + 1 });
        else if (type === H5G_DATASET) datasets.push(child);
        else throw new DataError(`${shownPath(child)} is no group or dataset but a link to another place or file, or a type; Keras writes none of them, and none is followed.`); // prettier-ignore
      }
    }
    return datasets;
  }

  #tensor(path: string): StateTensor {
    const metadata = this.#ask(path, (at) => this.#library.get_dataset_metadata(this.#file, at));
    const type = this.#typeOf(path, metadata);
    const { shape, chunks } = metadata;
    if (shape === null || shape.length > MOST_AXES) throw new DataError(`${shownPath(path)}: expected a tensor of at most ${MOST_AXES} axes, got ${shape?.length ?? 'none'}.`); // prettier-ignore
    const length = shape.reduce((a, b) => a * b, 1);
    const needed = length * type.bytes;
    const most = (chunks === null ? 1 : MOST_GROWTH) * this.#fileBytes;
    this.#bytes += needed;
    if (this.#bytes > MOST_GROWTH * this.#fileBytes || needed > most) {
      throw new DataError(`${shownPath(path)} [${shape.join(', ')}] would take ${formatCount(needed)} bytes, far more than a file of ${formatCount(this.#fileBytes)} has.`); // prettier-ignore
    }
    // In whatever order they are in the file: here they are as this machine has them, and WebAssembly is little-endian.
    const bytes = this.#bytesOf(path, needed);
    const data = newNumbers(length, type.wide);
    for (let j = 0; j < length; j++) data[j] = type.get(bytes, j * type.bytes, true);
    return { shape, data };
  }

  #typeOf(path: string, { type, size, virtual_sources: sources }: DatasetMetadata): ForeignType {
    if (sources !== undefined) throw new DataError(`${shownPath(path)} is put together from other files, of which none is read.`); // prettier-ignore
    // Keras says in an attribute which numbers are bfloat16, for which HDF5 has no type. Its text is not read: there is no other.
    const marked = (): boolean => this.#ask(path, (at) => this.#library.get_attribute_names(this.#file, at)).includes('dtype'); // prettier-ignore
    if (size === 2 && (type === OPAQUE || type === FLOAT) && marked()) return FLOAT_TYPES.BF16; // prettier-ignore
    if (type === FLOAT && size === 2) return FLOAT_TYPES.F16;
    if (type === FLOAT && size === 4) return FLOAT_TYPES.F32;
    if (type === FLOAT && size === 8) return FLOAT_TYPES.F64;
    throw new DataError(`${shownPath(path)} holds ${TYPES[type] ?? 'a type of its own'} of ${size} bytes; expected float16, bfloat16, float32 or float64.`); // prettier-ignore
  }

  /** The bytes of a dataset as they were before they were packed. */
  #bytesOf(path: string, length: number): DataView {
    const place = this.#library._malloc(Math.max(1, length)) >>> 0;
    if (place === 0) throw new DataError(`${shownPath(path)}: there is no room for its ${formatCount(length)} bytes in the memory of WebAssembly.`); // prettier-ignore
    try {
      const status = this.#ask(path, (at) => this.#library.get_dataset_data(this.#file, at, null, null, null, BigInt(place))); // prettier-ignore
      if (status < 0) throw new DataError(`${shownPath(path)} cannot be read; the file is damaged.`);
      return new DataView(new Uint8Array(this.#library.HEAPU8.subarray(place, place + length)).buffer);
    } finally {
      this.#library._free(place);
    }
  }

  #ask<T>(path: string, call: (path: string) => T): T {
    return damaged(shownPath(path), () => call(path));
  }
}

/** What the classes of types are called that are not read. */
const TYPES: Readonly<Record<number, string>> = { 0: 'whole numbers', 1: 'floats', 3: 'texts', 5: 'opaque bytes', 6: 'a compound type', 7: 'references', 8: 'an enumeration', 9: 'lists', 10: 'arrays' }; // prettier-ignore

/** Runs something of libhdf5, whose errors are many lines of its own call stack, the cause last. */
function damaged<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    if (thrown instanceof DataError) throw thrown;
    const causes = [...messageOf(thrown).matchAll(/^ +#\d+: .*?\): (.*)$/gm)].map(([, text]) => text);
    const cause = causes.at(-1) ?? messageOf(thrown);
    throw new DataError(`${what} cannot be read; the file is damaged or truncated: ${clipped(cause)}.`, { cause: thrown }); // prettier-ignore
  }
}

/** A path in a sentence. */
function shownPath(path: string): string {
  return clipped(path.replace(/^\//, '')) || 'the root';
}
