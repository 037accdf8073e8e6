import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/*
 * Many readings in one file of the cache, every number in the machine's own byte order:
 *
 *   offset  bytes
 *   0       8     "ETUDEPK" and the version of this layout
 *   8       4     0x01020304, so that a machine of the other byte order passes the file by
 *   12      4     version of the reader that made the readings
 *   16      4     n, the number of readings
 *   20      4     CRC-32 of everything from offset 24 to the first reading
 *   24      32    fingerprint: SHA-256 of the options that the readings depend on
 *   56      48n   for each reading: SHA-256 of the file that was read (32), float64 offset, float64 length
 *   ...           the readings, each as piece-file.ts lays it out, on a multiple of 8, with a checksum of its own
 *
 * A pack is written once and never changed.
 */
const MAGIC = Buffer.from('ETUDEPK\x01', 'latin1');
const BYTE_ORDER_MARK = 0x01020304;
const CHECKED_AT = 24;
const FINGERPRINT_AT = 24;
const ENTRIES_AT = 56;
const ENTRY_BYTES = 48;
/** Far above any corpus: a longer directory is none of ours. */
const MAX_READINGS = 1_000_000;
/** Ten times what the largest MIDI file that is read can hold. */
const MAX_READING_BYTES = 1 << 30;

/** What the readings of a pack were made by. */
export interface PackMaker {
  readerVersion: number;
  /** 64 hexadecimal digits. */
  fingerprint: string;
}

/** The bytes of a pack with these readings, each by the digest of its file and as `packReading` gives it. */
export function packBytes(
  { readerVersion, fingerprint }: PackMaker,
  readings: ReadonlyMap<string, Uint8Array>,
): Buffer {
  const first = ENTRIES_AT + ENTRY_BYTES * readings.size;
  const lengths = Array.from(readings.values(), ({ length }) => Math.ceil(length / 8) * 8);
  const bytes = Buffer.alloc(lengths.reduce((sum, length) => sum + length, first));
  bytes.set(MAGIC, 0);
  bytes.write(fingerprint, FINGERPRINT_AT, 'hex');
  const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, first / 8);
  let [at, entry] = [first, ENTRIES_AT];
  for (const [digest, reading] of readings) {
    bytes.write(digest, entry, 'hex');
    numbers.set([at, reading.length], entry / 8 + 4);
    bytes.set(reading, at);
    at += Math.ceil(reading.length / 8) * 8;
    entry += ENTRY_BYTES;
  }
  const crc = crc32(bytes.subarray(CHECKED_AT, first));
  new Uint32Array(bytes.buffer, bytes.byteOffset + 8, 4).set([BYTE_ORDER_MARK, readerVersion, readings.size, crc]);
  return bytes;
}

interface Entry {
  at: number;
  length: number;
}

/** A pack on disk. Its directory is in memory, its readings are read when they are asked for. */
export class Pack implements PackMaker {
  readonly path: string;
  readonly readerVersion: number;
  readonly fingerprint: string;
  /** Of the whole file. */
  readonly size: number;
  /** When it was last used, as the file's time stamp has it. */
  readonly mtimeMs: number;
  readonly #entries = new Map<string, Entry>();
  #file: number | undefined;

  /** @throws the system's error, or PackError where the file is no pack of this layout and byte order, whole and sound */
  constructor(path: string) {
    this.path = path;
    const file = openSync(path, 'r');
    try {
      ({ size: this.size, mtimeMs: this.mtimeMs } = fstatSync(file));
      const head = readAt(file, 0, ENTRIES_AT);
      const [mark, readerVersion, count, crc] = new Uint32Array(head.buffer, head.byteOffset + 8, 4);
      const sound = head.subarray(0, MAGIC.length).equals(MAGIC) && mark === BYTE_ORDER_MARK && count <= MAX_READINGS;
      if (!sound) throw new PackError();
      this.readerVersion = readerVersion;
      this.fingerprint = head.toString('hex', FINGERPRINT_AT, ENTRIES_AT);
      const directory = readAt(file, CHECKED_AT, ENTRIES_AT - CHECKED_AT + ENTRY_BYTES * count);
      if (crc32(directory) !== crc) throw new PackError();
      this.#readEntries(directory.subarray(ENTRIES_AT - CHECKED_AT));
    } finally {
      closeSync(file);
    }
  }

  has(digest: string): boolean {
    return this.#entries.has(digest);
  }

  get digests(): Iterable<string> {
    return this.#entries.keys();
  }

  /**
   * The bytes of a reading, in a buffer of their own, whether they are sound or not; undefined where they cannot be read. Leaves
   * the file open for the next one.
   */
  read(digest: string): Uint8Array | undefined {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    try {
      this.#file ??= openSync(this.path, 'r');
      return readAt(this.#file, entry.at, entry.length);
    } catch {
      // Removed since, or damaged: whoever asks reads the music itself.
      return undefined;
    }
  }

  /** Closes the file, which the next `read` opens again. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #readEntries(bytes: Buffer): void {
    const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
    let before = ENTRIES_AT + bytes.length;
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const [start, length] = numbers.subarray(at / 8 + 4);
      // One after another, on multiples of 8, within the file: the checksum finds accidents only.
      if (!(
        start >= before &&
        start % 8 === 0 &&
        length > 0 &&
        length <= MAX_READING_BYTES &&
        start + length <= this.size
      ))
        throw new PackError();
      this.#entries.set(bytes.toString('hex', at, at + 32), { at: start, length });
      before = start + length;
    }
  }
}

/** A file that is no pack, not whole, or of another layout. */
export class PackError extends Error {
  override name = 'PackError';
}

/** Bytes in a buffer of their own. @throws PackError where the file ends before */
function readAt(file: number, position: number, length: number): Buffer {
  // Not from Node's shared pool, and not filled with zeros first: every byte is written below.
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length;) {
    const count = readSync(file, bytes, at, length - at, position + at);
    if (count === 0) throw new PackError();
    at += count;
  }
  return bytes;
}
