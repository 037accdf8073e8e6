import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { binShares, chooseBins, histogram, type HistogramOptions } from '../../src/plot/histogram.ts';
import { showable } from '../../src/plot/ticks.ts';
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

const chart = (options: Partial<HistogramOptions>): SvgNode =>
  parseSvg(histogram({ title: 'Pitches', xLabel: 'key', groups: [], ...options }));
/** The bars of each group, without the samples of the legend. */
const bars = (root: SvgNode): SvgNode[] => allOfClass(root, classes.bar).filter((node) => node.name === 'path');
const finite = fc.array(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => showable(value)),
  { minLength: 1, maxLength: 60 },
);

describe('chooseBins', () => {
  it('gives each whole number a bin of its own, with the number in its middle', () => {
    expect(chooseBins([[60, 62], [64]], { bins: 'integers' })).toEqual({ low: 59.5, width: 1, count: 5 });
    expect(chooseBins([[7]], { bins: 'integers' })).toEqual({ low: 6.5, width: 1, count: 1 });
    expect(chooseBins([[]], { bins: 'integers' })).toEqual({ low: -0.5, width: 1, count: 2 });
    expect(chooseBins([[1]], { bins: 'integers', range: [0, 127] })).toEqual({ low: -0.5, width: 1, count: 128 });
  });

  it('takes whole numbers together where there are too many to be seen', () => {
    const { low, width, count } = chooseBins([[0, 100_000]], { bins: 'integers' });
    expect(count).toBeLessThanOrEqual(200);
    expect(low + width * count).toBeGreaterThan(100_000);
  });

  it('makes as many bins as asked for, over the range asked for', () => {
    expect(chooseBins([[0, 1]], { bins: 8, range: [0, 4] })).toEqual({ low: 0, width: 0.5, count: 8 });
  });

  it('chooses more bins for more data', () => {
    const spread = (n: number): number[] => Array.from({ length: n }, (_, i) => i / n);
    expect(chooseBins([spread(10_000)], {}).count).toBeGreaterThan(chooseBins([spread(100)], {}).count);
    expect(chooseBins([[0, ...new Array<number>(99).fill(1)]], {}).count).toBeGreaterThanOrEqual(5);
  });

  it('covers all values, whatever they are', () => {
    fc.assert(
      fc.property(
        finite,
        fc.constantFrom<HistogramOptions['bins']>(undefined, 'integers', 1, 7, 1_000),
        (values, bins) => {
          const chosen = chooseBins([values], { bins });
          expect(chosen.count).toBeLessThanOrEqual(200);
          expect(binShares(values, chosen).reduce((a, b) => a + b)).toBeCloseTo(100, 6);
        },
      ),
    );
  });

  it('refuses a range that goes nowhere, and less than one bin', () => {
    for (const range of [
      [1, 1],
      [2, 1],
      [NaN, 1],
      [0, Infinity],
    ] as const) {
      expect(() => chooseBins([[1]], { range })).toThrow(UsageError);
    }
    for (const bins of [0, -3, NaN, Infinity]) expect(() => chooseBins([[1]], { bins })).toThrow(UsageError);
  });
});

describe('binShares', () => {
  it('counts a value on an edge into the bin above, and the last edge into the last bin', () => {
    expect(binShares([0, 1, 1.5, 2], { low: 0, width: 1, count: 2 })).toEqual([25, 75]);
  });

  it('leaves out what lies outside, but divides by all', () => {
    expect(binShares([-1, 0.5, 5, 0.6], { low: 0, width: 1, count: 2 })).toEqual([50, 0]);
  });
});

describe('histogram', () => {
  it('is an image that says what it shows, with the number of values in the legend', () => {
    const root = chart({
      groups: [
        { name: 'data', values: [60, 60, 62, 64, NaN] },
        { name: 'sample', values: [60] },
      ],
      bins: 'integers',
    });
    expect(root.attributes).toMatchObject({ role: 'img', 'aria-label': 'Pitches' });
    expect(allNamed(root, 'desc')[0].text).toBe(
      'Histogram of key in 5 bins. data: 4 values from 60 to 64, median 60. 1 more are not finite and left out. ' +
        'sample: 1 values from 60 to 60, median 60.',
    );
    expect(writtenTexts(root)).toEqual(
      expect.arrayContaining(['Pitches', 'key', 'share of values (%)', 'data (4)', 'sample (1)', '62']),
    );
  });

  it('draws bars whose heights are the shares, so that groups of different sizes compare', () => {
    const few = [1, 1, 2];
    const many = [...few, ...few, ...few, ...few];
    const root = chart({
      groups: [
        { name: 'few', values: few },
        { name: 'many', values: many },
      ],
      bins: 'integers',
    });
    const [a, b] = bars(root).map((node) => node.attributes.d);
    expect(a).toBe(b);
    const [ground, first, second] = [/^M[\d.]+ ([\d.]+)/, /^M[\d. ]+V([\d.]+)/, /H[\d.]+V([\d.]+)H/].map((pattern) =>
      Number(pattern.exec(a)![1]),
    );
    expect((ground - first) / (ground - second)).toBeCloseTo(2, 1);
  });

  it('leaves a gap where a bin is empty', () => {
    const [path] = bars(chart({ groups: [{ name: 'a', values: [1, 3] }], bins: 'integers' }));
    expect(path.attributes.d.match(/M/g)?.length).toBe(2);
    expect(path.attributes.d.match(/Z/g)?.length).toBe(2);
  });

  it('says how many values the range leaves out', () => {
    const root = chart({ groups: [{ name: 'a', values: [1, 2, 300] }], bins: 10, range: [0, 10] });
    expect(allNamed(root, 'desc')[0].text).toContain('1 of them lie outside the range shown.');
  });

  it('says so where there is nothing to show', () => {
    for (const groups of [[], [{ name: 'a', values: [] }], [{ name: 'a', values: [NaN, Infinity] }]]) {
      for (const bins of [undefined, 'integers', 5] as const) {
        const root = chart({ groups, bins });
        expect(writtenTexts(root)).toContain('nothing to show');
        expect(bars(root)).toEqual([]);
      }
    }
  });

  it('moves a long label at the end of the axis inwards', () => {
    const root = chart({ groups: [{ name: 'a', values: [-10_000_000] }], width: 320 });
    for (const box of textBoxes(root, (content) => textWidth(content, 12))) expect(box.right).toBeLessThanOrEqual(320);
  });

  it('is well-formed, without cut-off or overlapping text, whatever comes', () => {
    const group = fc.record({
      name: fc.string({ unit: 'grapheme', maxLength: 80 }),
      values: fc.array(fc.oneof(fc.double(), fc.integer()), { maxLength: 30 }),
    });
    fc.assert(
      fc.property(
        fc.array(group, { maxLength: 2 }),
        fc.constantFrom<HistogramOptions['bins']>(undefined, 'integers', 12),
        fc.integer({ min: 320, max: 1_200 }),
        (groups, bins, width) => {
          const root = chart({ groups, bins, width });
          for (const path of bars(root)) expect(path.attributes.d).toMatch(/^([MVHZ \d.-])+$/);
          const boxes = textBoxes(root, (content) => textWidth(content, 12));
          expect(overlaps(boxes.filter((box) => box.content.trim() !== ''))).toEqual([]);
          for (const box of boxes) {
            expect(box.left).toBeGreaterThanOrEqual(0);
            expect(box.right).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });
});
