import { scaleLinear, scaleLog } from 'd3-scale';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extent, fittingTicks, linearTicks, logTicks, niceScale, widestLabel } from '../../src/plot/ticks.ts';

describe('extent', () => {
  it('is the least and the greatest finite value', () => {
    expect(extent([3, NaN, -1, Infinity, 2])).toEqual([-1, 3]);
    expect(extent([-1, 0, 0.5, 4], true)).toEqual([0.5, 4]);
  });

  it('makes room around a single value, and has an answer for none', () => {
    for (const value of [0, 5, -5, 1e-9]) {
      const [low, high] = extent([value, value]);
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    expect(extent([5], true)).toEqual([2.5, 10]);
    expect(extent([])).toEqual([0, 1]);
    expect(extent([NaN, -Infinity])).toEqual([0, 1]);
    expect(extent([-1, 0], true)).toEqual([0.1, 1]);
  });
});

describe('linearTicks', () => {
  it('labels round values with the decimals that they need', () => {
    expect(linearTicks(scaleLinear().domain([0, 1]), 5).map((tick) => tick.label)).toEqual([
      '0.0',
      '0.2',
      '0.4',
      '0.6',
      '0.8',
      '1.0',
    ]);
    expect(linearTicks(scaleLinear().domain([-1, 0]), 2).map((tick) => tick.label)).toEqual(['−1.0', '−0.5', '0.0']);
  });

  it('leaves fractions out where only whole numbers make sense', () => {
    expect(linearTicks(scaleLinear().domain([1, 3]), 8, true)).toEqual(
      [1, 2, 3].map((value) => ({ value, label: String(value) })),
    );
    expect(linearTicks(scaleLinear().domain([-2, 0]), 8, true)[0].label).toBe('−2');
  });
});

describe('logTicks', () => {
  it('names 1, 2 and 5 of each decade, or the powers of ten, or every other one, by the room there is', () => {
    const labels = (low: number, high: number, count: number): string[] =>
      logTicks(scaleLog().domain([low, high]), count).map((tick) => tick.label);
    expect(labels(0.1, 10, 6)).toEqual(['0.1', '0.2', '0.5', '1', '2', '5', '10']);
    expect(labels(0.01, 100, 5)).toEqual(['0.01', '0.1', '1', '10', '100']);
    expect(labels(1e-8, 1, 4)).toEqual(['1e−8', '1e−6', '1e−4', '1e−2', '1']);
    expect(labels(1, 3, 4)).toEqual(['1.0', '1.5', '2.0', '2.5', '3.0']);
  });

  it('stays inside the axis, goes upwards, and has at least one tick on an axis of a decade', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -12, max: 8, noNaN: true }),
        fc.double({ min: 0.01, max: 15, noNaN: true }),
        fc.integer({ min: 2, max: 9 }),
        (power, decades, count) => {
          const scale = niceScale([10 ** power, 10 ** (power + decades)], [0, 100], count, true);
          const [low, high] = scale.domain();
          const ticks = logTicks(scale, count);
          expect(ticks.length).toBeGreaterThan(0);
          expect(ticks.length).toBeLessThan(24);
          for (const { value } of ticks) {
            expect(value).toBeGreaterThanOrEqual(low * (1 - 1e-9));
            expect(value).toBeLessThanOrEqual(high * (1 + 1e-9));
          }
          expect(ticks.map((tick) => tick.value)).toEqual(ticks.map((tick) => tick.value).sort((a, b) => a - b));
          expect(new Set(ticks.map((tick) => tick.label)).size).toBe(ticks.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('fittingTicks', () => {
  it('takes as many ticks as stand side by side', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        fc.integer({ min: 200, max: 1_500 }),
        (low, span, width) => {
          const scale = scaleLinear().domain([low, low + span]);
          const ticks = fittingTicks(width, (count) => linearTicks(scale, count));
          if (ticks.length > 1) expect(ticks.length * widestLabel(ticks)).toBeLessThan(width);
          expect(ticks.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
