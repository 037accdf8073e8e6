/** The four-letter names of chunks, as big-endian numbers. */
export const MTHD = 0x4d546864;
export const MTRK = 0x4d54726b;
export const RIFF = 0x52494646;
export const RMID = 0x524d4944;
export const DATA = 0x64617461;

/** What {@link readVarLen} gives where the number is cut off by `end`. */
export const CUT_OFF = -1;
/** What {@link readVarLen} gives where the number goes on after its fourth byte; {@link readLongVarLen} reads it. */
export const LONG = -2;

/** The largest number that the Standard MIDI File has: 28 bits, in four bytes. */
export const MAX_VAR_LEN = 0xfffffff;

/** The big-endian 16-bit number at `pos`. */
export function u16(bytes: Uint8Array, pos: number): number {
  return (bytes[pos] << 8) | bytes[pos + 1];
}

/** The big-endian 32-bit number at `pos`. */
export function u32(bytes: Uint8Array, pos: number): number {
  return bytes[pos] * 0x1000000 + ((bytes[pos + 1] << 16) | (bytes[pos + 2] << 8) | bytes[pos + 3]);
}

/** The little-endian 32-bit number at `pos` (RIFF). */
export function u32le(bytes: Uint8Array, pos: number): number {
  return bytes[pos + 3] * 0x1000000 + ((bytes[pos + 2] << 16) | (bytes[pos + 1] << 8) | bytes[pos]);
}

/**
 * Reads a variable-length number of at most four bytes (28 bits), as the Standard MIDI File has it.
 * @returns the value times 8 plus the number of bytes, in one number so that the hot loop allocates nothing;
 * {@link CUT_OFF} or {@link TOO_LONG} where there is none.
 */
export function readVarLen(bytes: Uint8Array, pos: number, end: number): number {
  let value = 0;
  for (let length = 1; length <= 4; length++) {
    if (pos >= end) return CUT_OFF;
    const byte = bytes[pos++];
    value = (value << 7) | (byte & 0x7f);
    if (byte < 0x80) return value * 8 + length;
  }
  return LONG;
}

/**
 * Reads a variable-length number of any length: of more than four bytes because it is padded in front, or because it is larger
 * than the Standard MIDI File has it.
 * @returns the value, {@link MAX_VAR_LEN} + 1 standing for all that are too large, and the number of bytes; undefined where it
 * is cut off by `end`
 */
export function readLongVarLen(
  bytes: Uint8Array,
  pos: number,
  end: number,
): { value: number; length: number } | undefined {
  let value = 0;
  for (let at = pos; at < end; at++) {
    value = Math.min(value * 128 + (bytes[at] & 0x7f), MAX_VAR_LEN + 1);
    if (bytes[at] < 0x80) return { value, length: at + 1 - pos };
  }
  return undefined;
}

/** The first place from `from` on, before `end`, where the four-letter name `id` stands whole; -1 if nowhere. */
export function findId(bytes: Uint8Array, id: number, from: number, end: number): number {
  const first = id >>> 24;
  const last = end - 4;
  for (let pos = bytes.indexOf(first, from); pos !== -1 && pos <= last; pos = bytes.indexOf(first, pos + 1)) {
    if (u32(bytes, pos) === id) return pos;
  }
  return -1;
}
