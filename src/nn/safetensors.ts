import { CheckpointError } from './errors.ts';
import type { Floats } from '../tensor/index.ts';
import { counted } from '../text/words.ts';

/** A named array as a safetensors file holds it. */
export interface SafeTensor<A extends Floats = Float32Array> {
  shape: number[];
  data: A;
}

/** The contents of a file: tensors by name, and its text metadata. */
export interface SafeTensors<A extends Floats = Float32Array> {
  tensors: Record<string, SafeTensor<A>>;
  metadata: Record<string, string>;
}

/** A type of numbers in a file. */
export interface NumberType<A extends Floats = Float32Array> {
  /** Of each number. */
  bytes: number;
  /** `length` numbers from byte `at` on. */
  read(view: DataView, at: number, length: number): A;
}

/** The types that are read, by the names that the format has for them. */
export type NumberTypes<A extends Floats = Float32Array> = Readonly<Record<string, NumberType<A>>>;

/** What checkpoints hold. */
const FLOAT32 = {
  F32: {
    bytes: 4,
    read: (view, at, length) => Float32Array.from({ length }, (_, j) => view.getFloat32(at + 4 * j, true)),
  },
} satisfies NumberTypes;

/** The longest header that is read, as in the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Encodes float32 tensors as a safetensors file (https://github.com/huggingface/safetensors, "Format"): eight bytes with the
 * length of the header, the header as JSON padded with spaces to a multiple of 8, then the numbers, little-endian, without
 * gaps, in the order of the header.
 */
export function encodeSafetensors({ tensors, metadata }: SafeTensors): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + 4 * data.length] };
    offset += 4 * data.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + offset);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8, 8 + headerBytes);
  bytes.set(json, 8);
  let at = 8 + headerBytes;
  for (const { data } of Object.values(tensors)) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

/**
 * Reads a safetensors file of F32, trusting nothing in it: lengths, offsets, shapes, gaps and overlaps are checked.
 * @throws CheckpointError that says what is wrong
 */
export function decodeSafetensors(bytes: Uint8Array): SafeTensors;
/**
 * The same of files with other types of numbers.
 * @param types of numbers that are read
 * @throws CheckpointError that says what is wrong
 */
export function decodeSafetensors<A extends Floats>(bytes: Uint8Array, types: NumberTypes<A>): SafeTensors<A>;
export function decodeSafetensors(bytes: Uint8Array, types: NumberTypes<Floats> = FLOAT32): SafeTensors<Floats> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = headerLength(view);
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes));
  const start = 8 + headerBytes;
  const tensors: [name: string, tensor: SafeTensor<Floats>][] = [];
  let expected = 0;
  for (const [name, entry] of byOffset(header)) {
    const { type, shape, from, to } = checkEntry(name, entry, types);
    if (from !== expected) throw new CheckpointError(`safetensors: "${name}" starts at ${from}, expected ${expected}.`);
    if (start + to > bytes.byteLength) {
      throw new CheckpointError(
        `safetensors: the file is truncated: "${name}" ends at byte ${start + to}, the file at ${bytes.byteLength}.`,
      );
    }
    tensors.push([name, { shape, data: type.read(view, start + from, (to - from) / type.bytes) }]);
    expected = to;
  }
  if (start + expected !== bytes.byteLength) {
    throw new CheckpointError(
      `safetensors: ${counted(bytes.byteLength - start - expected, 'byte')} after the last tensor.`,
    );
  }
  return { tensors: Object.fromEntries(tensors), metadata: readMetadata(header.__metadata__) };
}

function headerLength(view: DataView): number {
  if (view.byteLength < 8)
    throw new CheckpointError(`safetensors: ${counted(view.byteLength, 'byte')} cannot be a safetensors file.`);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || length + 8 > view.byteLength) {
    throw new CheckpointError(
      `safetensors: a header of ${length} bytes does not fit into a file of ${view.byteLength}. It is truncated or no safetensors file.`,
    );
  }
  return length;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new CheckpointError('safetensors: the header is not JSON. This is no safetensors file, or a damaged one.');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new CheckpointError('safetensors: the header is not a JSON object.');
  }
  return header as Record<string, unknown>;
}

/** The entries of the header without the metadata, in the order of their numbers in the file. */
function byOffset(header: Record<string, unknown>): [string, unknown][] {
  const start = (entry: unknown): number => {
    const offsets = (entry as { data_offsets?: unknown } | null)?.data_offsets;
    return Array.isArray(offsets) ? Number(offsets[0]) : NaN;
  };
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return entries.sort(([, a], [, b]) => start(a) - start(b));
}

interface Entry {
  type: NumberType<Floats>;
  shape: number[];
  from: number;
  to: number;
}

function checkEntry(name: string, entry: unknown, types: NumberTypes<Floats>): Entry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(types, dtype)) {
    throw new CheckpointError(
      `safetensors: "${name}" is ${String(dtype)}; only ${Object.keys(types).join(', ')} can be read.`,
    );
  }
  const type = types[dtype];
  const isSize = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (
    !Array.isArray(shape) ||
    !shape.every(isSize) ||
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(isSize)
  ) {
    throw new CheckpointError(`safetensors: "${name}" has no proper shape or offsets.`);
  }
  const [from, to] = offsets as [number, number];
  const size = shape.reduce((a, b) => a * b, 1);
  if (to - from !== type.bytes * size) {
    throw new CheckpointError(
      `safetensors: "${name}" of shape [${shape.join(', ')}] needs ${type.bytes * size} bytes, has ${to - from}.`,
    );
  }
  return { type, shape, from, to };
}

function readMetadata(metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  const valid =
    typeof metadata === 'object' && metadata !== null && Object.values(metadata).every((v) => typeof v === 'string');
  if (!valid) throw new CheckpointError('safetensors: the metadata are not texts.');
  return { ...(metadata as Record<string, string>) };
}
