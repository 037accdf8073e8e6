import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ShapeError, type Tensor } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { sizes } from '../../support/sizes.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

/** The cell with peepholes, its way back, and the gradient of the peepholes. */
export function describePeephole(kernels: KernelsUnderTest): void {
  const made = (s: number, B: number, H: number, size: number) => {
    const bench = new Workbench(kernels(), s);
    const state = (): Tensor => bench.tensor([B, H]);
    const gates = bench.tensor([B, 4 * H], () => size * (2 * bench.random() - 1));
    const peephole = bench.tensor([3 * H]);
    return { bench, gates, peephole, cPrev: state(), c: state(), tanhC: state(), h: state(), state };
  };
  /** The peephole p of gate `k` (i f o) of unit `at` (row · H + j). */
  const seen = ({ data }: Tensor, k: number, at: number): number =>
    data[(k * data.length) / 3 + (at % (data.length / 3))];

  describe('peepholeCell', () => {
    it('is the cell of an LSTM whose gates see the cell', () => {
      fc.assert(
        fc.property(sizes(2), fc.constantFrom(1, 5, 40), seed, ([B, H], size, s) => {
          const { bench, gates, peephole, cPrev, c, tanhC, h } = made(s, B, H, size);
          const z = [...gates.data];
          kernels().peepholeCell(gates, peephole, cPrev, c, tanhC, h);
          const isGate = (at: number, k: number): boolean => Math.floor((at % (4 * H)) / H) === k;
          const unit = (at: number): number => Math.floor(at / (4 * H)) * H + (at % H);
          const looked = (at: number): number => {
            if (isGate(at, 2)) return 0;
            if (isGate(at, 3)) return seen(peephole, 2, unit(at)) * c.data[unit(at)];
            return seen(peephole, isGate(at, 0) ? 0 : 1, unit(at)) * cPrev.data[unit(at)];
          };
          const activation = (at: number): number => (isGate(at, 2) ? naive.tanh : naive.sigmoid)(z[at] + looked(at));
          const bound = (at: number): number => 4 + Math.abs(z[at]) + Math.abs(looked(at));
          bench.expectResult('gates', gates, naive.elementwise(gates, activation, bound), 1);
          const gate = (at: number) => naive.unitGates(gates.data, H, at);
          const cell = naive.elementwise(
            c,
            (at) => gate(at).f * cPrev.data[at] + gate(at).i * gate(at).g,
            (at) => Math.abs(gate(at).f * cPrev.data[at]) + Math.abs(gate(at).i * gate(at).g),
          );
          bench.expectResult('c', c, cell, 4);
          bench.expectResult('tanhC', tanhC, naive.elementwise(tanhC, (at) => naive.tanh(c.data[at]), () => 1), 4); // prettier-ignore
          bench.expectResult(
            'h',
            h,
            naive.elementwise(h, (at) => gate(at).o * tanhC.data[at]),
            4,
          );
          bench.expectOnlyWritten(gates, c, tanhC, h);
        }),
      );
    });

    it('goes back into the gates and the cell before, through the peepholes too', () => {
      fc.assert(
        fc.property(sizes(2), seed, ([B, H], s) => {
          const { bench, gates, peephole, cPrev, c, tanhC, h, state } = made(s, B, H, 3);
          kernels().peepholeCell(gates, peephole, cPrev, c, tanhC, h);
          const [dc, dh] = [state(), state()];
          const dzo = (at: number): number => {
            const { o } = naive.unitGates(gates.data, H, at);
            return dh.data[at] * tanhC.data[at] * (o - o * o);
          };
          // What reaches the cell before its gates look at it is an LSTM's, with the output gate's look added to `dc`.
          const into = naive.elementwise(
            dc,
            (at) => dc.data[at] + dzo(at) * seen(peephole, 2, at),
            (at) => Math.abs(dc.data[at]) + Math.abs(dh.data[at] * seen(peephole, 2, at)),
          );
          const expected = naive.cellBackward(into, dh, gates, cPrev, tanhC);
          const places = (at: number): number[] => naive.unitGates(gates.data, H, at).places;
          const looks = (at: number, of: Float64Array): number[] => [0, 1].map((k) => of[places(at)[k]] * seen(peephole, k, at)); // prettier-ignore
          const back = naive.elementwise(
            dc,
            (at) => looks(at, expected.dGates.values).reduce((sum, each) => sum + each, expected.dcPrev.values[at]),
            (at) => looks(at, expected.dGates.magnitudes).reduce((sum, each) => sum + Math.abs(each), expected.dcPrev.magnitudes[at]), // prettier-ignore
          );
          kernels().peepholeCellBackward(gates, peephole, dc, dh, cPrev, tanhC);
          bench.expectResult('gates', gates, expected.dGates, 16);
          bench.expectResult('dc', dc, back, 16);
          bench.expectOnlyWritten(gates, c, tanhC, h, dc);
        }),
      );
    });

    it('adds the gradient of the peepholes over all rows', () => {
      fc.assert(
        fc.property(sizes(2), seed, ([B, H], s) => {
          const { bench, gates, peephole: dPeephole, cPrev, c } = made(s, B, H, 1);
          const before = [...dPeephole.data];
          const terms = (at: number): number[] => {
            const [k, j] = [Math.floor(at / H), at % H];
            const state = k === 2 ? c : cPrev;
            return Array.from({ length: B }, (_, b) => gates.data[b * 4 * H + [0, 1, 3][k] * H + j] * state.data[b * H + j]); // prettier-ignore
          };
          const expected = naive.elementwise(
            dPeephole,
            (at) => terms(at).reduce((sum, each) => sum + each, before[at]),
            (at) => terms(at).reduce((sum, each) => sum + Math.abs(each), Math.abs(before[at])),
          );
          kernels().peepholeBackward(dPeephole, gates, cPrev, c);
          bench.expectResult('dPeephole', dPeephole, expected, B + 1);
          bench.expectOnlyWritten(dPeephole);
        }),
      );
    });

    it('refuses operands of other sizes, wherever they stand', () => {
      for (let wrong = 0; wrong < 5; wrong++) {
        const bench = new Workbench(kernels(), wrong);
        const [a, b, c, d] = [0, 1, 2, 3].map((at) => bench.tensor(at === wrong ? [2, 4] : [2, 5]));
        const [gates, peephole] = [bench.tensor([2, 20]), bench.tensor([wrong === 4 ? 16 : 15])];
        expect(() => { kernels().peepholeCell(gates, peephole, a, b, c, d); }).toThrow(ShapeError); // prettier-ignore
        expect(() => { kernels().peepholeCellBackward(gates, peephole, a, b, c, d); }).toThrow(ShapeError); // prettier-ignore
        if (wrong !== 2 && wrong !== 3) expect(() => { kernels().peepholeBackward(peephole, gates, a, b); }).toThrow(ShapeError); // prettier-ignore
        bench.expectOnlyWritten();
      }
    });
  });
}
