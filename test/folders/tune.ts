import type { Random } from '../../src/tensor/random.ts';
import { oneOf } from './random.ts';
import type { WrittenNote } from './score-file.ts';

/** Rhythms of one bar in quarters, and how a phrase may end. */
export interface Style {
  meter: [beats: number, unit: number];
  bars: readonly (readonly number[])[];
  closings: readonly (readonly number[])[];
  /** Semitones of the scale above its keynote, from 0 up. */
  scale: readonly number[];
  /** The key of the keynote. */
  tonic: number;
}

/** A melody with the chord of each bar, as a degree of the scale counted from 0. */
export interface Tune {
  notes: WrittenNote[];
  chords: number[];
  /** Quarters of a bar. */
  bar: number;
}

export const SCALES = {
  major: [0, 2, 4, 5, 7, 9, 11],
  dorian: [0, 2, 3, 5, 7, 9, 10],
  mixolydian: [0, 2, 4, 5, 7, 9, 10],
  minor: [0, 2, 3, 5, 7, 8, 10],
} as const;

const HARMONIES = [
  [0, 3, 4, 0],
  [0, 0, 4, 0],
  [0, 5, 3, 4],
  [0, 3, 0, 4],
  [5, 3, 4, 0],
];
const LOUD = 84;
const SOFT = 68;

/** A phrase of four bars before it has an end: the rhythm of each bar, its chord, and the degrees of the scale that are sung. */
interface Phrase {
  rhythms: (readonly number[])[];
  chords: number[];
  degrees: number[][];
}

/**
 * A tune of the phrases A A B A. Strong beats sing a note of the chord, the others go by step to the next; B ends openly, and
 * the last note is the keynote.
 * @param halves of four bars each: a phrase of two is a question and its answer, which begins alike; of one, the first A is open
 */
export function tune(random: Random, style: Style, halves: 1 | 2): Tune {
  const [a, b] = [phrase(random, style), phrase(random, style)];
  const [question, answer] = [closed(random, style, a, oneOf(random, [1, 4])), closed(random, style, a, 0)];
  const [open, half] = [closed(random, style, b, 1), closed(random, style, b, 4)];
  const phrases = halves === 1 ? [question, answer, half, answer] : [question, answer, question, answer, open, half, question, answer]; // prettier-ignore
  const bar = quartersOf(style);
  const notes: WrittenNote[] = [];
  for (const [place, { rhythms, degrees }] of phrases.entries()) {
    for (const [i, rhythm] of rhythms.entries()) {
      let start = (4 * place + i) * bar;
      for (const [k, length] of rhythm.entries()) {
        const velocity = k === 0 ? LOUD : SOFT;
        notes.push({ pitch: pitchOf(style, degrees[i][k]), velocity, start, length });
        start += length;
      }
    }
  }
  return { notes, chords: phrases.flatMap(({ chords }) => chords), bar };
}

/** The key of a degree of the scale, which may be any number of octaves up or down. */
export function pitchOf({ scale, tonic }: Pick<Style, 'scale' | 'tonic'>, degree: number): number {
  const octave = Math.floor(degree / scale.length);
  return tonic + 12 * octave + scale[degree - octave * scale.length];
}

/** Quarters of a bar. */
export function quartersOf({ meter: [beats, unit] }: Pick<Style, 'meter'>): number {
  return (4 * beats) / unit;
}

function phrase(random: Random, { bars }: Style): Phrase {
  const [first, second] = [oneOf(random, bars), oneOf(random, bars)];
  const rhythms = [first, second, oneOf(random, [first, second]), second];
  const chords = oneOf(random, HARMONIES);
  const degrees: number[][] = [];
  let degree: number = oneOf(random, [0, 2, 4]);
  for (const [i, rhythm] of rhythms.entries()) {
    degrees.push(
      rhythm.map((_, k) => {
        degree = k === 0 ? nearest(random, chords[i], degree) : stepped(random, degree);
        return degree;
      }),
    );
  }
  return { rhythms, chords: [...chords], degrees };
}

/** The phrase with an end: its last bar comes to rest on a degree. */
function closed(random: Random, { closings }: Style, { rhythms, chords, degrees }: Phrase, end: number): Phrase {
  const closing = oneOf(random, closings);
  const from = degrees[2].at(-1)!;
  const last = closing.map((_, k) => {
    const left = closing.length - 1 - k;
    return left === 0 ? end : end + Math.sign(from - end) * left;
  });
  return {
    rhythms: [...rhythms.slice(0, 3), closing],
    chords: [...chords.slice(0, 3), end === 0 ? 0 : 4],
    degrees: [...degrees.slice(0, 3), last],
  };
}

/** A note of the chord near a degree. */
function nearest(random: Random, chord: number, degree: number): number {
  const tones = [-7, 0, 7].flatMap((octave) => [0, 2, 4].map((third) => chord + third + octave));
  const near = tones.filter((tone) => tone >= -3 && tone <= 9 && Math.abs(tone - degree) <= 3);
  return near.length > 0 ? oneOf(random, near) : degree;
}

function stepped(random: Random, degree: number): number {
  const next = degree + oneOf(random, [-2, -1, -1, 0, 1, 1, 2]);
  return next > 9 ? degree - 1 : next < -3 ? degree + 1 : next;
}
