import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDifference, differenceBytes, DifferenceError, encodeDifference } from '../../../src/distributed/rounds/difference.ts'; // prettier-ignore
import { fromHalf, LARGEST_HALF, toHalf } from '../../../src/distributed/rounds/half.ts';

const PATTERNS = Array.from({ length: 65_536 }, (_, bits) => bits);
/** The halves that are finite and not below 0, which rise with their bits. */
const RISING = PATTERNS.slice(0, 0x7c00).map(fromHalf);

describe('a half', () => {
  it('keeps all of its 65,536 patterns', () => {
    const lost = PATTERNS.filter((bits) => toHalf(fromHalf(bits)) !== bits && !Number.isNaN(fromHalf(bits)));
    expect(lost).toEqual([]);
    expect(PATTERNS.filter((bits) => Number.isNaN(fromHalf(bits)))).toHaveLength(2 * 1023);
    expect(Number.isNaN(fromHalf(toHalf(NaN)))).toBe(true);
  });

  it('has the values that IEEE 754 gives', () => {
    const known: [number, number][] = [
      [0x0001, 2 ** -24], [0x03ff, 1023 * 2 ** -24], [0x0400, 2 ** -14], [0x3555, 0.333251953125], [0x3c00, 1],
      [0x3c01, 1 + 2 ** -10], [0xc000, -2], [0x7bff, LARGEST_HALF], [0x7c00, Infinity], [0xfc00, -Infinity], [0x8000, -0],
    ]; // prettier-ignore
    for (const [bits, value] of known) {
      expect(fromHalf(bits), bits.toString(16)).toBe(value);
      expect(toHalf(value), String(value)).toBe(bits);
    }
    expect(RISING.every((value, bits) => bits === 0 || value > RISING[bits - 1])).toBe(true);
  });

  it('is the nearest one, between each two of them, and the even one of two that are as near', () => {
    const wrong = RISING.slice(1).filter((above, below) => {
      const middle = (RISING[below] + above) / 2;
      const bit = 2 ** -60 * middle + Number.MIN_VALUE;
      const even = below % 2 === 0 ? below : below + 1;
      const nearer = [toHalf(middle - middle * 2 ** -50 - bit), toHalf(middle + middle * 2 ** -50 + bit)];
      return toHalf(middle) !== even || toHalf(-middle) !== (even | 0x8000) || nearer[0] !== below || nearer[1] !== below + 1; // prettier-ignore
    });
    expect(wrong).toEqual([]);
    expect([65_519.999, 65_520, 1e300].map(toHalf)).toEqual([0x7bff, 0x7c00, 0x7c00]);
    expect([2 ** -25, 2 ** -25 * 1.0001, 1e-310].map(toHalf)).toEqual([0, 1, 0]);
  });
});

const numbers = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 50 })
  .map((each) => Float32Array.from(each));

describe('a difference', () => {
  it('arrives to the bit as float32, wherever its bytes stand', () => {
    fc.assert(
      fc.property(numbers, fc.nat(7), (given, at) => {
        const encoded = encodeDifference(given, 'float32');
        const around = new Uint8Array(encoded.length + at);
        around.set(encoded, at);
        expect(encoded).toHaveLength(differenceBytes(given.length, 'float32'));
        expect(decodeDifference(around.subarray(at), given.length)).toEqual(given);
      }),
    );
  });

  it('arrives as float16 with 11 significant bits, whatever its scale', () => {
    fc.assert(
      fc.property(numbers, (given) => {
        const encoded = encodeDifference(given, 'float16');
        expect(encoded).toHaveLength(differenceBytes(given.length, 'float16'));
        const decoded = decodeDifference(encoded, given.length);
        const largest = given.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        decoded.forEach((value, i) => {
          const error = Math.abs(value - given[i]);
          // Half a unit in the last place; among the subnormal halves, or floats, a unit is that of the smallest.
          const unit = Math.max(Math.abs(given[i]) * 2 ** -11, largest * 2 ** -39, 2 ** -149);
          expect(error).toBeLessThanOrEqual(unit);
        });
      }),
    );
  });

  it('has a scale that takes the largest as far up as fits', () => {
    for (const largest of [1e-40, 1.4e-45, 3e-5, 0.99, 1, 65_504, 65_519, 65_520, 3.4e38]) {
      const given = Float32Array.of(largest, -largest / 3, 0);
      const decoded = decodeDifference(encodeDifference(given, 'float16'), 3);
      expect(Math.abs(decoded[0] - given[0]) / given[0], String(largest)).toBeLessThanOrEqual(2 ** -11);
      expect(decoded[2]).toBe(0);
    }
    expect(decodeDifference(encodeDifference(new Float32Array(3), 'float16'), 3)).toEqual(new Float32Array(3));
  });

  it('is refused where it is not finite, of another size, version or kind', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(() => encodeDifference(Float32Array.of(1, bad), 'float32')).toThrow(DifferenceError);
      expect(() => encodeDifference(Float32Array.of(1, bad), 'float16')).toThrow(/number 1 is/);
    }
    const sound = encodeDifference(Float32Array.of(1, 2), 'float16');
    const spoilt = (change: (bytes: Uint8Array) => Uint8Array): (() => unknown) => {
      const bytes = change(sound.slice());
      return () => decodeDifference(bytes, 2);
    };
    const withByte = (at: number, value: number) => spoilt((bytes) => bytes.fill(value, at, at + 1));
    expect(withByte(0, 9)).toThrow(/version 9 came/);
    expect(withByte(1, 2)).toThrow(/kind 2 came/);
    expect(withByte(1, 0)).toThrow(/8 bytes|16 bytes; 12 came/);
    expect(withByte(4, 3)).toThrow(/2 parameters; a difference of 3 came/);
    expect(withByte(9, 0x7c)).toThrow(/number 0 is/);
    expect(spoilt((bytes) => bytes.subarray(0, 11))).toThrow(/12 bytes; 11 came/);
    expect(spoilt((bytes) => bytes.subarray(0, 5))).toThrow(/at least 8 bytes; 5 came/);
    expect(spoilt(() => new Uint8Array([...sound, 0]))).toThrow(DifferenceError);
    // A scale so small that finite halves become infinite.
    expect(spoilt((bytes) => (new DataView(bytes.buffer).setInt16(2, -2000, true), bytes))).toThrow(/number 0 is/);
  });
});
