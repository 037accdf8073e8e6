import { mulberry32 } from './generators.ts';

/** A checkpoint file as it says itself, read without any of our code: header and tensors. */
export interface RawCheckpoint {
  metadata: Record<string, string>;
  tensors: Record<string, { shape: number[]; data: Float32Array }>;
}

/** @throws when the bytes are no safetensors file at all */
export function readRaw(bytes: Uint8Array): RawCheckpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerBytes)).toString('utf8')) as {
    __metadata__: Record<string, string>;
  } & Record<string, { shape: number[]; data_offsets: [number, number] }>;
  const { __metadata__: metadata, ...entries } = header;
  const tensors = Object.entries(entries).map(
    ([
      name,
      {
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      const data = new Float32Array((to - from) / 4);
      for (let j = 0; j < data.length; j++) data[j] = view.getFloat32(8 + headerBytes + from + 4 * j, true);
      return [name, { shape, data }];
    },
  );
  return { metadata, tensors: Object.fromEntries(tensors) as RawCheckpoint['tensors'] };
}

/** What a float in a damaged file may be. */
const FLOATS = [NaN, Infinity, -Infinity, 3e38, -3e38, 1e20, -1, -0, 1e-45, 1e6];
/** What may stand where the header has a number. */
const NUMBERS = ['1e999', 'null', '-1', '0', '1', '0.5', '7', '1e9', '1e308', '"8"', '[]', 'true'];

/** A mutation of a checkpoint: the same number gives the same bytes. */
export function mutate(original: Uint8Array, seed: number): Uint8Array {
  const random = mulberry32(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const bytes = Buffer.from(original);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const float = (): number => start + 4 * below((bytes.length - start) / 4);
  const flip = (from: number): void => {
    const at = from + below(bytes.length - from);
    bytes[at] ^= 1 << below(8);
  };
  switch (seed % 8) {
    case 0:
      for (let k = 1 + below(8); k > 0; k--) flip(0);
      return bytes;
    case 1:
      for (let k = 1 + below(8); k > 0; k--) flip(start);
      return bytes;
    case 2:
      for (let k = 1 + below(3); k > 0; k--) bytes.writeFloatLE(FLOATS[below(FLOATS.length)], float());
      return bytes;
    case 3:
      // The large and finite ones alone, which no check of single numbers stops.
      for (let k = 1 + below(40); k > 0; k--) bytes.writeFloatLE((random() - 0.5) * 10 ** (1 + below(38)), float());
      return bytes;
    case 4:
      return random() < 0.8
        ? bytes.subarray(0, below(bytes.length))
        : Buffer.concat([bytes, bytes.subarray(0, below(99))]);
    case 5: {
      const [from, to, length] = [float(), float(), 4 * below(64)];
      if (random() < 0.5) bytes.fill(0, from, from + length);
      else bytes.copy(bytes, to, from, Math.min(bytes.length, from + length));
      return bytes;
    }
    case 6:
      bytes[8 + below(start - 8)] = 0x20 + below(0x5f);
      return bytes;
    default:
      return withHeader(bytes, start, (header) => {
        const numbers = [...header.matchAll(/(?<=[:[,])-?\d[\d.e+-]*/g)];
        const { index, 0: number } = numbers[below(numbers.length)];
        return header.slice(0, index) + NUMBERS[below(NUMBERS.length)] + header.slice(index + number.length);
      });
  }
}

function withHeader(bytes: Buffer, start: number, change: (header: string) => string): Buffer {
  const header = Buffer.from(change(bytes.subarray(8, start).toString('utf8')), 'utf8');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, bytes.subarray(start)]);
}
