import { describe, expect, it } from 'vitest';
import { incompleteBeta, studentTwoSided } from '../../../src/study/statistics/student-t.ts';

describe('studentTwoSided', () => {
  // The tables of every textbook.
  it.each([
    [12.7062, 1, 0.05],
    [4.3027, 2, 0.05],
    [2.2281, 10, 0.05],
    [3.1693, 10, 0.01],
    [2.0423, 30, 0.05],
    [1.96234, 1000, 0.05],
  ])('of t = %d with %i degrees of freedom is %d', (t, freedom, p) => {
    expect(studentTwoSided(t, freedom)).toBeCloseTo(p, 5);
    expect(studentTwoSided(-t, freedom)).toBeCloseTo(p, 5);
  });

  it('agrees with the closed forms for one and two degrees of freedom', () => {
    for (const t of [0, 0.1, 1, 5, 300]) {
      expect(studentTwoSided(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 12);
      expect(studentTwoSided(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 12);
    }
  });

  it('is 1 without freedom and 0 for an infinite t', () => {
    expect(studentTwoSided(3, 0)).toBe(1);
    expect(studentTwoSided(Infinity, 3)).toBe(0);
  });
});

describe('incompleteBeta', () => {
  it('is a power when one parameter is 1, and mirrors', () => {
    for (const x of [0.01, 0.3, 0.5, 0.9, 0.999]) {
      expect(incompleteBeta(x, 3.5, 1)).toBeCloseTo(x ** 3.5, 12);
      expect(incompleteBeta(x, 2.5, 4)).toBeCloseTo(1 - incompleteBeta(1 - x, 4, 2.5), 12);
    }
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
  });
});
