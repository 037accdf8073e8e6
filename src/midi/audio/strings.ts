/** One decaying sine of a struck string: amplitude · exp(-decay · t) · sin(2π · frequency · t + phase). */
export interface Partial {
  /** Hz. */
  frequency: number;
  amplitude: number;
  /** 1 / seconds. */
  decay: number;
  /** Radians. */
  phase: number;
}

/** More than these are not heard, not even in the lowest octave. */
const MAX_PARTIALS = 48;
/** The hammer meets the string at about an eighth of its length, which weakens every eighth partial. */
const STRIKE_POINT = 1 / 8;
/** Partials up to this one sound as two strings, slightly apart: the beating and the long second decay of a piano. */
const DOUBLED_PARTIALS = 8;
/** 0.5 cents between the two strings. */
const STRING_SPREAD = 2 ** (0.5 / 1200);
/** Radians; successive multiples of the golden angle keep the partials from peaking together. */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** The frequency of a MIDI key in Hz, equal temperament: 69 is 440. */
export function keyFrequency(pitch: number): number {
  return 440 * 2 ** ((pitch - 69) / 12);
}

/**
 * How far the partials of a piano string are from whole multiples, B in f_n = n f_0 sqrt(1 + B n²): the sum of a bass and a
 * treble line over the key number, with the mean values that Rigaud, David and Daudet give for real pianos ("A parametric
 * model and estimation techniques for the inharmonicity and tuning of the piano", JASA 133(5), 2013, section II).
 */
export function inharmonicity(pitch: number): number {
  return Math.exp(-0.0847 * pitch - 5.82) + Math.exp(0.0926 * pitch - 13.64);
}

/**
 * Everything that sounds below the Nyquist frequency when a key is struck, at a total power that depends on the velocity
 * alone: the fundamental stands exactly at the key's frequency, the upper partials a little above whole multiples; harder
 * strokes are louder (amplitude grows as velocity^1.6) and brighter; high keys and high partials die away sooner. Empty
 * where the fundamental itself is above Nyquist.
 *
 * @param pitch MIDI key number, 0 to 127.
 * @param velocity 1 to 127.
 * @param sampleRate Hz.
 */
export function struckString(pitch: number, velocity: number, sampleRate: number): Partial[] {
  const f1 = keyFrequency(pitch);
  const b = inharmonicity(pitch);
  const force = velocity / 127;
  const rolloff = 600 + 3_600 * force ** 1.5; // Hz in which the spectrum falls by 1/e
  const slowest = 0.35 * 2 ** ((pitch - 45) / 16); // decay of the fundamental, 1/s: about 0.7 for middle C
  const partials: Partial[] = [];
  for (let n = 1; n <= MAX_PARTIALS; n++) {
    const frequency = n * f1 * Math.sqrt((1 + b * n * n) / (1 + b));
    if (frequency >= sampleRate / 2) break;
    const comb = 0.15 + 0.85 * Math.abs(Math.sin(Math.PI * n * STRIKE_POINT));
    const amplitude = (comb / n) * Math.exp((f1 - frequency) / rolloff);
    const decay = slowest * (1 + 0.18 * (n - 1)) + 2e-8 * frequency * frequency;
    const phase = n * GOLDEN_ANGLE;
    if (n > DOUBLED_PARTIALS || frequency * STRING_SPREAD >= sampleRate / 2) {
      partials.push({ frequency, amplitude, decay: 1.6 * decay, phase });
    } else {
      partials.push({ frequency, amplitude: 0.7 * amplitude, decay: 2.2 * decay, phase });
      partials.push({ frequency: frequency * STRING_SPREAD, amplitude: 0.3 * amplitude, decay: 0.7 * decay, phase });
    }
  }
  const power = partials.reduce((sum, p) => sum + p.amplitude ** 2, 0);
  const gain = force ** 1.6 / Math.sqrt(power);
  for (const partial of partials) partial.amplitude *= gain;
  return partials;
}
