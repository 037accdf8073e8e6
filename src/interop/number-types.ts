import type { Floats } from '../tensor/index.ts';
import type { NumberTypes } from '../nn/index.ts';

/** A type of numbers as others write them. */
export interface ForeignType {
  bytes: number;
  /** Whether numbers of it need float64 here. */
  wide?: true;
  get(view: DataView, at: number, littleEndian: boolean): number;
}

/** All types that are read, by their names in safetensors. */
export const FLOAT_TYPES = {
  F32: { bytes: 4, get: (view, at, littleEndian) => view.getFloat32(at, littleEndian) },
  F64: { bytes: 8, wide: true, get: (view, at, littleEndian) => view.getFloat64(at, littleEndian) },
  F16: { bytes: 2, get: (view, at, littleEndian) => shortFloat(view.getUint16(at, littleEndian), 5) },
  BF16: { bytes: 2, get: (view, at, littleEndian) => shortFloat(view.getUint16(at, littleEndian), 8) },
} as const satisfies Record<string, ForeignType>;

/** The same as `decodeSafetensors` takes them. */
export const SAFETENSORS_TYPES: NumberTypes<Floats> = Object.fromEntries(
  Object.entries<ForeignType>(FLOAT_TYPES).map(([name, { bytes, wide, get }]) => [
    name,
    {
      bytes,
      read(view, at, length) {
        const numbers = newNumbers(length, wide);
        for (let j = 0; j < length; j++) numbers[j] = get(view, at + bytes * j, true);
        return numbers;
      },
    },
  ]),
);

/** New numbers, all zero. */
export function newNumbers(length: number, wide?: boolean): Floats {
  return wide ? new Float64Array(length) : new Float32Array(length);
}

/** A float of 16 bits: a sign, `exponentBits`, and the fraction (IEEE 754, section 3.4): binary16 has 5 and 10, bfloat16 8 and 7. */
function shortFloat(bits: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const sign = bits >> 15 ? -1 : 1;
  const largest = (1 << exponentBits) - 1;
  const exponent = (bits >> fractionBits) & largest;
  const fraction = (bits & ((1 << fractionBits) - 1)) / 2 ** fractionBits;
  const bias = largest >> 1;
  if (exponent === largest) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** Numbers as files of ONNX and TensorFlow.js have them: float32, the least byte first. */
export function littleEndian(numbers: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let k = 0; k < numbers.length; k++) view.setFloat32(4 * k, numbers[k], true);
  return bytes;
}
