import type { Note } from '../types.ts';

/** What a stroke is made of. */
interface Stroke {
  /** Seconds in which it dies away by 1/e. */
  decay: number;
  /** Share of white noise that passes as bass (one-pole low-pass); the rest passes as treble. 0 to 1. */
  dark: number;
  /** Cut-off of the filter that tells bass from treble, Hz. */
  split: number;
  /** Loudness, 1 = as loud as a piano note of the same velocity. */
  gain: number;
}

/** Keys of General MIDI percussion by what they are made of. Metal of other keys sounds like `HAT`, the rest like `TOM`. */
const KICK: Stroke = { decay: 0.06, dark: 1, split: 120, gain: 1 };
const SNARE: Stroke = { decay: 0.07, dark: 0.4, split: 1_500, gain: 0.8 };
const TOM: Stroke = { decay: 0.09, dark: 0.95, split: 300, gain: 0.9 };
const HAT: Stroke = { decay: 0.03, dark: 0, split: 5_000, gain: 0.35 };
const CYMBAL: Stroke = { decay: 0.3, dark: 0, split: 4_000, gain: 0.4 };

const STROKES: readonly (readonly [Stroke, readonly number[]])[] = [
  [KICK, [35, 36]],
  [SNARE, [37, 38, 39, 40]],
  [HAT, [42, 44, 54, 69, 70, 80]],
  [CYMBAL, [46, 49, 51, 52, 53, 55, 57, 59, 81]],
];

/** The stroke for a key of General MIDI percussion (35 to 81); keys outside that range sound like toms. */
function strokeOf(key: number): Stroke {
  return STROKES.find(([, keys]) => keys.includes(key))?.[0] ?? TOM;
}

/**
 * Adds one burst of noise to `sound`, which begins at the note's onset: filtered and as long as the drum asks for, at a
 * loudness that follows the velocity. A drum rings out; the note's end says nothing about it. The noise depends on the key
 * alone, so the same notes give the same samples.
 */
export function mixDrum(sound: Float32Array, note: Note, sampleRate: number): void {
  const { decay, dark, split, gain } = strokeOf(note.pitch);
  const pole = Math.exp((-2 * Math.PI * Math.min(split, 0.45 * sampleRate)) / sampleRate);
  // The low-pass leaves (1 - pole) / (1 + pole) of the noise's power; make up for it, so that bass drums are heard.
  const bassGain = dark * Math.sqrt((1 + pole) / (1 - pole));
  const fall = Math.exp(-1 / (decay * sampleRate));
  let level = gain * (note.velocity / 127) ** 1.6;
  let bass = 0;
  let state = (note.pitch + 1) * 0x9e_37_79_b9;
  for (let i = 0; i < sound.length; i++) {
    state ^= state << 13; // xorshift32 (Marsaglia 2003)
    state ^= state >>> 17;
    state ^= state << 5;
    const noise = state / 2 ** 31;
    bass = pole * bass + (1 - pole) * noise;
    // The last frames are brought to 0, so that a long cymbal does not end in a click.
    const ending = Math.min(1, (sound.length - i) / (0.05 * sampleRate));
    sound[i] += level * ending * (bassGain * bass + (1 - dark) * (noise - bass));
    level *= fall;
  }
}
