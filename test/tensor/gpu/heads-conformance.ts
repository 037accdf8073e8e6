import fc from 'fast-check';
import { it } from 'vitest';

import * as headKernels from '../../../src/tensor/gpu/heads.kernels.ts';
import * as optimizer from '../../../src/tensor/gpu/optimizer.kernels.ts';
import { seed } from '../../support/generators.ts';
import { expectWithin } from '../../support/tolerances.ts';
import { expectEach, range, Sum, sumOf, UNIT, type KernelsUnderTest } from './judged.ts';
import { Operands } from './run-kernel.ts';

/** Heads, losses, clipping and Adam. */
export function describeHeads({ run, runs, forAnyShape }: KernelsUnderTest): void {
  it('heads: outputs, losses, and their gradients', () =>
    forAnyShape(async ({ layout, T, B, H, operands }) => {
      const { columns: Q, constants, starts } = layout.heads;
      const { seen, first } = constants;
      const sizes = [1, 5, 3];
      const scales = [0.3, 0.2, 1.5];
      const pack = operands.array([Q, H + 1, 3]);
      const { planes } = constants;
      const hidden = operands.array([H, B, planes * T]);
      const outputs = await run(headKernels.headOutputs, [Q, B, seen], constants, [pack, hidden]);
      const judgeOutputs = (s: number, b: number, x: number): Sum =>
        sumOf([pack.at(0, H, x), ...range(H).map((k) => hidden.at(planes * (first + s), b, k) * pack.at(0, k, x))]);
      expectEach('outputs', outputs, judgeOutputs, H + 2);

      const described = operands.array([5, 3], (at) => {
        const head = Math.floor(at / 5);
        return [starts[head], sizes[head], Number(head === 0), head === 0 ? 10 : 0, scales[head]][at % 5];
      });
      const targets = operands.array([3, B, 2 * seen], (at) => {
        const head = at % 3;
        return head === 0 ? 2 * operands.random() - 1 : Math.floor(operands.random() * sizes[head]);
      });
      const softmax = (s: number, b: number, head: number) => {
        const logits = range(sizes[head]).map((k) => outputs.at(s, b, starts[head] + k));
        const most = Math.max(...logits);
        return { logits, lse: most + Math.log(sumOf(logits.map((z) => Math.exp(z - most))).value) };
      };
      const rows = await run(headKernels.rowLosses, [6, B, seen], constants, [outputs, targets, described, seen]);
      const loss = (s: number, b: number, head: number): number => {
        const target = targets.at(seen + s, b, head);
        const p = outputs.at(s, b, starts[head]);
        if (head === 0) return (target - p) ** 2 + 10 * Math.max(-p, 0);
        const { logits, lse } = softmax(s, b, head);
        return lse - logits[target];
      };
      const judgeRows = (s: number, b: number, x: number): Sum => {
        const value = x >= 3 ? loss(s, b, x - 3) : x === 0 ? 0 : softmax(s, b, x).lse;
        return Object.assign(new Sum(), { value, magnitude: 8 + 4 * Math.abs(value) });
      };
      expectEach('rows', rows, judgeRows, 8);
      const sums = await run(headKernels.stepLosses, [3, seen], constants, [rows]);
      expectEach('losses', sums, (_, s, head) => sumOf(range(B).map((b) => rows.at(s, b, 3 + head))), B + 1);

      const headOf = operands.array([1, Q], (x) => starts.findLastIndex((start) => start <= x));
      const args = [outputs, rows, targets, described, headOf, seen];
      const slopes = await run(headKernels.outputGradients, [Q, B, seen], constants, args);
      const judgeSlopes = (s: number, b: number, x: number): Sum => {
        const head = headOf.at(0, x, 0);
        const target = targets.at(seen + s, b, head);
        const value = outputs.at(s, b, x);
        const slope =
          head === 0
            ? 2 * (value - target) - (value < 0 ? 10 : 0)
            : Math.exp(value - softmax(s, b, head).lse) - Number(x === starts[head] + target);
        return Object.assign(new Sum(), { value: scales[head] * slope, magnitude: scales[head] * 12 });
      };
      expectEach('slopes', slopes, judgeSlopes, 16);

      const gradient = await run(headKernels.headGradients, [Q, H + 1], constants, [hidden, slopes]);
      const judgeGradient = (_: number, y: number, x: number): Sum =>
          sumOf(range(seen).flatMap((s) => range(B).map((b) => (y === H ? 1 : hidden.at(planes * (first + s), b, y)) * slopes.at(s, b, x)))); // prettier-ignore
      expectEach('gradient', gradient, judgeGradient, seen * B + 1);
      const above = await run(headKernels.hiddenGradients, [H, B, seen], constants, [pack, slopes]);
      const judgeAbove = (s: number, b: number, x: number): Sum =>
        sumOf(range(Q).map((q) => slopes.at(s, b, q) * pack.at(0, x, q)));
      expectEach('above', above, judgeAbove, Q + 1);
    }));

  it('sumSquares and foldSums add up the squares of gradients of any size', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 70 }),
        seed,
        async (rows, columns, s) => {
          // prettier-ignore
          const [gradient, others] = [new Operands(s).array([columns, rows]), new Operands(s + 1).array([24, 8])];
          const each = { columnsEach: Math.ceil(columns / 24), rowsEach: Math.ceil(rows / 8) };
          const constants = { rows, columns, sums: 24, parts: 8, ...each };
          const many = await run(optimizer.sumSquares, [24, 8], constants, [gradient, others]);
          const few = await run(optimizer.foldSums, [7], { sums: 24, parts: 8, fewer: 7, each: 4 }, [many]);
          const expected = sumOf([...gradient.data].map((g) => g * g).concat([...others.data]));
          const found = sumOf(few.data);
          expectWithin('sum', [found.value], [expected.value], () => rows * columns * UNIT * expected.magnitude);
        },
      ),
      { numRuns: runs },
    ));

  it('clipAndAdam clips by the norm and moves moments and weights as Adam does', () =>
    fc.assert(
      fc.asyncProperty(seed, fc.constantFrom(-1, 0.5, 1e6), async (s, clip) => {
        const operands = new Operands(s);
        const pack = operands.array([5, 4, 3], (at) => (at < 40 ? 2 * operands.random() - 1 : operands.random()));
        const gradient = operands.array([5, 4]);
        const squares = operands.array([6], () => operands.random());
        const row = [0.01, 1e-7, 0.9, 0.1, 0.999, 0.001, clip];
        const rates = operands.array([7, 3], (at) => (at >= 14 ? row[at - 14] : 0));
        const out = await run(optimizer.clipAndAdam, [5, 4, 3], { fewer: 6 }, [pack, gradient, squares, rates, 2]);
        const norm = Math.sqrt(sumOf(squares.data).value);
        const shrink = clip >= 0 && norm > clip ? clip / norm : 1;
        const judge = (z: number, y: number, x: number): Sum => {
          const g = gradient.at(0, y, x) * shrink;
          const m = new Sum().add(0.9 * pack.at(1, y, x)).add(0.1 * g);
          const v = new Sum().add(0.999 * pack.at(2, y, x)).add(0.001 * g * g);
          if (z > 0) return z === 1 ? m : v;
          const update = 0.01 / (Math.sqrt(v.value) + 1e-7);
          return Object.assign(new Sum(), {
            value: pack.at(0, y, x) - update * m.value,
            magnitude: Math.abs(pack.at(0, y, x)) + update * m.magnitude,
          });
        };
        expectEach('pack', out, judge, 24);
      }),
      { numRuns: runs },
    ));
}
