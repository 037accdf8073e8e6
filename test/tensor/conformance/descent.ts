import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { MomentumSettings, RmspropSettings, Tensor } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { anySize } from '../../support/sizes.ts';
import { expectSame } from '../../support/tolerances.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

const anyRate = fc.constantFrom(1e-4, 0.005, 1);
const anyMomentum: fc.Arbitrary<MomentumSettings> = fc.record({
  learningRate: anyRate,
  momentum: fc.constantFrom(0.3, 0.9, 0.99),
  nesterov: fc.boolean(),
});
const anyRmsprop: fc.Arbitrary<RmspropSettings> = fc.record({
  learningRate: anyRate,
  decay: fc.constantFrom(0, 0.9, 0.99),
  epsilon: fc.constantFrom(1e-8, 1e-3),
});

/** clip, sgd, sgdMomentum and rmsprop. */
export function describeDescent(kernels: KernelsUnderTest): void {
  const rounded = (value: number): number => (kernels().arena.precision === 'float32' ? Math.fround(value) : value);
  const nanPlaces = ({ data }: Tensor): number[] => [...data].flatMap((x, at) => (Number.isNaN(x) ? [at] : []));

  describe('clip', () => {
    it('brings every number within the limit, and says whether one was outside', () => {
      fc.assert(
        fc.property(anySize, fc.constantFrom(1e-3, 0.1, 0.5, 0.99, 2), seed, (size, limit, s) => {
          const bench = new Workbench(kernels(), s);
          const a = bench.tensor([size]);
          const [before, bound] = [[...a.data], rounded(limit)];
          expect(kernels().clip(a, limit)).toBe(before.some((x) => x < -bound || x > bound));
          expectSame(
            'a',
            a.data,
            before.map((x) => (x < -bound ? -bound : x > bound ? bound : x)),
          );
          bench.expectOnlyWritten(a);
        }),
      );
    });

    it('finds a single number that is outside, wherever it stands and whatever its sign', () => {
      for (let at = 0; at < 27; at++) {
        for (const value of [-2, 2, Infinity, -Infinity]) {
          const bench = new Workbench(kernels(), at);
          const a = bench.tensor([27], (index) => (index === at ? value : 0.1 * (index % 5)));
          expect(kernels().clip(a, 1)).toBe(true);
          expect(a.data[at]).toBe(Math.sign(value));
          expect(kernels().clip(a, 1), 'not twice').toBe(false);
        }
      }
    });

    it('leaves NaN where it is', () => {
      const bench = new Workbench(kernels(), 1);
      const a = bench.tensor([11], (at) => ([1, 9].includes(at) ? NaN : 0.5));
      expect(kernels().clip(a, 1)).toBe(false);
      expect(nanPlaces(a)).toEqual([1, 9]);
    });
  });

  describe('sgd', () => {
    it('goes down the gradient by the learning rate', () => {
      fc.assert(
        fc.property(anySize, anyRate, seed, (size, learningRate, s) => {
          const bench = new Workbench(kernels(), s);
          const [w, g] = [bench.tensor([size]), bench.tensor([size])];
          const expected = naive.descent(w, g, undefined, { learningRate, momentum: 0, nesterov: false });
          kernels().sgd(w, g, learningRate);
          bench.expectResult('parameters', w, expected.w, 3);
          bench.expectOnlyWritten(w);
        }),
      );
    });

    it('passes NaN in the gradient on to that parameter alone', () => {
      const bench = new Workbench(kernels(), 4);
      const [w, g] = [bench.tensor([11]), bench.tensor([11])];
      g.data[9] = NaN;
      kernels().sgd(w, g, 0.1);
      expect(nanPlaces(w)).toEqual([9]);
    });
  });

  describe('sgdMomentum', () => {
    it('goes down the velocity, or one step ahead of it', () => {
      fc.assert(
        fc.property(anySize, anyMomentum, seed, (size, settings, s) => {
          const bench = new Workbench(kernels(), s);
          const [w, g, velocity] = [bench.tensor([size]), bench.tensor([size]), bench.tensor([size])];
          const expected = naive.descent(w, g, velocity, settings);
          kernels().sgdMomentum(w, g, velocity, settings);
          bench.expectResult('velocity', velocity, expected.velocity, 3);
          bench.expectResult('parameters', w, expected.w, 8);
          bench.expectOnlyWritten(w, velocity);
        }),
      );
    });

    it.each([false, true])('keeps going where there is no gradient any more: nesterov %s', (nesterov) => {
      const bench = new Workbench(kernels(), 2);
      const [w, zeros] = [bench.tensor([9], () => 1), bench.tensor([9], () => 0)];
      const velocity = bench.tensor([9], () => 1);
      kernels().sgdMomentum(w, zeros, velocity, { learningRate: 0.5, momentum: 0.5, nesterov });
      expect([...velocity.data]).toEqual(Array(9).fill(0.5));
      expect([...w.data]).toEqual(Array(9).fill(nesterov ? 0.875 : 0.75));
    });

    it('passes NaN in the gradient on to that parameter alone', () => {
      const bench = new Workbench(kernels(), 4);
      const [w, g, velocity] = [bench.tensor([11]), bench.tensor([11]), bench.tensor([11])];
      g.data[9] = NaN;
      kernels().sgdMomentum(w, g, velocity, { learningRate: 0.1, momentum: 0.9, nesterov: true });
      for (const tensor of [w, velocity]) expect(nanPlaces(tensor)).toEqual([9]);
    });
  });

  describe('rmsprop', () => {
    it('divides the gradient by the root of its mean square', () => {
      fc.assert(
        fc.property(anySize, anyRmsprop, seed, (size, settings, s) => {
          const bench = new Workbench(kernels(), s);
          const [w, g] = [bench.tensor([size]), bench.tensor([size])];
          const square = bench.tensor([size], () => bench.random());
          const expected = naive.rmsprop(w, g, square, settings);
          kernels().rmsprop(w, g, square, settings);
          bench.expectResult('square', square, expected.square, 8);
          bench.expectResult('parameters', w, expected.w, 16);
          bench.expectOnlyWritten(w, square);
        }),
      );
    });

    it('has ε beside the root, as PyTorch has it', () => {
      const bench = new Workbench(kernels(), 3);
      const one = (value: number): Tensor => bench.tensor([1], () => value);
      const [w, g, square] = [one(0), one(1e-5), one(0)];
      kernels().rmsprop(w, g, square, { learningRate: 1, decay: 0, epsilon: 1e-5 });
      expect(w.data[0]).toBeCloseTo(-0.5, 5);
    });

    it('leaves a parameter without a gradient where it is, and passes NaN on to its own alone', () => {
      const bench = new Workbench(kernels(), 4);
      const [w, g, square] = [bench.tensor([11]), bench.tensor([11], () => 0), bench.tensor([11], () => 0)];
      const before = [...w.data];
      const settings = { learningRate: 0.1, decay: 0.9, epsilon: 1e-8 };
      kernels().rmsprop(w, g, square, settings);
      expect([...w.data]).toEqual(before);
      g.data[9] = NaN;
      kernels().rmsprop(w, g, square, settings);
      for (const tensor of [w, square]) expect(nanPlaces(tensor)).toEqual([9]);
    });
  });
}
