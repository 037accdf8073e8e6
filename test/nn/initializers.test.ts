import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { glorotUniform, initialValues, orthogonal, unitForgetBias } from '../../src/nn/initializers.ts';
import { atOnce } from '../../src/nn/in-turns.ts';
import { FEW_VECTORS, orthogonalPieces } from '../../src/nn/orthogonal.ts';
import { bestSimdVariant, createKernels, Random, type Floats, type Kernels } from '../../src/tensor/index.ts';
import { seed } from '../support/generators.ts';

const size = fc.integer({ min: 1, max: 24 });
const stream = (s: number): Random => Random.stream(s, 'init');

describe('Glorot’s initializer', () => {
  it('is uniform within ±√(6 / (fan-in + fan-out))', () => {
    fc.assert(
      fc.property(size, size, seed, (fanIn, fanOut, s) => {
        const limit = Math.sqrt(6 / (fanIn + fanOut));
        const values = glorotUniform([fanIn, fanOut], stream(s));
        expect(values).toHaveLength(fanIn * fanOut);
        expect(values.every((x) => x >= -limit && x < limit)).toBe(true);
      }),
    );
    const values = glorotUniform([128, 512], stream(1));
    const limit = Math.sqrt(6 / 640);
    const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length;
    // The variance of x² is 4/45 of the fourth power of the limit.
    expect(Math.abs(variance - limit ** 2 / 3)).toBeLessThan(6 * limit ** 2 * Math.sqrt(4 / 45 / values.length));
    expect(Math.abs(values.reduce((a, b) => a + b, 0) / values.length)).toBeLessThan(6 * Math.sqrt(limit ** 2 / 3 / values.length)); // prettier-ignore
  });
});

describe('the orthogonal initializer', () => {
  it('gives orthonormal rows, or columns where those are fewer', () => {
    fc.assert(
      fc.property(size, size, seed, (rows, columns, s) => {
        const values = orthogonal([rows, columns], stream(s));
        const wide = rows <= columns;
        const [count, length] = wide ? [rows, columns] : [columns, rows];
        const entry = (v: number, k: number): number => (wide ? values[v * columns + k] : values[k * columns + v]);
        for (let a = 0; a < count; a++) {
          for (let b = 0; b <= a; b++) {
            let dot = 0;
            for (let k = 0; k < length; k++) dot += entry(a, k) * entry(b, k);
            expect(Math.abs(dot - (a === b ? 1 : 0))).toBeLessThan(1e-13);
          }
        }
      }),
    );
  });

  it('favours no direction: entries have mean 0 and variance 1 / length', () => {
    const values = orthogonal([64, 256], stream(2));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(6 / Math.sqrt(256 * values.length));
    expect([0, 1, 2, 3].map((s) => orthogonal([1, 1], stream(s))[0])).toContain(-1);
  });
});

