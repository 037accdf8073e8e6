import { describe, expect, it } from 'vitest';
import { ceilingFor, ceilingInWords, measureBandwidth, measurePeak } from '../../bench/peak/peak.ts';
import { peakProbe } from '../../bench/peak/probe.ts';
import { bestSimdVariant, wideObstacle } from '../../src/tensor/index.ts';

describe('measurePeak', () => {
  it('has a figure for every kind of arithmetic that there is here', async () => {
    const { wide, fused, multiplyAdd, scalar } = await measurePeak(1, 20);
    expect([scalar, multiplyAdd].every((rate) => rate > 0)).toBe(true);
    if (bestSimdVariant() === 'relaxed') expect(fused).toBeGreaterThan(0);
    else expect(fused).toBeNull();
    if (wideObstacle() === undefined) expect(wide).not.toBe(0);
    else expect(wide, 'no 256 bits where V8 does not join pairs').toBeNull();
  });

  it('lets several threads work at once', async () => {
    const { threads, multiplyAdd } = await measurePeak(2, 30);
    expect(threads).toBe(2);
    expect(multiplyAdd).toBeGreaterThan(0);
  });
});

describe('measureBandwidth', () => {
  it('finds some for every level', () => {
    for (const rate of Object.values(measureBandwidth(15))) expect(rate).toBeGreaterThan(0);
  });
});

describe('peakProbe', () => {
  it.each([1, 2])('looks at what the threads give between two steps, for every build: %i', async (threads) => {
    for (const kernels of ['simd (wide)', 'simd (relaxed)', 'simd (plain)']) {
      const probe = await peakProbe(kernels, threads, 5);
      try {
        expect(await probe.look(2)).toBeGreaterThan(0);
      } finally {
        await probe.close();
      }
    }
  });
});

describe('ceilingFor', () => {
  it('is the fused peak for the relaxed build, and multiplications with additions for all others', () => {
    const peak = { threads: 1, fused: 60, multiplyAdd: 40, scalar: 10 };
    expect(ceilingFor(peak, 'simd (relaxed)')).toBe(60);
    expect(ceilingFor({ ...peak, fused: null }, 'simd (relaxed)')).toBe(40);
    expect([ceilingFor(peak, 'simd (plain)'), ceilingFor(peak, 'reference')]).toEqual([40, 40]);
  });

  it('is the 256-bit peak for the wide build, and what there is where V8 joins nothing', () => {
    const peak = { threads: 1, wide: 110, fused: 60, multiplyAdd: 40, scalar: 10 };
    expect([ceilingFor(peak, 'simd (wide)'), ceilingInWords(peak, 'simd (wide)')]).toEqual([110, '256-bit fused']);
    const narrow = { ...peak, wide: null };
    expect([ceilingFor(narrow, 'simd (wide)'), ceilingInWords(narrow, 'simd (wide)')]).toEqual([60, '128-bit fused']);
    expect(ceilingInWords(peak, 'simd (plain)')).toBe('128-bit multiply-add');
  });
});
