import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { anySize, sizes } from '../../support/sizes.ts';
import { expectSame } from '../../support/tolerances.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import { elementwise } from './naive.ts';
import { Workbench } from './workbench.ts';

const anyNumber = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.1, 1e-30, 1e30),
  fc.double({ min: -8, max: 8, noNaN: true }),
);
const SPECIAL = [NaN, Infinity, -Infinity];

/** fill, copy, add, scale, sumOfSquares and dropout: one number in, one number out. */
export function describeElementwise(kernels: KernelsUnderTest): void {
  const rounded = (value: number): number => (kernels().arena.precision === 'float32' ? Math.fround(value) : value);
  const properly = (check: (bench: Workbench, rows: number, columns: number) => void): void => {
    fc.assert(
      fc.property(sizes(2), seed, ([rows, columns], s) => {
        check(new Workbench(kernels(), s), rows, columns);
      }),
    );
  };
  const exactly = (value: (at: number) => number, out: Tensor): number[] =>
    Array.from({ length: out.size }, (_, at) => rounded(value(at)));

  describe('fill, copy, add and scale', () => {
    it('fill writes one value everywhere', () => {
      fc.assert(
        fc.property(anySize, anyNumber, seed, (size, value, s) => {
          const bench = new Workbench(kernels(), s);
          const out = bench.tensor([size]);
          kernels().fill(out, value);
          expectSame(
            'out',
            out.data,
            exactly(() => value, out),
          );
          bench.expectOnlyWritten(out);
        }),
      );
    });

    it('copy copies every number, whatever the shapes', () => {
      properly((bench, rows, columns) => {
        const [out, a] = [bench.tensor([rows, columns]), bench.tensor([rows * columns])];
        kernels().copy(out, a);
        expectSame('out', out.data, a.data);
        bench.expectOnlyWritten(out);
      });
    });

    it('add adds every number to what was there', () => {
      properly((bench, rows, columns) => {
        const [out, a] = [bench.tensor([rows, columns]), bench.tensor([rows, columns])];
        const before = [...out.data];
        kernels().add(out, a);
        expectSame(
          'out',
          out.data,
          exactly((at) => before[at] + a.data[at], out),
        );
        bench.expectOnlyWritten(out);
      });
    });

    it('scale multiplies every number', () => {
      fc.assert(
        fc.property(anySize, anyNumber, seed, (size, factor, s) => {
          const bench = new Workbench(kernels(), s);
          const out = bench.tensor([size]);
          const before = [...out.data];
          const expected = elementwise(out, (at) => before[at] * factor);
          kernels().scale(out, factor);
          bench.expectResult('out', out, expected, 2);
          bench.expectOnlyWritten(out);
        }),
      );
    });

    it('pass NaN and infinities on', () => {
      const bench = new Workbench(kernels(), 1);
      const special = (): Tensor => bench.tensor([11], (at) => SPECIAL[at % 3]);
      const [copied, added, scaled, filled] = [bench.tensor([11]), bench.tensor([11]), special(), bench.tensor([11])];
      kernels().copy(copied, special());
      kernels().add(added, special());
      kernels().scale(scaled, 0.5);
      kernels().fill(filled, NaN);
      for (const out of [copied, added, scaled]) expect([...out.data]).toEqual([...special().data]);
      expect(filled.data.every(Number.isNaN)).toBe(true);
      kernels().scale(scaled, 0);
      expect(scaled.data.every(Number.isNaN), '0 times NaN or infinity is NaN').toBe(true);
    });
  });

  describe('sumOfSquares', () => {
    it('adds up the squares in double precision', () => {
      properly((bench, rows, columns) => {
        const a = bench.tensor([rows, columns]);
        let expected = 0;
        for (const x of a.data) expected += x * x;
        expect(Math.abs(kernels().sumOfSquares(a) - expected)).toBeLessThanOrEqual(a.size * 2 ** -52 * expected);
        bench.expectOnlyWritten();
      });
    });

    it('does not lose small numbers beside large ones, nor overflow where their squares do', () => {
      const bench = new Workbench(kernels(), 2);
      const a = bench.tensor([2001], (at) => (at === 0 ? 4096 : 2 ** -6));
      expect(kernels().sumOfSquares(a)).toBe(4096 ** 2 + 2000 * 2 ** -12);
      const large = bench.tensor([5], () => 2 ** 100);
      expect(kernels().sumOfSquares(large)).toBe(5 * 2 ** 200);
    });

    it('is not finite when a number is not', () => {
      for (const [value, expected] of [
        [NaN, NaN],
        [Infinity, Infinity],
        [-Infinity, Infinity],
      ]) {
        for (const place of [0, 6, 12]) {
          const bench = new Workbench(kernels(), place);
          expect(kernels().sumOfSquares(bench.tensor([13], (at) => (at === place ? value : 1)))).toBe(expected);
        }
      }
    });
  });

  describe('dropout', () => {
    const mask = (bench: Workbench, size: number): Tensor =>
      bench.tensor([size], () => (bench.random() < 0.3 ? 0 : 1 / 0.7));

    it('multiplies by the mask', () => {
      properly((bench, rows, columns) => {
        const size = rows * columns;
        const [out, a, m] = [bench.tensor([size]), bench.tensor([rows, columns]), mask(bench, size)];
        kernels().dropout(out, a, m);
        expectSame(
          'out',
          out.data,
          exactly((at) => a.data[at] * m.data[at], out),
        );
        bench.expectOnlyWritten(out);
      });
    });

    it('sends gradients back through the mask and adds them', () => {
      properly((bench, rows, columns) => {
        const size = rows * columns;
        const [da, dOut, m] = [bench.tensor([size]), bench.tensor([rows, columns]), mask(bench, size)];
        const before = [...da.data];
        const expected = elementwise(
          da,
          (at) => before[at] + dOut.data[at] * m.data[at],
          (at) => Math.abs(before[at]) + Math.abs(dOut.data[at] * m.data[at]),
        );
        kernels().dropoutBackward(da, dOut, m);
        bench.expectResult('da', da, expected, 2);
        bench.expectOnlyWritten(da);
      });
    });

    it('does not hide NaN behind a mask of 0', () => {
      const bench = new Workbench(kernels(), 3);
      const [out, m] = [bench.tensor([9]), bench.tensor([9], (at) => (at % 2) * 2)];
      const a = bench.tensor([9], () => NaN);
      kernels().dropout(out, a, m);
      expect(out.data.every(Number.isNaN)).toBe(true);
      const da = bench.tensor([9]);
      kernels().dropoutBackward(da, a, m);
      expect(da.data.every(Number.isNaN)).toBe(true);
    });
  });

  describe('relu', () => {
    it('keeps what is above 0, also in place', () => {
      properly((bench, rows, columns) => {
        const size = rows * columns;
        const [out, a] = [bench.tensor([size]), bench.tensor([rows, columns])];
        const expected = exactly((at) => Math.max(a.data[at], 0), out);
        kernels().relu(out, a);
        expectSame('out', out.data, expected);
        bench.expectOnlyWritten(out);
        kernels().relu(a, a);
        expectSame('in place', a.data, expected);
      });
    });

    it('sends gradients back where it kept something, and adds them', () => {
      properly((bench, rows, columns) => {
        const size = rows * columns;
        const [da, dOut] = [bench.tensor([size]), bench.tensor([rows, columns])];
        const out = bench.tensor([size], () => (bench.random() < 0.4 ? 0 : bench.random() + 1e-3));
        const before = [...da.data];
        const sent = (at: number): number => (out.data[at] > 0 ? dOut.data[at] : 0);
        const expected = elementwise(
          da,
          (at) => before[at] + sent(at),
          (at) => Math.abs(before[at]) + Math.abs(sent(at)),
        );
        kernels().reluBackward(da, dOut, out);
        bench.expectResult('da', da, expected, 1);
        bench.expectOnlyWritten(da);
      });
    });

    it('hides no NaN', () => {
      const bench = new Workbench(kernels(), 5);
      const [out, a] = [bench.tensor([9]), bench.tensor([9], () => NaN)];
      kernels().relu(out, a);
      expect(out.data.every(Number.isNaN)).toBe(true);
      const [da, off] = [bench.tensor([9]), bench.tensor([9], () => 0)];
      kernels().reluBackward(da, a, off);
      expect(da.data.every(Number.isNaN)).toBe(true);
    });
  });
}