describe('the orthogonal initializer of a large matrix', () => {
  /** As many as are drawn by reflections, in more than one block, the last of them not full. */
  const [COUNT, LENGTH] = [FEW_VECTORS + 44, 2 * FEW_VECTORS + 3];

  /** Householder's reflections one by one in double precision, from the same numbers, drawn in the same order. */
  function judge(count: number, length: number, random: Random): Float64Array[] {
    const drawn: Float64Array[] = [];
    const block = 128;
    for (let first = Math.floor((count - 1) / block) * block; first >= 0; first -= block) {
      for (let k = first; k < Math.min(count, first + block); k++) drawn[k] = normals(length - k, random);
    }
    const q = Array.from({ length: count }, (_, k) => {
      const row = new Float64Array(length);
      row[k] = drawn[k][0] < 0 ? 1 : -1;
      return row;
    });
    for (let k = count - 1; k >= 0; k--) {
      const v = drawn[k].slice();
      v[0] += Math.sign(v[0]) * Math.hypot(...v);
      const squares = v.reduce((sum, x) => sum + x * x, 0);
      for (let row = k; row < count; row++) {
        const tail = q[row].subarray(k);
        let dot = 0;
        for (let j = 0; j < v.length; j++) dot += v[j] * tail[j];
        for (let j = 0; j < v.length; j++) tail[j] -= ((2 * dot) / squares) * v[j];
      }
    }
    return q;
  }

  function normals(length: number, random: Random): Float64Array {
    const values = new Float64Array(length + 1);
    for (let at = 0; at < length;) {
      const [u, v] = [random, random].map((each) => (each.bits() + 0.5) * 2 ** -31 - 1);
      const s = u * u + v * v;
      if (s >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      values[at++] = u * factor;
      values[at++] = v * factor;
    }
    return values.subarray(0, length);
  }

  const products: [string, () => Kernels | undefined][] = [['plain', () => undefined]];
  if (bestSimdVariant()) products.push(['SIMD', () => createKernels('simd-plain')]);

  /** On the fastest of them. */
  const drawn = (shape: number[], s: number): Floats =>
    atOnce(orthogonalPieces(shape, stream(s), products.at(-1)![1]()));

  it.each(products)('is what reflections one by one give in double precision, on %s kernels', (_, kernels) => {
    const values = atOnce(orthogonalPieces([COUNT, LENGTH], stream(5), kernels()));
    const expected = judge(COUNT, LENGTH, stream(5));
    let largest = 0;
    for (let v = 0; v < COUNT; v++) {
      for (let j = 0; j < LENGTH; j++) largest = Math.max(largest, Math.abs(values[v * LENGTH + j] - expected[v][j]));
    }
    expect(largest).toBeLessThan(1e-6);
  });

  it.each([
    ['rows', [COUNT, LENGTH]],
    ['columns', [LENGTH, COUNT]],
    ['rows and columns', [COUNT, COUNT]],
  ])('has orthonormal %s to single precision', (_, [rows, columns]) => {
    const values = drawn([rows, columns], 3);
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    const entry = (v: number, k: number): number =>
      rows <= columns ? values[v * columns + k] : values[k * columns + v];
    const random = stream(4);
    let worst = 0;
    for (let pair = 0; pair < 3000; pair++) {
      const [a, b] = [random.integer(count), pair % 3 === 0 ? -1 : random.integer(count)];
      const other = b < 0 ? a : b;
      let dot = 0;
      for (let k = 0; k < length; k++) dot += entry(a, k) * entry(other, k);
      worst = Math.max(worst, Math.abs(dot - (a === other ? 1 : 0)));
    }
    expect(worst).toBeLessThan(2e-6);
  });

  it('favours no direction: every row and every column has its part of the squares, and signs are even', () => {
    const values = drawn([COUNT, LENGTH], 7);
    const squares = new Float64Array(LENGTH);
    let positive = 0;
    values.forEach((x, at) => {
      squares[at % LENGTH] += x * x;
      if (x > 0) positive++;
    });
    // A column's sum of squares is Beta(COUNT / 2, (LENGTH - COUNT) / 2): mean COUNT / LENGTH, and this deviation.
    const mean = COUNT / LENGTH;
    const deviation = Math.sqrt((2 * mean * (1 - mean)) / (LENGTH + 2));
    expect(squares.every((sum) => Math.abs(sum - mean) < 5 * deviation)).toBe(true);
    expect(Math.abs(positive / values.length - 0.5)).toBeLessThan(5 / Math.sqrt(4 * values.length));
    // The first coordinate of the first vector is as often negative: the signs of R's diagonal are not those of a reflection.
    const firsts = Array.from({ length: 12 }, (_, s) => Math.sign(drawn([FEW_VECTORS + 1, FEW_VECTORS + 1], s)[0]));
    expect(new Set(firsts)).toEqual(new Set([-1, 1]));
  });

  it('is made in pieces, the part that is done rising to the end', () => {
    const parts: number[] = [];
    const pieces = orthogonalPieces([COUNT, 5000], stream(1), products.at(-1)![1]());
    for (let next = pieces.next(); !next.done; next = pieces.next()) parts.push(next.value);
    expect(parts.length).toBeGreaterThan(2);
    expect([...parts].sort((a, b) => a - b)).toEqual(parts);
    expect(parts[0]).toBeGreaterThan(0);
    expect(parts.at(-1)).toBeCloseTo(1, 12);
  });
});

describe('the bias of an LSTM layer', () => {
  it('is 1 for the forget gate and 0 for the others', () => {
    expect([...unitForgetBias(12)]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  });
});

describe('initialValues', () => {
  it('follows the parameter’s initializer, and its stream alone', () => {
    const shape = [4, 16];
    const of = (initializer: 'glorot' | 'orthogonal', s: number): number[] => [
      ...initialValues({ name: 'x', shape, initializer }, stream(s)),
    ];
    expect(of('glorot', 1)).toEqual([...glorotUniform(shape, stream(1))]);
    expect(of('orthogonal', 1)).toEqual([...orthogonal(shape, stream(1))]);
    expect(of('glorot', 2)).not.toEqual(of('glorot', 1));
    expect([...initialValues({ name: 'x', shape: [3], initializer: 'ones' }, stream(1))]).toEqual([1, 1, 1]);
    expect([...initialValues({ name: 'x', shape: [8], initializer: 'forget' }, stream(1))]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]); // prettier-ignore
    expect([...initialValues({ name: 'x', shape: [3], initializer: 'zeros' }, stream(1))]).toEqual([0, 0, 0]);
  });
});
