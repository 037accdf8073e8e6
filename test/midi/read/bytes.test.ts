import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CUT_OFF,
  findId,
  LONG,
  MAX_VAR_LEN,
  MTRK,
  readLongVarLen,
  readVarLen,
  u16,
  u32,
  u32le,
} from '../../../src/midi/read/bytes.ts';
import { be32, latin1, varLen } from '../../support/midi-bytes.ts';

describe('readVarLen', () => {
  it('reads every number of up to 28 bits, however padded, and tells its length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xfffffff }), fc.integer({ min: 1, max: 4 }), (value, atLeast) => {
        const bytes = varLen(value, atLeast);
        const packed = readVarLen(Uint8Array.from([9, ...bytes, 0x55]), 1, bytes.length + 1);
        expect([packed >>> 3, packed & 7]).toEqual([value, bytes.length]);
      }),
    );
  });

  it('tells a number that is cut off from one of more than four bytes', () => {
    expect(readVarLen(Uint8Array.of(0x81, 0x80), 0, 2)).toBe(CUT_OFF);
    expect(readVarLen(Uint8Array.of(0x81, 0x00), 0, 1)).toBe(CUT_OFF);
    expect(readVarLen(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0), 0, 5)).toBe(LONG);
    expect(readVarLen(Uint8Array.of(), 0, 0)).toBe(CUT_OFF);
  });
});

describe('readLongVarLen', () => {
  it('reads every number of up to 28 bits however far it is padded, and tells larger ones as one too large', () => {
    const value = fc.oneof(fc.integer({ min: 0, max: MAX_VAR_LEN }), fc.integer({ min: 2 ** 28, max: 2 ** 40 }));
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 40 }), (number, atLeast) => {
        const bytes = varLen(number, atLeast);
        expect(readLongVarLen(Uint8Array.from([9, ...bytes, 0x55]), 1, bytes.length + 1)).toEqual({
          value: Math.min(number, MAX_VAR_LEN + 1),
          length: bytes.length,
        });
        expect(readLongVarLen(Uint8Array.from(bytes), 0, bytes.length - 1)).toBeUndefined();
      }),
    );
  });
});

describe('the fixed numbers', () => {
  it('are read without a sign', () => {
    const bytes = Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc);
    expect(u16(bytes, 1)).toBe(0xfefd);
    expect(u32(bytes, 0)).toBe(0xfffefdfc);
    expect(u32le(bytes, 0)).toBe(0xfcfdfeff);
  });
});

describe('findId', () => {
  it('finds what a plain search finds', () => {
    const letters = fc.array(fc.constantFrom(...latin1('MTrk')), { maxLength: 40 });
    fc.assert(
      fc.property(letters, fc.nat(20), letters, (before, from, after) => {
        const bytes = Uint8Array.from([...before, ...be32(MTRK), ...after]);
        const text = String.fromCharCode(...bytes);
        for (const end of [bytes.length, before.length + 3]) {
          expect(findId(bytes, MTRK, from, end)).toBe(text.slice(0, end).indexOf('MTrk', from));
        }
      }),
    );
  });
});
