import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { baselineOf, countFrequencies } from '../../../src/music/index.ts';
import { parseFrequencies } from '../../../src/music/evaluation/frequencies.ts';
import { unigramBaseline } from '../../../src/music/baseline.ts';
import type { HeadSpec } from '../../../src/nn/index.ts';

const HEADS: HeadSpec[] = [
  { name: 'pitch', kind: 'categorical', size: 3, lossWeight: 1 },
  { name: 'velocity', kind: 'scalar', lossWeight: 1, positivePressure: 0 },
];

function sequence(pitch: number[], velocity: number[]) {
  return {
    length: pitch.length,
    categories: [],
    features: new Float32Array(0),
    targets: { pitch: Int32Array.from(pitch), velocity: Float32Array.from(velocity) },
  };
}

describe('the frequencies of training pieces', () => {
  const frequencies = countFrequencies(HEADS, [sequence([0, 0, 2], [1, 2, 3]), sequence([0], [6])]);

  it('are counts of classes, and means of numbers', () => {
    expect(frequencies).toEqual({ pitch: { counts: [3, 0, 1] }, velocity: { mean: 3 } });
  });

  it('cost what giving each class its count and one more would', () => {
    // (3 + 1) / 7, (0 + 1) / 7, (1 + 1) / 7
    const cost = -(Math.log(4 / 7) + 2 * Math.log(1 / 7) + Math.log(2 / 7)) / 4;
    expect(baselineOf(frequencies.pitch, [0, 1, 1, 2])).toBeCloseTo(cost, 12);
    expect(baselineOf(frequencies.velocity, [3, 5])).toBe(2);
  });

  it('cost at least the entropy of whatever is asked for, also of the pieces that were counted', () => {
    const classes = fc.array(fc.nat(5), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(classes, classes, (trained, asked) => {
        const counts = Array.from({ length: 6 }, (_, k) => trained.filter((kind) => kind === k).length);
        for (const targets of [trained, asked]) {
          expect(baselineOf({ counts }, targets)).toBeGreaterThanOrEqual(unigramBaseline(targets, 6) - 1e-12);
        }
      }),
    );
  });

  it('refuse a class that they do not know', () => {
    expect(() => baselineOf({ counts: [1, 2] }, [0, 2])).toThrow(/class 2 of 2/);
  });

  it('come back from a file', () => {
    expect(parseFrequencies(JSON.parse(JSON.stringify(frequencies)), HEADS)).toEqual(frequencies);
  });

  it.each([
    ['nothing', undefined, /frequencies\.pitch: expected 3 counts/],
    ['too few counts', { ...frequencies, pitch: { counts: [1, 2] } }, /frequencies\.pitch/],
    ['a count below 0', { ...frequencies, pitch: { counts: [1, -1, 2] } }, /frequencies\.pitch/],
    ['a part of a note', { ...frequencies, pitch: { counts: [1, 0.5, 2] } }, /frequencies\.pitch/],
    ['a mean for classes', { ...frequencies, pitch: { mean: 2 } }, /frequencies\.pitch/],
    [
      'counts for numbers',
      { ...frequencies, velocity: { counts: [1, 2, 3] } },
      /frequencies\.velocity: expected a mean/,
    ],
    ['a mean that is none', { ...frequencies, velocity: { mean: null } }, /frequencies\.velocity/],
  ])('refuse %s', (_what, json, message) => {
    expect(() => parseFrequencies(json, HEADS)).toThrow(UsageError);
    expect(() => parseFrequencies(json, HEADS)).toThrow(message);
  });
});
