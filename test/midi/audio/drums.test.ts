import { describe, expect, it } from 'vitest';
import { mixDrum } from '../../../src/midi/audio/drums.ts';
import { peak, rms, toneAmplitude } from '../../support/spectrum.ts';

const RATE = 44_100;
const [KICK, SNARE, CLOSED_HAT, CRASH] = [36, 38, 42, 49];

function strike(pitch: number, velocity = 100, seconds = 0.6): Float32Array {
  const sound = new Float32Array(Math.round(seconds * RATE));
  mixDrum(sound, { pitch, velocity, start: 0, end: 0.1 }, RATE);
  return sound;
}

/** The share of a sound's spectrum, sampled, that lies below 500 Hz. */
function darkness(sound: Float32Array): number {
  let [low, all] = [0, 0];
  for (let frequency = 25; frequency < 16_000; frequency += 50) {
    const power = toneAmplitude(sound.subarray(0, 4_410), frequency, RATE) ** 2;
    all += power;
    if (frequency < 500) low += power;
  }
  return low / all;
}

describe('mixDrum', () => {
  it('makes a short noise, not a tone: no frequency holds much of its power', () => {
    const sound = strike(SNARE).subarray(0, 4_410);
    const amplitudes = Array.from({ length: 800 }, (_, i) => toneAmplitude(sound, 20 + 20 * i, RATE) ** 2);
    expect(Math.max(...amplitudes)).toBeLessThan(0.05 * amplitudes.reduce((a, b) => a + b));
  });

  it('makes bass drums dark and hi-hats bright', () => {
    expect(darkness(strike(KICK))).toBeGreaterThan(0.8);
    expect(darkness(strike(CLOSED_HAT))).toBeLessThan(0.1);
    expect(darkness(strike(SNARE))).toBeGreaterThan(darkness(strike(CLOSED_HAT)));
  });

  it('lets cymbals ring longer than hi-hats, and brings every drum to 0 at the end', () => {
    const late = (pitch: number): number =>
      rms(strike(pitch).subarray(8_820, 13_230)) / rms(strike(pitch).subarray(0, 4_410));
    expect(late(CRASH)).toBeGreaterThan(20 * late(CLOSED_HAT));
    for (let pitch = 0; pitch < 128; pitch++) expect(peak(strike(pitch).subarray(-5))).toBeLessThan(1e-3);
  });

  it('gives the same noise for the same key, another for another key, and plays every key', () => {
    expect(strike(KICK)).toEqual(strike(KICK));
    expect(strike(45)).not.toEqual(strike(47));
    for (let pitch = 0; pitch < 128; pitch++) {
      expect(peak(strike(pitch))).toBeGreaterThan(0.02);
      expect(peak(strike(pitch))).toBeLessThan(4);
    }
  });

  it('strikes louder with velocity, in the proportion of the piano', () => {
    expect(rms(strike(SNARE, 100)) / rms(strike(SNARE, 50))).toBeCloseTo(2 ** 1.6, 3);
  });
});
