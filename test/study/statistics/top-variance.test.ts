import { describe, expect, it } from 'vitest';
import { principalComponents } from '../../../src/study/principal-components.ts';
import { topVariance } from '../../../src/study/statistics/top-variance.ts';
import { Random } from '../../../src/tensor/index.ts';

describe('the variance in the first two directions', () => {
  it.each([3, 8, 40])('is that of the first two principal components (width %i)', async (width) => {
    const random = Random.stream(width, 'table');
    const mix = Array.from({ length: width * width }, (_, k) => random.normal() / (1 + (k % width)));
    const table = new Float32Array(200 * width);
    for (let row = 0; row < 200; row++) {
      const noise = Array.from({ length: width }, () => random.normal());
      for (let k = 0; k < width; k++) table[row * width + k] = 3 + noise.reduce((sum, value, j) => sum + value * mix[k * width + j], 0); // prettier-ignore
    }
    const { explained } = await principalComponents(table, width, 2);
    expect(topVariance(table, width)).toBeCloseTo(explained[0] + explained[1], 2);
  });

  it('is nothing of a table that does not vary, or has one column', () => {
    expect(topVariance(new Float32Array(40).fill(2), 4)).toBeNull();
    expect(
      topVariance(
        Float32Array.from({ length: 40 }, (_, k) => k),
        1,
      ),
    ).toBeNull();
  });
});
