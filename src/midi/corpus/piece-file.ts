import { crc32 } from 'node:zlib';

import { isPedal } from '../pedal.ts';
import type { NoteTable } from '../table.ts';
import type { MidiFile, Problem, Timing } from '../types.ts';
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
 *   92      4     t, the changes of tempo
 *   96      4     m, the time signatures
 *   100     4     0
 *   104     8n    starts, float64 seconds
 *   104+8n  8n    durations, float64 seconds
 *   ...     8q    the pedal, float64 seconds
 *   ...     16t   tempos, float64: seconds, beats a minute
 *   ...     24m   time signatures, float64: seconds, beats, unit
 *   ...     n     pitches
 *   ...     n     velocities
 *   ...     p     problems, JSON in UTF-8
 *
 * The steps are differences of the starts and are computed again. The length of the file is exactly the sum.
 */
const MAGIC = Buffer.from('ETUDEPC\x03', 'latin1');
const BYTE_ORDER_MARK = 0x01020304;
const CRC_AT = 20;
const KEY_AT = 24;
const DIGEST_AT = 56;
const COUNTS_AT = 88;
const HEADER_BYTES = 104;
const DIGEST_BYTES = 32;

/** The bytes of a cache file; `key` is 64 hexadecimal digits. */
export function packReading(reading: PieceReading, key: string): Uint8Array {
  const { table, pedal = new Float64Array(0), timing, problems, notesDigest } = reading;
  const [tempo, meter] = [timing.tempo, timing.meter].map((rows) => Float64Array.from(rows.flat()));
  const problemBytes = Buffer.from(JSON.stringify(problems), 'utf8');
  const columns = [table.start, table.duration, pedal, tempo, meter, table.pitch, table.velocity];
  const columnBytes = columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const bytes = Buffer.alloc(HEADER_BYTES + columnBytes + problemBytes.length);
  bytes.set(MAGIC, 0);
  new Uint32Array(bytes.buffer, bytes.byteOffset + 8, 3).set([BYTE_ORDER_MARK, table.length, problemBytes.length]);
  bytes.write(key, KEY_AT, 'hex');
  bytes.write(notesDigest, DIGEST_AT, 'hex');
  const counts = [pedal.length, timing.tempo.length, timing.meter.length];
  new Uint32Array(bytes.buffer, bytes.byteOffset + COUNTS_AT, 3).set(counts);
  let at = HEADER_BYTES;
  for (const column of columns) {
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
  const [pedalLength, tempos, meters] = new Uint32Array(file.buffer, file.byteOffset + COUNTS_AT, 3);
  const expected = HEADER_BYTES + 18 * length + 8 * (pedalLength + 2 * tempos + 3 * meters) + problemLength;
  if (mark !== BYTE_ORDER_MARK || file.length !== expected) return undefined;
  if (crc !== crc32(file.subarray(KEY_AT)) || file.toString('hex', KEY_AT, DIGEST_AT) !== key) return undefined;
  let at = file.byteOffset + HEADER_BYTES;
  const [start, duration, pedal, tempo, meter] = [length, length, pedalLength, 2 * tempos, 3 * meters].map((count) => {
    const column = new Float64Array(file.buffer, at, count);
    at += column.byteLength;
    return column;
  });
  const timing = { tempo: inRows(tempo, 2), meter: inRows(meter, 3) } as Timing;
  const pitch = new Uint8Array(file.buffer, at, length);
  const velocity = new Uint8Array(file.buffer, pitch.byteOffset + length, length);
  const problems = parseProblems(file.toString('utf8', file.length - problemLength));
  const table = { length, pitch, velocity, start, step: new Float64Array(length), duration };
  // The checksum finds accidents; a file made to mislead carries a right one, so the values are looked at as well.
  if (problems === undefined || !fillCheckedSteps(table) || !isPedal(pedal) || !isTiming(timing)) return undefined;
  const notesDigest = file.toString('hex', DIGEST_AT, DIGEST_AT + DIGEST_BYTES);
  return { table, ...(pedal.length > 0 && { pedal }), timing, problems, notesDigest };
}

function inRows(numbers: Float64Array, width: number): number[][] {
  return Array.from({ length: numbers.length / width }, (_, row) => [
    ...numbers.subarray(row * width, (row + 1) * width),
  ]);
}

/** Whether tempos and time signatures are as `readMidi` gives them: the first tempo at 0, none before the one before. */
function isTiming({ tempo, meter }: Timing): boolean {
  const isTempo = ([, bpm]: MidiFile['tempo'][number]) => bpm > 0 && bpm < Infinity;
  const isMeter = ([, beats, unit]: MidiFile['meter'][number]) =>
    Number.isInteger(beats) && beats > 0 && beats < 256 && [1, 2, 4, 8, 16, 32, 64].includes(unit);
  return tempo[0]?.[0] === 0 && ascends(tempo) && ascends(meter) && tempo.every(isTempo) && meter.every(isMeter);
}

/** Whether rows begin with finite seconds from 0 up, none before those of the row before. */
function ascends(rows: readonly (readonly number[])[]): boolean {
  return rows.every(([seconds], i) => seconds >= (rows[i - 1]?.[0] ?? 0) && seconds < Infinity);
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
