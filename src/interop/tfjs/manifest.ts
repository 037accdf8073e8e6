import { DataError } from '../../errors.ts';
import { sizeOf } from '../../tensor/index.ts';
import { clipped, listIn, objectIn, own, shownValue, textIn } from '../keras-layers/json.ts';
import { FLOAT_TYPES, type ForeignType } from '../number-types.ts';
import type { StateDict, StateTensor } from '../state-dict.ts';
import { isBeside } from './file-names.ts';
import type { WeightGroup } from './model-json.ts';

/** The files of a manifest by their names, or all of them one behind the other. */
export type WeightBytes = Uint8Array | ArrayBuffer | ((path: string) => Uint8Array | Promise<Uint8Array>);

/** More axes than any weight of ours has, and few enough that a forged shape costs nothing. */
const MOST_AXES = 8;
const MOST_WEIGHTS = 2000;

/** What the numbers of a weight are in the file, and what becomes of them. */
interface Coding extends ForeignType {
  /** Of whole numbers: `value * scale + min`. */
  scale?: number;
  min?: number;
}

interface Entry {
  name: string;
  shape: number[];
  coding: Coding;
  /** Of an optimizer: passed over. */
  isState: boolean;
}

const WHOLE: Readonly<Record<string, ForeignType>> = {
  uint8: { bytes: 1, get: (view, at) => view.getUint8(at) },
  uint16: { bytes: 2, get: (view, at) => view.getUint16(at, true) },
};

/**
 * Reads the weights of a manifest.
 * @param given the files that it names, which are asked for by these names alone, or their bytes one behind the other
 * @throws DataError that says what is wrong with the manifest or a file, and names it
 */
export async function readManifest(groups: readonly WeightGroup[], given: WeightBytes): Promise<StateDict> {
  const entries = groups.map(({ weights }) => weights.map((weight, k) => entryOf(weight, k)));
  assertNamesOnce(entries.flat());
  const paths = groups.map((group, k) => pathsOf(group, k));
  const again = paths.flat().find((path, k, all) => all.indexOf(path) < k);
  if (again !== undefined) throw new DataError(`weightsManifest: the file "${again}" stands there twice.`);
  const found = new Map<string, StateTensor>();
  let rest = typeof given === 'function' ? undefined : bytesOf(given);
  for (const [k, group] of entries.entries()) {
    const size = group.reduce((sum, entry) => sum + bytesIn(entry), 0);
    const title = `weightsManifest: ${paths[k].map((path) => `"${path}"`).join(', ') || `group ${k}`}`;
    const bytes = typeof given === 'function' ? await joined(given, paths[k], size, title) : rest!.subarray(0, size);
    if (bytes.length !== size) throw new DataError(`${title} should have ${size} bytes for its weights, and has ${bytes.length}.`); // prettier-ignore
    rest = rest?.subarray(size);
    readGroup(found, group, bytes);
  }
  if (rest !== undefined && rest.length > 0) throw new DataError(`weightsManifest: ${rest.length} bytes are left behind the last weight; expected none.`); // prettier-ignore
  return found;
}

function bytesOf(given: Uint8Array | ArrayBuffer): Uint8Array {
  return given instanceof Uint8Array ? given : new Uint8Array(given);
}

function assertNamesOnce(entries: readonly Entry[]): void {
  if (entries.length > MOST_WEIGHTS) throw new DataError(`weightsManifest: it has ${entries.length} weights; at most ${MOST_WEIGHTS} are read.`); // prettier-ignore
  const seen = new Set<string>();
  const twice = entries.find(({ name }) => seen.size === seen.add(name).size);
  if (twice) throw new DataError(`weightsManifest: the weight "${clipped(twice.name)}" stands there twice.`);
}

/**
 * The files of a group, which lie beside the model.json: `./weights.bin` is what pages write.
 * @throws DataError for a path that leads elsewhere
 */
