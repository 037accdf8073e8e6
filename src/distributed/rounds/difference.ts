import { DataError } from '../../errors.ts';
import { exponentOf, fromHalf, LARGEST_HALF, toHalf } from './half.ts';

/** How precisely differences travel. */
export const DIFFERENCE_KINDS = ['float32', 'float16'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** Bytes that hold no difference, or one that no sound training gives. */
export class DifferenceError extends DataError {
  override name = 'DifferenceError';
}

const VERSION = 1;
/** Version and kind, a byte each; the scale's exponent, 16 bits with sign; the count, 32 bits; all little-endian. */
const HEADER = 8;
/** The largest float32 with 11 significant bits: what is above it would round up to infinity. */
const MOST = (2 ** 11 - 1) * 2 ** 117;
const BYTES_EACH: Record<DifferenceKind, number> = { float32: 4, float16: 2 };

/** How many bytes `encodeDifference` makes of so many numbers. */
export function differenceBytes(count: number, kind: DifferenceKind): number {
  return HEADER + count * BYTES_EACH[kind];
}

/**
 * Writes numbers down so that they can travel. As float32 they arrive to the bit; as float16 they are scaled by a power of two so
 * that the largest just fits, and rounded to 11 significant bits, those below 2^-29 of the largest to fewer.
 *
 * @throws DifferenceError when one is not finite
 */
export function encodeDifference(numbers: Float32Array, kind: DifferenceKind): Uint8Array<ArrayBuffer> {
  const largest = largestOf(numbers);
  const exponent = kind === 'float16' ? exponentToFit(largest) : 0;
  const bytes = new Uint8Array(differenceBytes(numbers.length, kind));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, DIFFERENCE_KINDS.indexOf(kind));
  view.setInt16(2, exponent, true);
  view.setUint32(4, numbers.length, true);
  const scale = 2 ** exponent;
  for (let i = 0; i < numbers.length; i++) {
    if (kind === 'float32') view.setFloat32(HEADER + 4 * i, numbers[i], true);
    else view.setUint16(HEADER + 2 * i, toHalf(Math.max(-MOST, Math.min(MOST, numbers[i])) * scale), true);
  }
  return bytes;
}

/**
 * Reads what `encodeDifference` has written.
 * @param count how many numbers there must be
 * @throws DifferenceError when the bytes are of another version, kind or size, or a number is not finite
 */
export function decodeDifference(bytes: Uint8Array, count: number): Float32Array<ArrayBuffer> {
  if (bytes.length < HEADER) throw new DifferenceError(`A difference has at least ${HEADER} bytes; ${bytes.length} came.`); // prettier-ignore
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if (version !== VERSION) {
    throw new DifferenceError(`A difference of version ${version} came; this Etude reads version ${VERSION}. Use the same Etude on all machines.`); // prettier-ignore
  }
  const kind = DIFFERENCE_KINDS.at(view.getUint8(1));
  if (kind === undefined) throw new DifferenceError(`A difference is ${DIFFERENCE_KINDS.join(' or ')}; kind ${view.getUint8(1)} came.`); // prettier-ignore
  const said = view.getUint32(4, true);
  if (said !== count) throw new DifferenceError(`The model has ${count} parameters; a difference of ${said} came.`);
  if (bytes.length !== differenceBytes(count, kind)) {
    throw new DifferenceError(`${count} numbers as ${kind} are ${differenceBytes(count, kind)} bytes; ${bytes.length} came.`); // prettier-ignore
  }
  const scale = 2 ** -view.getInt16(2, true);
  const numbers = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    numbers[i] = kind === 'float32' ? view.getFloat32(HEADER + 4 * i, true) : fromHalf(view.getUint16(HEADER + 2 * i, true)) * scale; // prettier-ignore
  }
  largestOf(numbers);
  return numbers;
}

/** @throws DifferenceError when a number is not finite */
function largestOf(numbers: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < numbers.length; i++) {
    const magnitude = Math.abs(numbers[i]);
    // Written so that NaN is refused.
    if (!(magnitude <= Number.MAX_VALUE)) throw new DifferenceError(`The differences of weights are finite; number ${i} is ${numbers[i]}.`); // prettier-ignore
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** The exponent of the largest power of two that takes `largest` to no more than a half can hold. */
function exponentToFit(largest: number): number {
  if (largest === 0) return 0;
  const exponent = 15 - exponentOf(largest);
  return largest * 2 ** exponent > LARGEST_HALF ? exponent - 1 : exponent;
}
