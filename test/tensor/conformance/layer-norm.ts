import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ShapeError, type Tensor } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { sizes } from '../../support/sizes.ts';
import type { KernelsUnderTest } from './kernels-under-test.ts';
import * as naive from './naive.ts';
import { Workbench } from './workbench.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each / values.length, 0);
const meanMagnitude = (values: readonly number[]): number => mean(values.map(Math.abs));

/** The rows of a matrix. */
function rowsOf({ data, columns, rows }: Tensor): number[][] {
  return Array.from({ length: rows }, (_, row) => Array.from(data.slice(row * columns, (row + 1) * columns)));
}

/** Each row less its mean, over its deviation; and one over the deviation. */
function normalised(a: Tensor): { values: naive.Judged; inverse: naive.Judged } {
  const rows = rowsOf(a).map((row) => {
    const middle = mean(row);
    const variance = mean(row.map((x) => (x - middle) ** 2));
    return { row, middle, size: meanMagnitude(row), inverse: (variance + 1e-5) ** -0.5 };
  });
  const value = (at: number): number => {
    const { row, middle, inverse } = rows[Math.floor(at / a.columns)];
    return (row[at % a.columns] - middle) * inverse;
  };
  const bound = (at: number): number => {
    const { row, size, inverse } = rows[Math.floor(at / a.columns)];
    return (1 + Math.abs(value(at))) * (1 + (Math.abs(row[at % a.columns]) + size) * inverse);
  };
  return {
    values: naive.elementwise(a, value, bound),
    inverse: {
      values: Float64Array.from(rows, ({ inverse }) => inverse),
      magnitudes: Float64Array.from(rows, ({ size, inverse }) => inverse * (1 + 2 * size * inverse)),
    },
  };
}

/**
 * What goes back through rows: the Jacobian of the normalisation, inverse · (δ - 1/N - â â/N), row by column.
 *
 * @param d dL/d(out), and its magnitude
 */
function backThrough(d: naive.Judged, gain: Tensor, n: Tensor, inverse: Tensor): naive.Judged {
  const N = n.columns;
  const [gains, rows, factors] = [gain.data, n.data, inverse.data];
  const [values, magnitudes] = [new Float64Array(n.size), new Float64Array(n.size)];
  for (let at = 0; at < n.size; at++) {
    const row = Math.floor(at / N);
    for (let j = 0; j < N; j++) {
      const from = row * N + j;
      const [same, through] = [from === at ? 1 : 0, rows[at] * rows[from]];
      values[at] += factors[row] * d.values[from] * gains[j] * (same - (1 + through) / N);
      magnitudes[at] += factors[row] * Math.abs(d.magnitudes[from] * gains[j]) * (same + (1 + Math.abs(through)) / N);
    }
  }
  return { values, magnitudes };
}

/** `to` plus the sum of `term` over the rows. */
function columnSums(to: Tensor, rows: number, term: (at: number) => number, size = term): naive.Judged {
  const before = [...to.data];
  const all = (j: number): number[] => Array.from({ length: rows }, (_, row) => row * to.size + j);
  return naive.elementwise(
    to,
    (j) => all(j).reduce((sum, at) => sum + term(at), before[j]),
    (j) => all(j).reduce((sum, at) => sum + Math.abs(size(at)), Math.abs(before[j])),
  );
}

