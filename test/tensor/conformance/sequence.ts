import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ShapeError, type Shape, type Tensor } from '../../../src/tensor/index.ts';
import { dimension, seed, smallDimension } from '../../support/generators.ts';
import { borderSizes } from '../../support/sizes.ts';
import { expectSame } from '../../support/tolerances.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

interface Sequence {
  gates: Tensor;
  h: Tensor;
  c: Tensor;
  tanhC: Tensor;
  recurrentKernel: Tensor;
}

/** Steps, sequences, units: the judge needs T · B · 4H² operations, so that only one of them is long. */
const lengths: fc.Arbitrary<[T: number, B: number, H: number]> = fc.oneof(
  fc.tuple(smallDimension, fc.integer({ min: 1, max: 9 }), dimension),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...borderSizes(300)), fc.integer({ min: 1, max: 9 })),
  fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.constantFrom(...borderSizes(140))),
);

/** A sequence of random gates, and the state before it. */
function sequence(bench: Workbench, T: number, B: number, H: number): Sequence {
  return {
    gates: bench.tensor([T, B, 4 * H], () => 3 * (2 * bench.random() - 1)),
    h: bench.tensor([T + 1, B, H]),
    c: bench.tensor([T + 1, B, H]),
    tanhC: bench.tensor([T, B, H]),
    recurrentKernel: bench.tensor([H, 4 * H]),
  };
}

/** Judges every step of lstmForward by what the step before stored. */
export function expectLstmForward(bench: Workbench, T: number, B: number, H: number): void {
  const { gates, h, c, tanhC, recurrentKernel } = sequence(bench, T, B, H);
  const input = bench.kernels.arena.tensor(gates.shape);
  input.data.set(gates.data);
  const before = [h, c].map((state) => [...state.row(0).data]);
  bench.kernels.lstmForward(gates, h, c, tanhC, recurrentKernel);
  expectSame('h[0]', h.row(0).data, before[0]);
  expectSame('c[0]', c.row(0).data, before[1]);
  for (let t = 0; t < T; t++) {
    const z = naive.matmul(input.row(t), h.row(t), recurrentKernel);
    const isTanh = (at: number): boolean => Math.floor((at % (4 * H)) / H) === 2;
    const activation = (at: number): number => (isTanh(at) ? naive.tanh : naive.sigmoid)(z.values[at]);
    const roundings = (at: number): number => 4 + (H + 1) * z.magnitudes[at];
    bench.expectResult(`gates[${t}]`, gates.row(t), naive.elementwise(gates.row(t), activation, roundings), 1);
    const gate = (at: number) => naive.unitGates(gates.row(t).data, H, at);
    const [cPrev, next] = [c.row(t).data, c.row(t + 1)];
    const cell = naive.elementwise(
      next,
      (at) => gate(at).f * cPrev[at] + gate(at).i * gate(at).g,
      (at) => gate(at).f * Math.abs(cPrev[at]) + gate(at).i * Math.abs(gate(at).g),
    );
    bench.expectResult(`c[${t + 1}]`, next, cell, 4);
    const squashed = tanhC.row(t);
    const one = (): number => 1;
    bench.expectResult(`tanhC[${t}]`, squashed, naive.elementwise(squashed, (at) => naive.tanh(next.data[at]), one), 4); // prettier-ignore
    bench.expectResult(`h[${t + 1}]`, h.row(t + 1), naive.elementwise(h.row(t + 1), (at) => gate(at).o * squashed.data[at]), 4); // prettier-ignore
  }
  bench.expectOnlyWritten(gates, h, c, tanhC);
}

/** Judges every step of lstmBackward by what the step behind stored. */
export function expectLstmBackward(bench: Workbench, T: number, B: number, H: number): void {
  const { gates, h, c, tanhC, recurrentKernel } = sequence(bench, T, B, H);
  bench.kernels.lstmForward(gates, h, c, tanhC, recurrentKernel);
  const [dh, dc] = [bench.tensor([T, B, H]), bench.tensor([B, H])];
  const copy = (tensor: Tensor): Tensor => {
    const made = bench.kernels.arena.tensor(tensor.shape);
    made.data.set(tensor.data);
    return made;
  };
  const [activations, above] = [copy(gates), copy(dh)];
  // The chain of cells is followed in double precision, its magnitudes beside it.
  const later = naive.elementwise(dc, (at) => dc.data[at]);
  const kept = [h, c, tanhC].map(({ data }) => data.slice());
  bench.kernels.lstmBackward(gates, dh, dc, c, tanhC, recurrentKernel);
  for (let t = T - 1; t >= 0; t--) {
    const [dz, dOut] = [gates.row(t), dh.row(t)];
    const fromAbove = above.row(t);
    if (t === T - 1) expectSame(`dh[${t}]`, dOut.data, fromAbove.data);
    else bench.expectResult(`dh[${t}]`, dOut, naive.matmulBackwardA(fromAbove, gates.row(t + 1), recurrentKernel), 4 * H + 1); // prettier-ignore
    const step = naive.cellBackward(later, dOut, activations.row(t), c.row(t), tanhC.row(t));
    bench.expectResult(`dz[${t}]`, dz, step.dGates, 8 * (T - t));
    Object.assign(later, step.dcPrev);
  }
  bench.expectResult('dc[0]', dc, later, 8 * T);
  [h, c, tanhC].forEach(({ data }, which) => {
    expectSame(['h', 'c', 'tanhC'][which], data, kept[which]);
  });
  bench.expectOnlyWritten(gates, h, c, tanhC, dh, dc);
}

