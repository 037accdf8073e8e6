import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Note } from '../../src/midi/index.ts';
import { analyseNotes, meanAnalysis } from '../../src/music/analysis.ts';
import { repeatedLengths } from '../../src/music/figures/repetition.ts';
import { spreadOf } from '../../src/music/figures/spread.ts';

/** Notes one after another, each half a second long. */
const melody = (...pitches: number[]): Note[] =>
  pitches.map((pitch, i) => ({ pitch, velocity: 100, start: i / 2, end: (i + 1) / 2 }));

describe('repetition', () => {
  it('is nought where no four pitches come back, and one less the first where all do', () => {
    expect(analyseNotes(melody(60, 62, 64, 65, 67, 69, 71)).repetition).toBe(0);
    // Eleven runs of four, all the same; the first is new.
    const stuck = analyseNotes(melody(...Array.from({ length: 14 }, () => 60)));
    expect(stuck.repetition).toBe(10 / 11);
    expect(stuck.longestSamePitch).toBe(14);
    expect(stuck.longestRepeat).toBe(13);
  });

  it('counts a phrase that returns', () => {
    const analysis = analyseNotes(melody(60, 62, 64, 65, 50, 60, 62, 64, 65, 51));
    expect(analysis.repetition).toBe(1 / 7);
    expect(analysis.longestRepeat).toBe(4);
  });

  it('does not depend on the order in which a chord is written', () => {
    const chord = [60, 64, 67].map((pitch) => ({ pitch, velocity: 90, start: 0, end: 1 }));
    const again = [67, 60, 64].map((pitch) => ({ pitch, velocity: 90, start: 1, end: 2 }));
    expect(analyseNotes([...chord, ...again]).longestRepeat).toBe(3);
  });
});

describe('the lengths of repeated endings', () => {
  it('are those that a plain search finds', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 40 }), (symbols) => {
        expect(repeatedLengths(symbols)).toEqual(symbols.map((_, end) => searchedLength(symbols, end)));
      }),
    );
  });

  it('are quick to find in a long and monotonous piece', () => {
    const lengths = repeatedLengths(Array.from({ length: 50_000 }, () => 60));
    expect(lengths.at(-1)).toBe(49_999);
  });
});

/** The longest run that ends at `end` and also ends at an earlier place, by trying all. */
function searchedLength(symbols: number[], end: number): number {
  let longest = 0;
  for (let other = 0; other < end; other++) {
    let length = 0;
    while (other - length >= 0 && symbols[other - length] === symbols[end - length]) length++;
    longest = Math.max(longest, length);
  }
  return longest;
}

describe('range, density and polyphony', () => {
  it('are those of the notes', () => {
    const notes: Note[] = [
      { pitch: 60, velocity: 1, start: 1, end: 3 },
      { pitch: 64, velocity: 1, start: 2, end: 4 },
      { pitch: 72, velocity: 1, start: 5, end: 6 },
    ];
    expect(analyseNotes(notes)).toMatchObject({
      notes: 3,
      seconds: 5,
      lowest: 60,
      highest: 72,
      distinctPitches: 3,
      density: 0.6,
      meanPolyphony: 5 / 4,
      maxPolyphony: 2,
    });
  });

  it('a note that follows another does not sound with it', () => {
    expect(analyseNotes(melody(60, 62, 64))).toMatchObject({ meanPolyphony: 1, maxPolyphony: 1 });
  });

  it('stay within their bounds for any notes', () => {
    const note = fc
      .tuple(
        fc.integer({ min: 0, max: 127 }),
        fc.double({ min: 0, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
      )
      .map(([pitch, start, duration]) => ({ pitch, velocity: 80, start, end: start + duration }));
    fc.assert(
      fc.property(fc.array(note, { maxLength: 30 }), (notes) => {
        const analysis = analyseNotes(notes);
        expect(analysis.repetition).toBeGreaterThanOrEqual(0);
        expect(analysis.repetition).toBeLessThan(1);
        expect(analysis.longestRepeat).toBeLessThanOrEqual(Math.max(0, notes.length - 1));
        expect(analysis.longestSamePitch).toBeLessThanOrEqual(notes.length);
        expect(analysis.meanPolyphony).toBeLessThanOrEqual(analysis.maxPolyphony + 1e-9);
        expect(analysis.maxPolyphony).toBeLessThanOrEqual(notes.length);
        expect(analysis.distinctPitches).toBe(new Set(notes.map(({ pitch }) => pitch)).size);
      }),
    );
  });

  it('of no notes are nought, and there is no range', () => {
    expect(analyseNotes([])).toEqual({
      notes: 0,
      seconds: 0,
      lowest: null,
      highest: null,
      distinctPitches: 0,
      repetition: 0,
      longestRepeat: 0,
      longestSamePitch: 0,
      struckWhileHeld: 0,
      density: 0,
      meanPolyphony: 0,
      maxPolyphony: 0,
    });
  });
});

describe('keys struck while held', () => {
  const note = (pitch: number, start: number, end: number): Note => ({ pitch, velocity: 80, start, end });

  it('are counted on each key, in whatever order the notes come, and the notes are left as they were', () => {
    const notes = [note(60, 0, 2), note(64, 0, 1), note(64, 1, 2), note(60, 1, 3), note(60, 2.5, 4)];
    const before = structuredClone(notes);
    for (const order of [notes, notes.toReversed()]) expect(analyseNotes(order).struckWhileHeld).toBe(2 / 5);
    expect(notes).toEqual(before);
  });

  it('are not those where a note ends as the next begins, to a tick', () => {
    expect(analyseNotes([note(60, 0, 0.1 + 0.2), note(60, 0.3, 1)]).struckWhileHeld).toBe(0);
  });
});

describe('the mean of several analyses', () => {
  it('is that of each figure, over the range of all', () => {
    const [low, high] = [analyseNotes(melody(40, 42, 44)), analyseNotes(melody(70, 70, 70, 70, 80))];
    expect(meanAnalysis([low, high])).toMatchObject({
      notes: 4,
      lowest: 40,
      highest: 80,
      longestSamePitch: 2.5,
      distinctPitches: 2.5,
    });
  });

  it('of one is itself, of none undefined, and silence has no range', () => {
    const one = analyseNotes(melody(40, 42, 44));
    expect(meanAnalysis([one])).toEqual(one);
    expect(meanAnalysis([])).toBeUndefined();
    expect(meanAnalysis([analyseNotes([]), one])).toMatchObject({ lowest: 40, highest: 44 });
  });
});

describe('the spread of numbers', () => {
  it('has interpolated quantiles', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({
      count: 4,
      min: 1,
      p5: 1.15,
      median: 2.5,
      mean: 2.5,
      p95: 3.8499999999999996,
      max: 4,
    });
    expect(spreadOf([7])).toEqual({ count: 1, min: 7, p5: 7, median: 7, mean: 7, p95: 7, max: 7 });
  });

  it('of no numbers is undefined', () => {
    expect(spreadOf([])).toBeUndefined();
  });

  it('is in order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const { min, p5, median, p95, max } = spreadOf(values)!;
        expect([...[min, p5, median, p95, max]].sort((a, b) => a - b)).toEqual([min, p5, median, p95, max]);
      }),
    );
  });
});
