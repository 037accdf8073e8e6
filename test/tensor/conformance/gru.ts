import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ShapeError, type Tensor } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { sizes } from '../../support/sizes.ts';
import { expectSame } from '../../support/tolerances.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

/** How large the pre-activations are: ordinary, large, saturated. */
const spread = fc.constantFrom(1, 5, 40, 1000);

/** tanh, tanhBackward, and the halves of a GRU's step with their ways back. */
export function describeGru(kernels: KernelsUnderTest): void {
  const properly = (check: (bench: Workbench, B: number, H: number, wide: () => number) => void): void => {
    fc.assert(
      fc.property(sizes(2), spread, seed, ([B, H], size, s) => {
        const bench = new Workbench(kernels(), s);
        check(bench, B, H, () => size * (2 * bench.random() - 1));
      }),
    );
  };
  /** A tensor like `like` in float64 precision of the kernels' numbers, from before an operation. */
  const before = ({ data }: Tensor): number[] => [...data];
  /** Where gate `k` of unit `at` (row · H + j) stands in `gates[B, 3H]`, and in `[B, 2H]`. */
  const place = (at: number, k: number, H: number, gates = 3): number =>
    Math.floor(at / H) * gates * H + k * H + (at % H);
  const sigmoids = (bench: Workbench, shape: number[], H: number): Tensor =>
    bench.tensor(shape, (at) => (Math.floor((at % (3 * H)) / H) === 2 ? 2 * bench.random() - 1 : bench.random()));

  describe('tanh', () => {
    it('squashes, also in place', () => {
      properly((bench, B, H, wide) => {
        const [out, a] = [bench.tensor([B * H]), bench.tensor([B, H], wide)];
        const expected = naive.elementwise(out, (at) => naive.tanh(a.data[at]), (at) => Math.abs(naive.tanh(a.data[at]))); // prettier-ignore
        kernels().tanh(out, a);
        bench.expectResult('out', out, expected, 8);
        bench.expectOnlyWritten(out);
        kernels().tanh(a, a);
        expectSame('in place', a.data, out.data);
      });
    });

    it('sends gradients back by the slope, and adds them', () => {
      properly((bench, B, H) => {
        const [da, dOut, out] = [bench.tensor([B, H]), bench.tensor([B, H]), bench.tensor([B * H])];
        const was = before(da);
        const expected = naive.elementwise(
          da,
          (at) => was[at] + dOut.data[at] * (1 - out.data[at] ** 2),
          (at) => Math.abs(was[at]) + Math.abs(dOut.data[at]),
        );
        kernels().tanhBackward(da, dOut, out);
        bench.expectResult('da', da, expected, 4);
        bench.expectOnlyWritten(da);
      });
    });
  });

  describe('gruGates', () => {
    it('opens reset and update gate, and applies the reset gate', () => {
      properly((bench, B, H, wide) => {
        const [gates, recurrent] = [bench.tensor([B, 3 * H], wide), bench.tensor([B, 2 * H], wide)];
        const [by, product] = [bench.tensor([B, H]), bench.tensor([B, H])];
        const z = before(gates);
        const u = (at: number): number => recurrent.data[Math.floor(at / (3 * H)) * 2 * H + (at % (3 * H))];
        const isCandidate = (at: number): boolean => at % (3 * H) >= 2 * H;
        const expected = naive.elementwise(
          gates,
          (at) => (isCandidate(at) ? z[at] : naive.sigmoid(z[at] + u(at))),
          (at) => (isCandidate(at) ? 0 : 4 + Math.abs(z[at]) + Math.abs(u(at))),
        );
        kernels().gruGates(gates, recurrent, by, product);
        bench.expectResult('gates', gates, expected, 1);
        const r = (at: number): number => gates.data[place(at, 0, H)];
        bench.expectResult(
          'product',
          product,
          naive.elementwise(product, (at) => r(at) * by.data[at]),
          1,
        );
        bench.expectOnlyWritten(gates, product);
      });
    });

    it('goes back into the reset gate and what it was applied to, and hands both gates on', () => {
      properly((bench, B, H) => {
        const gates = sigmoids(bench, [B, 3 * H], H);
        const [dRecurrent, dBy] = [bench.tensor([B, 2 * H]), bench.tensor([B, H])];
        const [dProduct, by] = [bench.tensor([B, H]), bench.tensor([B, H])];
        const [g, was] = [before(gates), before(dBy)];
        const r = (at: number): number => g[place(at, 0, H)];
        const dr = (at: number): number => dProduct.data[at] * by.data[at] * r(at) * (1 - r(at));
        const bound = (at: number): number => Math.abs(dProduct.data[at] * by.data[at] * r(at));
        const unit = (at: number, width: number): number => Math.floor(at / (width * H)) * H + (at % H);
        const isReset = (at: number, width: number): boolean => at % (width * H) < H;
        const gateOf = (at: number): number => Math.floor(at / (2 * H)) * 3 * H + (at % (2 * H));
        const expected = {
          gates: naive.elementwise(gates, (at) => (isReset(at, 3) ? dr(unit(at, 3)) : g[at]), (at) => (isReset(at, 3) ? bound(unit(at, 3)) : 0)),
          dRecurrent: naive.elementwise(dRecurrent, (at) => (isReset(at, 2) ? dr(unit(at, 2)) : g[gateOf(at)]), (at) => (isReset(at, 2) ? bound(unit(at, 2)) : 0)),
          dBy: naive.elementwise(dBy, (at) => was[at] + dProduct.data[at] * r(at), (at) => Math.abs(was[at]) + Math.abs(dProduct.data[at] * r(at))),
        }; // prettier-ignore
        kernels().gruGatesBackward(gates, dRecurrent, dBy, dProduct, by);
        bench.expectResult('gates', gates, expected.gates, 8);
        bench.expectResult('dRecurrent', dRecurrent, expected.dRecurrent, 8);
        bench.expectResult('dBy', dBy, expected.dBy, 2);
        bench.expectOnlyWritten(gates, dRecurrent, dBy);
      });
    });
  });

  describe('gruOutput', () => {
    it('mixes the candidate with the state before', () => {
      properly((bench, B, H, wide) => {
        const gates = bench.tensor([B, 3 * H], (at) => (at % (3 * H) < 2 * H ? bench.random() : wide()));
        const [candidate, hPrev, h] = [bench.tensor([B, H], wide), bench.tensor([B, H]), bench.tensor([B, H])];
        const g = before(gates);
        const unit = (at: number): number => Math.floor(at / (3 * H)) * H + (at % H);
        const isCandidate = (at: number): boolean => at % (3 * H) >= 2 * H;
        const expected = naive.elementwise(
          gates,
          (at) => (isCandidate(at) ? naive.tanh(g[at] + candidate.data[unit(at)]) : g[at]),
          (at) => (isCandidate(at) ? 4 + Math.abs(g[at]) + Math.abs(candidate.data[unit(at)]) : 0),
        );
        kernels().gruOutput(gates, candidate, hPrev, h);
        bench.expectResult('gates', gates, expected, 1);
        const [z, n] = [1, 2].map(
          (k) =>
            (at: number): number =>
              gates.data[place(at, k, H)],
        );
        const output = naive.elementwise(
          h,
          (at) => (1 - z(at)) * n(at) + z(at) * hPrev.data[at],
          (at) => Math.abs(n(at)) + Math.abs(z(at) * hPrev.data[at]),
        );
        bench.expectResult('h', h, output, 4);
        bench.expectOnlyWritten(gates, h);
      });
    });

    it('goes back into update gate, candidate and the state before', () => {
      properly((bench, B, H) => {
        const gates = sigmoids(bench, [B, 3 * H], H);
        const [dCandidate, dhPrev] = [bench.tensor([B, H]), bench.tensor([B, H])];
        const [dh, hPrev] = [bench.tensor([B, H]), bench.tensor([B, H])];
        const [g, was] = [before(gates), before(dhPrev)];
        const [z, n] = [1, 2].map(
          (k) =>
            (at: number): number =>
              g[place(at, k, H)],
        );
        const dz = (at: number): number => dh.data[at] * (hPrev.data[at] - n(at)) * z(at) * (1 - z(at));
        const dn = (at: number): number => dh.data[at] * (1 - z(at)) * (1 - n(at) ** 2);
        const bounds = {
          z: (at: number): number => Math.abs(dh.data[at]) * (Math.abs(hPrev.data[at]) + Math.abs(n(at))) * z(at),
          n: (at: number): number => Math.abs(dh.data[at]),
        };
        const unit = (at: number): number => Math.floor(at / (3 * H)) * H + (at % H);
        const of = (
          at: number,
          each: { r: () => number; z: (u: number) => number; n: (u: number) => number },
        ): number => [each.r, each.z, each.n][Math.floor((at % (3 * H)) / H)](unit(at));
        const expected = {
          gates: naive.elementwise(gates, (at) => of(at, { r: () => g[at], z: dz, n: dn }), (at) => of(at, { r: () => 0, ...bounds })),
          dCandidate: naive.elementwise(dCandidate, dn, bounds.n),
          dhPrev: naive.elementwise(dhPrev, (at) => was[at] + dh.data[at] * z(at), (at) => Math.abs(was[at]) + Math.abs(dh.data[at] * z(at))),
        }; // prettier-ignore
        kernels().gruOutputBackward(gates, dCandidate, dhPrev, dh, hPrev);
        bench.expectResult('gates', gates, expected.gates, 8);
        bench.expectResult('dCandidate', dCandidate, expected.dCandidate, 8);
        bench.expectResult('dhPrev', dhPrev, expected.dhPrev, 2);
        bench.expectOnlyWritten(gates, dCandidate, dhPrev);
      });
    });
  });

  it('the halves of a GRU pass NaN on to the unit that it stands in alone', () => {
    const nans = ({ data }: Tensor): number[] => [...data].flatMap((x, at) => (Number.isNaN(x) ? [at] : []));
    for (const gate of [0, 1, 2]) {
      const bench = new Workbench(kernels(), gate);
      const [gates, recurrent] = [bench.tensor([2, 21]), bench.tensor([2, 14])];
      const [by, product, hPrev, h] = Array.from({ length: 4 }, () => bench.tensor([2, 7]));
      gates.data[21 + gate * 7 + 4] = NaN;
      kernels().gruGates(gates, recurrent, by, product);
      kernels().gruOutput(gates, product, hPrev, h);
      expect(nans(product)).toEqual(gate === 0 ? [11] : []);
      expect(nans(h)).toEqual([11]);
    }
  });

  it('operands of other sizes are refused by the halves of a GRU, wherever they stand', () => {
    const calls: [number, (gates: Tensor, recurrent: Tensor, states: Tensor[]) => void][] = [
      [2, (gates, recurrent, [a, b]) => { kernels().gruGates(gates, recurrent, a, b); }],
      [3, (gates, recurrent, [a, b, c]) => { kernels().gruGatesBackward(gates, recurrent, a, b, c); }],
      [3, (gates, _, [a, b, c]) => { kernels().gruOutput(gates, a, b, c); }],
      [4, (gates, _, [a, b, c, d]) => { kernels().gruOutputBackward(gates, a, b, c, d); }],
    ]; // prettier-ignore
    calls.forEach(([count, call], index) => {
      const bench = new Workbench(kernels(), index);
      const fitting = (): Tensor[] => Array.from({ length: count }, () => bench.tensor([2, 5]));
      for (let wrong = 0; wrong < count; wrong++) {
        const states = fitting().map((state, at) => (at === wrong ? bench.tensor([2, 4]) : state));
        expect(() => { call(bench.tensor([2, 15]), bench.tensor([2, 10]), states); }).toThrow(ShapeError); // prettier-ignore
      }
      expect(() => { call(bench.tensor([2, 16]), bench.tensor([2, 10]), fitting()); }).toThrow(ShapeError); // prettier-ignore
      if (index < 2) expect(() => { call(bench.tensor([2, 15]), bench.tensor([2, 15]), fitting()); }).toThrow(ShapeError); // prettier-ignore
      bench.expectOnlyWritten();
    });
  });
}
