import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { lineChart, type LineChartOptions, type Series } from '../../src/plot/line-chart.ts';
import { textWidth } from '../../src/plot/svg.ts';
import { classes } from '../../src/plot/theme.ts';
import {
  allNamed,
  allOfClass,
  overlaps,
  parseSvg,
  type SvgNode,
  textBoxes,
  writtenTexts,
} from '../support/svg-tree.ts';

const chart = (options: Partial<LineChartOptions>): SvgNode =>
  parseSvg(lineChart({ title: 'Loss', xLabel: 'epoch', yLabel: 'loss', series: [], ...options }));
const loss: Series = { name: 'training', points: Array.from({ length: 10 }, (_, i) => [i + 1, 3 / (i + 1)] as const) };
/** The curves, without the samples of the legend. */
const curves = (root: SvgNode): SvgNode[] =>
  allNamed(root, 'g').filter((node) => node.attributes.class?.startsWith('etude-plot-series-'));
const pathOf = (node: SvgNode): string => allNamed(node, 'path')[0].attributes.d;
/** The points of a path of straight lines. */
const vertices = (d: string): number[][] =>
  [...d.matchAll(/[ML]([-\d.]+),([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

const anyNumber = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -1e4, max: 1e4, noNaN: true }) },
  fc.constantFrom(NaN, Infinity, -Infinity, 0, 1e300, -1e300, 1e-300),
);
const anySeries = fc.record({
  name: fc.string({ unit: 'grapheme', maxLength: 20 }),
  points: fc.array(fc.tuple(anyNumber, anyNumber), { maxLength: 12 }),
  dashed: fc.boolean(),
});

