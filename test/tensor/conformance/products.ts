import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { atNotoriousSizes, sizes } from '../../support/sizes.ts';
import { expectSame } from '../../support/tolerances.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

/** Sizes of the model's own products. */
const EXAMPLES: [size: [m: number, k: number, n: number], seed: number][] = [
  [[1, 1, 1], 1],
  [[64, 128, 64], 2],
  [[64, 3, 512], 3],
  [[1, 128, 512], 4],
];

/** Judges out [m, n] += a [m, k] · b [k, n] by plain loops. */
export function expectMatmul(bench: Workbench, m: number, k: number, n: number): void {
  const [out, a, b] = [bench.tensor([m, n]), bench.tensor([m, k]), bench.tensor([k, n])];
  const expected = naive.matmul(out, a, b);
  bench.kernels.matmul(out, a, b);
  bench.expectResult('out', out, expected, k + 1);
  bench.expectOnlyWritten(out);
}

/** Judges the gradient of a. */
export function expectMatmulBackwardA(bench: Workbench, m: number, k: number, n: number): void {
  const [da, dOut, b] = [bench.tensor([m, k]), bench.tensor([m, n]), bench.tensor([k, n])];
  const expected = naive.matmulBackwardA(da, dOut, b);
  bench.kernels.matmulBackwardA(da, dOut, b);
  bench.expectResult('da', da, expected, n + 1);
  bench.expectOnlyWritten(da);
}

/** Judges the gradient of b. */
export function expectMatmulBackwardB(bench: Workbench, m: number, k: number, n: number): void {
  const [db, a, dOut] = [bench.tensor([k, n]), bench.tensor([m, k]), bench.tensor([m, n])];
  const expected = naive.matmulBackwardB(db, a, dOut);
  bench.kernels.matmulBackwardB(db, a, dOut);
  bench.expectResult('db', db, expected, m + 1);
  bench.expectOnlyWritten(db);
}

/** matmul and its gradients, bias and its gradient. */
export function describeProducts(kernels: KernelsUnderTest): void {
  const properly = (check: (bench: Workbench, m: number, k: number, n: number) => void): void => {
    fc.assert(
      fc.property(sizes(3), seed, ([m, k, n], s) => {
        check(new Workbench(kernels(), s), m, k, n);
      }),
      { examples: EXAMPLES },
    );
  };

  describe('matmul', () => {
    it('adds a · b to what was there', () => {
      properly(expectMatmul);
    });

    it('adds dOut · bᵀ to the gradient of a', () => {
      properly(expectMatmulBackwardA);
    });

    it('adds aᵀ · dOut to the gradient of b', () => {
      properly(expectMatmulBackwardB);
    });

    it('and both gradients are right where blocks of rows and of depth end', () => {
      atNotoriousSizes([7, 5, 18], (m, k, n) => {
        expectMatmul(new Workbench(kernels(), m), m, k, n);
        expectMatmulBackwardA(new Workbench(kernels(), k), m, k, n);
        expectMatmulBackwardB(new Workbench(kernels(), n), m, k, n);
      });
    });

    it('takes the axes behind the first as one', () => {
      const bench = new Workbench(kernels(), 1);
      const [out, a, b] = [bench.tensor([5, 2, 3]), bench.tensor([5, 7]), bench.tensor([7, 3, 2])];
      const expected = naive.matmul(out, a, b);
      kernels().matmul(out, a, b);
      bench.expectResult('out', out, expected, 8);
    });

    it('works on rows of a larger tensor and leaves its other rows alone', () => {
      const bench = new Workbench(kernels(), 2);
      const [sequence, a, b] = [bench.tensor([3, 5, 6]), bench.tensor([5, 7]), bench.tensor([7, 6])];
      const before = [...sequence.data];
      const expected = naive.matmul(sequence.row(1), a, b);
      kernels().matmul(sequence.row(1), a, b);
      bench.expectResult('out', sequence.row(1), expected, 8);
      expect([...sequence.row(0).data]).toEqual(before.slice(0, 30));
      expect([...sequence.row(2).data]).toEqual(before.slice(60));
    });

    it('does not hide NaN or infinity behind a zero', () => {
      const zeros = (bench: Workbench, shape: number[]): Tensor => bench.tensor(shape, () => 0);
      for (const special of [NaN, Infinity]) {
        for (const size of [1, 3, 8, 13]) {
          const bench = new Workbench(kernels(), size);
          const poisoned = bench.tensor([size, size], (at) => (at === size * size - 1 ? special : 1));
          const last = (tensor: Tensor, axis: 'row' | 'column'): boolean =>
            tensor.data.every(
              (x: number, at: number) =>
                Number.isNaN(x) === ((axis === 'row' ? Math.floor(at / size) : at % size) === size - 1),
            );
          const outs = Array.from({ length: 6 }, () => bench.tensor([size, size]));
          const zero = zeros(bench, [size, size]);
          kernels().matmul(outs[0], poisoned, zero);
          kernels().matmul(outs[1], zero, poisoned);
          kernels().matmulBackwardA(outs[2], poisoned, zero);
          kernels().matmulBackwardA(outs[3], zero, poisoned);
          kernels().matmulBackwardB(outs[4], poisoned, zero);
          kernels().matmulBackwardB(outs[5], zero, poisoned);
          const axes = ['row', 'column', 'row', 'column', 'row', 'column'] as const;
          outs.forEach((out, which) => {
            expect(last(out, axes[which]), `product ${which} of size ${size} with ${special}`).toBe(true);
          });
        }
      }
    });
  });

  describe('bias', () => {
    it('becomes every row', () => {
      properly((bench, m, _, n) => {
        const [out, b] = [bench.tensor([m, n]), bench.tensor([n])];
        kernels().bias(out, b);
        expectSame('out', out.data, naive.bias(out, b).values);
        bench.expectOnlyWritten(out);
      });
    });

    it('gets the sum of the rows added to its gradient', () => {
      properly((bench, m, _, n) => {
        const [dBias, dOut] = [bench.tensor([n]), bench.tensor([m, n])];
        const expected = naive.biasBackward(dBias, dOut);
        kernels().biasBackward(dBias, dOut);
        bench.expectResult('dBias', dBias, expected, m);
        bench.expectOnlyWritten(dBias);
      });
    });

    it('passes NaN on, forward and back, in its own column', () => {
      const bench = new Workbench(kernels(), 4);
      const [out, b] = [bench.tensor([6, 7]), bench.tensor([7], (at) => (at === 5 ? NaN : at))];
      kernels().bias(out, b);
      expect(out.data.every((x: number, at: number) => Number.isNaN(x) === (at % 7 === 5))).toBe(true);
      const dBias = bench.tensor([7]);
      kernels().biasBackward(
        dBias,
        bench.tensor([6, 7], (at) => (at === 3 * 7 + 5 ? NaN : 1)),
      );
      expect(dBias.data.every((x: number, at: number) => Number.isNaN(x) === (at === 5))).toBe(true);
    });
  });
}

