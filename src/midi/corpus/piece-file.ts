import { crc32 } from 'node:zlib';

import { isPedal } from '../pedal.ts';
import type { NoteTable } from '../table.ts';
import type { Problem } from '../types.ts';
import type { PieceReading } from './read-piece.ts';

/*
 * One reading in the cache, every number in the machine's own byte order:
 *
 *   offset  bytes
 *   0       8     "ETUDEPC" and the version of this layout
 *   8       4     0x01020304, so that a machine of the other byte order passes the file by
 *   12      4     n, the number of notes
 *   16      4     p, the bytes of the problems
 *   20      4     CRC-32 of everything from offset 24
 *   24      32    the key under which it was stored
 *   56      32    digest of the notes
 *   88      4     q, the times of the pedal
 *   92      4     0
 *   96      8n    starts, float64 seconds
 *   96+8n   8n    durations, float64 seconds
 *   ...     8q    the pedal, float64 seconds
 *   ...     n     pitches
 *   ...     n     velocities
 *   ...     p     problems, JSON in UTF-8
 *
 * The steps are differences of the starts and are computed again. The length of the file is exactly the sum.
 */
const MAGIC = Buffer.from('ETUDEPC\x02', 'latin1');
const BYTE_ORDER_MARK = 0x01020304;
const CRC_AT = 20;
const KEY_AT = 24;
const DIGEST_AT = 56;
const PEDAL_AT = 88;
const HEADER_BYTES = 96;
const DIGEST_BYTES = 32;

/** The bytes of a cache file; `key` is 64 hexadecimal digits. */
export function packReading(reading: PieceReading, key: string): Uint8Array {
  const { table, pedal = new Float64Array(0), problems, notesDigest } = reading;
  const problemBytes = Buffer.from(JSON.stringify(problems), 'utf8');
  const bytes = Buffer.alloc(HEADER_BYTES + 18 * table.length + pedal.byteLength + problemBytes.length);
  bytes.set(MAGIC, 0);
  new Uint32Array(bytes.buffer, bytes.byteOffset + 8, 3).set([BYTE_ORDER_MARK, table.length, problemBytes.length]);
  bytes.write(key, KEY_AT, 'hex');
  bytes.write(notesDigest, DIGEST_AT, 'hex');
  new Uint32Array(bytes.buffer, bytes.byteOffset + PEDAL_AT, 1)[0] = pedal.length;
  let at = HEADER_BYTES;
  for (const column of [table.start, table.duration, pedal, table.pitch, table.velocity]) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  bytes.set(problemBytes, at);
  new Uint32Array(bytes.buffer, bytes.byteOffset + CRC_AT, 1)[0] = crc32(bytes.subarray(KEY_AT));
  return bytes;
}

/**
 * The reading inside a cache file, or undefined when the bytes are anything but a whole and sound file that was stored
 * under this key on a machine of this byte order. Its columns are views of `bytes` (of a copy, should these not begin
 * on a multiple of 8), which must not be written to any more.
 */
export function unpackReading(bytes: Uint8Array, key: string): PieceReading | undefined {
  const own = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
  const file = Buffer.from(own.buffer, own.byteOffset, own.byteLength);
  if (file.length < HEADER_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const [mark, length, problemLength, crc] = new Uint32Array(file.buffer, file.byteOffset + 8, 4);
  const [pedalLength] = new Uint32Array(file.buffer, file.byteOffset + PEDAL_AT, 1);
  const expected = HEADER_BYTES + 18 * length + 8 * pedalLength + problemLength;
  if (mark !== BYTE_ORDER_MARK || file.length !== expected) return undefined;
  if (crc !== crc32(file.subarray(KEY_AT)) || file.toString('hex', KEY_AT, DIGEST_AT) !== key) return undefined;
  const start = new Float64Array(file.buffer, file.byteOffset + HEADER_BYTES, length);
  const duration = new Float64Array(file.buffer, start.byteOffset + start.byteLength, length);
  const pedal = new Float64Array(file.buffer, duration.byteOffset + duration.byteLength, pedalLength);
  const pitch = new Uint8Array(file.buffer, pedal.byteOffset + pedal.byteLength, length);
  const velocity = new Uint8Array(file.buffer, pitch.byteOffset + length, length);
  const problems = parseProblems(file.toString('utf8', file.length - problemLength));
  const table = { length, pitch, velocity, start, step: new Float64Array(length), duration };
  // The checksum finds accidents; a file made to mislead carries a right one, so the values are looked at as well.
  if (problems === undefined || !fillCheckedSteps(table) || !isPedal(pedal)) return undefined;
  const notesDigest = file.toString('hex', DIGEST_AT, DIGEST_AT + DIGEST_BYTES);
  return { table, ...(pedal.length > 0 && { pedal }), problems, notesDigest };
}

function parseProblems(json: string): Problem[] | undefined {
  try {
    const problems: unknown = JSON.parse(json);
    return Array.isArray(problems) && problems.every(isProblem) ? problems : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message, severity } = value as Record<string, unknown>;
  return typeof code === 'string' && typeof message === 'string' && (severity === 'note' || severity === 'damage');
}

/**
 * Computes the steps, and says whether every row is a note as `noteTable` makes them: starts that are finite, not
 * below 0 and not below the one before, durations finite and not below 0, pitches and velocities up to 127. In one
 * pass: a corpus of millions of notes comes through here at each start of the program.
 */
function fillCheckedSteps({ length, pitch, velocity, start, step, duration }: NoteTable): boolean {
  let before = length > 0 ? start[0] : 0;
  let sound = before >= 0;
  let bits = 0;
  for (let i = 0; i < length; i++) {
    step[i] = start[i] - before;
    before = start[i];
    // Written so that NaN fails as well; two infinities after another have a step of NaN.
    if (!(step[i] >= 0 && step[i] < Infinity && duration[i] >= 0 && duration[i] < Infinity)) sound = false;
    bits |= pitch[i] | velocity[i];
  }
  return sound && bits < 128;
}
