import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AdamSettings, Tensor } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { anySize } from '../../support/sizes.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

const DEFAULTS: AdamSettings = { learningRate: 0.005, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, step: 1 };
const anySettings: fc.Arbitrary<AdamSettings> = fc.record({
  learningRate: fc.constantFrom(1e-4, 0.005, 1),
  beta1: fc.constantFrom(0, 0.5, 0.9),
  beta2: fc.constantFrom(0, 0.9, 0.999),
  epsilon: fc.constantFrom(1e-8, 1e-7, 1e-3),
  step: fc.constantFrom(1, 2, 10, 100_000),
});

/** Adam. */
export function describeAdam(kernels: KernelsUnderTest): void {
  const operands = (bench: Workbench, size: number): [w: Tensor, g: Tensor, m: Tensor, v: Tensor] => [
    bench.tensor([size]),
    bench.tensor([size]),
    bench.tensor([size]),
    bench.tensor([size], () => bench.random()),
  ];

  describe('adam', () => {
    it('moves moments and parameters as the paper says', () => {
      fc.assert(
        fc.property(anySize, anySettings, seed, (size, settings, s) => {
          const bench = new Workbench(kernels(), s);
          const [w, g, m, v] = operands(bench, size);
          const expected = naive.adam(w, g, m, v, settings);
          kernels().adam(w, g, m, v, settings);
          bench.expectResult('m', m, expected.m, 8);
          bench.expectResult('v', v, expected.v, 8);
          bench.expectResult('parameters', w, expected.w, 16);
          bench.expectOnlyWritten(w, m, v);
        }),
      );
    });

    it('takes a first step of the learning rate against the sign of each gradient', () => {
      const bench = new Workbench(kernels(), 1);
      const zeros = (): Tensor => bench.tensor([6], () => 0);
      const [w, m, v] = [zeros(), zeros(), zeros()];
      kernels().adam(
        w,
        bench.tensor([6], (at) => [1, -1, 0.01, -100, 1000, 0][at]),
        m,
        v,
        DEFAULTS,
      );
      const signs = [1, -1, 1, -1, 1, 0];
      w.data.forEach((x: number, at: number) => {
        expect(x).toBeCloseTo(-0.005 * signs[at], 5);
      });
    });

    it('leaves a parameter without gradient or moments where it is', () => {
      const bench = new Workbench(kernels(), 2);
      const [w, zero] = [bench.tensor([9]), (): Tensor => bench.tensor([9], () => 0)];
      const [before, m, v] = [[...w.data], zero(), zero()];
      kernels().adam(w, zero(), m, v, DEFAULTS);
      expect([...w.data]).toEqual(before);
    });

    it('has ε beside the root of v, before the bias correction, as Keras has it', () => {
      const bench = new Workbench(kernels(), 3);
      const zero = (): Tensor => bench.tensor([1], () => 0);
      const [w, m, v] = [zero(), zero(), zero()];
      // √v = √0.001 · 1e-5; PyTorch's ε of the same size would move w by half the rate.
      kernels().adam(
        w,
        bench.tensor([1], () => 1e-5),
        m,
        v,
        { ...DEFAULTS, learningRate: 1, epsilon: 1e-5 },
      );
      expect(w.data[0]).toBeCloseTo(-Math.sqrt(0.001) / (Math.sqrt(0.001) + 1), 5);
    });

    it('passes NaN in the gradient on to that parameter alone', () => {
      const bench = new Workbench(kernels(), 4);
      const [w, g, m, v] = operands(bench, 11);
      g.data[9] = NaN;
      kernels().adam(w, g, m, v, DEFAULTS);
      for (const tensor of [w, m, v]) {
        expect([...tensor.data].flatMap((x, at) => (Number.isNaN(x) ? [at] : []))).toEqual([9]);
      }
    });
  });
}
