import { describe, expect, it } from 'vitest';
import { similarityOrder } from '../../src/study/similarity-order.ts';
import { Random } from '../../src/tensor/index.ts';

describe('similarityOrder', () => {
  it('puts units that do the same, or its opposite, beside each other', () => {
    const random = Random.stream(1, 'groups');
    const [steps, size, groups] = [300, 24, 4];
    const h = new Float32Array(steps * size);
    for (let t = 0; t < steps; t++) {
      const sources = Array.from({ length: groups }, () => random.normal());
      for (let unit = 0; unit < size; unit++) {
        const sign = unit % 8 < 4 ? 1 : -1;
        h[t * size + unit] = sign * sources[unit % groups] + 0.3 * random.normal();
      }
    }
    const order = similarityOrder(h, size);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, k) => k));
    const changes = order.slice(1).filter((unit, k) => unit % groups !== order[k] % groups).length;
    expect(changes).toBe(groups - 1);
  });

  it('orders units along a line: each does half of what its neighbours do', () => {
    const random = Random.stream(2, 'line');
    const size = 12;
    const place = [5, 0, 9, 2, 11, 7, 1, 3, 10, 4, 8, 6];
    const h = Float64Array.from({ length: 2000 * size }, () => 0);
    for (let t = 0; t < 2000; t++) {
      const noise = Array.from({ length: size + 1 }, () => random.normal());
      for (let unit = 0; unit < size; unit++) h[t * size + unit] = noise[place[unit]] + noise[place[unit] + 1];
    }
    const order = similarityOrder(h, size);
    const neighbours = order.slice(1).filter((unit, k) => Math.abs(place[unit] - place[order[k]]) === 1).length;
    expect(neighbours).toBeGreaterThanOrEqual(8);
  });

  it('takes constant units, one unit, and none', () => {
    expect(similarityOrder(new Float32Array(30), 3).sort()).toEqual([0, 1, 2]);
    expect(similarityOrder([1, 2, 3], 1)).toEqual([0]);
    expect(similarityOrder([], 0)).toEqual([]);
  });
});
