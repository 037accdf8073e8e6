import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { checkSampleRate, countFrames, MAX_FRAMES, normalisePeak } from '../../../src/midi/audio/sample-rate.ts';

describe('checkSampleRate', () => {
  it('lets whole rates from 8,000 to 96,000 Hz pass', () => {
    for (const rate of [8_000, 16_000, 44_100, 96_000]) expect(checkSampleRate(rate)).toBe(rate);
  });

  it('refuses the rest, naming what it got', () => {
    for (const rate of [7_999, 96_001, 16_000.5, NaN]) {
      expect(() => checkSampleRate(rate)).toThrow(UsageError);
      expect(() => checkSampleRate(rate)).toThrow(String(rate));
    }
  });
});

describe('countFrames', () => {
  it('covers the whole length, or the limit where that is less', () => {
    expect(countFrames(2, undefined, 16_000)).toBe(32_000);
    expect(countFrames(2.00001, undefined, 16_000)).toBe(32_001);
    expect(countFrames(2, 0.5, 16_000)).toBe(8_000);
    expect(countFrames(2, 30, 16_000)).toBe(32_000);
    expect(countFrames(0, undefined, 16_000)).toBe(0);
  });

  it('does not add a frame for the rounding of decimal seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.constantFrom(8_000, 16_000, 44_100, 96_000),
        (n, rate) => {
          expect(countFrames(n / rate, undefined, rate)).toBe(n);
        },
      ),
    );
  });

  it('refuses what would exhaust the memory, unless only the beginning is asked for', () => {
    expect(() => countFrames(1e9, undefined, 16_000)).toThrow(/seconds/);
    expect(() => countFrames(Infinity, undefined, 16_000)).toThrow(UsageError);
    expect(() => countFrames(NaN, undefined, 16_000)).toThrow(UsageError);
    expect(countFrames(1e9, 30, 16_000)).toBe(480_000);
    expect(countFrames(MAX_FRAMES / 16_000, undefined, 16_000)).toBe(MAX_FRAMES);
  });

  it('refuses a limit that is not positive', () => {
    for (const limit of [0, -1, NaN]) expect(() => countFrames(1, limit, 16_000)).toThrow(UsageError);
  });
});

describe('normalisePeak', () => {
  it('brings the largest magnitude of all channels to 1 and keeps the proportions', () => {
    const [left, right] = normalisePeak([Float32Array.of(0.25, -0.5), Float32Array.of(0.125, 0)]);
    expect([...left, ...right]).toEqual([0.5, -1, 0.25, 0]);
  });

  it('leaves silence and emptiness alone', () => {
    expect(normalisePeak([new Float32Array(3)])[0]).toEqual(new Float32Array(3));
    expect(normalisePeak([new Float32Array(0)])[0].length).toBe(0);
  });
});
