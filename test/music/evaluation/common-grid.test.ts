import { describe, expect, it } from 'vitest';
import { Codec, noteTable } from '../../../src/midi/index.ts';
import { codingsOf, gridNats, noteNats } from '../../../src/music/index.ts';
import { toySettings, toySong } from '../../support/toy-music.ts';

/** A codec with classes of known width: steps below 0.02, to 0.1, to 0.4, above; durations below 0.05, above. */
function codecWith(step: number[], duration: number[]): Codec {
  const { spec } = Codec.fit([toySong(60, 40)], { ...codingsOf(toySettings('quick')), stepBins: 12, durationBins: 12 });
  const binsOf = (edges: number[]) => ({ edges, centres: [0, ...edges] });
  return new Codec({ ...spec, bins: { ...spec.bins, step: binsOf(step), duration: binsOf(duration) } });
}

function tableOf(...notes: [start: number, duration: number][]) {
  return noteTable(
    notes.map(([start, duration], i) => ({ pitch: 60 + i, velocity: 80, start, end: start + duration })),
  );
}

describe('what classes of time leave open on a grid of 10 ms', () => {
  const codec = codecWith([0.02, 0.1, 0.4], [0.05]);
  // Steps of 0.01 (class 20 ms wide), 0.05 (80 ms), 0.2 (300 ms) and 1 (the last: three times as wide as 0.4 is long, by the ratio 4).
  const table = tableOf([0, 9], [0.01, 0.01], [0.06, 0.01], [0.26, 0.01], [1.26, 9]);
  // Durations: 0.01 three times (class 50 ms wide), 9 (the last; of a single edge the ratio is taken to be 2: 50 ms).
  const expected = Math.log(2) + Math.log(8) + Math.log(30) + Math.log(120) + 4 * Math.log(5);

  it('is the mean over notes of ln(width / 10 ms), steps and durations added; the first note is not predicted', () => {
    expect(gridNats(codec, [table])).toBeCloseTo(expected / 4, 10);
    expect(gridNats(codec, [table, tableOf([0, 1]), table])).toBeCloseTo(expected / 4, 10);
  });

  it('is of the notes that are predicted only', () => {
    expect(gridNats(codec, [table], { from: 4 })).toBeCloseTo(Math.log(120) + Math.log(5), 10);
    expect(gridNats(codec, [table], { to: 2 })).toBeCloseTo(Math.log(2) + Math.log(5), 10);
    expect(gridNats(codec, [table], { from: 5 })).toBe(0);
  });

  it('is nothing where a class is narrower than the grid', () => {
    const fine = codecWith([0.004, 0.009], [0.005, 0.01]);
    // 4 ms, 5 ms, and above 9 ms a last class of 11 ms; durations of 5 ms, 5 ms, and above 10 ms of 10 ms.
    expect(gridNats(fine, [tableOf([0, 1], [0.002, 0.007])])).toBe(0);
    expect(gridNats(fine, [tableOf([0, 1], [1, 1])])).toBeCloseTo(Math.log(1.125), 10);
  });

  it('is nothing where times are no classes', () => {
    const { spec } = Codec.fit([toySong(60, 40)], codingsOf(toySettings('tutorial')));
    expect(gridNats(new Codec(spec), [table])).toBe(0);
  });

  it('is added to the nats of a note', () => {
    expect(noteNats(2, 1.5)).toEqual({ nats: 2, bits: expect.closeTo(2.885390081777927, 12) as number, onGrid: 3.5 });
  });
});
