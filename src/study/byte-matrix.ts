import { DataError } from '../errors.ts';

/**
 * A table of numbers, one byte each, so that a page can carry it. Row-major; byte b of row r stands for
 * `(low + (high - low) · b / 254) · (rowScales?.[r] ?? 1)`, and 255 for a number that is missing. What is read back differs
 * from what was written by no more than half a step, `(high - low) / 508` (times the row's scale).
 */
export interface ByteMatrix {
  rows: number;
  columns: number;
  low: number;
  high: number;
  /** A factor for each row, where rows differ much in size. */
  rowScales?: number[];
  /** The bytes in base64. */
  data: string;
}

/** The byte of a missing number, and the largest that stands for one. */
const MISSING = 255;
const STEPS = 254;

/** How to spread numbers over the bytes. */
export interface QuantiseOptions {
  /** The range that the bytes cover; that of the numbers unless given. Numbers beyond it are moved to its ends. */
  low?: number;
  high?: number;
  /** Scale each row by its largest size, with a range of -1 to 1. @default false */
  byRow?: boolean;
}

/**
 * Numbers as bytes.
 * @param values [rows * columns], row-major; what is not finite becomes missing
 */
export function quantise(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  options: QuantiseOptions = {},
): ByteMatrix {
  if (options.byRow) return quantiseRows(values, rows, columns);
  const range = rangeOf(values);
  const { low = range.low, high = range.high } = options;
  const bytes = new Uint8Array(rows * columns);
  for (let k = 0; k < bytes.length; k++) bytes[k] = toByte(values[k], low, high);
  return { rows, columns, low, high, data: toBase64(bytes) };
}

/**
 * The numbers of a matrix, [rows * columns]; NaN where they are missing.
 * @throws DataError when there are more or fewer bytes than the matrix should have
 */
export function dequantise({ rows, columns, low, high, rowScales, data }: ByteMatrix): Float32Array {
  const text = atob(data);
  if (text.length !== rows * columns) {
    throw new DataError(`byte matrix: ${rows} rows of ${columns} need ${rows * columns} bytes, got ${text.length}.`);
  }
  const values = new Float32Array(text.length);
  for (let k = 0; k < values.length; k++) {
    const byte = text.charCodeAt(k);
    const scale = rowScales?.[Math.floor(k / columns)] ?? 1;
    values[k] = byte === MISSING ? NaN : (low + ((high - low) * byte) / STEPS) * scale;
  }
  return values;
}

function quantiseRows(values: ArrayLike<number>, rows: number, columns: number): ByteMatrix {
  const bytes = new Uint8Array(rows * columns);
  const rowScales: number[] = [];
  for (let r = 0; r < rows; r++) {
    let largest = 0;
    for (let k = r * columns; k < (r + 1) * columns; k++) {
      if (Number.isFinite(values[k])) largest = Math.max(largest, Math.abs(values[k]));
    }
    // Rounded first, so that the bytes fit the scale that is stored.
    const scale = Number(largest.toPrecision(6));
    rowScales.push(scale);
    for (let k = r * columns; k < (r + 1) * columns; k++) bytes[k] = toByte(values[k], -scale, scale);
  }
  return { rows, columns, low: -1, high: 1, rowScales, data: toBase64(bytes) };
}

function toByte(value: number, low: number, high: number): number {
  if (!Number.isFinite(value)) return MISSING;
  // All numbers are equal: any byte says so; the middle is 0 in a row of zeros.
  if (high <= low) return STEPS / 2;
  return Math.round((STEPS * (Math.min(high, Math.max(low, value)) - low)) / (high - low));
}

function rangeOf(values: ArrayLike<number>): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const value of Array.from(values)) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

/** In pieces: a call cannot have a million arguments. */
function toBase64(bytes: Uint8Array): string {
  const PIECE = 0x8000;
  let text = '';
  for (let from = 0; from < bytes.length; from += PIECE) {
    text += String.fromCharCode(...bytes.subarray(from, from + PIECE));
  }
  return btoa(text);
}
