import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { dimension, seed, smallDimension } from '../../support/generators.ts';
import * as naive from './naive.ts';
import type { KernelsUnderTest } from './suite.ts';
import { Workbench } from './workbench.ts';

/** Shapes of the model's own maps, and some that end within a tile, a panel or a block of rows. */
const EXAMPLES: [m: number, k: number, n: number, seed: number][] = [
  [64, 128, 130, 1],
  [1, 128, 33, 2],
  [261, 3, 64, 3],
  [7, 300, 21, 4],
  [520, 13, 5, 5],
];

/** affine and its gradients, alone and with several products into one output. */
export function describeAffine(kernels: KernelsUnderTest): void {
  describe('affine', () => {
    it('is the bias and the product, whatever was there before', () => {
      fc.assert(
        fc.property(dimension, dimension, dimension, seed, (m, k, n, s) => {
          const bench = new Workbench(kernels(), s);
          const [out, bias, a, b] = [
            bench.tensor([m, n]),
            bench.tensor([n]),
            bench.tensor([m, k]),
            bench.tensor([k, n]),
          ];
          const rows = kernels().arena.tensor([m, n]);
          rows.data.set(naive.bias(out, bias).values);
          const expected = naive.matmul(rows, a, b);
          out.data.fill(NaN);
          kernels().affine(out, bias, a, b);
          bench.expectResult('out', out, expected, k + 1);
          bench.expectOnlyWritten(out);
        }),
        { examples: EXAMPLES },
      );
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
        fc.property(dimension, dimension, dimension, smallDimension, seed, (m, k, n, other, s) => {
          const bench = new Workbench(kernels(), s);
          const zeroRows = Math.floor(bench.random() * (m + 1));
          const [dBias, dOut] = [bench.tensor([n]), bench.tensor([m, n])];
          const [db1, a1] = [
            bench.tensor([k, n]),
            bench.tensor([m, k], (at) => (at < zeroRows * k ? 0 : bench.random())),
          ];
          const [db2, a2] = [bench.tensor([other, n]), bench.tensor([m, other])];
          const bias = naive.biasBackward(dBias, dOut);
          const [first, second] = [naive.matmulBackwardB(db1, a1, dOut), naive.matmulBackwardB(db2, a2, dOut)];
          kernels().affineBackward(dBias, dOut, [{ db: db1, a: a1, zeroRows }, { db: db2, a: a2 }]); // prettier-ignore
          bench.expectResult('dBias', dBias, bias, m);
          bench.expectResult('db of the first product', db1, first, m + 1);
          bench.expectResult('db of the second product', db2, second, m + 1);
          bench.expectOnlyWritten(dBias, db1, db2);
        }),
        { examples: EXAMPLES.map(([m, k, n, s]): [number, number, number, number, number] => [m, k, n, 3, s]) },
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
