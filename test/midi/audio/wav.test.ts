import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../../src/errors.ts';
import { decodeWav, encodeWav } from '../../../src/midi/audio/wav.ts';

const ascii = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
const sampleArray = fc.float32Array({ min: -1.5, max: 1.5, noNaN: true, maxLength: 200 });

describe('encodeWav', () => {
  it('writes the 44 bytes of a PCM header for mono at 16 kHz', () => {
    const bytes = encodeWav(new Float32Array(10), 16_000);
    const view = new DataView(bytes.buffer);
    expect(bytes.length).toBe(44 + 20);
    expect([0, 8, 12, 36].map((at) => ascii(bytes, at))).toEqual(['RIFF', 'WAVE', 'fmt ', 'data']);
    expect(view.getUint32(4, true)).toBe(bytes.length - 8);
    expect(view.getUint32(16, true)).toBe(16);
    expect([20, 22, 32, 34].map((at) => view.getUint16(at, true))).toEqual([1, 1, 2, 16]);
    expect([24, 28, 40].map((at) => view.getUint32(at, true))).toEqual([16_000, 32_000, 20]);
  });

  it('interleaves left and right, and counts four bytes a frame, for stereo at 44.1 kHz', () => {
    const bytes = encodeWav([Float32Array.of(1, 0), Float32Array.of(-1, 0.5)], 44_100);
    const view = new DataView(bytes.buffer);
    expect([22, 32].map((at) => view.getUint16(at, true))).toEqual([2, 4]);
    expect([28, 40].map((at) => view.getUint32(at, true))).toEqual([176_400, 8]);
    expect([44, 46, 48, 50].map((at) => view.getInt16(at, true))).toEqual([32_767, -32_767, 0, 16_384]);
  });

  it('rounds to the nearest step and clips what is too loud', () => {
    const samples = Float32Array.of(
      0.4 / 32_767,
      0.6 / 32_767,
      -0.6 / 32_767,
      1.0001,
      -1.0001,
      7,
      -7,
      Infinity,
      -Infinity,
    );
    const view = new DataView(encodeWav(samples, 8_000).buffer, 44);
    const steps = Array.from(samples, (_, i) => view.getInt16(2 * i, true));
    expect(steps).toEqual([0, 1, -1, 32_767, -32_768, 32_767, -32_768, 32_767, -32_768]);
  });

  it('comes back through decodeWav within half a step, clipped', () => {
    fc.assert(
      fc.property(sampleArray, fc.boolean(), fc.integer({ min: 8_000, max: 96_000 }), (samples, stereo, rate) => {
        const channels = stereo ? [samples, samples.map((x) => -x / 2)] : [samples];
        const decoded = decodeWav(encodeWav(channels, rate));
        expect(decoded.sampleRate).toBe(rate);
        expect(decoded.channels.length).toBe(channels.length);
        channels.forEach((channel, c) => {
          expect(decoded.channels[c].length).toBe(channel.length);
          channel.forEach((x, i) => {
            const clipped = Math.max(-32_768 / 32_767, Math.min(1, x));
            expect(Math.abs(decoded.channels[c][i] - clipped)).toBeLessThanOrEqual(0.5001 / 32_767);
          });
        });
      }),
    );
  });

  it('refuses rates outside 8,000 to 96,000 Hz, and accepts both ends', () => {
    for (const rate of [0, -16_000, 7_999, 96_001, 44_100.5, NaN, Infinity]) {
      expect(() => encodeWav(new Float32Array(1), rate)).toThrow(UsageError);
    }
    for (const rate of [8_000, 96_000]) expect(encodeWav(new Float32Array(1), rate).length).toBe(46);
  });

  it('refuses NaN, three channels, none, and channels of different lengths', () => {
    expect(() => encodeWav(Float32Array.of(0, NaN), 16_000)).toThrow(/sample 1 is not a number/);
    const one = new Float32Array(1);
    expect(() => encodeWav([one, one, one], 16_000)).toThrow(UsageError);
    expect(() => encodeWav([], 16_000)).toThrow(UsageError);
    expect(() => encodeWav([one, new Float32Array(2)], 16_000)).toThrow(/1 and 2/);
  });
});

describe('decodeWav', () => {
  const wav = encodeWav(Float32Array.of(0.5, -0.5, 0.25), 16_000);

  it('passes over other chunks, odd ones with their padding byte', () => {
    const list = Uint8Array.of(0x4c, 0x49, 0x53, 0x54, 3, 0, 0, 0, 1, 2, 3, 0);
    const bytes = new Uint8Array([...wav.subarray(0, 36), ...list, ...wav.subarray(36)]);
    expect(decodeWav(bytes)).toEqual(decodeWav(wav));
  });

  it('reads a view that does not begin at the start of its buffer', () => {
    const shifted = new Uint8Array([9, 9, 9, ...wav]).subarray(3);
    expect(decodeWav(shifted)).toEqual(decodeWav(wav));
  });

  it('answers every cut and every changed byte with samples or a DataError', () => {
    for (let length = 0; length < wav.length; length++) {
      expect(() => decodeWav(wav.subarray(0, length))).toThrow(DataError);
    }
    fc.assert(
      fc.property(fc.nat(wav.length - 1), fc.nat(255), (at, value) => {
        const bytes = wav.slice();
        bytes[at] = value;
        try {
          expect(decodeWav(bytes).channels.length).toBeGreaterThan(0);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DataError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
