import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { additivePiano, mixNotes, RELEASE_SECONDS } from '../../../src/midi/audio/piano.ts';
import { keyFrequency } from '../../../src/midi/audio/strings.ts';
import type { Note } from '../../../src/midi/types.ts';
import { firstDifference, peak, rms, strongestNear, toneAmplitude } from '../../support/spectrum.ts';

const RATE = 16_000;
const note = (pitch: number, start = 0, end = 1, velocity = 90): Note => ({ pitch, velocity, start, end });
/** The samples from one second to another. */
const between = (samples: Float32Array, from: number, to: number, rate = RATE): Float32Array =>
  samples.subarray(Math.round(from * rate), Math.round(to * rate));

const notes = fc.array(
  fc.record({
    pitch: fc.integer({ min: 0, max: 127 }),
    velocity: fc.integer({ min: 1, max: 127 }),
    start: fc.double({ min: 0, max: 2, noNaN: true }),
    length: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 8 },
);
const timed = (list: { pitch: number; velocity: number; start: number; length: number }[]): Note[] =>
  list.map(({ length, ...rest }) => ({ ...rest, end: rest.start + length }));

describe('additivePiano', () => {
  it.each([21, 36, 48, 60, 69, 84, 100])('sounds key %i at its frequency, to a few cents', (pitch) => {
    for (const rate of [16_000, 44_100]) {
      const [samples] = additivePiano([note(pitch)], { sampleRate: rate });
      const found = strongestNear(between(samples, 0.05, 0.95, rate), keyFrequency(pitch), rate);
      expect(Math.abs(1200 * Math.log2(found / keyFrequency(pitch)))).toBeLessThan(6);
    }
  });

  it('sounds each note of a chord, and no key between them', () => {
    const [samples] = additivePiano([note(60), note(64), note(67)], { sampleRate: RATE });
    const held = between(samples, 0.1, 0.9);
    const at = (pitch: number): number => toneAmplitude(held, keyFrequency(pitch), RATE);
    for (const sounding of [60, 64, 67]) {
      for (const silent of [62, 65, 69]) expect(at(sounding)).toBeGreaterThan(30 * at(silent));
    }
  });

  it('is silent before the first note, and exactly 0 once a release is over', () => {
    const [samples] = additivePiano([note(48, 0.5, 1), note(72, 2, 2.25)], { sampleRate: RATE });
    expect(peak(between(samples, 0, 0.5))).toBe(0);
    expect(rms(between(samples, 0.5, 1))).toBeGreaterThan(0.05);
    expect(peak(between(samples, 1 + RELEASE_SECONDS + 0.001, 2))).toBe(0);
    expect(rms(between(samples, 2, 2.25))).toBeGreaterThan(0.05);
  });

  it('lets the damper bring the sound down within a tenth of a second', () => {
    for (const pitch of [36, 60, 84]) {
      const [samples] = additivePiano([note(pitch, 0, 0.5)], { sampleRate: RATE });
      expect(rms(between(samples, 0.65, 0.75))).toBeLessThan(0.15 * rms(between(samples, 0.4, 0.5)));
    }
  });

  it('dies away while a key is held, low keys slower than high ones', () => {
    const kept = [36, 60, 84].map((pitch) => {
      const [samples] = additivePiano([note(pitch, 0, 3)], { sampleRate: RATE });
      return rms(between(samples, 2, 2.5)) / rms(between(samples, 0.1, 0.6));
    });
    expect(kept[0]).toBeLessThan(0.8);
    expect(kept[1]).toBeLessThan(kept[0]);
    expect(kept[2]).toBeLessThan(kept[1]);
    expect(kept[2]).toBeGreaterThan(0);
  });

  it('begins softly: the first sample is 0 and nothing jumps', () => {
    const [samples] = additivePiano([note(60, 0, 1, 127)], { sampleRate: 44_100 });
    expect(samples[0]).toBe(0);
    expect(peak(samples.subarray(0, 8))).toBeLessThan(0.1);
  });

  it('adds nothing above half the sample rate, where it would come back as a wrong tone', () => {
    // The second partial of key 108 lies at about 8,650 Hz, and would come back at about 7,350.
    const [samples] = additivePiano([note(108, 0, 1, 127)], { sampleRate: RATE });
    const held = between(samples, 0.02, 0.6);
    const fundamental = toneAmplitude(held, keyFrequency(108), RATE);
    for (let frequency = 5_000; frequency < 7_900; frequency += 3) {
      expect(toneAmplitude(held, frequency, RATE)).toBeLessThan(1e-3 * fundamental);
    }
    expect(peak(additivePiano([note(120)], { sampleRate: RATE })[0])).toBe(0);
  });

  it('plays a harder stroke louder', () => {
    const [samples] = additivePiano([note(60, 0, 0.5, 40), note(60, 1, 1.5, 100)], { sampleRate: RATE });
    const ratio = rms(between(samples, 1, 1.5)) / rms(between(samples, 0, 0.5));
    expect(ratio).toBeCloseTo((100 / 40) ** 1.6, 0);
  });

  it('lasts to the end of the last release, or as many seconds as asked for', () => {
    const piece = [note(60, 0, 3), note(64, 1, 2)];
    expect(additivePiano(piece, { sampleRate: RATE })[0].length).toBe(Math.ceil((3 + RELEASE_SECONDS) * RATE));
    expect(additivePiano(piece, { sampleRate: RATE, seconds: 1.5 })[0].length).toBe(24_000);
    expect(additivePiano([], { sampleRate: RATE })[0].length).toBe(0);
  });

  it('gives finite samples of peak 1, the same every time, in any order of the notes but for rounding', () => {
    fc.assert(
      fc.property(
        notes,
        fc.constantFrom(8_000, 16_000),
        fc.boolean(),
        fc.boolean(),
        (list, sampleRate, stereo, isDrum) => {
          const piece = timed(list);
          const options = { sampleRate, stereo, isDrum };
          const once = additivePiano(piece, options);
          additivePiano(piece, options).forEach((channel, c) => {
            expect(firstDifference(channel, once[c])).toBe(-1);
          });
          expect(once.length).toBe(stereo ? 2 : 1);
          const loudest = Math.max(...once.map(peak));
          expect(loudest === 0 || Math.abs(loudest - 1) < 1e-6).toBe(true);
          const reversed = additivePiano([...piece].reverse(), options);
          once.forEach((channel, c) => {
            let difference = 0;
            channel.forEach((x, i) => (difference = Math.max(difference, Math.abs(x - reversed[c][i]))));
            expect(difference).toBeLessThan(1e-4);
          });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('puts low keys to the left and high keys to the right, and middle ones between', () => {
    const balance = [24, 64, 104].map((pitch) => {
      const [left, right] = additivePiano([note(pitch)], { sampleRate: 44_100, stereo: true });
      return rms(right) / rms(left);
    });
    expect(balance[0]).toBeLessThan(0.6);
    expect(balance[1]).toBeCloseTo(1, 1);
    expect(balance[2]).toBeGreaterThan(1.6);
  });

  it('refuses notes and options that cannot be rendered, and says which', () => {
    const render = (bad: Partial<Note>) => () =>
      additivePiano([note(60), { ...note(60), ...bad }], { sampleRate: RATE });
    for (const bad of [{ pitch: 128 }, { pitch: NaN }, { velocity: -1 }, { start: -1 }, { start: 2 }, { end: NaN }]) {
      expect(render(bad)).toThrow(UsageError);
    }
    expect(render({ pitch: 128 })).toThrow(/note 1 has pitch 128/);
    expect(render({ end: 1e12 })).toThrow(/seconds/);
    expect(() => additivePiano([], { sampleRate: 1_000 })).toThrow(UsageError);
    expect(() => additivePiano([note(60)], { sampleRate: RATE, seconds: 0 })).toThrow(UsageError);
  });

  it('renders half a minute of 300 notes at 16 kHz in a second or two', () => {
    const piece = Array.from({ length: 300 }, (_, i) => note(30 + ((i * 37) % 60), i / 10, i / 10 + 1 + (i % 5) / 5));
    const start = performance.now();
    const [samples] = additivePiano(piece, { sampleRate: RATE });
    expect(performance.now() - start).toBeLessThan(5_000); // 0.4 s on an idle core of a small cloud machine
    expect(samples.length).toBeGreaterThan(30 * RATE);
  });
});

describe('mixNotes', () => {
  it('adds to what the channels hold, and leaves off what lies beyond their end', () => {
    const alone = new Float32Array(RATE);
    mixNotes([alone], [note(60, 0.5, 3)], RATE, false);
    const onTop = new Float32Array(RATE).fill(0.25);
    mixNotes([onTop], [note(60, 0.5, 3), note(60, 1, 2), note(60, 50, 60)], RATE, false);
    expect(peak(alone)).toBeGreaterThan(0.5);
    expect(onTop.every((x, i) => Math.abs(x - alone[i] - 0.25) < 1e-6)).toBe(true);
  });
});
