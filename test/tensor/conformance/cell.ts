import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { sizes } from '../../support/sizes.ts';
import { expectSame, expectWithin, negligible, roundoff, smallestNormal, ulp } from '../../support/tolerances.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

interface Cell {
  bench: Workbench;
  gates: Tensor;
  cPrev: Tensor;
  c: Tensor;
  tanhC: Tensor;
  h: Tensor;
}

/** How large the pre-activations are: ordinary, large, saturated. */
const spread = fc.constantFrom(1, 5, 40, 1000);

/** The most that a function was off, and where. */
interface Scan {
  absolute: number;
  ulps: number;
  absoluteAt: number;
  ulpsAt: number;
}

/** lstmCell and lstmCellBackward. */
export function describeCell(kernels: KernelsUnderTest): void {
  const cell = (s: number, B: number, H: number, size = 3): Cell => {
    const bench = new Workbench(kernels(), s);
    const state = (): Tensor => bench.tensor([B, H]);
    const gates = bench.tensor([B, 4 * H], () => size * (2 * bench.random() - 1));
    return { bench, gates, cPrev: state(), c: state(), tanhC: state(), h: state() };
  };

  describe('lstmCell', () => {
    it('squashes the gates, moves the cell and gives the output', () => {
      fc.assert(
        fc.property(sizes(2), spread, seed, ([B, H], size, s) => {
          const { bench, gates, cPrev, c, tanhC, h } = cell(s, B, H, size);
          const expected = naive.activations(gates);
          kernels().lstmCell(gates, cPrev, c, tanhC, h);
          const unit = (): number => 1;
          bench.expectResult(
            'gates',
            gates,
            naive.elementwise(gates, (at) => expected[at], unit),
            4,
          );
          const gate = (at: number) => naive.unitGates(gates.data, H, at);
          const [keep, take] = [
            (at: number): number => gate(at).f * cPrev.data[at],
            (at: number): number => gate(at).i * gate(at).g,
          ];
          const magnitude = (at: number): number => Math.abs(keep(at)) + Math.abs(take(at));
          bench.expectResult(
            'c',
            c,
            naive.elementwise(c, (at) => keep(at) + take(at), magnitude),
            4,
          );
          bench.expectResult(
            'tanhC',
            tanhC,
            naive.elementwise(tanhC, (at) => naive.tanh(c.data[at]), unit),
            4,
          );
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

    it('computes σ and tanh within the bound everywhere', async ({ annotate }) => {
      const { precision } = kernels().arena;
      const points = scanPoints();
      const bench = new Workbench(kernels(), 1);
      const H = points.length;
      const gates = bench.tensor([1, 4 * H], (at) => points[at % H]);
      const [cPrev, c, tanhC, h] = Array.from({ length: 4 }, () => bench.tensor([1, H], (at) => points[at]));
      const z = [...gates.data];
      kernels().lstmCell(gates, cPrev, c, tanhC, h);
      const limit = 4 * roundoff(precision);
      for (const [name, from, f, ulps] of [
        ['σ (i)', 0, naive.sigmoid, 8],
        ['σ (f)', H, naive.sigmoid, 8],
        ['tanh (g)', 2 * H, naive.tanh, 4],
        ['σ (o)', 3 * H, naive.sigmoid, 8],
      ] as const) {
        const worst = scan(z.slice(from, from + H), gates.data.subarray(from, from + H), f);
        await annotate(`${kernels().name}: ${name} ${worst.absolute} absolute, ${worst.ulps} ulp`);
        expect(worst.absolute, `${name} at ${worst.absoluteAt}`).toBeLessThanOrEqual(limit);
        expect(worst.ulps, `${name} in ulp at ${worst.ulpsAt}`).toBeLessThanOrEqual(ulps);
      }
    });

    it('computes tanh of the cell within the bound everywhere', async ({ annotate }) => {
      const points = scanPoints();
      const bench = new Workbench(kernels(), 2);
      const H = points.length;
      // Input gates shut, forget gates open: c is cPrev.
      const gates = bench.tensor([1, 4 * H], (at) => [-1e4, 1e4, 0, 0][Math.floor(at / H)]);
      const [cPrev, c, tanhC, h] = Array.from({ length: 4 }, () => bench.tensor([1, H], (at) => points[at]));
      kernels().lstmCell(gates, cPrev, c, tanhC, h);
      expectSame('c', c.data, cPrev.data);
      const worst = scan([...c.data], tanhC.data, naive.tanh);
      await annotate(`${kernels().name}: tanh(c) ${worst.absolute} absolute, ${worst.ulps} ulp`);
      expect(worst.absolute, `at ${worst.absoluteAt}`).toBeLessThanOrEqual(4 * roundoff(kernels().arena.precision));
      expect(worst.ulps, `in ulp at ${worst.ulpsAt}`).toBeLessThanOrEqual(4);
    });

    it('opens and shuts gates fully for infinite pre-activations', () => {
      const { bench, cPrev, c, tanhC, h } = cell(3, 1, 5);
      const ends = (sign: number): Tensor => bench.tensor([1, 20], () => sign * Infinity);
      const [open, shut] = [ends(1), ends(-1)];
      kernels().lstmCell(open, cPrev, c, tanhC, h);
      expectSame('open', open.data, Array(20).fill(1));
      kernels().lstmCell(shut, cPrev, c, tanhC, h);
      const tail = negligible(kernels().arena.precision);
      const expected = Array.from({ length: 20 }, (_, at) => (at >= 10 && at < 15 ? -1 : 0));
      expectWithin('shut', shut.data, expected, () => tail);
    });

    it('passes NaN in any gate or in the cell on to the output of that unit alone', () => {
      for (let place = 0; place < 5; place++) {
        const { bench, gates, cPrev, c, tanhC, h } = cell(place, 2, 7);
        if (place < 4) gates.data[28 + place * 7 + 4] = NaN;
        else cPrev.data[7 + 4] = NaN;
        kernels().lstmCell(gates, cPrev, c, tanhC, h);
        const isNaNAt = (tensor: Tensor): number[] =>
          [...tensor.data].flatMap((x, at) => (Number.isNaN(x) ? [at] : []));
        expect(isNaNAt(h), `h of ${'ifgoc'[place]}`).toEqual([11]);
        expect(isNaNAt(c), `c of ${'ifgoc'[place]}`).toEqual(place === 3 ? [] : [11]);
        expect(isNaNAt(tanhC)).toEqual(place === 3 ? [] : [11]);
        expect(isNaNAt(gates)).toEqual(place < 4 ? [28 + place * 7 + 4] : []);
        bench.expectOnlyWritten(gates, cPrev, c, tanhC, h);
      }
    });
  });

  describe('lstmCellBackward', () => {
    /** A cell that has run forward, with gradients that come back into it. */
    const backwardCell = (s: number, B: number, H: number, size: number) => {
      const made = cell(s, B, H, size);
      kernels().lstmCell(made.gates, made.cPrev, made.c, made.tanhC, made.h);
      const { bench } = made;
      return { ...made, dc: bench.tensor([B, H]), dh: bench.tensor([B, H]), dGates: bench.tensor([B, 4 * H]) };
    };

    it('writes the gradients of the pre-activations and of the cell before', () => {
      fc.assert(
        fc.property(sizes(2), spread, seed, ([B, H], size, s) => {
          const { bench, gates, cPrev, c, tanhC, h, dc, dh, dGates } = backwardCell(s, B, H, size);
          const expected = naive.lstmCellBackward(dc, dh, gates, cPrev, tanhC);
          kernels().lstmCellBackward(dGates, dc, dh, gates, cPrev, tanhC);
          bench.expectResult('dGates', dGates, expected.dGates, 8);
          bench.expectResult('dc', dc, expected.dcPrev, 8);
          bench.expectOnlyWritten(gates, c, tanhC, h, dGates, dc);
        }),
      );
    });

    it('may write over the activations it reads', () => {
      fc.assert(
        fc.property(sizes(2), seed, ([B, H], s) => {
          const { bench, gates, cPrev, c, tanhC, h, dc, dh } = backwardCell(s, B, H, 3);
          const expected = naive.lstmCellBackward(dc, dh, gates, cPrev, tanhC);
          kernels().lstmCellBackward(gates, dc, dh, gates, cPrev, tanhC);
          bench.expectResult('dGates', gates, expected.dGates, 8);
          bench.expectResult('dc', dc, expected.dcPrev, 8);
          bench.expectOnlyWritten(gates, c, tanhC, h, dc);
        }),
      );
    });

    it('leaves what it only reads as it was', () => {
      const { cPrev, gates, tanhC, dc, dh, dGates } = backwardCell(5, 3, 9, 2);
      const kept = [gates, cPrev, tanhC, dh].map(({ data }) => [...data]);
      kernels().lstmCellBackward(dGates, dc, dh, gates, cPrev, tanhC);
      expect([gates, cPrev, tanhC, dh].map(({ data }) => [...data])).toEqual(kept);
    });

    it('passes NaN in dh and dc on', () => {
      for (const which of ['dh', 'dc'] as const) {
        const { dc, dh, dGates, gates, cPrev, tanhC } = backwardCell(6, 2, 7, 2);
        (which === 'dh' ? dh : dc).data[11] = NaN;
        kernels().lstmCellBackward(dGates, dc, dh, gates, cPrev, tanhC);
        const isNaNAt = (tensor: Tensor): number[] =>
          [...tensor.data].flatMap((x, at) => (Number.isNaN(x) ? [at] : []));
        expect(isNaNAt(dc)).toEqual([11]);
        expect(isNaNAt(dGates)).toEqual(which === 'dh' ? [32, 39, 46, 53] : [32, 39, 46]);
      }
    });
  });

  function scan(inputs: number[], actual: ArrayLike<number>, f: (x: number) => number): Scan {
    const { precision } = kernels().arena;
    const worst: Scan = { absolute: 0, ulps: 0, absoluteAt: 0, ulpsAt: 0 };
    inputs.forEach((x, at) => {
      const expected = f(x);
      const absolute = Math.abs(actual[at] - expected);
      if (!(absolute <= worst.absolute)) Object.assign(worst, { absolute, absoluteAt: x });
      if (Math.abs(expected) < smallestNormal(precision)) return;
      const ulps = absolute / ulp(expected, precision);
      if (!(ulps <= worst.ulps)) Object.assign(worst, { ulps, ulpsAt: x });
    });
    return worst;
  }
}

/** Where σ and tanh are tried: densely where they move, at all magnitudes, around where implementations change methods. */
function scanPoints(): number[] {
  const dense = Array.from({ length: 20_001 }, (_, at) => (at - 10_000) / 500);
  const wide = Array.from({ length: 2001 }, (_, at) => (at - 1000) / 10);
  const tiny = Array.from({ length: 1000 }, (_, at) => 2 ** (-at / 10));
  const around = [0.5, 0.55, 0.625, 1, 2, 5, 7.9, 8, 9, 9.01, 10, 16, 17, 18, 20, 22, 30, 44, 87, 88, 88.7, 89, 104];
  const near = around.flatMap((x) => Array.from({ length: 21 }, (_, at) => x * (1 + (at - 10) * 2 ** -23)));
  const positive = [...tiny, ...near, 700, 745, 1e3, 1e10, 1e30];
  return [0, -0, ...dense, ...wide, ...positive, ...positive.map((x) => -x)];
}