/**
 * lstmForward and lstmBackward. Each step is judged by what the steps beside it stored, so that rounding does not add up
 * along the sequence and the bounds of the single operations hold.
 */
export function describeSequence(kernels: KernelsUnderTest): void {
  const properly = (check: (bench: Workbench, T: number, B: number, H: number) => void): void => {
    fc.assert(
      fc.property(lengths, seed, ([T, B, H], s) => {
        check(new Workbench(kernels(), s), T, B, H);
      }),
      { examples: [[[1, 1, 1], 1], [[25, 3, 8], 2], [[3, 64, 33], 3], [[2, 133, 3], 5], [[2, 2, 134], 4]] }, // prettier-ignore
    );
  };

  describe('lstmForward', () => {
    it('gives from a state that is known to be zero what it gives from one that is zero', () => {
      properly((bench, T, B, H) => {
        const { gates, h, c, tanhC, recurrentKernel } = sequence(bench, T, B, H);
        h.row(0).data.fill(0);
        const again = {
          gates: bench.tensor([T, B, 4 * H]),
          h: bench.tensor([T + 1, B, H]),
          tanhC: bench.tensor([T, B, H]),
        };
        again.gates.data.set(gates.data);
        again.h.row(0).data.fill(0);
        const c2 = bench.tensor([T + 1, B, H]);
        c2.data.set(c.data);
        kernels().lstmForward(gates, h, c, tanhC, recurrentKernel);
        kernels().lstmForward(again.gates, again.h, c2, again.tanhC, recurrentKernel, true);
        expectSame('h', again.h.data, h.data);
        expectSame('c', c2.data, c.data);
      });
    });

    it('does not look at a state that it is told is zero', () => {
      const { gates, h, c, tanhC, recurrentKernel } = sequence(new Workbench(kernels(), 5), 1, 2, 4);
      h.row(0).data.fill(NaN);
      kernels().lstmForward(gates, h, c, tanhC, recurrentKernel, true);
      expect(h.row(1).data.every(Number.isFinite)).toBe(true);
    });

    it('takes each step from the output and the cell of the one before', () => {
      properly(expectLstmForward);
    });

    it('carries NaN in one sequence of the batch to all its later steps, and to no other sequence', () => {
      const { gates, h, c, tanhC, recurrentKernel } = sequence(new Workbench(kernels(), 1), 4, 3, 5);
      gates.row(1).data[20 + 7] = NaN;
      kernels().lstmForward(gates, h, c, tanhC, recurrentKernel);
      const poisoned = Array.from({ length: 5 }, (_, slot) =>
        [0, 1, 2].filter((b) => h.row(slot).row(b).data.some(Number.isNaN)),
      );
      expect(poisoned).toEqual([[], [], [1], [1], [1]]);
      expect(h.row(3).row(1).data.every(Number.isNaN), 'one step later every unit has it').toBe(true);
    });
  });

  describe('lstmBackward', () => {
    it('goes back through the steps, through outputs and cells', () => {
      properly(expectLstmBackward);
    });
  });

  describe('sequences that do not fit', () => {
    const right = {
      gates: [3, 2, 20],
      h: [4, 2, 5],
      c: [4, 2, 5],
      tanhC: [3, 2, 5],
      kernel: [5, 20],
      dh: [3, 2, 5],
      dc: [2, 5],
    };
    const wrong: [keyof typeof right, Shape][] = [
      ['gates', [3, 2, 19]],
      ['gates', [2, 2, 20]],
      ['gates', [3, 40]],
      ['h', [3, 2, 5]],
      ['h', [4, 5, 2]],
      ['c', [3, 2, 5]],
      ['c', [4, 10]],
      ['tanhC', [4, 2, 5]],
      ['kernel', [20, 5]],
      ['kernel', [4, 20]],
      ['dh', [4, 2, 5]],
      ['dc', [5, 2]],
    ];
    it.each(wrong)('are refused before anything is written: %s %j', (name, shape) => {
      const bench = new Workbench(kernels(), 1);
      const shapes = { ...right, [name]: shape };
      const [gates, h, c, tanhC, kernel, dh, dc] = Object.values(shapes).map((each) => bench.tensor(each));
      if (name !== 'dh' && name !== 'dc') {
        expect(() => {
          kernels().lstmForward(gates, h, c, tanhC, kernel);
        }).toThrow(ShapeError);
      }
      if (name !== 'h') {
        expect(() => {
          kernels().lstmBackward(gates, dh, dc, c, tanhC, kernel);
        }).toThrow(ShapeError);
      }
      bench.expectOnlyWritten();
    });
  });
}
