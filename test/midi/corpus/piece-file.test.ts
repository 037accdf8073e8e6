import { crc32 } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { packReading, unpackReading } from '../../../src/midi/corpus/piece-file.ts';
import type { PieceReading } from '../../../src/midi/corpus/read-piece.ts';
import type { Problem, Timing } from '../../../src/midi/types.ts';
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
/** Seconds that do not descend, from 0 on. */
const ascending = fc
  .array(fc.double({ min: 0, max: 9, noNaN: true }), { maxLength: 9 })
  .map((gaps) => gaps.map((_, k) => gaps.slice(0, k).reduce((a, b) => a + b, 0)));
const anyTiming: fc.Arbitrary<Timing> = fc
  .tuple(ascending, ascending, fc.double({ min: 0.001, max: 6e7, noNaN: true }), fc.integer({ min: 1, max: 255 }))
  .map(([tempos, meters, bpm, beats]) => ({
    tempo: [[0, 120], ...tempos.map((seconds, i): [number, number] => [seconds, bpm / (i + 1)])],
    meter: meters.map((seconds, i) => [seconds, beats, 2 ** (i % 7)]),
  }));
const anyReading: fc.Arbitrary<PieceReading> = fc.record(
  {
    table: anyTable,
    pedal: anyPedal,
    timing: anyTiming,
    problems: fc.array(anyProblem, { maxLength: 3 }),
    notesDigest: anyHex,
  },
  { requiredKeys: ['table', 'timing', 'problems', 'notesDigest'] },
);

const reading: PieceReading = {
  table: melody([60, 64, 67, 72]),
  pedal: Float64Array.of(0.25, 0.5, 0.5, 1),
  timing: { tempo: [[0, 100], [1.5, 50]], meter: [[0, 3, 4], [2, 6, 8]] }, // prettier-ignore
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

/** Where the notes, pedal, tempos, time signatures and pitches of `reading` lie. */
const NOTES = 104;
const PEDAL = NOTES + 2 * 8 * 4;
const TEMPOS = PEDAL + 8 * 4;
const METERS = TEMPOS + 2 * 8 * 2;
const PITCHES = METERS + 3 * 8 * 2;

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
    expect(unpackReading(forged(NOTES, seconds(0)), KEY)).toEqual(reading);
    expect(unpackReading(forged(PITCHES, [61]), KEY)?.table.pitch[0]).toBe(61);
  });

  const problems = packReading(reading, KEY).length - JSON.stringify(reading.problems).length;
  it.each([
    ['more notes than it has bytes', 12, words(0xffffffff)],
    ['fewer notes', 12, words(3)],
    ['longer problems', 16, words(0xfffffff0)],
    ['the other byte order', 8, words(0x01020304).reverse()],
    ['a later layout', 7, [4]],
    ['a start that is no number', NOTES, seconds(NaN)],
    ['a start below 0', NOTES, seconds(-1)],
    ['a start before the one before', NOTES + 16, seconds(0.1)],
    ['an infinite start', NOTES + 24, seconds(Infinity)],
    ['a duration below 0', NOTES + 32, seconds(-0.5)],
    ['an infinite duration', NOTES + 56, seconds(Infinity)],
    ['a duration that is no number', NOTES + 40, seconds(NaN)],
    ['a pedal that comes up before it goes down', PEDAL + 8, seconds(0.25)],
    ['a pedal that goes down before it comes up', PEDAL + 16, seconds(0.4)],
    ['a pedal that never comes up', PEDAL + 24, seconds(Infinity)],
    ['half a press of the pedal', 88, words(3)],
    ['more presses than it has bytes', 88, words(0xfffffff0)],
    ['more tempos than it has bytes', 92, words(0xfffffff0)],
    ['no tempo', 92, words(0)],
    ['a first tempo after the beginning', TEMPOS, seconds(0.5)],
    ['a tempo before the one before', TEMPOS + 16, seconds(-1)],
    ['a tempo of 0', TEMPOS + 24, seconds(0)],
    ['an infinite tempo', TEMPOS + 24, seconds(Infinity)],
    ['more time signatures than it has bytes', 96, words(0xfffffff0)],
    ['fewer time signatures', 96, words(1)],
    ['a time signature before the one before', METERS + 24, seconds(-1)],
    ['a time signature that never comes', METERS + 24, seconds(Infinity)],
    ['half a beat', METERS + 8, seconds(0.5)],
    ['a bar of no beats', METERS + 8, seconds(0)],
    ['a bar of 256 beats', METERS + 8, seconds(256)],
    ['thirds of a whole note', METERS + 16, seconds(3)],
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
