import { oneOf, streamOf } from './random.ts';
import type { WrittenNote, WrittenPiece } from './score-file.ts';
import { pitchOf, SCALES } from './tune.ts';

const CHANTS = 20;
const PHRASES = 8;

/** Chant: syllables of free length, phrases with a long end and a breath; no beat, no bars, and a file that names none. */
export function chants(): WrittenPiece[] {
  return Array.from({ length: CHANTS }, (_, chant) => {
    const random = streamOf('free-time', chant);
    const mode = { scale: SCALES[oneOf(random, ['dorian', 'mixolydian', 'minor'])], tonic: 55 + random.integer(6) };
    const notes: WrittenNote[] = [];
    let start = 0.3 * random.uniform();
    let degree = 0;
    for (let phrase = 0; phrase < PHRASES; phrase++) {
      const syllables = 7 + random.integer(9);
      for (let i = 0; i < syllables; i++) {
        const isLast = i === syllables - 1;
        if (isLast) degree = oneOf(random, [0, 0, 4]);
        const length = (isLast ? 2.6 : 0.7) * Math.exp(0.35 * random.normal());
        const velocity = 60 + random.integer(12);
        notes.push({ pitch: pitchOf(mode, degree), velocity, start, length: 0.97 * length });
        start += length;
        degree = Math.min(8, Math.max(-2, degree + oneOf(random, [-2, -1, -1, 0, 1, 1, 2])));
      }
      start += 0.6 + random.uniform();
    }
    return { parts: [{ notes }] };
  });
}
