import { describe, expect, it } from 'vitest';
import { noteTable } from '../../src/midi/index.ts';
import { inBeats } from '../../src/midi/beats.ts';
import { fitLoudness, LOUDNESS_SIZE, velocityIn } from '../../src/midi/loudness.ts';

/** A bass that is soft and a melody that is loud, with an accent where a bar of 2/4 begins; a quarter is half a second. */
const music = inBeats(
  noteTable(
    Array.from({ length: 400 }, (_, k) => {
      const [quarter, bass] = [Math.floor(k / 2), k % 2 === 0];
      const velocity = (bass ? 50 : 80) + (quarter % 2 === 0 ? 10 : 0);
      return { pitch: bass ? 40 : 76, velocity, start: quarter / 2, end: quarter / 2 + 0.4 };
    }),
  ),
  { tempo: [[0, 120]], meter: [[0, 2, 4]] },
);

describe('how loud written music is', () => {
  it('is known by octave, and by whether a bar begins', () => {
    const loudness = fitLoudness([music]);
    expect(loudness).toHaveLength(LOUDNESS_SIZE);
    const at = (pitch: number, place: number): number => velocityIn(loudness, pitch, place);
    // A hundred notes each, and the mean of all from eight more.
    expect([at(40, 0), at(40, 24), at(76, 0), at(76, 24)]).toEqual([61, 51, 89, 79]);
  });

  it('is the mean of all in octaves that have no notes, and usual where there is no music', () => {
    expect(velocityIn(fitLoudness([music]), 100, 0)).toBe(70);
    expect(new Set(fitLoudness([]))).toEqual(new Set([100]));
  });
});
