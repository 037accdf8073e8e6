import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { columnEdges, timeline, type Panel, type TimelineOptions } from '../../src/plot/timeline.ts';
import { heatClass } from '../../src/plot/heat-colours.ts';
import { textWidth } from '../../src/plot/svg.ts';
import { allNamed, overlaps, parseSvg, type SvgNode, textBoxes, writtenTexts } from '../support/svg-tree.ts';

const notes = [0, 0.5, 1, 1.5].map((start, k) => ({ pitch: 60 + k, start, end: start + 0.5 }));
const draw = (panels: Panel[], options: Partial<TimelineOptions> = {}): SvgNode =>
  parseSvg(timeline({ title: 'Inside', description: 'What goes on.', notes, panels, ...options }));
const ofClass = (root: SvgNode, name: string): SvgNode[] =>
  allNamed(root, 'path').filter((node) => node.attributes.class === name);
const lengths = (d: string): number[] => [...d.matchAll(/h([\d.]+)/g)].map(([, length]) => Number(length));

const anyNotes = fc
  .array(fc.record({ gap: fc.constantFrom(0, 0.25, 1), pitch: fc.integer({ min: 0, max: 127 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((list) => {
    let start = 0;
    return list.map(({ gap, pitch }) => ({ pitch, start: (start += gap), end: start + 0.5 }));
  });

describe('columnEdges', () => {
  it('gives each note the time until the next', () => {
    expect(columnEdges(notes)).toEqual([0, 0.5, 1, 1.5, 2]);
  });

  it('shares the time of notes that begin together', () => {
    const chord = [0, 0, 1].map((start) => ({ pitch: 60, start, end: 2 }));
    expect(columnEdges(chord)).toEqual([0, 0.5, 1, 2]);
  });

  it('rises strictly, one column a note', () => {
    fc.assert(
      fc.property(anyNotes, (list) => {
        const edges = columnEdges(list);
        expect(edges).toHaveLength(list.length + 1);
        edges.slice(1).forEach((edge, k) => { expect(edge).toBeGreaterThan(edges[k]); }); // prettier-ignore
      }),
    );
  });
});

describe('timeline', () => {
  it('is an image with a title and a description', () => {
    const root = draw([{ kind: 'roll' }]);
    expect(root.attributes).toMatchObject({ role: 'img', 'aria-label': 'Inside' });
    expect(root.children[1].text).toBe('What goes on.');
    expect(allNamed(root, 'rect').filter(({ attributes }) => attributes.rx === '1')).toHaveLength(4);
  });

  it('colours the cells of a heat map, and joins neighbours of one colour', () => {
    const root = draw([{ kind: 'heat', label: 'c', rows: [{ name: 'seven', values: [1, 1, -1, 0.5] }] }]);
    const [strong] = ofClass(root, heatClass(8));
    const [negative] = ofClass(root, heatClass(-8));
    const [half] = ofClass(root, heatClass(4));
    const [whole, quarter] = [lengths(strong.attributes.d), lengths(negative.attributes.d)];
    expect(whole).toHaveLength(1);
    expect(whole[0]).toBeCloseTo(2 * quarter[0], 1);
    expect(lengths(half.attributes.d)).toHaveLength(1);
    expect(writtenTexts(root)).toContain('seven');
  });

  it('leaves a gap where there is no number', () => {
    const heat = draw([{ kind: 'heat', label: 'c', rows: [{ name: 'a', values: [1, NaN, 1, 1] }] }]);
    expect(lengths(ofClass(heat, heatClass(8))[0].attributes.d)).toHaveLength(2);
    const lines = draw([{ kind: 'lines', label: 'f', series: [{ name: 'f', values: [1, NaN, 0, 1] }], range: [0, 1] }]);
    const [curve] = allNamed(lines, 'path').filter(({ attributes }) => attributes.d.includes('V') && !attributes.class.includes('axis')); // prettier-ignore
    expect([...curve.attributes.d.matchAll(/M/g)]).toHaveLength(2);
    const bars = draw([{ kind: 'bars', label: 'loss', values: [NaN, 1, 2, 3] }]);
    expect([...ofClass(bars, 'etude-plot-series-0')[0].attributes.d.matchAll(/Z/g)]).toHaveLength(3);
  });

  it('draws bars as high as their values', () => {
    const root = draw([{ kind: 'bars', label: 'loss', values: [1, 2, 0, 4] }]);
    const bars = [...ofClass(root, 'etude-plot-series-0')[0].attributes.d.matchAll(/M[\d.]+ ([\d.]+)V([\d.]+)/g)];
    const heights = bars.map(([, low, high]) => Number(low) - Number(high));
    expect(heights[1] / heights[0]).toBeCloseTo(2, 1);
    expect(heights[3] / heights[1]).toBeCloseTo(2, 1);
    expect(heights[2]).toBe(0);
  });

  it('puts strips below one another, without text over text', () => {
    const values = [0, 0.2, 0.9, 1];
    const root = draw([
      { kind: 'roll' },
      { kind: 'lines', label: 'gates', series: ['input', 'forget'].map((name) => ({ name, values })), range: [0, 1] },
      { kind: 'heat', label: 'cells', rows: Array.from({ length: 20 }, (_, k) => ({ name: `unit ${k}`, values })) },
      { kind: 'bars', label: 'surprise', values },
    ]);
    expect(overlaps(textBoxes(root, (content) => textWidth(content, 12)))).toEqual([]);
    expect(writtenTexts(root)).toEqual(expect.arrayContaining(['gates', 'forget', 'cells', 'surprise', 'time (s)']));
  });

  it('refuses what it cannot draw, with the numbers', () => {
    expect(() => draw([{ kind: 'bars', label: 'x', values: [1, 2] }])).toThrow(/expected 4 values, one a note, got 2/);
    expect(() => draw([{ kind: 'roll' }], { notes: [] })).toThrow(UsageError);
    expect(() => draw([{ kind: 'roll' }], { notes: [...notes].reverse() })).toThrow(/in order of their starts, note 1/);
  });

  it('carries heat colours only where there is a heat map', () => {
    const bytes = (panels: Panel[]): string => timeline({ title: '', description: '', notes, panels });
    expect(bytes([{ kind: 'roll' }])).not.toContain('heat');
    expect(bytes([{ kind: 'heat', label: '', rows: [{ name: '', values: [1, 1, 1, 1] }] }])).toContain('heat-8');
  });
});
