import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Note } from '../../../src/midi/index.ts';
import { FIGURE_NAMES, overlappedArea, pieceFigures, type PieceFigures } from '../../../src/music/figures/index.ts';
import { mulberry32 } from '../../support/generators.ts';

/** What test/golden/make_figures.py wrote. */
interface Golden {
  /** Pitch, velocity, start and end of each note. */
  pieces: { notes: [number, number, number, number][]; figures: Partial<PieceFigures> }[];
  areas: { measure: number[]; others: number[]; area: number }[];
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/figures.json'), 'utf8')) as Golden;

const pieces = golden.pieces.map(({ notes, figures }) => ({
  notes: notes.map(([pitch, velocity, start, end]): Note => ({ pitch, velocity, start, end })),
  figures,
}));

/** Figures that the other programs do not count. */
const OURS = ['longestRepeat'];

describe('the figures of a piece', () => {
  it.each(pieces.map(({ notes, figures }) => [notes.length, notes, figures] as const))(
    'are those of numpy (%i notes)',
    (_, notes, expected) => {
      const figures = pieceFigures(notes);
      expect([...Object.keys(expected), ...OURS].sort()).toEqual([...FIGURE_NAMES].sort());
      for (const [name, value] of Object.entries(expected)) {
        const own = figures[name as keyof PieceFigures];
        expect(Math.abs(own - value), `${name}: ${own} for ${value}`).toBeLessThanOrEqual(
          1e-9 * Math.max(Math.abs(value), 1e-3),
        );
      }
    },
  );

  it('do not depend on the order in which the notes are given', () => {
    const [{ notes }] = pieces;
    const random = mulberry32(1);
    const shuffled = [...notes].sort(() => random() - 0.5);
    expect(shuffled).not.toEqual(notes);
    expect(pieceFigures(shuffled)).toEqual(pieceFigures(notes));
  });

  it('count what comes back on another pitch as intervals only', () => {
    const phrase = [60, 64, 62, 67, 65, 69, 71, 63, 66];
    const melody = [...phrase, ...phrase.map((pitch) => pitch + 5)];
    const figures = pieceFigures(melody.map((pitch, i) => ({ pitch, velocity: 80, start: i, end: i + 1 })));
    expect(figures.rep4).toBe(0);
    // Of the ten runs of eight intervals, the last.
    expect(figures.repIv8).toBe(1 / 10);
    expect(figures).toMatchObject({ longestRepeat: 2, maxRun: 1, chordNotes: 0, sameKeyOverlap: 0 });
  });

  it('find the pulse of a march, within a tempo that changes too', () => {
    const play = (time: (beat: number) => number): PieceFigures =>
      pieceFigures(
        Array.from({ length: 200 }, (_, i) => ({ pitch: 60, velocity: 80, start: time(i), end: time(i) + 0.1 })),
      );
    expect(play((beat) => beat / 2).pulse).toBeGreaterThan(0.95);
    const slower = play((beat) => beat * (0.3 + beat / 400));
    expect(slower.localPulse).toBeGreaterThan(slower.pulse + 0.2);
  });

  it('are NaN or a number for whatever notes there are', () => {
    const note = fc
      .record({
        pitch: fc.nat(127),
        velocity: fc.integer({ min: 1, max: 127 }),
        start: fc.integer({ min: 0, max: 40 }),
        length: fc.integer({ min: 1, max: 9 }),
      })
      .map(({ pitch, velocity, start, length }): Note => ({
        pitch,
        velocity,
        start: start / 8,
        end: (start + length) / 8,
      }));
    fc.assert(
      fc.property(fc.array(note, { maxLength: 6 }), (notes) => {
        const figures = pieceFigures(notes);
        for (const name of FIGURE_NAMES) expect(typeof figures[name], name).toBe('number');
        for (const name of ['rep4', 'silence', 'polyphony_rate', 'chordNotes', 'scale_consistency'] as const) {
          if (!Number.isNaN(figures[name])) expect(figures[name], name).toBeGreaterThanOrEqual(0);
          if (!Number.isNaN(figures[name])) expect(figures[name], name).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('the overlapped area', () => {
  it.each(golden.areas)('is that of scipy: $area', ({ measure, others, area }) => {
    expect(overlappedArea(measure, others)).toBeCloseTo(area, 4);
  });

  it('is none where nothing varies', () => {
    expect(overlappedArea([1, 1, 1], [1, 1])).toBeNull();
    expect(overlappedArea([1], [1, 2])).toBeNull();
    expect(overlappedArea([1, 2, 4], [])).toBeNull();
  });
});
