import { describe, expect, it } from 'vitest';

import { compareFigures, FIGURE_NAMES, pieceFigures, type PieceFigures } from '../../../src/music/figures/index.ts';
import { mulberry32 } from '../../support/generators.ts';

/** A short piece at random, some keys above the others of its group. */
function toyFigures(seed: number, above: number): PieceFigures {
  const random = mulberry32(seed);
  let start = 0;
  return pieceFigures(
    Array.from({ length: 80 }, () => {
      start += random() < 0.3 ? 0.01 : 0.1 + 0.4 * random();
      const pitch = 48 + above + Math.floor(24 * random());
      return { pitch, velocity: 40 + Math.floor(60 * random()), start, end: start + 0.1 + 0.5 * random() };
    }),
  );
}

const group = (from: number, above = 0): PieceFigures[] =>
  Array.from({ length: 30 }, (_, i) => toyFigures(100 * from + i, above));

describe('two groups of pieces', () => {
  it('that are alike overlap, and few pieces are outside', () => {
    const { figures, overlap } = compareFigures(group(1), group(2));
    expect(figures.map(({ name }) => name)).toEqual(FIGURE_NAMES);
    expect(overlap).toBeGreaterThan(0.8);
    const outside = figures.flatMap((figure) => figure.outside ?? []);
    const mean = outside.reduce((a, b) => a + b, 0) / outside.length;
    expect(mean).toBeGreaterThan(0.05);
    expect(mean).toBeLessThan(0.2);
    expect(figures.filter(({ inside }) => inside === false)).toEqual([]);
  });

  it('differ where they differ', () => {
    const { figures } = compareFigures(group(1, 24), group(2));
    const pitch = figures.find(({ name }) => name === 'pitchMean');
    expect(pitch).toMatchObject({ outside: 1, inside: false });
    expect(pitch?.overlap).toBeLessThan(0.1);
    expect(pitch?.pieces?.median).toBeCloseTo((pitch?.reference?.median ?? NaN) + 24, -0.3);
    const density = figures.find(({ name }) => name === 'density');
    expect(density?.outside).toBeLessThan(0.3);
    expect(density?.overlap).toBeGreaterThan(0.85);
  });

  it('are not compared where one lacks the figure', () => {
    const single = pieceFigures([{ pitch: 60, velocity: 64, start: 0, end: 1 }]);
    const { figures, overlap } = compareFigures([single], [single]);
    expect(figures.find(({ name }) => name === 'pulse')).toMatchObject({
      ...{ reference: null, pieces: null, outside: null, inside: null, overlap: null },
    });
    expect(overlap).toBeNull();
  });
});
