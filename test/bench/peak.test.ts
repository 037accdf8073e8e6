import { describe, expect, it } from 'vitest';
import { ceilingFor, measureBandwidth, measurePeak } from '../../bench/peak/peak.ts';
import { bestSimdVariant } from '../../src/tensor/index.ts';

describe('measurePeak', () => {
  it('finds vectors faster than single numbers', async () => {
    const { fused, multiplyAdd, scalar } = await measurePeak(1, 60);
    expect(scalar).toBeGreaterThan(0.1);
    expect(multiplyAdd).toBeGreaterThan(scalar);
    if (bestSimdVariant() === 'relaxed') expect(fused).toBeGreaterThan(scalar);
    else expect(fused).toBeNull();
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

describe('ceilingFor', () => {
  it('is the fused peak for the relaxed build, and multiplications with additions for all others', () => {
    const peak = { threads: 1, fused: 60, multiplyAdd: 40, scalar: 10 };
    expect(ceilingFor(peak, 'simd (relaxed)')).toBe(60);
    expect(ceilingFor({ ...peak, fused: null }, 'simd (relaxed)')).toBe(40);
    expect([ceilingFor(peak, 'simd (plain)'), ceilingFor(peak, 'reference')]).toEqual([40, 40]);
  });
});
