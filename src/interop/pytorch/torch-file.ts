import { DataError } from '../../errors.ts';
import { formatCount } from '../../text/words.ts';
import { printable } from '../../text/table.ts';
import { FLOAT_TYPES, newNumbers, type ForeignType } from '../number-types.ts';
import { PickledName, PickledTuple, unpickle, type PickledDict, type PickleWorld } from './pickle.ts';
import type { StateFile, StateTensor } from '../state-dict.ts';

/** The pickle of a large state_dict has some hundred kilobytes. */
const MOST_PICKLE_BYTES = 16 * 2 ** 20;

/** More axes than any weight of ours has, and few enough that a forged shape costs nothing. */
const MOST_AXES = 8;

/** How many times the numbers of the file tensors may show them: tied weights are in it twice. */
const MOST_SHARING = 4;

/** What PyTorch calls the storages of the types that are read. */
const STORAGES: Readonly<Record<string, ForeignType>> = {
  FloatStorage: FLOAT_TYPES.F32,
  DoubleStorage: FLOAT_TYPES.F64,
  HalfStorage: FLOAT_TYPES.F16,
  BFloat16Storage: FLOAT_TYPES.BF16,
};

/** Where a checkpoint of a training keeps the state_dict. */
const NESTED = ['state_dict', 'model_state_dict', 'model'];

const ORDERED_DICT = 'collections.OrderedDict';
const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2';

/** A storage as the pickle names it: its numbers are looked for once a tensor shows them. */
interface Storage {
  key: string;
  /** `FloatStorage`. */
  type: string;
  length: number;
}

/** A view of a storage; its numbers are read when they are known to be wanted. */
interface View {
  storage: Storage;
  offset: number;
  shape: readonly number[];
  strides: readonly number[];
}

/** Told apart from whatever else a pickle holds. */
class StoredTensor {
  readonly view: View;

  constructor(view: View) {
    this.view = view;
  }
}

class StoredStorage {
  readonly storage: Storage;

  constructor(storage: Storage) {
    this.storage = storage;
  }
}

/**
 * Reads what `torch.save` wrote of a state_dict: pickle `data.pkl`, storages `data/N`, `byteorder` where it is said.
 *
 * @param entries of the archive, without its folder
 * @throws DataError that says what is wrong, and names the tensor
 */
export function readTorchFile(entries: ReadonlyMap<string, Uint8Array>): StateFile {
  const pickle = entries.get('data.pkl');
  if (!pickle) throw new DataError('this zip archive has no data.pkl; expected one that torch.save(model.state_dict(), "model.pt") wrote.'); // prettier-ignore
  if (entries.has('constants.pkl')) throw new DataError('this is a program of TorchScript. Save its weights: torch.save(torch.jit.load("model.pt").state_dict(), "weights.pt").'); // prettier-ignore
  if (pickle.length > MOST_PICKLE_BYTES) {
    throw new DataError(`data.pkl has ${formatCount(pickle.length)} bytes; at most ${formatCount(MOST_PICKLE_BYTES)} are read.`); // prettier-ignore
  }
  const views = stateDictIn(unpickle(pickle, WORLD));
  const reader = new StorageReader(entries);
  reader.assertBounded(views);
  return { tensors: new Map(views.map(([name, view]) => [name, reader.read(name, view)])), metadata: {} };
}

/** The three names that a state_dict needs. */
const WORLD: PickleWorld = {
  knows: (path) => path === ORDERED_DICT || path === REBUILD_TENSOR || /^torch\.[A-Z][A-Za-z0-9]*Storage$/.test(path),
  call(path, args) {
    if (path === ORDERED_DICT && args.length === 0) return new Map();
    if (path === REBUILD_TENSOR) return new StoredTensor(viewOf(args));
    throw new DataError(`the pickle calls ${path}, as none of a state_dict does.`);
  },
  persistent(id) {
    const [what, type, key, , length] = id instanceof PickledTuple ? id.items : [];
    if (what !== 'storage' || !(type instanceof PickledName) || typeof key !== 'string' || !isSize(length)) {
      throw new DataError('the pickle names something outside of it that is no storage.');
    }
    return new StoredStorage({ key, type: type.path.slice('torch.'.length), length });
  },
};

