import { describe, expect, it, test } from 'vitest';
import { coarseAxis } from '../../../src/pages/kit/coarse-axis.ts';
import { pixelMaxima, rollImage, stepCorners } from '../../../src/pages/kit/decimate.ts';
import { TimeAxis } from '../../../src/pages/kit/time-axis.ts';
import { Random } from '../../../src/tensor/index.ts';

const NOTES = 5000;
const random = Random.stream(4, 'decimate');
const values = Array.from({ length: NOTES }, (_, n) => (n % 97 === 5 ? null : random.normal()));
const axis = new TimeAxis('notes', { start: values.map((_, n) => n / 4), seconds: NOTES / 4 });

describe('coarseAxis', () => {
  it('has the edges of every so many notes, and the end', () => {
    const coarse = coarseAxis(axis, 7);
    expect(coarse.notes).toBe(715);
    expect([...coarse.edges.slice(0, 3), coarse.edges[715]]).toEqual([0, 7, 14, NOTES]);
    expect([0, 6, 7, NOTES - 1].map((note) => coarse.noteAt(note))).toEqual([0, 0, 1, 714]);
    expect([...coarseAxis(axis, 1).edges]).toEqual([...axis.edges]);
  });
});

describe('pixelMaxima', () => {
  it.each([
    [{ from: 0, to: NOTES }, 300],
    [{ from: 1000.3, to: 1900.7 }, 450],
    [{ from: 12, to: 20 }, 80],
  ])('is in each pixel of %j what the most surprising note there has', (window, width) => {
    const maxima = pixelMaxima(values, axis, window, width);
    const scale = width / (window.to - window.from);
    for (let x = 0; x < width; x++) {
      const there = values.flatMap((value, note) => {
        const from = Math.floor((note - window.from) * scale);
        const to = Math.max(from + 1, Math.floor((note + 1 - window.from) * scale));
        return value !== null && from <= x && x < to ? [value] : [];
      });
      expect(maxima[x]).toBe(there.length > 0 ? Math.max(...there) : NaN);
    }
  });
});

describe('stepCorners', () => {
  /** The span of values that a line through the corners covers in each pixel. */
  function covered(corners: Float64Array, window: { from: number; to: number }, width: number): [number, number][] {
    const spans = Array.from({ length: width }, (): [number, number] => [Infinity, -Infinity]);
    for (let k = 0; k + 3 < corners.length; k += 4) {
      if (Number.isNaN(corners[k])) {
        k -= 2;
        continue;
      }
      const pixel = Math.floor(((corners[k] - window.from) / (window.to - window.from)) * width);
      if (pixel < 0 || pixel >= width) continue;
      spans[pixel] = [Math.min(spans[pixel][0], corners[k + 1]), Math.max(spans[pixel][1], corners[k + 1])];
    }
    return spans;
  }

  it('covers as much as all notes do, with no more than four of them in a pixel', () => {
    const known = values.map((value) => value ?? 0);
    const [window, width] = [{ from: 0, to: NOTES }, 100];
    const few = stepCorners(known, 0, axis, window, width);
    expect(few.length).toBeLessThanOrEqual(4 * 4 * (width + 1));
    const all = Float64Array.from(known.flatMap((value, n) => [n, value, n + 1, value]));
    expect(covered(few, window, width)).toEqual(covered(all, window, width));
  });

  it('leaves what is visible note by note as it is, and breaks where there is no value', () => {
    expect([...stepCorners([1, null, 3], 10, axis, { from: 9, to: 20 }, 500)]).toEqual([10, 1, 11, 1, NaN, NaN, 12, 3, 13, 3]); // prettier-ignore
    expect(stepCorners([1, 2], 10, axis, { from: 100, to: 120 }, 500)).toHaveLength(0);
  });

  it('keeps gaps in pixels that many notes share', () => {
    const corners = stepCorners(values, 0, axis, { from: 0, to: NOTES }, 50);
    expect(corners.filter(Number.isNaN)).toHaveLength(2 * values.filter((value) => value === null).length);
  });
});

test('a roll has a bar for every note, the later over the earlier, and nothing beyond its edges', () => {
  const bars = {
    begin: Float64Array.of(-3, 2, 3, 9.9, 30),
    end: Float64Array.of(-1, 4, 6, 15, 40),
    top: Int32Array.of(0, 1, 1, -1, 0),
    colour: Uint32Array.of(1, 2, 3, 4, 5),
  };
  const image = rollImage(bars, { from: 0, to: 10 }, { width: 10, height: 4, thick: 2, least: 2 });
  const rows = [0, 1, 2, 3].map((y) => [...image.subarray(10 * y, 10 * (y + 1))].join(''));
  expect(rows).toEqual(['0000000000', '0023330000', '0023330000', '0000000000']);
  const wide = rollImage(bars, { from: 0, to: 20 }, { width: 20, height: 4, thick: 2, least: 2 });
  expect([...wide.subarray(0, 20)].join('')).toBe('00000000004444400000');
});
