import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { glorotUniform, initialValues, orthogonal, unitForgetBias } from '../../src/nn/initializers.ts';
import { Random } from '../../src/tensor/index.ts';
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
    expect([...initialValues({ name: 'x', shape: [8], initializer: 'forget' }, stream(1))]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]); // prettier-ignore
    expect([...initialValues({ name: 'x', shape: [3], initializer: 'zeros' }, stream(1))]).toEqual([0, 0, 0]);
  });
});
