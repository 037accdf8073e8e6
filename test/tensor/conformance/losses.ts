import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seed } from '../../support/generators.ts';
import { anySize, sizes } from '../../support/sizes.ts';
import { expectWithin, negligible, roundoff } from '../../support/tolerances.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

const spread = fc.constantFrom(0.01, 1, 10, 80);
const pressure = fc.constantFrom(0, 1, 10);
const scales = fc.constantFrom(1, 0.05, 1 / 64, 2.5);

/** softmaxCrossEntropy and mseWithPositivePressure, forward and back. */
export function describeLosses(kernels: KernelsUnderTest): void {
  describe('softmaxCrossEntropy', () => {
    const properly = (check: (bench: Workbench, rows: number, classes: number, size: number) => void): void => {
      fc.assert(
        fc.property(sizes(2), spread, seed, ([rows, classes], size, s) => {
          check(new Workbench(kernels(), s), rows, classes, size);
        }),
        { examples: [[[64, 128], 10, 1]] },
      );
    };
    const judge = (
      loss: number,
      probabilities: ArrayLike<number>,
      expected: ReturnType<typeof naive.softmaxCrossEntropy>,
    ) => {
      const { precision } = kernels().arena;
      const V = expected.probabilities.length / expected.losses.length;
      const unit = roundoff(precision);
      const tail = negligible(precision);
      const bound = (at: number): number => (V + expected.distance[at] + 8) * unit * expected.probabilities[at] + tail;
      expectWithin('probabilities', probabilities, expected.probabilities, bound);
      const lossBound = expected.losses.reduce((sum, row) => sum + (V + row + 8) * unit, 0);
      expectWithin('loss', [loss], [expected.losses.reduce((a, b) => a + b, 0)], () => lossBound);
    };

    it('gives the probabilities and the sum of the rows’ losses', () => {
      properly((bench, rows, classes, size) => {
        const logits = bench.tensor([rows, classes], () => size * (2 * bench.random() - 1));
        const [probabilities, targets] = [bench.tensor([rows, classes]), bench.indices(rows, classes)];
        const expected = naive.softmaxCrossEntropy(logits, targets);
        judge(kernels().softmaxCrossEntropy(probabilities, logits, targets), probabilities.data, expected);
        bench.expectOnlyWritten(probabilities);
      });
    });

    it('may write the probabilities over the logits', () => {
      properly((bench, rows, classes, size) => {
        const logits = bench.tensor([rows, classes], () => size * (2 * bench.random() - 1));
        const targets = bench.indices(rows, classes);
        const expected = naive.softmaxCrossEntropy(logits, targets);
        judge(kernels().softmaxCrossEntropy(logits, logits, targets), logits.data, expected);
        bench.expectOnlyWritten(logits);
      });
    });

    it('neither overflows nor loses anything for huge logits', () => {
      for (const huge of [1e4, 1e10, 1e30]) {
        const bench = new Workbench(kernels(), 1);
        const logits = bench.tensor([2, 5], (at) => [huge, huge, -huge, 0, -Infinity][at % 5]);
        const [probabilities, targets] = [bench.tensor([2, 5]), bench.indices(2, 5, () => 0)];
        expect(kernels().softmaxCrossEntropy(probabilities, logits, targets)).toBeCloseTo(2 * Math.LN2, 5);
        const tail = negligible(kernels().arena.precision);
        expectWithin('probabilities', probabilities.data, [0.5, 0.5, 0, 0, 0, 0.5, 0.5, 0, 0, 0], () => tail);
      }
      const bench = new Workbench(kernels(), 2);
      const logits = bench.tensor([1, 3], (at) => [1e4, -1e4, -1e4][at]);
      const loss = kernels().softmaxCrossEntropy(
        bench.tensor([1, 3]),
        logits,
        bench.indices(1, 3, () => 1),
      );
      expect(loss, 'the loss of a class that is certain not to come is finite').toBeCloseTo(2e4, 0);
    });

    it('does not depend on what is added to all logits of a row', () => {
      const bench = new Workbench(kernels(), 3);
      const logits = bench.tensor([3, 7], () => Math.round(64 * bench.random()) / 16);
      const shifted = bench.tensor([3, 7], (at) => logits.data[at] + 512);
      const targets = bench.indices(3, 7);
      const [p, q] = [bench.tensor([3, 7]), bench.tensor([3, 7])];
      expect(kernels().softmaxCrossEntropy(p, logits, targets)).toBe(
        kernels().softmaxCrossEntropy(q, shifted, targets),
      );
      expect([...p.data]).toEqual([...q.data]);
    });

    it('gives a loss that is not finite when a logit is NaN or +infinity, wherever it stands', () => {
      for (const special of [NaN, Infinity]) {
        for (const classes of [1, 4, 5, 13]) {
          for (const place of new Set([0, classes >> 1, classes - 1])) {
            const bench = new Workbench(kernels(), place);
            const logits = bench.tensor([2, classes], (at) => (at === place ? special : 1));
            const probabilities = bench.tensor([2, classes]);
            const targets = bench.indices(2, classes, () => classes - 1);
            expect(kernels().softmaxCrossEntropy(probabilities, logits, targets)).not.toSatisfy(Number.isFinite);
            expect(probabilities.data.subarray(0, classes).some(Number.isNaN)).toBe(true);
            expect([...probabilities.data.subarray(classes)].every(Number.isFinite), 'the other row').toBe(true);
          }
        }
      }
    });

    it('adds scale · (p - onehot) to the gradient', () => {
      fc.assert(
        fc.property(sizes(2), scales, seed, ([rows, classes], scale, s) => {
          const bench = new Workbench(kernels(), s);
          const [dLogits, p] = [bench.tensor([rows, classes]), bench.tensor([rows, classes], () => bench.random())];
          const targets = bench.indices(rows, classes);
          const before = [...dLogits.data];
          const hot = (at: number): number => (targets.data[Math.floor(at / classes)] === at % classes ? 1 : 0);
          const expected = naive.elementwise(
            dLogits,
            (at) => before[at] + scale * (p.data[at] - hot(at)),
            (at) => Math.abs(before[at]) + scale * (p.data[at] + hot(at)),
          );
          kernels().softmaxCrossEntropyBackward(dLogits, p, targets, scale);
          bench.expectResult('dLogits', dLogits, expected, 4);
          bench.expectOnlyWritten(dLogits);
        }),
      );
    });

    it('passes NaN in the probabilities on to the gradient', () => {
      const bench = new Workbench(kernels(), 4);
      const [dLogits, p] = [bench.tensor([2, 5]), bench.tensor([2, 5], (at) => (at === 7 ? NaN : 0.2))];
      kernels().softmaxCrossEntropyBackward(dLogits, p, bench.indices(2, 5), 0.5);
      expect([...dLogits.data].map(Number.isNaN).indexOf(true)).toBe(7);
      expect([...dLogits.data].map(Number.isNaN).lastIndexOf(true)).toBe(7);
    });
  });

  describe('mseWithPositivePressure', () => {
    it('adds up squared errors and the pressure on negative predictions', () => {
      fc.assert(
        fc.property(sizes(2), pressure, seed, ([rows, columns], force, s) => {
          const bench = new Workbench(kernels(), s);
          const [p, targets] = [bench.tensor([rows, columns]), bench.tensor([rows * columns])];
          let expected = 0;
          p.data.forEach((x: number, at: number) => {
            expected += (targets.data[at] - x) ** 2 + force * Math.max(-x, 0);
          });
          const loss = kernels().mseWithPositivePressure(p, targets, force);
          const bound = (p.size + 4) * roundoff(kernels().arena.precision) * expected;
          expectWithin('loss', [loss], [expected], () => bound);
          bench.expectOnlyWritten();
        }),
      );
    });

    it('adds its gradient, times scale', () => {
      fc.assert(
        fc.property(anySize, pressure, scales, seed, (size, force, scale, s) => {
          const bench = new Workbench(kernels(), s);
          const [dP, p, targets] = [bench.tensor([size]), bench.tensor([size, 1]), bench.tensor([size])];
          const before = [...dP.data];
          const pull = (at: number): number => (p.data[at] < 0 ? force : 0);
          const expected = naive.elementwise(
            dP,
            (at) => before[at] + scale * (2 * (p.data[at] - targets.data[at]) - pull(at)),
            (at) => Math.abs(before[at]) + scale * (2 * Math.abs(p.data[at] - targets.data[at]) + pull(at)),
          );
          kernels().mseWithPositivePressureBackward(dP, p, targets, force, scale);
          bench.expectResult('dPredictions', dP, expected, 6);
          bench.expectOnlyWritten(dP);
        }),
      );
    });

    it('presses on numbers below zero only, not on zero itself', () => {
      const bench = new Workbench(kernels(), 1);
      const [p, targets] = [bench.tensor([4], (at) => [0, -0, 1, -1][at]), bench.tensor([4], () => 0)];
      const dP = bench.tensor([4], () => 0);
      expect(kernels().mseWithPositivePressure(p, targets, 10)).toBe(12);
      kernels().mseWithPositivePressureBackward(dP, p, targets, 10, 1);
      expect([...dP.data].map((x) => x + 0)).toEqual([0, 0, 2, -12]);
    });

    it('passes NaN in predictions and targets on, into the loss and the gradient', () => {
      for (const force of [0, 10]) {
        for (const which of [0, 1]) {
          const bench = new Workbench(kernels(), which);
          const operands = [bench.tensor([7]), bench.tensor([7])] as const;
          operands[which].data[5] = NaN;
          expect(kernels().mseWithPositivePressure(...operands, force)).toBeNaN();
          const dP = bench.tensor([7]);
          kernels().mseWithPositivePressureBackward(dP, ...operands, force, 1);
          expect([...dP.data].map(Number.isNaN)).toEqual([false, false, false, false, false, true, false]);
        }
      }
    });
  });
}