/** Layer normalisation of rows, and its way back. */
function describeRows(kernels: KernelsUnderTest): void {
  describe('layerNorm', () => {
    it('brings rows to a mean of 0 and a variance of 1, near zero and far from it, and adds them with a gain', () => {
      fc.assert(
        fc.property(sizes(2), fc.constantFrom(0, 1, 300), fc.constantFrom(0.001, 1, 30), seed, ([M, N], off, size, s) => {
          const bench = new Workbench(kernels(), s);
          const a = bench.tensor([M, N], () => off + size * (2 * bench.random() - 1));
          const [out, gain, inverse] = [bench.tensor([M, N]), bench.tensor([N]), bench.tensor([M])];
          const [expected, before] = [normalised(a), [...out.data]];
          kernels().layerNorm(out, gain, a, inverse);
          bench.expectResult('a', a, expected.values, N + 8);
          bench.expectResult('inverse', inverse, expected.inverse, N + 8);
          const added = (at: number): number => gain.data[at % N] * a.data[at];
          const sum = naive.elementwise(out, (at) => before[at] + added(at), (at) => Math.abs(before[at]) + Math.abs(added(at)));
          bench.expectResult('out', out, sum, 2);
          bench.expectOnlyWritten(out, a, inverse);
        }),
      );
    }); // prettier-ignore

    it('makes zeros of equal numbers', () => {
      const bench = new Workbench(kernels(), 1);
      const [a, out, gain, inverse] = [bench.tensor([2, 7], () => 0.5), bench.tensor([2, 7], () => 3), bench.tensor([7]), bench.tensor([2])]; // prettier-ignore
      kernels().layerNorm(out, gain, a, inverse);
      expect([...a.data].map(Math.abs)).toEqual(Array(14).fill(0));
      expect([...out.data]).toEqual(Array(14).fill(3));
      for (const each of inverse.data) expect(each).toBeCloseTo(1 / Math.sqrt(1e-5), 4);
    });

    it('lets NaN through, and into no other row', () => {
      const bench = new Workbench(kernels(), 1);
      const [a, out, gain, inverse] = [bench.tensor([2, 7]), bench.tensor([2, 7]), bench.tensor([7]), bench.tensor([2])]; // prettier-ignore
      a.data[3] = NaN;
      kernels().layerNorm(out, gain, a, inverse);
      expect([...out.data].map(Number.isNaN)).toEqual([...Array<boolean>(7).fill(true), ...Array<boolean>(7).fill(false)]); // prettier-ignore
    });

    it('goes back into rows and gain', () => {
      fc.assert(
        fc.property(sizes(2, 140), seed, ([M, N], s) => {
          const bench = new Workbench(kernels(), s);
          const [dOut, n, gain, dGain] = [bench.tensor([M, N]), bench.tensor([M, N]), bench.tensor([N]), bench.tensor([N])]; // prettier-ignore
          const inverse = bench.tensor([M], () => 0.1 + 300 * bench.random());
          const back = backThrough(
            naive.elementwise(dOut, (at) => dOut.data[at]),
            gain,
            n,
            inverse,
          );
          const gains = columnSums(dGain, M, (at) => dOut.data[at] * n.data[at]);
          kernels().layerNormBackward(dOut, gain, dGain, n, inverse);
          bench.expectResult('da', n, back, N + 8);
          bench.expectResult('dGain', dGain, gains, M + 1);
          bench.expectOnlyWritten(n, dGain);
        }),
      );
    });

    it('refuses operands of other sizes, wherever they stand', () => {
      for (let wrong = 0; wrong < 4; wrong++) {
        const bench = new Workbench(kernels(), wrong);
        const [out, a] = [bench.tensor([2, 5]), bench.tensor(wrong === 0 ? [5, 2] : [2, 5])];
        const [gain, dGain] = [bench.tensor([wrong === 1 ? 4 : 5]), bench.tensor([wrong === 2 ? 6 : 5])];
        const inverse = bench.tensor([wrong === 3 ? 3 : 2]);
        expect(() => { kernels().layerNormBackward(out, gain, dGain, a, inverse); }).toThrow(ShapeError); // prettier-ignore
        if (wrong !== 2) expect(() => { kernels().layerNorm(out, gain, a, inverse); }).toThrow(ShapeError); // prettier-ignore
        bench.expectOnlyWritten();
      }
    });
  });
}

