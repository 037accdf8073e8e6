import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seed, smallDimension } from '../../support/generators.ts';
import { atNotoriousSizes, sizes } from '../../support/sizes.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

/** Shapes of the model's own maps, and some that end within a tile, a panel or a block of rows. */
const EXAMPLES: [size: [m: number, k: number, n: number], seed: number][] = [
  [[64, 128, 130], 1],
  [[1, 128, 33], 2],
  [[520, 13, 5], 5],
];

/** Judges out = bias + a · b by plain loops. */
export function expectAffine(bench: Workbench, m: number, k: number, n: number): void {
  const [out, bias, a, b] = [bench.tensor([m, n]), bench.tensor([n]), bench.tensor([m, k]), bench.tensor([k, n])];
  const rows = bench.kernels.arena.tensor([m, n]);
  rows.data.set(naive.bias(out, bias).values);
  const expected = naive.matmul(rows, a, b);
  out.data.fill(NaN);
  bench.kernels.affine(out, bias, a, b);
  bench.expectResult('out', out, expected, k + 1);
  bench.expectOnlyWritten(out);
}

/** Judges the gradients of the bias and of two kernels, the second with `other` rows, some rows of zeros left out. */
export function expectAffineBackward(bench: Workbench, m: number, k: number, n: number, other: number): void {
  const zeroRows = Math.floor(bench.random() * (m + 1));
  const [dBias, dOut] = [bench.tensor([n]), bench.tensor([m, n])];
  const [db1, a1] = [bench.tensor([k, n]), bench.tensor([m, k], (at) => (at < zeroRows * k ? 0 : bench.random()))];
  const [db2, a2] = [bench.tensor([other, n]), bench.tensor([m, other])];
  const bias = naive.biasBackward(dBias, dOut);
  const [first, second] = [naive.matmulBackwardB(db1, a1, dOut), naive.matmulBackwardB(db2, a2, dOut)];
  const products = [{ db: db1, a: a1, zeroRows }, { db: db2, a: a2 }]; // prettier-ignore
  bench.kernels.affineBackward(dBias, dOut, products);
  bench.expectResult('dBias', dBias, bias, m);
  bench.expectResult('db of the first product', db1, first, m + 1);
  bench.expectResult('db of the second product', db2, second, m + 1);
  bench.expectOnlyWritten(dBias, db1, db2);
}

/** affine and its gradients, alone and with several products into one output. */
export function describeAffine(kernels: KernelsUnderTest): void {
  describe('affine', () => {
    it('is the bias and the product, whatever was there before', () => {
      fc.assert(
        fc.property(sizes(3), seed, ([m, k, n], s) => {
          expectAffine(new Workbench(kernels(), s), m, k, n);
        }),
        { examples: EXAMPLES },
      );
    });

    it('and its gradients are right where blocks of rows and of depth end', () => {
      atNotoriousSizes([7, 5, 18], (m, k, n) => {
        expectAffine(new Workbench(kernels(), m), m, k, n);
        expectAffineBackward(new Workbench(kernels(), n), m, k, n, 3);
      });
    });

    it('is the bias alone where there is nothing to multiply', () => {
      const bench = new Workbench(kernels(), 6);
      const [out, bias] = [bench.tensor([3, 5]), bench.tensor([5])];
      kernels().affine(out, bias, bench.tensor([3, 0]), bench.tensor([0, 5]));
      expect([...out.data]).toEqual([...naive.bias(out, bias).values]);
    });
  });

  describe('affineBackward', () => {
    it('adds the gradients of the bias and of every kernel, rows of zeros left out', () => {
      fc.assert(
        fc.property(sizes(3), smallDimension, seed, ([m, k, n], other, s) => {
          expectAffineBackward(new Workbench(kernels(), s), m, k, n, other);
        }),
        { examples: EXAMPLES.map(([size, s]): [number[], number, number] => [size, 3, s]) },
      );
    });

    it('has the bits of the gradients one by one, but for the bias', () => {
      const bench = new Workbench(kernels(), 7);
      const [m, k, n] = [300, 19, 21];
      const [dBias, dOut, a] = [bench.tensor([n]), bench.tensor([m, n]), bench.tensor([m, k])];
      const [together, alone] = [bench.tensor([k, n], () => 0), bench.tensor([k, n], () => 0)];
      kernels().affineBackward(dBias, dOut, [{ db: together, a }]);
      kernels().matmulBackwardB(alone, a, dOut);
      expect([...together.data]).toEqual([...alone.data]);
    });
  });
}
