import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesIn, Message } from '../../../src/interop/onnx/protobuf.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a message of Protocol Buffers', () => {
  // https://protobuf.dev/programming-guides/encoding has the first three.
  it.each([
    ['150 in field 1', new Message().int(1, 150), '089601'],
    ['"testing" in field 2', new Message().text(2, 'testing'), '120774657374696e67'],
    ['a message in field 3', new Message().message(3, new Message().int(1, 150)), '1a03089601'],
    ['-1, as 64 bits', new Message().int(1, -1), '08ffffffffffffffffff01'],
    ['-2, as 64 bits', new Message().int(1, -2), '08feffffffffffffffff01'],
    ['zero', new Message().int(1, 0), '0800'],
    ['a field of two bytes', new Message().int(20, 2), 'a00102'],
    ['a number', new Message().float(2, 1), '150000803f'],
    ['nothing', new Message(), ''],
  ])('%s', (_, message, expected) => {
    expect(hex(message.encode())).toBe(expected);
    expect(message.length).toBe(expected.length / 2);
  });

  it('gives its texts and bytes back, whatever else stands between them', () => {
    const fields = fc.array(
      fc.record({ field: fc.integer({ min: 1, max: 536_870_911 }), bytes: fc.uint8Array({ maxLength: 300 }), int: fc.maxSafeInteger() }),
    ); // prettier-ignore
    fc.assert(
      fc.property(fields, (list) => {
        const message = new Message();
        for (const { field, bytes, int } of list) message.int(7, int).float(9, int).bytes(field, bytes);
        const found = [...bytesIn(message.encode())].map(([field, bytes]) => ({ field, bytes: [...bytes] }));
        expect(found).toEqual(list.map(({ field, bytes }) => ({ field, bytes: [...bytes] })));
      }),
    );
  });

  it('is refused where it ends too early, or is none', () => {
    const { length } = new Message().text(2, 'testing');
    const bytes = new Message().text(2, 'testing').encode();
    for (let end = 1; end < length; end++) expect(() => [...bytesIn(bytes.subarray(0, end))]).toThrow(RangeError);
    expect(() => [...bytesIn(Uint8Array.of(0x0b))]).toThrow(/wire type 3/);
    expect(() => [...bytesIn(new Uint8Array(20).fill(255))]).toThrow(RangeError);
  });

  it('takes other messages as they are then', () => {
    const inner = new Message().int(1, 1);
    const outer = new Message().message(2, inner);
    inner.int(1, 2);
    expect(hex(outer.encode())).toBe('12020801');
  });
});
