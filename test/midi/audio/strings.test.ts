import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inharmonicity, keyFrequency, struckString } from '../../../src/midi/audio/strings.ts';

const key = fc.integer({ min: 0, max: 127 });
const velocity = fc.integer({ min: 1, max: 127 });
const rate = fc.constantFrom(8_000, 16_000, 44_100, 96_000);

const power = (partials: { amplitude: number }[]): number => partials.reduce((sum, p) => sum + p.amplitude ** 2, 0);
/** The mean frequency of the spectrum, by power: how bright it sounds. */
const centroid = (partials: { amplitude: number; frequency: number }[]): number =>
  partials.reduce((sum, p) => sum + p.frequency * p.amplitude ** 2, 0) / power(partials);

describe('keyFrequency', () => {
  it('is 440 Hz at 69 and doubles every twelve keys', () => {
    expect(keyFrequency(69)).toBe(440);
    expect(keyFrequency(60)).toBeCloseTo(261.6256, 3);
    expect(keyFrequency(81)).toBe(880);
  });
});

describe('inharmonicity', () => {
  it('is least in the lower middle and grows to about a hundredth at both ends, as measured on pianos', () => {
    const b = Array.from({ length: 88 }, (_, i) => inharmonicity(21 + i));
    const least = 21 + b.indexOf(Math.min(...b));
    expect(least).toBeGreaterThan(36);
    expect(least).toBeLessThan(56);
    expect(inharmonicity(60)).toBeCloseTo(3.3e-4, 4);
    expect(inharmonicity(108)).toBeGreaterThan(0.01);
    expect(inharmonicity(108)).toBeLessThan(0.05);
  });
});

describe('struckString', () => {
  it('has no partial at or above half the sample rate, and none at all where the key is above it', () => {
    fc.assert(
      fc.property(key, velocity, rate, (pitch, v, sampleRate) => {
        const partials = struckString(pitch, v, sampleRate);
        for (const p of partials) expect(p.frequency).toBeLessThan(sampleRate / 2);
        expect(partials.length > 0).toBe(keyFrequency(pitch) < sampleRate / 2);
      }),
    );
  });

  it('leaves out the second string of a partial where that alone would lie above', () => {
    const sampleRate = 25_088; // key 127 has 12,543.85 Hz, its second string 12,547.5 Hz
    const partials = struckString(127, 100, sampleRate);
    expect(partials.map((p) => p.frequency)).toEqual([keyFrequency(127)]);
  });

  it('begins with a fundamental at the frequency of the key, and stretches the partials above it', () => {
    const partials = struckString(60, 100, 44_100);
    expect(partials[0].frequency).toBeCloseTo(keyFrequency(60), 9);
    const tenth = partials.filter((p) => Math.abs(p.frequency / keyFrequency(60) - 10) < 0.5);
    expect(tenth.length).toBeGreaterThan(0);
    for (const p of tenth) {
      expect(p.frequency / keyFrequency(60)).toBeGreaterThan(10.05);
      expect(p.frequency / keyFrequency(60)).toBeLessThan(10.3);
    }
  });

  it('has a power that depends on the velocity alone, and grows with it', () => {
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 126 }), (pitch, v) => {
        const partials = struckString(pitch, v, 44_100);
        expect(Math.sqrt(power(partials))).toBeCloseTo((v / 127) ** 1.6, 9);
        expect(power(struckString(pitch, v + 1, 44_100))).toBeGreaterThan(power(partials));
      }),
    );
  });

  it('sounds brighter when struck harder', () => {
    for (const pitch of [33, 48, 60, 72, 84]) {
      expect(centroid(struckString(pitch, 120, 44_100))).toBeGreaterThan(
        1.1 * centroid(struckString(pitch, 20, 44_100)),
      );
    }
  });

  it('dies away sooner in high keys and, within a key, in high partials', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 107 }), velocity, (pitch, v) => {
        const low = struckString(pitch, v, 44_100);
        expect(struckString(pitch + 12, v, 44_100)[0].decay).toBeGreaterThan(low[0].decay);
        const prompt = low.filter((_, i) => i % 2 === 0 && i < 16).map((p) => p.decay);
        expect(prompt).toEqual([...prompt].sort((a, b) => a - b));
      }),
    );
  });
});