/** Layer normalisation of rows, the LSTM cell whose cell is normalised, and their ways back. */
export function describeLayerNorm(kernels: KernelsUnderTest): void {
  describeRows(kernels);
  const made = (s: number, B: number, H: number, size: number) => {
    const bench = new Workbench(kernels(), s);
    const state = (): Tensor => bench.tensor([B, H]);
    const gates = bench.tensor([B, 4 * H], () => size * (2 * bench.random() - 1));
    const [gain, bias, inverse] = [bench.tensor([H]), bench.tensor([H]), bench.tensor([B])];
    return { bench, gates, gain, bias, inverse, cPrev: state(), c: state(), n: state(), tanhC: state(), h: state(), state }; // prettier-ignore
  };

  describe('layerNormCell', () => {
    it('is the cell of an LSTM that is normalised before tanh', () => {
      fc.assert(
        fc.property(sizes(2), fc.constantFrom(1, 5, 40), seed, ([B, H], size, s) => {
          const { bench, gates, gain, bias, cPrev, c, n, inverse, tanhC, h } = made(s, B, H, size);
          const activations = { values: naive.activations(gates), magnitudes: new Float64Array(gates.size).fill(1) };
          kernels().layerNormCell(gates, gain, bias, cPrev, c, n, inverse, tanhC, h);
          bench.expectResult('gates', gates, activations, 4);
          const gate = (at: number) => naive.unitGates(gates.data, H, at);
          const cell = naive.elementwise(
            c,
            (at) => gate(at).f * cPrev.data[at] + gate(at).i * gate(at).g,
            (at) => Math.abs(gate(at).f * cPrev.data[at]) + Math.abs(gate(at).i * gate(at).g),
          );
          bench.expectResult('c', c, cell, 4);
          const expected = normalised(c);
          bench.expectResult('normalised', n, expected.values, H + 8);
          bench.expectResult('inverse', inverse, expected.inverse, H + 8);
          const [b, g] = [(at: number) => bias.data[at % H], (at: number) => gain.data[at % H] * n.data[at]];
          const squashed = naive.elementwise(tanhC, (at) => naive.tanh(b(at) + g(at)), (at) => 4 + Math.abs(b(at)) + Math.abs(g(at))); // prettier-ignore
          bench.expectResult('tanhC', tanhC, squashed, 1);
          bench.expectResult('h', h, naive.elementwise(h, (at) => gate(at).o * tanhC.data[at]), 4); // prettier-ignore
          bench.expectOnlyWritten(gates, c, n, inverse, tanhC, h);
        }),
      );
    });

    it('goes back into the gates, the cell before, gain and bias', () => {
      fc.assert(
        fc.property(sizes(2, 140), seed, ([B, H], s) => {
          const { bench, gates, gain, bias, cPrev, c, n, inverse, tanhC, h, state } = made(s, B, H, 3);
          kernels().layerNormCell(gates, gain, bias, cPrev, c, n, inverse, tanhC, h);
          const [dc, dh, nothing] = [state(), state(), bench.tensor([B, H], () => 0)];
          const [dGain, dBias] = [bench.tensor([H]), bench.tensor([H])];
          const size = (at: number): number => dh.data[at] * naive.unitGates(gates.data, H, at).o;
          const slope = (at: number): number => size(at) * (1 - tanhC.data[at] ** 2);
          const dn = naive.elementwise(dh, slope, size);
          const back = backThrough(dn, gain, n, inverse);
          // What reaches the cell is an LSTM's from here on, with nothing of `dh` but what the output gate gets.
          const into = naive.elementwise(dc, (at) => dc.data[at] + back.values[at], (at) => Math.abs(dc.data[at]) + back.magnitudes[at]); // prettier-ignore
          const expected = naive.cellBackward(into, nothing, gates, cPrev, tanhC);
          const { dGates: outputs } = naive.lstmCellBackward(dc, dh, gates, cPrev, tanhC);
          for (let at = 0; at < dh.size; at++) {
            const place = naive.unitGates(gates.data, H, at).places[3];
            expected.dGates.values[place] = outputs.values[place];
            expected.dGates.magnitudes[place] = outputs.magnitudes[place];
          }
          const gains = columnSums(dGain, B, (at) => slope(at) * n.data[at], (at) => size(at) * n.data[at]); // prettier-ignore
          const biases = columnSums(dBias, B, slope, size);
          kernels().layerNormCellBackward(gates, gain, dGain, dBias, dc, dh, cPrev, n, inverse, tanhC);
          bench.expectResult('tanhC', tanhC, dn, 16);
          bench.expectResult('normalised', n, back, H + 16);
          bench.expectResult('gates', gates, expected.dGates, H + 16);
          bench.expectResult('dc', dc, expected.dcPrev, H + 16);
          bench.expectResult('dGain', dGain, gains, B + 8);
          bench.expectResult('dBias', dBias, biases, B + 8);
          bench.expectOnlyWritten(gates, dGain, dBias, dc, tanhC, c, n, inverse, h);
        }),
      );
    });

    it('refuses operands of other sizes, wherever they stand', () => {
      for (let wrong = 0; wrong < 8; wrong++) {
        const bench = new Workbench(kernels(), wrong);
        const [a, b, c, d, e] = [0, 1, 2, 3, 4].map((at) => bench.tensor(at === wrong ? [2, 4] : [2, 5]));
        const [gain, bias] = [bench.tensor([wrong === 5 ? 4 : 5]), bench.tensor([wrong === 6 ? 6 : 5])];
        const [gates, inverse, dGain] = [bench.tensor([2, 20]), bench.tensor([wrong === 7 ? 1 : 2]), bench.tensor([5])];
        expect(() => { kernels().layerNormCell(gates, gain, bias, a, b, c, inverse, d, e); }).toThrow(ShapeError); // prettier-ignore
        expect(() => { kernels().layerNormCellBackward(gates, gain, dGain, bias, a, b, c, d, inverse, e); }).toThrow(ShapeError); // prettier-ignore
        if (wrong === 6) expect(() => { kernels().layerNormCellBackward(gates, gain, bias, dGain, a, b, c, d, inverse, e); }).toThrow(ShapeError); // prettier-ignore
        bench.expectOnlyWritten();
      }
    });
  });
}
