import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDetail } from '../../src/study/detail.ts';

const tutorial = { layers: 1, hiddenSize: 128, heads: 3, inputs: 3 };

describe('planDetail', () => {
  it('has room for all of a thousand notes with the model of the tutorial', () => {
    expect(planDetail({ ...tutorial, notes: 1000 })).toEqual({ from: 0, to: 1000, units: 128, layers: [0], lags: 32, notesPerColumn: 0, leftOut: [] }); // prettier-ignore
  });

  it('shows a thousand notes of ten thousand around the one that is asked for, and says so', () => {
    const { from, to, leftOut } = planDetail({ ...tutorial, notes: 10_000, at: 7000 });
    expect([from, to]).toEqual([6500, 7500]);
    expect(leftOut[0].what).toContain('notes 1 to 6500 and 7501 to 10000');
    expect(planDetail({ ...tutorial, notes: 10_000, at: 9999 })).toMatchObject({ from: 9000, to: 10_000 });
  });

  it('shows fewer units of a large model, and says so', () => {
    const { units, leftOut } = planDetail({ ...tutorial, layers: 3, hiddenSize: 512, notes: 1000 });
    expect(units).toBeLessThan(128);
    expect(leftOut[0].what).toBe(`heat maps of ${512 - units} of 512 units in each layer`);
    expect(planDetail({ ...tutorial, layers: 3, hiddenSize: 512, notes: 1000, units: 20 })).toMatchObject({ units: 20, leftOut: [] }); // prettier-ignore
  });

  it('never plans more than a page holds', () => {
    const size = fc.integer({ min: 1, max: 2000 });
    const count = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50_000 }),
        size,
        count,
        count,
        count,
        (notes, hiddenSize, layers, heads, inputs) => {
          const { from, to, units, lags } = planDetail({ notes, hiddenSize, layers, heads, inputs });
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(notes);
          expect(units).toBeLessThanOrEqual(hiddenSize);
          expect(7 * units * layers * (to - from)).toBeLessThanOrEqual(1.4e6);
          expect(lags * heads * inputs * (to - from)).toBeLessThanOrEqual(5e5);
        },
      ),
    );
  });
});
