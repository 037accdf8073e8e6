import { describe, expect, it } from 'vitest';
import { importanceOf } from '../../../src/pages/runs/importance.ts';
import { Random } from '../../../src/tensor/index.ts';

describe('importanceOf', () => {
  const random = Random.stream(1, 'test');
  const runs = 40;
  const planted = Array.from({ length: runs }, () => ['a', 'b'][random.integer(2)]);
  const range = Array.from({ length: runs }, () => random.uniform());
  const idle = Array.from({ length: runs }, () => random.uniform());
  const losses = planted.map((value, k) => (value === 'a' ? 0 : 1) + 2 * range[k] + 0.2 * random.normal());

  it('finds what was planted, choices and ranges, and not what has no effect', () => {
    const [choice, number, nothing] = importanceOf(losses, [planted, range, idle]);
    expect(choice!.p).toBeLessThan(0.01);
    expect(number!.p).toBeLessThan(0.01);
    expect(nothing!.p).toBeGreaterThan(0.05);
    expect(choice!.share).toBeGreaterThan(choice!.chance);
    expect(nothing!.share).toBeLessThan(nothing!.chance);
    for (const { share, spread } of [choice!, number!]) {
      expect(spread[0]).toBeLessThan(share);
      expect(spread[1]).toBeGreaterThan(share);
    }
  });

  it('is the statistic of Kruskal and Wallis divided by n − 1', () => {
    // Ranks 1, 2, 3, 8 and 4, 5, 6, 7: H = 12 / (8 · 9) · (14² / 4 + 22² / 4) − 3 · 9.
    const [only] = importanceOf([1, 2, 3, 900, 4, 5, 6, 7], [[0, 0, 0, 0, 1, 1, 1, 1]]);
    const h = (12 / 72) * (14 ** 2 / 4 + 22 ** 2 / 4) - 27;
    expect(only!.share).toBeCloseTo(h / 7, 12);
  });

  it('has a p that is even where nothing is planted', () => {
    const ps = Array.from({ length: 60 }, () => {
      const noise = Array.from({ length: 12 }, () => random.normal());
      return importanceOf(noise, [noise.map((_, k) => k % 3)])[0]!.p;
    });
    const small = ps.filter((p) => p < 0.2).length / ps.length;
    expect(small).toBeGreaterThan(0.05);
    expect(small).toBeLessThan(0.4);
  });

  it('says nothing of few runs, of one value, and is the same each time', () => {
    expect(importanceOf(losses.slice(0, 7), [planted.slice(0, 7)])).toEqual([undefined]);
    expect(importanceOf(losses, [losses.map(() => 3)])).toEqual([undefined]);
    expect(importanceOf(losses, [idle])).toEqual(importanceOf(losses, [idle]));
    expect(importanceOf(losses.map(() => 1), [planted])[0]).toMatchObject({ share: 0, p: 1 }); // prettier-ignore
  });
});
