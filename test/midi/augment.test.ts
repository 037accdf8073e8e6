import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../src/errors.ts';
import { PIANO_RANGE, augment, scaleTempo, transpose, transposeBounds } from '../../src/midi/augment.ts';
import { anyTable, melody, pieceOf } from './arbitrary-notes.ts';

describe('transposition', () => {
  it('moves every pitch and nothing else, and back again', () => {
    fc.assert(
      fc.property(anyTable, fc.integer({ min: -12, max: 12 }), (table, semitones) => {
        const [lowest, highest] = transposeBounds(table);
        fc.pre(semitones >= lowest && semitones <= highest);
        const moved = transpose(table, semitones);
        expect([...moved.pitch]).toEqual([...table.pitch].map((pitch) => pitch + semitones));
        expect({ ...moved, pitch: null }).toEqual({ ...table, pitch: null });
        expect(transpose(moved, -semitones)).toEqual(table);
      }),
    );
  });

  it('reaches exactly as far as its bounds say', () => {
    fc.assert(
      fc.property(anyTable, (table) => {
        fc.pre(table.length > 0);
        const [lowest, highest] = transposeBounds(table);
        expect(Math.min(...transpose(table, lowest).pitch)).toBe(0);
        expect(Math.max(...transpose(table, highest).pitch)).toBe(127);
        expect(() => transpose(table, lowest - 1)).toThrow(UsageError);
        expect(() => transpose(table, highest + 1)).toThrow(UsageError);
      }),
    );
  });

  it('can be kept on the piano', () => {
    const table = melody([30, 100]);
    expect(transposeBounds(table, 0, 2, PIANO_RANGE)).toEqual([-9, 8]);
    expect(transposeBounds(table, 0, 1, PIANO_RANGE)).toEqual([-9, 78]);
    expect(() => transpose(table, 9, PIANO_RANGE)).toThrow(/9 semitones .* 21 to 108; these notes can go from -9 to 8/);
    expect(() => transpose(melody([3, 120]), 1, PIANO_RANGE)).toThrow(/outside already/);
  });

  it('takes whole semitones and a sensible range only', () => {
    expect(() => transpose(melody([60]), 0.5)).toThrow(UsageError);
    expect(() => transpose(melody([60]), 1, [108, 21])).toThrow(UsageError);
    expect(() => transpose(melody([60]), 1, [0, 128])).toThrow(UsageError);
  });
});

describe('tempo scaling', () => {
  it('multiplies starts, steps and durations and leaves the pitches', () => {
    const slow = scaleTempo(melody([60, 62, 64]), 2);
    expect([...slow.start]).toEqual([0, 1, 2]);
    expect([...slow.step]).toEqual([0, 1, 1]);
    expect([...slow.duration]).toEqual([1, 1, 1]);
    expect([...slow.pitch]).toEqual([60, 62, 64]);
  });

  it('keeps step and start in agreement', () => {
    fc.assert(
      fc.property(anyTable, fc.double({ min: 0.1, max: 10, noNaN: true }), (table, factor) => {
        const { start, step, duration } = scaleTempo(table, factor);
        for (let i = 1; i < table.length; i++) {
          expect(step[i]).toBe(start[i] - start[i - 1]);
          expect(step[i]).toBeCloseTo(table.step[i] * factor, 9);
          expect(duration[i]).toBe(table.duration[i] * factor);
        }
      }),
    );
  });

  it.each([0, -1, NaN, Infinity])('refuses the factor %d', (factor) => {
    expect(() => scaleTempo(melody([60]), factor)).toThrow(UsageError);
  });
});

describe('augmentation', () => {
  const pieces = [pieceOf('a', melody([60, 62])), pieceOf('b', melody([0, 127]))];

  it('is off by default', () => {
    expect(augment(pieces)).toEqual({ pieces, skipped: [] });
  });

  it('adds every combination once, the original first, and says in the name what was done', () => {
    const { pieces: all, skipped } = augment([pieces[0]], { transpose: [-1, 1, 0], tempo: [0.5] });
    expect(all[0]).toBe(pieces[0]);
    expect(all.map(({ name }) => name)).toEqual([
      'a',
      'a (time x 0.5)',
      'a (-1 semitones)',
      'a (-1 semitones, time x 0.5)',
      'a (+1 semitones)',
      'a (+1 semitones, time x 0.5)',
    ]);
    expect(skipped).toEqual([]);
    expect([...all[5].table.pitch]).toEqual([61, 63]);
    expect([...all[5].table.step]).toEqual([0, 0.25]);
    expect([...all[0].table.pitch]).toEqual([60, 62]);
  });

  it('leaves out and names what would leave the range, and goes on', () => {
    const { pieces: all, skipped } = augment(pieces, { transpose: [2, -2] });
    expect(all.map(({ name }) => name)).toEqual(['a', 'a (+2 semitones)', 'a (-2 semitones)', 'b']);
    expect(skipped).toEqual([
      { path: 'music/b.mid', semitones: 2 },
      { path: 'music/b.mid', semitones: -2 },
    ]);
  });

  it('refuses wrong options even without pieces', () => {
    expect(() => augment([], { transpose: [1.5] })).toThrow(UsageError);
    expect(() => augment([], { tempo: [0] })).toThrow(UsageError);
  });
});