function viewOf([stored, offset, shape, strides]: readonly unknown[]): View {
  const valid =
    stored instanceof StoredStorage &&
    shape instanceof PickledTuple &&
    strides instanceof PickledTuple &&
    shape.items.length <= MOST_AXES &&
    strides.items.length === shape.items.length;
  if (!valid) throw new DataError('a tensor in the pickle has no proper storage, shape or strides.');
  // What these are is looked at when the name of the tensor is known, which an error can then say.
  return { storage: stored.storage, offset: offset as number, shape: shape.items as number[], strides: strides.items as number[] }; // prettier-ignore
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The tensors of the state_dict in what was pickled: itself, or what stands under one of the usual names. */
function stateDictIn(value: unknown): [name: string, view: View][] {
  if (!(value instanceof Map)) throw new DataError('the file holds no state_dict; save that: torch.save(model.state_dict(), "model.pt").'); // prettier-ignore
  const dict = value as PickledDict;
  const isState = [...dict.values()].some((each) => each instanceof StoredTensor);
  const nested = NESTED.find((key) => dict.get(key) instanceof Map);
  const found = isState || nested === undefined ? dict : (dict.get(nested) as PickledDict);
  const views = [...found].map(([name, tensor]): [string, View] => {
    if (tensor instanceof StoredTensor && typeof name === 'string') return [name, tensor.view];
    const keys = [...dict.keys()].slice(0, 12).map((key) => clipped(String(key)));
    throw new DataError(`"${clipped(String(name))}" is no tensor, and so this is no state_dict; expected one, or a dictionary with one as ${NESTED.join(' or ')}. There are ${keys.join(', ')}.`); // prettier-ignore
  });
  if (views.length === 0) throw new DataError('the state_dict in this file is empty.');
  return views;
}

/** Reads numbers of storages, within their bytes. */
class StorageReader {
  readonly #entries: ReadonlyMap<string, Uint8Array>;
  readonly #littleEndian: boolean;

  constructor(entries: ReadonlyMap<string, Uint8Array>) {
    this.#entries = entries;
    const order = new TextDecoder().decode(entries.get('byteorder')?.subarray(0, 16) ?? new Uint8Array());
    // PyTorch before 2.1 does not say, and little was all that it wrote on the usual machines.
    if (!['', 'little', 'big'].includes(order)) throw new DataError(`the archive's byteorder is "${clipped(order)}"; expected little or big.`); // prettier-ignore
    this.#littleEndian = order !== 'big';
  }

  /** @throws DataError where a view is none of its storage, or all together show far more numbers than the file has */
  assertBounded(views: readonly [name: string, view: View][]): void {
    const storages = new Map<string, number>();
    let shown = 0;
    for (const [name, view] of views) {
      shown += assertView(clipped(name), view);
      storages.set(view.storage.key, this.#bytesOf(clipped(name), view.storage).length);
    }
    const bytes = [...storages.values()].reduce((sum, each) => sum + each, 0);
    // Of two bytes each at least.
    if (shown > (MOST_SHARING * bytes) / 2) throw new DataError(`its tensors show ${formatCount(shown)} numbers, far more than its storages hold.`); // prettier-ignore
  }

  /** The numbers of a view, row-major. */
  read(name: string, { storage, offset, shape, strides }: View): StateTensor {
    const { bytes: size, wide, get } = STORAGES[storage.type];
    const bytes = this.#bytesOf(name, storage);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = newNumbers(shape.reduce((a, b) => a * b, 1), wide); // prettier-ignore
    const index = shape.map(() => 0);
    for (let at = 0, from = offset; at < data.length; at++) {
      data[at] = get(view, from * size, this.#littleEndian);
      // The next index, as an odometer counts.
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        from += strides[axis];
        if (++index[axis] < shape[axis]) break;
        from -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return { shape: [...shape], data };
  }

  #bytesOf(name: string, { key, type, length }: Storage): Uint8Array {
    const bytes = this.#entries.get(`data/${key}`);
    if (!bytes) throw new DataError(`${name}: its storage data/${clipped(key)} is not in the file.`);
    if (!Object.hasOwn(STORAGES, type)) throw new DataError(`${name}: it holds a ${type}; only ${Object.keys(STORAGES).join(', ')} are read.`); // prettier-ignore
    const expected = length * STORAGES[type].bytes;
    if (bytes.length !== expected) throw new DataError(`${name}: its storage data/${clipped(key)} should have ${formatCount(expected)} bytes, and has ${formatCount(bytes.length)}.`); // prettier-ignore
    return bytes;
  }
}

/** @returns how many numbers it shows. @throws DataError where it reaches beyond its storage, or shows more than that has */
function assertView(name: string, { storage, offset, shape, strides }: View): number {
  if (![offset, ...shape, ...strides].every(isSize)) {
    throw new DataError(`${name}: expected an offset, a shape and strides of whole numbers of at least 0, got ${show([offset])}, ${show(shape)} and ${show(strides)}.`); // prettier-ignore
  }
  const size = shape.reduce((a, b) => a * b, 1);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], offset);
  if (size === 0) return 0;
  if (size > storage.length || last >= storage.length) {
    throw new DataError(`${name}: shape ${show(shape)} with strides ${show(strides)} from number ${offset} on does not fit its storage of ${formatCount(storage.length)}.`); // prettier-ignore
  }
  return size;
}

function show(numbers: readonly unknown[]): string {
  return `[${numbers.map((each) => (typeof each === 'number' ? String(each) : typeof each)).join(', ')}]`;
}

/** A name from a file in a sentence: short, and without what could command a terminal. */
function clipped(name: string): string {
  return printable(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}