/** embedding and its gradient. */
export function describeEmbedding(kernels: KernelsUnderTest): void {
  const properly = (check: (bench: Workbench, m: number, v: number, n: number) => void): void => {
    fc.assert(
      fc.property(sizes(3), seed, ([m, v, n], s) => {
        check(new Workbench(kernels(), s), m, v, n);
      }),
    );
  };

  describe('embedding', () => {
    it('adds the rows that the indices name', () => {
      properly((bench, m, v, n) => {
        const [out, table, indices] = [bench.tensor([m, n]), bench.tensor([v, n]), bench.indices(m, v)];
        const expected = naive.embedding(out, table, indices);
        kernels().embedding(out, table, indices);
        bench.expectResult('out', out, expected, 1);
        bench.expectOnlyWritten(out);
      });
    });

    it('is the product with a one-hot matrix', () => {
      properly((bench, m, v, n) => {
        const [one, two] = [bench.tensor([m, n], () => 0), bench.tensor([m, n], () => 0)];
        const [table, indices] = [bench.tensor([v, n]), bench.indices(m, v)];
        const oneHot = bench.tensor([m, v], (at) => (indices.data[Math.floor(at / v)] === at % v ? 1 : 0));
        kernels().embedding(one, table, indices);
        kernels().matmul(two, oneHot, table);
        expectSame('embedding', one.data, two.data);
      });
    });

    it('adds gradients to the rows that the indices name, as often as they name them', () => {
      properly((bench, m, v, n) => {
        const [dTable, dOut, indices] = [bench.tensor([v, n]), bench.tensor([m, n]), bench.indices(m, v)];
        const expected = naive.embeddingBackward(dTable, dOut, indices);
        kernels().embeddingBackward(dTable, dOut, indices);
        bench.expectResult('dTable', dTable, expected, m);
        bench.expectOnlyWritten(dTable);
      });
    });

    it('passes NaN on to the rows concerned and no other', () => {
      const bench = new Workbench(kernels(), 5);
      const [out, table, indices] = [
        bench.tensor([4, 3]),
        bench.tensor([5, 3], (at) => (Math.floor(at / 3) === 2 ? NaN : 1)),
        bench.indices(4, 5, (at) => [0, 2, 4, 2][at]),
      ];
      kernels().embedding(out, table, indices);
      expect(out.data.every((x: number, at: number) => Number.isNaN(x) === (Math.floor(at / 3) % 2 === 1))).toBe(true);
      const dTable = bench.tensor([5, 3]);
      kernels().embeddingBackward(
        dTable,
        bench.tensor([4, 3], (at) => (at < 3 ? NaN : 1)),
        indices,
      );
      expect(dTable.data.every((x: number, at: number) => Number.isNaN(x) === at < 3)).toBe(true);
    });
  });
}
