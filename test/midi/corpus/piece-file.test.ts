import { crc32 } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { packReading, unpackReading } from '../../../src/midi/corpus/piece-file.ts';
import type { PieceReading } from '../../../src/midi/corpus/read-piece.ts';
import type { Problem } from '../../../src/midi/types.ts';
import { anyTable, melody } from '../arbitrary-notes.ts';

const KEY = 'ab'.repeat(32);
const anyHex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
const anyProblem: fc.Arbitrary<Problem> = fc.record({
  code: fc.string(),
  message: fc.string({ unit: 'binary' }),
  severity: fc.constantFrom('note', 'damage'),
});
const anyPedal = fc
  .array(fc.double({ min: 0.001, max: 9, noNaN: true }), { minLength: 1, maxLength: 9 })
  .map((gaps) =>
    Float64Array.from([...gaps, ...gaps], (_, k) => [...gaps, ...gaps].slice(0, k).reduce((a, b) => a + b, 0)),
  );
const anyReading: fc.Arbitrary<PieceReading> = fc.record(
  { table: anyTable, pedal: anyPedal, problems: fc.array(anyProblem, { maxLength: 3 }), notesDigest: anyHex },
  { requiredKeys: ['table', 'problems', 'notesDigest'] },
);

const reading: PieceReading = {
  table: melody([60, 64, 67, 72]),
  pedal: Float64Array.of(0.25, 0.5, 0.5, 1),
  problems: [{ code: 'unclosed-notes', message: 'One note never ends; it was dropped.', severity: 'note' }],
  notesDigest: 'cd'.repeat(32),
};

/** The file with some bytes replaced and the checksum made right again, as an attacker would. */
function forged(at: number, bytes: ArrayLike<number>): Uint8Array {
  const file = Buffer.from(packReading(reading, KEY));
  file.set(bytes, at);
  new Uint32Array(file.buffer, file.byteOffset + 20, 1)[0] = crc32(file.subarray(24));
  return file;
}

/** Where the pedal and the pitches of `reading` lie. */
const PEDAL = 96 + 2 * 8 * 4;
const PITCHES = PEDAL + 8 * 4;

function seconds(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}

function words(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

describe('a reading on disk', () => {
  it('comes back as it was, bit for bit', () => {
    fc.assert(
      fc.property(anyReading, anyHex, (any, key) => {
        expect(unpackReading(packReading(any, key), key)).toEqual(any);
      }),
    );
  });

  it('comes back from bytes that begin at an odd address', () => {
    const packed = packReading(reading, KEY);
    const shifted = new Uint8Array(packed.length + 3);
    shifted.set(packed, 3);
    expect(unpackReading(shifted.subarray(3), KEY)).toEqual(reading);
  });

  it('is passed by under another key', () => {
    expect(unpackReading(packReading(reading, KEY), 'ba'.repeat(32))).toBeUndefined();
  });

  it('is passed by when any byte is another', () => {
    const packed = packReading(reading, KEY);
    for (let i = 0; i < packed.length; i++) {
      const broken = Uint8Array.from(packed);
      broken[i] ^= 1 << (i % 8);
      expect(unpackReading(broken, KEY), `byte ${i}`).toBeUndefined();
    }
  });

  it('is passed by when it ends early or goes on', () => {
    const packed = packReading(reading, KEY);
    for (let length = 0; length < packed.length; length++) {
      expect(unpackReading(packed.slice(0, length), KEY), `${length} bytes`).toBeUndefined();
    }
    expect(unpackReading(Buffer.concat([packed, Buffer.alloc(1)]), KEY)).toBeUndefined();
  });

  it('is passed by when it is something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(unpackReading(bytes, KEY)).toBeUndefined();
      }),
    );
  });

  it('was forged rightly by these tests', () => {
    expect(unpackReading(forged(96, seconds(0)), KEY)).toEqual(reading);
    expect(unpackReading(forged(PITCHES, [61]), KEY)?.table.pitch[0]).toBe(61);
  });

  const problems = packReading(reading, KEY).length - JSON.stringify(reading.problems).length;
  it.each([
    ['more notes than it has bytes', 12, words(0xffffffff)],
    ['fewer notes', 12, words(3)],
    ['longer problems', 16, words(0xfffffff0)],
    ['the other byte order', 8, words(0x01020304).reverse()],
    ['a later layout', 7, [3]],
    ['a start that is no number', 96, seconds(NaN)],
    ['a start below 0', 96, seconds(-1)],
    ['a start before the one before', 96 + 16, seconds(0.1)],
    ['an infinite start', 96 + 24, seconds(Infinity)],
    ['a duration below 0', 96 + 32, seconds(-0.5)],
    ['an infinite duration', 96 + 56, seconds(Infinity)],
    ['a duration that is no number', 96 + 40, seconds(NaN)],
    ['a pedal that comes up before it goes down', PEDAL + 8, seconds(0.25)],
    ['a pedal that goes down before it comes up', PEDAL + 16, seconds(0.4)],
    ['a pedal that never comes up', PEDAL + 24, seconds(Infinity)],
    ['half a press of the pedal', 88, words(3)],
    ['more presses than it has bytes', 88, words(0xfffffff0)],
    ['a pitch of 128', PITCHES, [128]],
    ['a velocity of 255', PITCHES + 7, [255]],
    ['problems that are no list', problems, Buffer.from('{')],
    ['problems that are numbers', problems, Buffer.from('[1,2]'.padEnd(JSON.stringify(reading.problems).length))],
    [
      'a severity that there is not',
      problems,
      Buffer.from(JSON.stringify(reading.problems).replace('"note"', '"nope"')),
    ],
  ])('is passed by with %s, whatever its checksum says', (_, at, bytes) => {
    expect(unpackReading(forged(at, bytes), KEY)).toBeUndefined();
  });
});
