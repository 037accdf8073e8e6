import { describe, expect, it } from 'vitest';
import { covarianceMatrix, fastCovariance, principalComponents } from '../../src/study/principal-components.ts';
import { columnMeans } from '../../src/study/statistics/moments.ts';
import { createKernels, Random } from '../../src/tensor/index.ts';

/** Rows that lie along three directions of different strength, with a little noise. */
function cloud(rows: number, width: number, seed = 1): Float64Array {
  const random = Random.stream(seed, 'cloud');
  const axes = [5, 2, 1].map((size) => Array.from({ length: width }, () => size * random.normal()));
  const table = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const along = axes.map(() => random.normal());
    for (let k = 0; k < width; k++) {
      table[r * width + k] = 3 + 0.05 * random.normal() + axes.reduce((sum, axis, a) => sum + along[a] * axis[k], 0);
    }
  }
  return table;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, k) => sum + x * b[k], 0); // prettier-ignore

describe.each([
  ['by the covariance', 40],
  ['step by step, of a wide table', 300],
])('principalComponents %s', (_, width) => {
  const rows = 400;
  const table = cloud(rows, width);
  const means = Array.from({ length: width }, (__, column) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += table[r * width + column];
    return sum / rows;
  });
  const covariance = covarianceMatrix(table, width, means);

  it('gives eigenvectors of the covariance matrix with their part of its trace', async () => {
    const { explained, directions } = await principalComponents(table, width, 3);
    const trace = covariance.reduce((sum, row, k) => sum + row[k], 0);
    expect(directions).toHaveLength(3);
    directions.forEach((direction, k) => {
      const image = covariance.map((row) => dot(row, direction));
      const eigenvalue = dot(image, direction);
      image.forEach((value, at) => { expect(Math.abs(value - eigenvalue * direction[at])).toBeLessThan(2e-3 * eigenvalue); }); // prettier-ignore
      expect(explained[k]).toBeCloseTo(eigenvalue / trace, 5);
      expect(dot(direction, direction)).toBeCloseTo(1, 6);
    });
    expect(dot(directions[0], directions[1])).toBeCloseTo(0, 4);
    expect(explained[0]).toBeGreaterThan(explained[1]);
    expect(explained[0] + explained[1] + explained[2]).toBeGreaterThan(0.99);
  });

  it('gives each row its coordinates along them, from the mean', async () => {
    const { directions, coordinates: found } = await principalComponents(table, width, 2);
    for (const r of [0, 17, rows - 1]) {
      const row = Array.from({ length: width }, (__, k) => table[r * width + k] - means[k]);
      directions.forEach((direction, k) => { expect(found[k][r]).toBeCloseTo(dot(row, direction), 8); }); // prettier-ignore
    }
  });
});

describe('principalComponents', () => {
  it('has none of rows that are all the same, and no more than there are', async () => {
    expect((await principalComponents(new Float32Array(30).fill(2), 3, 2)).explained).toEqual([]);
    const { explained } = await principalComponents(Float64Array.of(1, 5, 2), 1, 3);
    expect(explained.map((part) => part.toFixed(9))).toEqual(['1.000000000']);
  });

  it('does not depend on the sign that the decomposition happens to choose', async () => {
    const table = cloud(50, 6);
    const [one, mirrored] = [await principalComponents(table, 6, 2), await principalComponents(table.map((x) => -x), 6, 2)]; // prettier-ignore
    for (const { directions } of [one, mirrored]) {
      for (const direction of directions) {
        const peak = direction.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
        expect(peak).toBeGreaterThan(0);
      }
    }
    one.directions[0].forEach((x, k) => { expect(x).toBeCloseTo(mirrored.directions[0][k], 8); }); // prettier-ignore
  });
});

it('forms the same covariance with kernels, of more rows than are added in float32', () => {
  const [rows, width] = [1100, 24];
  const table = cloud(rows, width);
  const means = columnMeans(table, width);
  const plain = covarianceMatrix(table, width, means).flat();
  const fast = fastCovariance(table, width, means, createKernels()).flat();
  const largest = Math.max(...plain.map(Math.abs));
  fast.forEach((value, k) => { expect(Math.abs(value - plain[k])).toBeLessThan(1e-6 * largest); }); // prettier-ignore
});
