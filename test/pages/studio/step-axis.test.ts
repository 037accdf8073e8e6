import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnAt, spanOfNote, stepOfTime } from '../../../src/pages/studio/draw/step-axis.ts';

const starts = fc
  .array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((steps) => steps.map((_, k) => steps.slice(0, k + 1).reduce((sum, step) => sum + step, 0)));

describe('the axis on which each note has a column', () => {
  it('runs forward with time', () => {
    fc.assert(
      fc.property(
        starts,
        fc.double({ min: 0, max: 99, noNaN: true }),
        fc.double({ min: 0, max: 9, noNaN: true }),
        (start, t, more) => {
          expect(stepOfTime({ start }, t + more)).toBeGreaterThanOrEqual(stepOfTime({ start }, t));
        },
      ),
    );
  });

  it('puts the start of each note at its column, that of a chord at its last', () => {
    expect([0, 1, 2, 4].map((seconds) => stepOfTime({ start: [0, 1, 2, 4] }, seconds))).toEqual([0, 1, 2, 3]);
    expect(stepOfTime({ start: [0, 0, 0, 1] }, 0)).toBe(2);
    expect(stepOfTime({ start: [0, 1, 2, 4] }, 3)).toBe(2.5);
  });

  it('gives every note most of its own column', () => {
    fc.assert(
      fc.property(starts, (start) => {
        start.forEach((_, k) => {
          const [from, to] = spanOfNote({ start, duration: start.map(() => 0.01) }, k);
          expect(from).toBe(k);
          expect(to - from).toBeGreaterThanOrEqual(0.8 - 1e-9);
          expect(to).toBeLessThanOrEqual(start.length);
        });
      }),
    );
  });

  it('finds the column of a place, and stays on the canvas', () => {
    expect([-5, 0, 24.9, 25, 99, 100, 400].map((x) => columnAt(x, 100, 4))).toEqual([0, 0, 0, 1, 3, 3, 3]);
  });
});
