import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { KernelRow } from '../../../bench/kernels/bench-kernels.ts';
import { roofline } from '../../../bench/kernels/roofline.ts';
import type { Bandwidth, Peak } from '../../../bench/peak/peak.ts';
import { textWidth } from '../../../src/plot/svg.ts';
import { allNamed, allOfClass, overlaps, parseSvg, textBoxes, writtenTexts } from '../../support/svg-tree.ts';

const peak = { threads: 1, fused: 64, multiplyAdd: 48, scalar: 12 };
const bandwidth = { l1: 100, l2: 60, memory: 12 };
const row = (backend: string, intensity: number, gflops: number): KernelRow => ({
  id: `matmul <${intensity}>, ${backend}`,
  operation: 'matmul',
  shape: 'x',
  backend,
  medianMs: 1,
  p10Ms: 1,
  p90Ms: 1,
  samples: 1,
  gflops,
  gbytes: 1,
  intensity,
  fractionOfPeak: 0.5,
  error: 0,
});

describe('roofline', () => {
  const rows = [row('simd', 10, 50), row('simd', 0.2, 5), row('reference', 10, 4), row('simd', 0, 0)];
  const root = parseSvg(roofline(rows, peak, bandwidth));

  it('has a dot with a name for every row that does arithmetic', () => {
    const dots = allNamed(root, 'circle').filter(({ attributes }) => attributes.r === '4');
    const titles = dots.flatMap((dot) => allNamed(dot, 'title')).map(({ text }) => text);
    expect(titles).toEqual([
      'matmul <10>, simd: 50.0 GFLOP/s',
      'matmul <0.2>, simd: 5.00 GFLOP/s',
      'matmul <10>, reference: 4.00 GFLOP/s',
    ]);
    const [fast, slow, reference] = dots
      .filter((dot) => allNamed(dot, 'title').length > 0)
      .map(({ attributes }) => attributes);
    expect(Number(fast.cy)).toBeLessThan(Number(reference.cy));
    expect(fast.cx).toBe(reference.cx);
    expect(Number(slow.cx)).toBeLessThan(Number(fast.cx));
  });

  it('draws and names the ceilings', () => {
    const texts = writtenTexts(root);
    expect(texts).toEqual(
      expect.arrayContaining(['128-bit fused: 64', '128-bit multiply, add: 48', 'scalar: 12', 'simd', 'reference']),
    );
    expect(texts.some((text) => text.startsWith('L1 100'))).toBe(true);
  });

  it('draws one line where two ceilings are the same', () => {
    const texts = writtenTexts(parseSvg(roofline(rows, { ...peak, multiplyAdd: 62 }, bandwidth)));
    expect(texts.filter((text) => text.startsWith('128-bit'))).toEqual(['128-bit, fused or not: 62']);
  });

  it('can do without relaxed SIMD, and without rows', () => {
    const texts = writtenTexts(parseSvg(roofline([], { ...peak, fused: null }, bandwidth)));
    expect(texts.filter((text) => text.startsWith('128-bit'))).toEqual(['128-bit multiply, add: 48']);
  });

  it('writes nothing over anything else', () => {
    expect(overlaps(textBoxes(root, (content) => textWidth(content, 12)))).toEqual([]);
    const near = parseSvg(roofline(rows, { ...peak, wide: 66 }, bandwidth));
    expect(overlaps(textBoxes(near, (content) => textWidth(content, 12)))).toEqual([]);
  });

  it('writes no ceiling over a dot, in the picture of the recorded results', () => {
    const recorded = new URL('../../../bench/results/kernels-node24.json', import.meta.url);
    const { rows, extra } = JSON.parse(readFileSync(recorded, 'utf8')) as {
      rows: KernelRow[];
      extra: { peak: Peak; bandwidth: Bandwidth };
    };
    const picture = parseSvg(roofline(rows, extra.peak, extra.bandwidth));
    const dots = allNamed(picture, 'circle').filter((dot) => allNamed(dot, 'title').length > 0);
    const labels = allOfClass(picture, 'etude-plot-halo');
    expect(labels.length).toBe(6);
    for (const { attributes, text } of labels) {
      const width = textWidth(text, 12);
      const angle = (Number(/rotate\((\S+)/.exec(attributes.transform ?? '')?.[1] ?? 0) * Math.PI) / 180;
      const under = dots.filter(({ attributes: { cx, cy } }) => {
        const left = Number(attributes.x) - (attributes['text-anchor'] === 'end' ? width : 0);
        const [dx, dy] = [Number(cx) - left, Number(cy) - Number(attributes.y)];
        const [along, up] = [dx * Math.cos(angle) + dy * Math.sin(angle), dx * Math.sin(angle) - dy * Math.cos(angle)];
        return along > -4 && along < width + 4 && up > -4 && up < 14;
      });
      expect(under, text).toEqual([]);
    }
  });
});
