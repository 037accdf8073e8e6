import { describe, expect, it } from 'vitest';
import { trendOf } from '../../src/study/trend-test.ts';
import { Random } from '../../src/tensor/index.ts';

/** Noise in which each number keeps a part of the one before. */
function drifting(random: Random, keep: number, length = 300): Float64Array {
  let state = 0;
  return Float64Array.from({ length }, () => (state = keep * state + random.normal()));
}

describe('trendOf', () => {
  it('finds a straight line, and one under noise', () => {
    expect(trendOf(Float32Array.from({ length: 100 }, (_, k) => 0.01 * k))).toMatchObject({ p: 0 });
    const random = Random.stream(1, 'noise');
    const { r, p } = trendOf(Float64Array.from({ length: 200 }, (_, k) => -k / 50 + random.normal()));
    expect(r).toBeLessThan(-0.6);
    expect(p).toBeLessThan(1e-10);
  });

  it.each([0, 0.5, 0.9, 0.97])('finds none in noise that keeps %d of itself, but as often as chance does', (keep) => {
    const random = Random.stream(2, 'noise');
    const found = Array.from({ length: 300 }, () => trendOf(drifting(random, keep)).p).filter((p) => p <= 0.01);
    // 3 are expected; twelve or more would come with a chance of 1 in 10,000.
    expect(found.length).toBeLessThan(12);
  });

  it('finds none in what is constant or short', () => {
    expect(trendOf([4, 4, 4, 4])).toEqual({ r: 0, p: 1 });
    expect(trendOf([1, 2])).toMatchObject({ p: 1 });
    expect(trendOf([])).toEqual({ r: 0, p: 1 });
  });
});
