import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimate, type Point } from '../../src/plot/decimate.ts';

const COLUMNS = 20;
/** 600 points over x = 0 to 100, in order, some of them gaps. */
const curves = fc
  .array(
    fc.tuple(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.oneof(
        { weight: 20, arbitrary: fc.double({ min: -9, max: 9, noNaN: true }) },
        { weight: 1, arbitrary: fc.constant(NaN) },
      ),
    ),
    {
      minLength: 600,
      maxLength: 600,
    },
  )
  .map((points) => points.sort((a, b) => a[0] - b[0]) as Point[]);
const columnOf = ([x]: Point): number => Math.floor((x / 100) * COLUMNS);

describe('decimate', () => {
  it('returns short curves and curves that turn back as they are', () => {
    const short: Point[] = [
      [0, 1],
      [1, 2],
    ];
    expect(decimate(short, 0, 1, COLUMNS)).toBe(short);
    const circle = Array.from({ length: 1_000 }, (_, i): Point => [Math.cos(i / 10), Math.sin(i / 10)]);
    expect(decimate(circle, -1, 1, COLUMNS)).toBe(circle);
  });

  it('keeps points of the curve, in order, and every gap', () => {
    fc.assert(
      fc.property(curves, (points) => {
        const kept = decimate(points, 0, 100, COLUMNS);
        let at = -1;
        for (const point of kept) {
          const next = points.indexOf(point, at + 1);
          expect(next).toBeGreaterThan(at);
          at = next;
        }
        const gaps = (list: readonly Point[]): number => list.filter(([, y]) => Number.isNaN(y)).length;
        expect(gaps(kept)).toBe(gaps(points));
      }),
      { numRuns: 15 },
    );
  });

  it('keeps the lowest and the highest point of every column', () => {
    fc.assert(
      fc.property(curves, (points) => {
        const kept = decimate(points, 0, 100, COLUMNS);
        for (let column = 0; column < COLUMNS; column++) {
          const extremes = [points, kept].map((list) => {
            const ys = list.filter((point) => columnOf(point) === column && !Number.isNaN(point[1])).map(([, y]) => y);
            return [Math.min(...ys), Math.max(...ys)];
          });
          expect(extremes[1]).toEqual(extremes[0]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('keeps at most four points a column of a curve without gaps', () => {
    const points = Array.from({ length: 100_000 }, (_, i): Point => [i, Math.sin(i * i)]);
    expect(decimate(points, 0, 100_000, 700).length).toBeLessThanOrEqual(4 * 700);
    expect(decimate(points, 0, 100_000, 700).length).toBeGreaterThan(2 * 700);
  });
});
