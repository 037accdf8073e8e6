import { DataError } from '../errors.ts';
import { CheckpointError, decodeSafetensors, type SafeTensor } from '../nn/index.ts';
import type { Floats } from '../tensor/index.ts';
import { counted } from '../text/words.ts';
import { SAFETENSORS_TYPES } from './number-types.ts';

/** A tensor of a state_dict, row-major; float64 only where it was stored so. */
export type StateTensor = SafeTensor<Floats>;

/** Tensors by name. */
export type StateDict = ReadonlyMap<string, StateTensor>;

/** What a file of weights holds. */
export interface StateFile {
  tensors: StateDict;
  /** What the file says of itself beside the tensors; a `.pt` says nothing. */
  metadata: Record<string, string>;
}

/**
 * Reads a safetensors file of F16, BF16, F32 or F64.
 * @throws CheckpointError or DataError that says what is wrong
 */
export function readSafetensors(bytes: Uint8Array): StateFile {
  const { tensors, metadata } = decodeSafetensors(bytes, SAFETENSORS_TYPES);
  // JSON.parse takes the last of two equal keys, and whoever wrote them may mean the first.
  assertKeysOnce(bytes);
  return { tensors: new Map(Object.entries(tensors)), metadata };
}

/** @throws CheckpointError where the header has a key twice */
function assertKeysOnce(bytes: Uint8Array): void {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  const seen = new Set<string>();
  let depth = 0;
  // Strings, brackets and colons are all that tells keys from the rest.
  for (const [token] of new TextDecoder().decode(bytes.subarray(8, 8 + length)).matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"\s*:?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) {
      const name = JSON.parse(token.slice(0, -1)) as string;
      if (seen.has(name)) throw new CheckpointError(`safetensors: "${name}" stands there twice.`);
      seen.add(name);
    }
  }
} // prettier-ignore

/** `  encoder.weight [65, 32]`, a line for each tensor, for errors; at most some forty. */
export function listTensors(names: Iterable<string>, tensors: StateDict): string {
  const all = [...names];
  const lines = all.slice(0, MOST_LISTED).map((name) => `\n  ${shown(name, tensors.get(name)!)}`);
  const more = all.length - lines.length;
  return `${lines.join('')}${more > 0 ? `\n  and ${counted(more, 'more tensor')}` : ''}`;
}

const MOST_LISTED = 40;

/** `encoder.weight [65, 32]`. */
export function shown(name: string, { shape }: StateTensor): string {
  return `${name} [${shape.join(', ')}]`;
}

/** @throws DataError where a number is not finite, also in float32 */
export function assertFinite(name: string, { data }: StateTensor): void {
  const at = data.findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (at >= 0) throw new DataError(`${name}: number ${at} is ${data[at]}, which no float32 weight can be: the file is damaged, or its training had diverged.`); // prettier-ignore
}
