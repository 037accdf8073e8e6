import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointError, decodeSafetensors, encodeSafetensors } from '../../src/nn/index.ts';

const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) => {
  const length = shape.reduce((a, b) => a * b, 1);
  return fc.record({
    shape: fc.constant(shape),
    data: fc.array(fc.float(), { minLength: length, maxLength: length }).map((values) => Float32Array.from(values)),
  });
});
const contents = fc.record({
  tensors: fc.dictionary(
    fc.string().filter((name) => name !== '__metadata__' && name !== '__proto__'),
    tensor,
    { maxKeys: 5 },
  ),
  metadata: fc.dictionary(
    fc.string().filter((name) => name !== '__proto__'),
    fc.string(),
    { maxKeys: 3 },
  ),
});

/** A file with any header and body. */
function fileOf(header: unknown, body = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const F32 = (shape: number[], from: number, to: number) => ({ dtype: 'F32', shape, data_offsets: [from, to] });

describe('safetensors', () => {
  it('reads back what it wrote, bit for bit', () => {
    fc.assert(
      fc.property(contents, (written) => {
        const read = decodeSafetensors(encodeSafetensors(written));
        expect({ ...read.metadata }).toEqual({ ...written.metadata });
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(written.tensors).sort());
        for (const [name, { shape, data }] of Object.entries(written.tensors)) {
          expect(read.tensors[name].shape).toEqual(shape);
          expect(read.tensors[name].data).toEqual(data);
        }
      }),
    );
  });

  it('writes the layout of the format: length, JSON padded to 8 bytes, little-endian numbers', () => {
    const bytes = encodeSafetensors({ tensors: { a: { shape: [1], data: Float32Array.of(1) } }, metadata: {} });
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes))) as Record<string, unknown>;
    expect(header.a).toEqual(F32([1], 0, 4));
    expect([...bytes.subarray(8 + headerBytes)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  const hostile: [what: string, bytes: Uint8Array][] = [
    ['an empty file', new Uint8Array(0)],
    ['seven bytes', new Uint8Array(7)],
    ['a header longer than the file', Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 123, 125)],
    ['a header of 2^63 bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123, 125)],
    ['a header that is no JSON', fileOf('{"a":')],
    ['a header that is no UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe)],
    ['a header that is an array', fileOf([])],
    ['an unknown type', fileOf({ a: { dtype: 'BF16', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4))],
    ['a size that is not whole', fileOf({ a: F32([1.5], 0, 6) }, new Uint8Array(6))],
    ['a negative size', fileOf({ a: F32([-1, -1], 0, 4) }, new Uint8Array(4))],
    ['offsets that do not fit the shape', fileOf({ a: F32([2], 0, 4) }, new Uint8Array(4))],
    ['offsets past the end', fileOf({ a: F32([2], 0, 8) }, new Uint8Array(4))],
    ['tensors that overlap', fileOf({ a: F32([1], 0, 4), b: F32([1], 0, 4) }, new Uint8Array(4))],
    ['a gap between tensors', fileOf({ a: F32([1], 0, 4), b: F32([1], 8, 12) }, new Uint8Array(12))],
    ['bytes after the last tensor', fileOf({ a: F32([1], 0, 4) }, new Uint8Array(5))],
    ['sizes whose product overflows', fileOf({ a: F32([2 ** 40, 2 ** 40], 0, 4) }, new Uint8Array(4))],
    ['metadata that are no texts', fileOf({ __metadata__: { a: 1 } })],
    ['an entry that is null', fileOf({ a: null })],
  ];
  for (const [what, bytes] of hostile) {
    it(`refuses ${what}`, () => {
      expect(() => decodeSafetensors(bytes)).toThrow(CheckpointError);
    });
  }

  it('throws nothing but CheckpointError on a file with changed or missing bytes', () => {
    const good = encodeSafetensors({
      tensors: { a: { shape: [2, 2], data: new Float32Array(4) } },
      metadata: { k: 'v' },
    });
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(good.length),
        (at, byte, length) => {
          const bytes = good.slice(0, length);
          if (at < length) bytes[at] = byte;
          try {
            decodeSafetensors(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(CheckpointError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
