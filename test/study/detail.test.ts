import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dequantise } from '../../src/study/byte-matrix.ts';
import { overviewMaps, placeDetail, planDetail } from '../../src/study/detail.ts';

const tutorial = { widths: [128], quantities: 7, heads: 3, inputs: 3 };

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
    const large = { ...tutorial, widths: [512, 512, 512], notes: 1000 };
    const { units, leftOut } = planDetail(large);
    expect(units).toBeLessThan(128);
    expect(leftOut[0].what).toBe(`heat maps of ${512 - units} of 512 units in each layer`);
    expect(planDetail({ ...large, units: 20 })).toMatchObject({ units: 20, leftOut: [] });
    const [widest] = planDetail({ ...large, widths: [512, 8, 512] }).leftOut;
    expect(widest.what).toMatch(/of 512 units in the widest layer$/);
    expect(planDetail({ ...large, widths: [512, 8, 512], layer: 1 }).leftOut).toEqual([]);
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
          const widths = Array<number>(layers).fill(hiddenSize);
          const { from, to, units, lags, notesPerColumn } = planDetail({ notes, widths, quantities: 7, heads, inputs });
          const columns = notesPerColumn === 0 ? 0 : Math.ceil(notes / notesPerColumn);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(notes);
          expect(units).toBeLessThanOrEqual(hiddenSize);
          expect(7 * units * layers * (to - from + columns)).toBeLessThanOrEqual(1.4e6);
          expect(notesPerColumn > 0).toBe(to - from < notes);
          expect(lags * heads * inputs * (to - from)).toBeLessThanOrEqual(5e5);
        },
      ),
    );
  });
});

describe('the detail of a song that is too long', () => {
  it('begins with the note that was asked for, or lies around one, within the song', () => {
    expect(placeDetail({ notes: 3000, from: 700, at: 5 }, 500)).toEqual({ from: 700, to: 1200 });
    expect(placeDetail({ notes: 3000, from: 2900 }, 500)).toEqual({ from: 2500, to: 3000 });
    expect(placeDetail({ notes: 3000, at: 100 }, 500)).toEqual({ from: 0, to: 500 });
    expect(placeDetail({ notes: 300, at: 100 }, 500)).toEqual({ from: 0, to: 300 });
  });

  it('is of fewer notes where a model has many units, so that all of them are shown', () => {
    expect(planDetail({ ...tutorial, widths: [256], notes: 10_000 })).toMatchObject({ from: 0, to: 500, units: 256 });
    expect(planDetail({ ...tutorial, widths: [32], notes: 10_000 })).toMatchObject({ to: 1000, notesPerColumn: 20 });
  });
});

it('overviewMaps gives the means of neighbours, the last column of what is left', () => {
  const [size, notes] = [3, 8];
  const table = Float32Array.from({ length: size * notes }, (_, k) => Math.sin(k) / 2);
  const layer = {
    i: table,
    f: table,
    g: table,
    o: table,
    c: table.map((value) => 40 * value),
    tanhC: table,
    h: table,
  };
  const { notesPerColumn, heat } = overviewMaps(layer, size, [0, 2], 3);
  expect(notesPerColumn).toBe(3);
  expect([heat.h!.rows, heat.h!.columns]).toEqual([2, 3]);
  const mean = (unit: number, from: number, to: number): number => {
    const values = Array.from({ length: to - from }, (_, k) => table[(from + k) * size + unit]);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const expected = [0, 2].flatMap((unit) => [mean(unit, 0, 3), mean(unit, 3, 6), mean(unit, 6, 8)]);
  dequantise(heat.h!).forEach((value, k) => { expect(value).toBeCloseTo(expected[k], 2); }); // prettier-ignore
  dequantise(heat.c!).forEach((value, k) => { expect(Math.abs(value - 40 * expected[k])).toBeLessThan(0.1); }); // prettier-ignore
});
