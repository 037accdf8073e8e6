import { crc32, deflateRawSync } from 'node:zlib';

/** A file or folder of an archive, and what the archive says of it where that is not so. */
export interface ZipEntry {
  name: string | Buffer;
  data?: Buffer | string;
  /** @default 8, deflate */
  method?: number;
  /** Bits of the general purpose flag, beside that for UTF-8. */
  flags?: number;
  /** A Unix mode, with the kind of file: 0o120777 is a link. */
  mode?: number;
  /** What the central directory says instead. */
  says?: { crc?: number; packed?: number; unpacked?: number; offset?: number };
  /** The name in the header before the data. */
  localName?: string;
  /** Numbers of 64 bits in place of those of 32: unpacked, packed, offset. */
  zip64?: readonly bigint[];
  /** Whether the data are left out: another entry's are meant, by `says.offset`. */
  shared?: boolean;
}

interface Directory {
  /** How many entries it says that there are. */
  count?: number;
  comment?: string;
  /** How many entries it says in 64 bits. */
  count64?: bigint;
}

const UTF8 = 0x800;
const MAX32 = 0xffffffff;

/** A zip archive, byte by byte (APPNOTE.TXT of PKWARE): good, or as bad as the entries say. */
export function zipOf(entries: readonly ZipEntry[], directory: Directory = {}): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const whole = packed(entry);
    centrals.push(centralHeader(entry, whole, offset));
    if (entry.shared) continue;
    const local = Buffer.concat([localHeader(entry, whole), whole.bytes]);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  return Buffer.concat([...locals, central, endOf({ count: entries.length, ...directory }, central.length, offset)]);
}

interface Packed {
  bytes: Buffer;
  unpacked: number;
  crc: number;
}

function packed({ data = '', method = 8 }: ZipEntry): Packed {
  const plain = Buffer.from(data as string);
  return { bytes: method === 8 ? deflateRawSync(plain) : plain, unpacked: plain.length, crc: crc32(plain) };
}

function localHeader({ name, localName, method = 8, flags = 0 }: ZipEntry, { bytes, unpacked, crc }: Packed): Buffer {
  const text = Buffer.from((localName ?? name) as string);
  return Buffer.concat([
    numbers([4, 0x04034b50], [2, 20], [2, flags | UTF8], [2, method], [4, 0], [4, crc], [4, bytes.length], [4, unpacked], [2, text.length], [2, 0]), // prettier-ignore
    text,
  ]);
}

function centralHeader(entry: ZipEntry, { bytes, unpacked, crc }: Packed, offset: number): Buffer {
  const { name, method = 8, flags = 0, mode = 0, says = {}, zip64 } = entry;
  const text = Buffer.from(name as string);
  const extra = zip64 ? Buffer.concat([numbers([2, 1], [2, 8 * zip64.length]), ...zip64.map(number64)]) : Buffer.alloc(0); // prettier-ignore
  // What stands in 64 bits is marked in those of 32.
  const in32 = (value: number, place: number): number => (zip64 && zip64.length > place ? MAX32 : value);
  return Buffer.concat([
    numbers(
      [4, 0x02014b50], [2, (3 << 8) | 20], [2, 20], [2, flags | UTF8], [2, method], [4, 0], [4, says.crc ?? crc],
      [4, in32(says.packed ?? bytes.length, 1)], [4, in32(says.unpacked ?? unpacked, 0)], [2, text.length], [2, extra.length],
      [2, 0], [2, 0], [2, 0], [4, (mode << 16) >>> 0], [4, in32(says.offset ?? offset, 2)],
    ), // prettier-ignore
    text,
    extra,
  ]);
}

function endOf({ count = 0, count64, comment = '' }: Directory, size: number, offset: number): Buffer {
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, comment.length]); // prettier-ignore
  const plain = Buffer.concat([end, Buffer.from(comment)]);
  if (count64 === undefined) return plain;
  const [record, locator] = [numbers([4, 0x06064b50]), numbers([4, 0x07064b50], [4, 0])];
  const rest = [number64(44n), numbers([2, 45], [2, 45], [4, 0], [4, 0]), ...[count64, count64, BigInt(size), BigInt(offset)].map(number64)]; // prettier-ignore
  return Buffer.concat([record, ...rest, locator, number64(BigInt(offset + size)), numbers([4, 1]), plain]);
}

/** Little-endian numbers of 2 or 4 bytes. */
function numbers(...parts: (readonly [bytes: number, value: number])[]): Buffer {
  return Buffer.concat(
    parts.map(([bytes, value]) => {
      const part = Buffer.alloc(bytes);
      part.writeUIntLE(value, 0, bytes);
      return part;
    }),
  );
}

function number64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