function pathsOf({ paths }: WeightGroup, k: number): string[] {
  return listIn(paths, `weightsManifest: paths of group ${k}`).map((path) => {
    const name = textIn(path, `weightsManifest: paths of group ${k}`).replace(/^\.\//, '');
    if (isBeside(name)) return name;
    throw new DataError(`weightsManifest: the file "${clipped(String(path))}" does not lie beside the model.json; expected a name such as "weights.bin". Put all files into one folder, and name them so.`); // prettier-ignore
  });
}

/** The files of a group one behind the other. Nothing as large as a manifest says is made before files are there that are. */
async function joined(read: (path: string) => Uint8Array | Promise<Uint8Array>, paths: readonly string[], size: number, title: string): Promise<Uint8Array> {
  const shards: Uint8Array[] = [];
  let length = 0;
  for (const path of paths) {
    const shard = await read(path);
    shards.push(shard);
    length += shard.length;
    if (length > size) throw new DataError(`${title} should have ${size} bytes for its weights, and has more.`);
  }
  if (shards.length === 1) return shards[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const shard of shards) {
    all.set(shard, at);
    at += shard.length;
  }
  return all;
} // prettier-ignore

function readGroup(found: Map<string, StateTensor>, entries: readonly Entry[], bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  for (const entry of entries) {
    const { name, shape, coding, isState } = entry;
    if (!isState) {
      const data = new Float32Array(sizeOf(shape));
      const { scale = 1, min = 0 } = coding;
      for (let j = 0; j < data.length; j++) {
        const value = coding.get(view, from + coding.bytes * j, true);
        data[j] = coding.scale === undefined ? value : value * scale + min;
      }
      found.set(name, { shape, data });
    }
    from += bytesIn(entry);
  }
}

function bytesIn({ shape, coding }: Entry): number {
  return sizeOf(shape) * coding.bytes;
}

function entryOf(weight: unknown, k: number): Entry {
  const entry = objectIn(weight, `weightsManifest: weight ${k}`);
  const name = textIn(own(entry, 'name'), `weightsManifest: name of weight ${k}`);
  const title = `weightsManifest: "${clipped(name)}"`;
  const shape = listIn(own(entry, 'shape'), `${title}: shape`);
  const isShape = shape.length <= MOST_AXES && shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0); // prettier-ignore
  if (!isShape || !Number.isSafeInteger(sizeOf(shape as number[]))) {
    throw new DataError(`${title}: shape is ${shownValue(shape)}; expected at most ${MOST_AXES} whole numbers of at least 0.`); // prettier-ignore
  }
  // An optimizer's count of steps is an int32.
  const isState = own(entry, 'group') === 'optimizer';
  return { name, shape: shape as number[], coding: codingOf(title, entry, isState), isState };
}

function codingOf(title: string, entry: Record<string, unknown>, isState: boolean): Coding {
  const type = own(entry, 'dtype');
  if (isState && type === 'int32') return { bytes: 4, get: (view, at) => view.getInt32(at, true) };
  if (type !== 'float32') throw new DataError(`${title}: its numbers are ${shownValue(type)}; expected "float32".`);
  const given = own(entry, 'quantization');
  if (given === undefined || given === null) return FLOAT_TYPES.F32;
  const quantization = objectIn(given, `${title}: quantization`);
  const [dtype, scale, min] = ['dtype', 'scale', 'min'].map((key) => own(quantization, key));
  if (dtype === 'float16') return FLOAT_TYPES.F16;
  if (typeof dtype !== 'string' || !Object.hasOwn(WHOLE, dtype)) throw new DataError(`${title}: it is quantised as ${shownValue(dtype)}; expected uint8, uint16 or float16.`); // prettier-ignore
  if (typeof scale !== 'number' || typeof min !== 'number') throw new DataError(`${title}: it is quantised with scale ${shownValue(scale)} and min ${shownValue(min)}; expected numbers.`); // prettier-ignore
  return { ...WHOLE[dtype], scale, min };
}
