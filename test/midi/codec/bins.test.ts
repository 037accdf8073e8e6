import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DataError, UsageError } from '../../../src/errors.ts';
import { binOf, fitBins, parseBinTable } from '../../../src/midi/codec/bins.ts';
import { anySeconds } from '../arbitrary-notes.ts';

const anyValues = fc.array(anySeconds, { minLength: 1, maxLength: 200 });
const anyCount = fc.integer({ min: 2, max: 64 });

describe('bins', () => {
  it('are at most as many as asked for, none of them empty, and each centre is a value of its own bin', () => {
    fc.assert(
      fc.property(anyValues, anyCount, (values, count) => {
        const table = fitBins(values, count);
        expect(table.centres.length).toBeLessThanOrEqual(count);
        expect(table.edges).toHaveLength(table.centres.length - 1);
        table.centres.forEach((centre, k) => {
          expect(values).toContain(centre);
          expect(binOf(table, centre)).toBe(k);
        });
        expect(new Set(values.map((value) => binOf(table, value))).size).toBe(table.centres.length);
      }),
    );
  });

  it('have the lower median of their values as the centre', () => {
    fc.assert(
      fc.property(anyValues, anyCount, (values, count) => {
        const table = fitBins(values, count);
        table.centres.forEach((centre, k) => {
          const inside = values.filter((value) => binOf(table, value) === k).sort((a, b) => a - b);
          expect(centre).toBe(inside[(inside.length - 1) >> 1]);
        });
      }),
    );
  });

  it('do not depend on the order of the values, and survive JSON', () => {
    fc.assert(
      fc.property(anyValues, anyCount, (values, count) => {
        const table = fitBins(values, count);
        expect(fitBins(values.toReversed(), count)).toEqual(table);
        expect(parseBinTable(JSON.parse(JSON.stringify(table)), 'bins')).toEqual(table);
      }),
    );
  });

  it('decode notated rhythms exactly', () => {
    const quarter = 60 / 97;
    const rhythms = [0, 1 / 8, 1 / 6, 1 / 4, 1 / 3, 3 / 8, 1 / 2, 2 / 3, 3 / 4, 1, 1.5, 2, 3, 4].map(
      (x) => x * quarter,
    );
    const values = rhythms.flatMap((value, i) => Array.from({ length: 1 + ((i * 7) % 40) }, () => value));
    const table = fitBins(values, 64);
    for (const value of rhythms) expect(table.centres[binOf(table, value)]).toBe(value);
  });

  it('put the rounding noise of one rhythm into one class, wherever the grid falls', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 2, noNaN: true }), fc.integer({ min: 8, max: 64 }), (rhythm, count) => {
        const noise = [1 - 3e-13, 1 - 1e-13, 1, 1 + 2e-13].map((factor) => rhythm * factor);
        const table = fitBins([0.005, 0.01, ...noise, ...noise, 3, 4], count);
        expect(new Set(noise.map((value) => binOf(table, value))).size).toBe(1);
      }),
    );
  });

  it('divide in the widest gap within a quarter of a bin, below the even place or above it', () => {
    // Ten bins from 10 ms to 10.24 s divide at 20, 40, ... ms; a quarter of a bin is a factor of 1.19.
    const holes = [
      [0.147, 0.158],
      [0.65, 0.73],
    ];
    const dense = Array.from({ length: 6932 }, (_, i) => 0.01 * 1.001 ** i);
    const values = dense.filter((value) => !holes.some(([from, to]) => value > from && value < to));
    const { edges } = fitBins([...values, 10.24], 10);
    for (const [from, to] of holes) {
      expect(edges.filter((edge) => edge > from / 1.002 && edge < to * 1.002)).toHaveLength(1);
    }
  });

  it('send an unseen value to the nearer side, and an edge to the bin that it begins', () => {
    const table = fitBins([0.25, 0.5], 8);
    expect([0.2, 0.34, 0.36, 0.9].map((value) => binOf(table, value))).toEqual([0, 0, 1, 1]);
    expect(binOf({ edges: [1, 2], centres: [0.5, 1.5, 2.5] }, 1)).toBe(1);
  });

  it('give chords a class of their own: exactly 0 on paper, a few milliseconds under the hands', () => {
    const notated = fitBins([0, 0, 0, 0.25, 0.5], 32);
    expect(notated.centres).toEqual([0, 0.25, 0.5]);
    expect(binOf(notated, 0.004)).toBe(0);
    const performed = fitBins([0, 0.001, 0.002, 0.003, 0.0049, 0.02, 0.1, 0.3], 32);
    expect(performed.centres[0]).toBe(0.002);
    expect(binOf(performed, 0.0049)).toBe(0);
    expect(binOf(performed, 0.02)).toBe(1);
  });

  it('spend no class on a rare pause', () => {
    const values = Array.from({ length: 20_000 }, (_, i) => 0.01 * 100 ** (i / 19_999));
    const narrow = fitBins(values, 32);
    const withPause = fitBins([...values, 3600], 32);
    expect(withPause.centres).toHaveLength(32);
    expect(withPause.centres.at(-1)).toBeCloseTo(narrow.centres.at(-1)!, 2);
    expect(binOf(withPause, 3600)).toBe(31);
  });

  it('divide evenly on the logarithmic scale', () => {
    const values = Array.from({ length: 50_000 }, (_, i) => 0.01 * 1000 ** (i / 49_999));
    const { edges } = fitBins(values, 30);
    expect(edges).toHaveLength(29);
    // Each division may move by a quarter of a bin, so neighbours are at least half a bin apart.
    const bin = 1000 ** (1 / 30);
    for (let k = 1; k < edges.length; k++) {
      expect(edges[k] / edges[k - 1]).toBeGreaterThan(bin ** 0.49);
      expect(edges[k] / edges[k - 1]).toBeLessThan(bin ** 1.51);
    }
  });

  it('hold every length up to infinity, seen or not', () => {
    fc.assert(
      fc.property(anyValues, fc.double({ min: 0, noNaN: true }), (values, seconds) => {
        const table = fitBins(values, 16);
        const bin = binOf(table, seconds);
        expect(bin).toBe(table.edges.filter((edge) => edge <= seconds).length);
      }),
    );
  });

  it('shrink to one where all values are the same', () => {
    expect(fitBins([0.5, 0.5, 0.5], 64)).toEqual({ edges: [], centres: [0.5] });
    expect(fitBins([0, 0], 64)).toEqual({ edges: [], centres: [0] });
  });

  it('are fitted within a moment on a few million values', () => {
    const values = Float64Array.from({ length: 3_000_000 }, (_, i) => ((i * 7919) % 4000) * 0.00104166);
    const before = performance.now();
    const table = fitBins(values, 64);
    expect(performance.now() - before).toBeLessThan(3000);
    expect(table.centres.length).toBeGreaterThan(40);
  });

  it.each([1, 2.5, 4097, NaN])('refuse a count of %d', (count) => {
    expect(() => fitBins([1, 2], count)).toThrow(UsageError);
  });

  it.each([
    ['no values', []],
    ['a negative value', [1, -0.1]],
    ['NaN', [1, NaN]],
    ['infinity', [1, Infinity]],
  ])('refuse %s', (_, values) => {
    expect(() => fitBins(values, 8)).toThrow(DataError);
  });
});

