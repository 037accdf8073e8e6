import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parallelCoordinates } from '../../src/plot/index.ts';

const picture = (more: object = {}): string =>
  parallelCoordinates({
    title: 'Runs',
    axes: [
      { label: 'rate', values: [0.001, 0.01, 0.1], log: true },
      { label: 'schedule', values: ['linear', 'cosine', 'linear'] },
      { label: 'loss', values: [3, 1, 2] },
    ],
    names: ['a & b', 'second', 'third'],
    emphasis: [0, 1, 0.5],
    ...more,
  });

/** The lines in the order in which they are drawn: points, loudness, name. */
function linesIn(svg: string): { points: number[][]; level: number; name: string }[] {
  return [...svg.matchAll(/<path class="[^"]*loudness-(\d)" d="M([^"]*)"[^>]*><title>([^<]*)</g)].map(
    ([, level, d, name]) => ({ level: Number(level), points: d.split('L').map((point) => point.split(',').map(Number)), name }), // prettier-ignore
  );
}

describe('parallelCoordinates', () => {
  it('draws a line through the value on every axis, what stands out most last', () => {
    const lines = linesIn(picture());
    expect(lines.map(({ name, level }) => [name, level])).toEqual([['a &amp; b', 0], ['third', 4], ['second', 7]]); // prettier-ignore
    const [a, third, second] = lines.map(({ points }) => points);
    // Evenly on a logarithmic axis; equal words at the same place; a larger loss higher up.
    expect(a[0][1] - second[0][1]).toBeCloseTo(second[0][1] - third[0][1], 1);
    expect(a[1][1]).toBe(third[1][1]);
    expect(second[1][1]).not.toBe(a[1][1]);
    expect(a[2][1]).toBeLessThan(third[2][1]);
    expect(third[2][1]).toBeLessThan(second[2][1]);
    expect(new Set(lines.map(({ points }) => points[1][0])).size).toBe(1);
  });

  it('labels its axes, and says what it shows', () => {
    const svg = picture();
    for (const label of ['rate', 'schedule', 'loss', 'linear', 'cosine', '0.01']) expect(svg).toContain(`>${label}<`);
    expect(svg).toContain('3 lines over the axes rate, schedule, loss.');
  });

  it('leaves a gap where a value cannot be shown, and stands without lines, with one axis, one value', () => {
    const gap = picture({ axes: [{ label: 'x', values: [1, NaN, 2] }, { label: 'loss', values: [3, 1, 2] }] }); // prettier-ignore
    expect(gap).not.toContain('NaN');
    expect(picture({ names: [], axes: [{ label: 'x', values: [] }], emphasis: [] })).toContain('nothing to show');
    const one = picture({ names: ['a'], axes: [{ label: 'x', values: ['w'] }, { label: 'y', values: [2] }], emphasis: [1] }); // prettier-ignore
    expect(one).not.toMatch(/NaN|Infinity/);
    expect(() => picture({ width: 3 })).toThrow(UsageError);
  });
});
