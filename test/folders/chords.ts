import { oneOf, streamOf } from './random.ts';
import type { WrittenNote, WrittenPiece } from './score-file.ts';
import { pitchOf, SCALES } from './tune.ts';

const PIECES = 12;
const BARS = 24;
/** Degrees of a scale that go on to each degree. */
const NEXT = [[3, 4, 5, 1], [4, 3], [5, 3], [0, 4, 1], [0, 0, 5], [3, 1, 4], [0]]; // prettier-ignore

/** Pieces of nothing but chords, of three to five notes each. */
export function chordPieces(): WrittenPiece[] {
  return Array.from({ length: PIECES }, (_, piece) => {
    const random = streamOf('chords', piece);
    const key = { scale: SCALES[oneOf(random, ['major', 'minor'])], tonic: 53 + random.integer(12) };
    const notes: WrittenNote[] = [];
    let root = 0;
    for (let bar = 0; bar < BARS; bar++) {
      let start = 4 * bar;
      for (const length of oneOf(random, [[4], [2, 2], [2, 1, 1], [1, 1, 2]])) {
        const inversion = random.integer(3);
        const degrees = [0, 2, 4].map((third, i) => root + third + (i < inversion ? 7 : 0));
        if (random.integer(3) === 0) degrees.push(root + 6 + 7 * Math.sign(inversion));
        if (random.integer(2) === 0) degrees.push(root - 7);
        for (const degree of degrees) notes.push({ pitch: pitchOf(key, degree), velocity: 72, start, length });
        start += length;
        root = bar === BARS - 2 ? 0 : oneOf(random, NEXT[root]);
      }
    }
    return { parts: [{ notes }], tempo: [[0, 90]], meter: [[0, 4, 4]] };
  });
}