describe('lineChart', () => {
  it('is an image with a title and a description, and scales', () => {
    const root = chart({ title: 'Loss & <more>', series: [loss], marks: [{ x: 4, label: 'best' }] });
    expect(root.attributes).toMatchObject({
      role: 'img',
      'aria-label': 'Loss & <more>',
      viewBox: '0 0 720 400',
      class: 'etude-plot',
    });
    expect(root.children.slice(0, 2).map((node) => node.name)).toEqual(['title', 'desc']);
    expect(root.children[0].text).toBe('Loss & <more>');
    expect(root.children[1].text).toBe(
      'Line chart of loss over epoch. training: 10 points, from 3 at 1 to 0.3 at 10. Marked at 4: best.',
    );
  });

  it('writes the title, the axes, the legend and the marks', () => {
    const texts = writtenTexts(
      chart({ series: [loss, { name: 'validation', points: [] }], marks: [{ x: 4, label: 'best' }] }),
    );
    expect(texts).toEqual(expect.arrayContaining(['Loss', 'epoch', 'loss', 'training', 'validation', 'best', '10']));
  });

  it('draws the points to scale: equal steps in x are equal, higher values are higher up', () => {
    const [curve] = curves(chart({ series: [loss] }));
    const points = vertices(pathOf(curve));
    expect(points.length).toBe(10);
    points.slice(2).forEach(([x, y], i) => {
      expect(x - points[i + 1][0]).toBeCloseTo(points[1][0] - points[0][0], 1);
      expect(y).toBeGreaterThan(points[i + 1][1]);
    });
  });

  it('draws a halving as equal steps on a logarithmic axis, and leaves values that are not positive out', () => {
    const points = [8, 4, 2, 0, -1, 1, 0.5].map((y, x) => [x, y] as const);
    const [curve] = curves(chart({ series: [{ name: 'a', points }], logY: true }));
    const ys = vertices(pathOf(curve)).map(([, y]) => y);
    expect(ys.length).toBe(5);
    expect(ys[1] - ys[0]).toBeCloseTo(ys[2] - ys[1], 1);
    expect(ys[4] - ys[3]).toBeCloseTo(ys[1] - ys[0], 1);
    expect(pathOf(curve).match(/M/g)?.length).toBe(2);
  });

  it('interrupts a curve where a value is not finite, and draws points by themselves as dots', () => {
    const points = [1, 2, NaN, 3, Infinity, 2, 1].map((y, x) => [x, y] as const);
    const [gaps, single] = curves(
      chart({
        series: [
          { name: 'gaps', points },
          { name: 'single', points: [[3, 2]] },
        ],
      }),
    );
    expect(pathOf(gaps).match(/M/g)?.length).toBe(3);
    expect(allNamed(gaps, 'circle').length).toBe(1);
    expect(allNamed(single, 'circle').length).toBe(1);
  });

  it('says so where there is nothing to show', () => {
    for (const series of [[], [{ name: 'a', points: [] }], [{ name: 'a', points: [[NaN, 1] as const] }]]) {
      for (const logY of [false, true]) {
        const root = chart({ series, logY, marks: [{ x: 3, label: 'best' }] });
        expect(writtenTexts(root)).toContain('nothing to show');
        expect(curves(root).length).toBe(0);
      }
    }
  });

  it('shows a constant curve in the middle', () => {
    const [curve] = curves(
      chart({
        series: [
          {
            name: 'a',
            points: [
              [0, 5],
              [1, 5],
            ],
          },
        ],
      }),
    );
    for (const [, y] of vertices(pathOf(curve))) {
      expect(y).toBeGreaterThan(120);
      expect(y).toBeLessThan(300);
    }
  });

  it('numbers epochs with whole numbers', () => {
    const labels = writtenTexts(
      chart({
        series: [
          {
            name: 'a',
            points: [
              [1, 0.5],
              [2, 0.25],
              [3, 0.2],
            ],
          },
        ],
      }),
    );
    expect(labels).toEqual(expect.arrayContaining(['1', '2', '3']));
    expect(labels).not.toContain('1.5');
  });

  it('dashes what is to be dashed, and tells an eighth series from the first by its dash', () => {
    const series = Array.from({ length: 9 }, (_, i) => ({ name: `s${i}`, points: loss.points, dashed: i === 1 }));
    const dashes = curves(chart({ series })).map((node) => [
      node.attributes.class,
      allNamed(node, 'path')[0].attributes['stroke-dasharray'],
    ]);
    expect(dashes[0][1]).toBeUndefined();
    expect(dashes[1][1]).toBeDefined();
    expect(new Set(dashes.map(String)).size).toBe(9);
  });

  it('puts the labels of close marks below each other, inside the picture', () => {
    const marks = [29, 28, 30, 1].map((x) => ({ x, label: `a label of epoch ${x}` }));
    const root = chart({
      series: [
        {
          name: 'a',
          points: [
            [1, 1],
            [30, 2],
          ],
        },
      ],
      marks,
    });
    const boxes = textBoxes(root, (content) => textWidth(content, 12)).filter((box) =>
      box.content.startsWith('a label'),
    );
    expect(boxes.length).toBe(4);
    expect(overlaps(boxes)).toEqual([]);
    for (const box of boxes) {
      expect(box.left).toBeGreaterThan(0);
      expect(box.right).toBeLessThan(720);
    }
    expect(allOfClass(root, classes.mark).length).toBe(1);
  });

  it('stays small for a hundred thousand points', () => {
    const points = Array.from({ length: 100_000 }, (_, i) => [i, Math.sin(i * i)] as const);
    expect(lineChart({ title: 't', xLabel: 'x', yLabel: 'y', series: [{ name: 'a', points }] }).length).toBeLessThan(
      60_000,
    );
  });

  it('is well-formed, without a number that is none, without cut-off or overlapping text, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(anySeries, { maxLength: 9 }),
        fc.boolean(),
        fc.integer({ min: 320, max: 1_200 }),
        fc.integer({ min: 240, max: 700 }),
        fc.string({ unit: 'grapheme', maxLength: 120 }),
        (series, logY, width, height, title) => {
          const markup = lineChart({ title, xLabel: title, yLabel: title, series, logY, width, height });
          const root = parseSvg(markup);
          expect(JSON.stringify(curves(root).map((node) => node.children))).not.toMatch(/NaN|Infinity|undefined/);
          const boxes = textBoxes(root, (content) => textWidth(content, 12));
          expect(overlaps(boxes.filter((box) => box.content.trim() !== ''))).toEqual([]);
          for (const box of boxes) {
            expect(box.left).toBeGreaterThanOrEqual(0);
            expect(box.right).toBeLessThanOrEqual(width);
            expect(box.bottom).toBeLessThanOrEqual(Number(root.attributes.height));
          }
        },
      ),
    );
  });

  it('refuses a size that is none', () => {
    for (const width of [0, -1, NaN, 1e9]) expect(() => chart({ width })).toThrow(UsageError);
  });
});