describe('bins from a file', () => {
  it.each([
    ['no object', null],
    ['a list', [1, 2]],
    ['an unknown key', { edges: [], centres: [1], width: 2 }],
    ['text among the edges', { edges: ['1'], centres: [0, 2] }],
    ['too few centres', { edges: [1, 2], centres: [0, 1] }],
    ['no centres', { edges: [], centres: [] }],
    ['descending edges', { edges: [2, 1], centres: [0, 1.5, 3] }],
    ['equal edges', { edges: [1, 1], centres: [0, 1, 1] }],
    ['a centre outside its bin', { edges: [1, 2], centres: [0, 2.5, 3] }],
    ['a negative centre', { edges: [1], centres: [-1, 2] }],
    ['an infinite edge', { edges: [Infinity], centres: [0, 1] }],
  ])('are refused with %s', (_, json) => {
    expect(() => parseBinTable(json, 'codec.bins.step')).toThrow(UsageError);
    expect(() => parseBinTable(json, 'codec.bins.step')).toThrow(/^codec\.bins\.step: /);
  });

  it('are refused when they are more than any network could use', () => {
    const centres = Array.from({ length: 5000 }, (_, i) => i + 0.5);
    const edges = centres.slice(1).map((_, i) => i + 1);
    expect(() => parseBinTable({ edges, centres }, 'bins')).toThrow(UsageError);
  });
});
