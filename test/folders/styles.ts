import type { Random } from '../../src/tensor/random.ts';
import { oneOf } from './random.ts';
import { SCALES, type Style } from './tune.ts';

type Rhythms = Pick<Style, 'meter' | 'bars' | 'closings'>;

const TWO_FOUR: Rhythms = {
  meter: [2, 4],
  bars: [[1, 1], [0.5, 0.5, 1], [0.5, 0.5, 0.5, 0.5], [0.75, 0.25, 1], [1, 0.5, 0.5], [0.25, 0.25, 0.5, 0.5, 0.5]],
  closings: [[2], [1, 1]],
}; // prettier-ignore
const THREE_FOUR: Rhythms = {
  meter: [3, 4],
  bars: [[1, 1, 1], [2, 1], [1.5, 0.5, 1], [1, 0.5, 0.5, 1], [0.5, 0.5, 1, 1], [1, 1, 0.5, 0.5]],
  closings: [[3], [2, 1], [1, 2]],
}; // prettier-ignore
const FOUR_FOUR: Rhythms = {
  meter: [4, 4],
  bars: [[1, 1, 1, 1], [1.5, 0.5, 1, 1], [2, 1, 1], [1, 0.5, 0.5, 1, 1], [0.5, 0.5, 0.5, 0.5, 1, 1], [1.5, 0.5, 2]],
  closings: [[4], [1, 1, 2], [2, 2]],
}; // prettier-ignore
const SIX_EIGHT: Rhythms = {
  meter: [6, 8],
  bars: [[1, 0.5, 1, 0.5], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [1.5, 1, 0.5], [0.75, 0.25, 0.5, 1, 0.5], [1, 0.5, 0.5, 0.5, 0.5]],
  closings: [[3], [1, 0.5, 1.5]],
}; // prettier-ignore
const TWELVE_EIGHT: Rhythms = {
  meter: [12, 8],
  bars: SIX_EIGHT.bars.flatMap((bar) => [SIX_EIGHT.bars[0], SIX_EIGHT.bars[1]].map((next) => [...bar, ...next])),
  closings: [[1, 0.5, 1.5, 3], [6]],
};
/** Eighths in the time of triplets: two thirds of a beat, and one. */
const LONG = 2 / 3;
const SHORT = 1 / 3;
const SWUNG: Rhythms = {
  meter: [4, 4],
  bars: [
    [LONG, SHORT, 1, LONG, SHORT, 1],
    [LONG, SHORT, LONG, SHORT, LONG, SHORT, 1],
    [1, LONG, SHORT, 2],
    [SHORT, SHORT, SHORT, 1, LONG, SHORT, 1],
  ],
  closings: [[LONG, SHORT, 3], [4]],
}; // prettier-ignore

export const FOLK_RHYTHMS = { '2-4': TWO_FOUR, '3-4': THREE_FOUR, '4-4': FOUR_FOUR, '6-8': SIX_EIGHT };
export const TRIPLET_RHYTHMS = { 'twelve-eight': TWELVE_EIGHT, swung: SWUNG };

/** Rhythms in a mode and a key drawn by chance. */
export function folkStyle(random: Random, rhythms: Rhythms): Style {
  return { ...rhythms, scale: SCALES[oneOf(random, ['major', 'major', 'dorian', 'mixolydian'])], tonic: 60 + random.integer(8) };
} // prettier-ignore
