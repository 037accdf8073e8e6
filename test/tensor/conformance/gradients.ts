import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import type { IndexTensor, Kernels, Shape, Tensor } from '../../../src/tensor/index.ts';
import { expectGradients } from '../../support/differences.ts';
import { mulberry32, seed, smallDimension } from '../../support/generators.ts';

/**
 * Every backward operation against central differences of its own forward operation: if the forward pass is what it says
 * (see `describeKernels`), the backward pass is its derivative. For kernels in float64, in which differences mean something.
 */
export function describeGradients(name: string, createKernels: () => Kernels): void {
  describe(`the backward operations of "${name}" are the derivatives of the forward ones`, () => {
    let kernels: Kernels;
    beforeAll(() => {
      kernels = createKernels();
      expect(kernels.arena.precision).toBe('float64');
    });

    /** Tensors for one case: noise, zeros, classes. */
    const maker = (s: number) => {
      const random = mulberry32(s);
      const tensor = (shape: Shape, size = 1): Tensor => {
        const made = kernels.arena.tensor(shape);
        made.data.set(Float64Array.from({ length: made.size }, () => size * (2 * random() - 1)));
        return made;
      };
      const indices = (count: number, classes: number): IndexTensor => {
        const made = kernels.arena.indices([count]);
        made.data.set(Int32Array.from({ length: count }, () => Math.floor(random() * classes)));
        return made;
      };
      return { tensor, indices, zeros: (shape: Shape) => kernels.arena.tensor(shape), random };
    };
    /** Σ weight · value: a loss whose gradient in `value` is `weight`. */
    const weighted = (value: Tensor, weight: Tensor): number => {
      let sum = 0;
      for (let at = 0; at < value.size; at++) sum += value.data[at] * weight.data[at];
      return sum;
    };

    it('matmul', () => {
      fc.assert(
        fc.property(smallDimension, smallDimension, smallDimension, seed, (m, k, n, s) => {
          const { tensor, zeros } = maker(s);
          const [out, a, b, dOut] = [zeros([m, n]), tensor([m, k]), tensor([k, n]), tensor([m, n])];
          const [da, db] = [zeros([m, k]), zeros([k, n])];
          kernels.matmulBackwardA(da, dOut, b);
          kernels.matmulBackwardB(db, a, dOut);
          const loss = (): number => {
            kernels.fill(out, 0);
            kernels.matmul(out, a, b);
            return weighted(out, dOut);
          };
          expectGradients(loss, [
            { name: 'a', input: a.data, analytic: da.data },
            { name: 'b', input: b.data, analytic: db.data },
          ]);
        }),
      );
    });

    it('bias and embedding', () => {
      fc.assert(
        fc.property(smallDimension, smallDimension, smallDimension, seed, (m, v, n, s) => {
          const { tensor, indices, zeros } = maker(s);
          const [out, bias, table, dOut] = [zeros([m, n]), tensor([n]), tensor([v, n]), tensor([m, n])];
          const classes = indices(m, v);
          const [dBias, dTable] = [zeros([n]), zeros([v, n])];
          kernels.biasBackward(dBias, dOut);
          kernels.embeddingBackward(dTable, dOut, classes);
          const loss = (): number => {
            kernels.bias(out, bias);
            kernels.embedding(out, table, classes);
            return weighted(out, dOut);
          };
          expectGradients(loss, [
            { name: 'bias', input: bias.data, analytic: dBias.data },
            { name: 'table', input: table.data, analytic: dTable.data },
          ]);
        }),
      );
    });

    it('dropout', () => {
      fc.assert(
        fc.property(smallDimension, smallDimension, seed, (rows, columns, s) => {
          const { tensor, zeros, random } = maker(s);
          const [out, a, dOut, da] = [zeros([rows, columns]), tensor([rows, columns]), tensor([rows, columns]), zeros([rows, columns])]; // prettier-ignore
          const mask = zeros([rows, columns]);
          mask.data.forEach((_: number, at: number) => (mask.data[at] = random() < 0.4 ? 0 : 1 / 0.6));
          kernels.dropoutBackward(da, dOut, mask);
          const loss = (): number => {
            kernels.dropout(out, a, mask);
            return weighted(out, dOut);
          };
          expectGradients(loss, [{ name: 'a', input: a.data, analytic: da.data }]);
        }),
      );
    });

    it('softmaxCrossEntropy', () => {
      fc.assert(
        fc.property(smallDimension, smallDimension, fc.constantFrom(0.1, 1, 5), seed, (rows, classes, size, s) => {
          const { tensor, indices, zeros } = maker(s);
          const [logits, p, targets] = [tensor([rows, classes], size), zeros([rows, classes]), indices(rows, classes)];
          const scale = 0.37;
          const loss = (): number => scale * kernels.softmaxCrossEntropy(p, logits, targets);
          loss();
          const dLogits = zeros([rows, classes]);
          kernels.softmaxCrossEntropyBackward(dLogits, p, targets, scale);
          expectGradients(loss, [{ name: 'logits', input: logits.data, analytic: dLogits.data }]);
        }),
      );
    });

    it('mseWithPositivePressure, away from the kink at 0', () => {
      fc.assert(
        fc.property(smallDimension, fc.constantFrom(0, 1, 10), seed, (size, pressure, s) => {
          const { tensor, zeros } = maker(s);
          const [p, targets, dP] = [tensor([size]), tensor([size]), zeros([size])];
          p.data.forEach((x: number, at: number) => (p.data[at] = x + Math.sign(x) * 0.01));
          const scale = 1.7;
          kernels.mseWithPositivePressureBackward(dP, p, targets, pressure, scale);
          const loss = (): number => scale * kernels.mseWithPositivePressure(p, targets, pressure);
          expectGradients(loss, [{ name: 'p', input: p.data, analytic: dP.data }]);
        }),
      );
    });

    it('lstmCell, gates wide open and shut included', () => {
      const spread = fc.constantFrom(0.5, 3, 30);
      fc.assert(
        fc.property(smallDimension, smallDimension, spread, seed, (B, H, size, s) => {
          const { tensor, zeros, random } = maker(s);
          // Half of the pre-activations as large as they get, so that every mixture of saturated and moving gates comes.
          const z = tensor([B, 4 * H]);
          z.data.forEach((x: number, at: number) => (z.data[at] = random() < 0.5 ? size * Math.sign(x) : 3 * x));
          const [cPrev, dh, dc] = [tensor([B, H], 2), tensor([B, H]), tensor([B, H])];
          const [gates, c, tanhC, h] = [zeros([B, 4 * H]), zeros([B, H]), zeros([B, H]), zeros([B, H])];
          // What comes back into c from later steps; `dc` itself is overwritten.
          const weightOfC = zeros([B, H]);
          kernels.copy(weightOfC, dc);
          const loss = (): number => {
            kernels.copy(gates, z);
            kernels.lstmCell(gates, cPrev, c, tanhC, h);
            return weighted(h, dh) + weighted(c, weightOfC);
          };
          loss();
          const dGates = zeros([B, 4 * H]);
          kernels.lstmCellBackward(dGates, dc, dh, gates, cPrev, tanhC);
          expectGradients(loss, [
            { name: 'z', input: z.data, analytic: dGates.data },
            { name: 'cPrev', input: cPrev.data, analytic: dc.data },
          ]);
        }),
        { examples: [[1, 1, 30, 1], [1, 7, 30, 2], [5, 1, 3, 3]] }, // prettier-ignore
      );
    });

    it('peepholeCell, the peepholes included', () => {
      fc.assert(
        fc.property(smallDimension, smallDimension, fc.constantFrom(0.5, 3), seed, (B, H, size, s) => {
          const { tensor, zeros } = maker(s);
          const [z, p, cPrev] = [tensor([B, 4 * H], size), tensor([3 * H], 2), tensor([B, H], 2)];
          const [dh, dc, weightOfC] = [tensor([B, H]), tensor([B, H]), zeros([B, H])];
          kernels.copy(weightOfC, dc);
          const [gates, c, tanhC, h] = [zeros([B, 4 * H]), zeros([B, H]), zeros([B, H]), zeros([B, H])];
          const loss = (): number => {
            kernels.copy(gates, z);
            kernels.peepholeCell(gates, p, cPrev, c, tanhC, h);
            return weighted(h, dh) + weighted(c, weightOfC);
          };
          loss();
          const dP = zeros([3 * H]);
          kernels.peepholeCellBackward(gates, p, dc, dh, cPrev, tanhC);
          kernels.peepholeBackward(dP, gates, cPrev, c);
          const analytic = Float64Array.from(gates.data);
          expectGradients(loss, [
            { name: 'z', input: z.data, analytic },
            { name: 'p', input: p.data, analytic: dP.data },
            { name: 'cPrev', input: cPrev.data, analytic: dc.data },
          ]);
        }),
      );
    });

    it('layerNorm, the gain included', () => {
      fc.assert(
        fc.property(smallDimension, smallDimension, fc.constantFrom(0.5, 3), seed, (M, N, size, s) => {
          const { tensor, zeros } = maker(s);
          const [x, gain, dOut, a, out, inverse] = [tensor([M, N], size), tensor([N], 2), tensor([M, N]), zeros([M, N]), zeros([M, N]), zeros([M])]; // prettier-ignore
          const loss = (): number => {
            kernels.copy(a, x);
            kernels.fill(out, 0);
            kernels.layerNorm(out, gain, a, inverse);
            return weighted(out, dOut);
          };
          loss();
          const dGain = zeros([N]);
          kernels.layerNormBackward(dOut, gain, dGain, a, inverse);
          const da = Float64Array.from(a.data);
          expectGradients(loss, [
            { name: 'a', input: x.data, analytic: da },
            { name: 'gain', input: gain.data, analytic: dGain.data },
          ], 1e-6, 1e-4);
        }),
      );
    }); // prettier-ignore

    it('layerNormCell, gain and bias included', () => {
      fc.assert(
        fc.property(smallDimension, smallDimension, fc.constantFrom(0.5, 3), seed, (B, H, size, s) => {
          const { tensor, zeros } = maker(s);
          const [z, gain, bias, cPrev] = [tensor([B, 4 * H], size), tensor([H], 2), tensor([H]), tensor([B, H], 2)];
          const [dh, dc, weightOfC] = [tensor([B, H]), tensor([B, H]), zeros([B, H])];
          kernels.copy(weightOfC, dc);
          const [gates, c, normalised, tanhC, h] = [zeros([B, 4 * H]), zeros([B, H]), zeros([B, H]), zeros([B, H]), zeros([B, H])];
          const inverse = zeros([B]);
          const loss = (): number => {
            kernels.copy(gates, z);
            kernels.layerNormCell(gates, gain, bias, cPrev, c, normalised, inverse, tanhC, h);
            return weighted(h, dh) + weighted(c, weightOfC);
          };
          loss();
          const [dGain, dBias] = [zeros([H]), zeros([H])];
          kernels.layerNormCellBackward(gates, gain, dGain, dBias, dc, dh, cPrev, normalised, inverse, tanhC);
          const analytic = Float64Array.from(gates.data);
          expectGradients(loss, [
            { name: 'z', input: z.data, analytic },
            { name: 'gain', input: gain.data, analytic: dGain.data },
            { name: 'bias', input: bias.data, analytic: dBias.data },
            { name: 'cPrev', input: cPrev.data, analytic: dc.data },
          ], 1e-6, 1e-4);
        }),
      );
    }); // prettier-ignore

    it('tanh', () => {
      fc.assert(
        fc.property(smallDimension, seed, (size, s) => {
          const { tensor, zeros } = maker(s);
          const [a, dOut, out, da] = [tensor([size], 3), tensor([size]), zeros([size]), zeros([size])];
          const loss = (): number => {
            kernels.tanh(out, a);
            return weighted(out, dOut);
          };
          loss();
          kernels.tanhBackward(da, dOut, out);
          expectGradients(loss, [{ name: 'a', input: a.data, analytic: da.data }]);
        }),
      );
    });

    it('gruGates and gruOutput, the reset gate applied to the candidate', () => {
      fc.assert(
        fc.property(smallDimension, smallDimension, fc.constantFrom(0.5, 3), seed, (B, H, size, s) => {
          const { tensor, zeros } = maker(s);
          const [z, u] = [tensor([B, 3 * H], size), tensor([B, 2 * H], size)];
          const [by, hPrev, dh] = [tensor([B, H], 2), tensor([B, H]), tensor([B, H])];
          const [gates, product, h] = [zeros([B, 3 * H]), zeros([B, H]), zeros([B, H])];
          const loss = (): number => {
            kernels.copy(gates, z);
            kernels.gruGates(gates, u, by, product);
            kernels.gruOutput(gates, product, hPrev, h);
            return weighted(h, dh);
          };
          loss();
          const [dCandidate, dhPrev, dU, dBy] = [zeros([B, H]), zeros([B, H]), zeros([B, 2 * H]), zeros([B, H])];
          kernels.gruOutputBackward(gates, dCandidate, dhPrev, dh, hPrev);
          kernels.gruGatesBackward(gates, dU, dBy, dCandidate, by);
          const analytic = Float64Array.from(gates.data);
          expectGradients(loss, [
            { name: 'z', input: z.data, analytic },
            { name: 'u', input: u.data, analytic: dU.data },
            { name: 'by', input: by.data, analytic: dBy.data },
            { name: 'hPrev', input: hPrev.data, analytic: dhPrev.data },
          ]);
        }),
      );
    });

    it('lstmForward, in inputs, recurrent kernel and the state before the first step', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 1, max: 3 }),
          smallDimension,
          seed,
          (T, B, H, s) => {
            const { tensor, zeros } = maker(s);
            const [z, kernel, h0, c0] = [tensor([T, B, 4 * H], 2), tensor([H, 4 * H]), tensor([B, H]), tensor([B, H])];
            const [weightOfH, weightOfC] = [tensor([T, B, H]), tensor([B, H])];
            const [gates, h, c, tanhC] = [
              zeros([T, B, 4 * H]),
              zeros([T + 1, B, H]),
              zeros([T + 1, B, H]),
              zeros([T, B, H]),
            ];
            const loss = (): number => {
              kernels.copy(gates, z);
              kernels.copy(h.row(0), h0);
              kernels.copy(c.row(0), c0);
              kernels.lstmForward(gates, h, c, tanhC, kernel);
              return weighted(h.slice(1, T + 1), weightOfH) + weighted(c.row(T), weightOfC);
            };
            loss();
            const [dh, dc, dKernel, dh0] = [zeros([T, B, H]), zeros([B, H]), zeros([H, 4 * H]), zeros([B, H])];
            kernels.copy(dh, weightOfH);
            kernels.copy(dc, weightOfC);
            kernels.lstmBackward(gates, dh, dc, c, tanhC, kernel);
            const dz = [...gates.data];
            for (let t = 0; t < T; t++) kernels.matmulBackwardB(dKernel, h.row(t), gates.row(t));
            kernels.matmulBackwardA(dh0, gates.row(0), kernel);
            expectGradients(loss, [
              { name: 'z', input: z.data, analytic: dz },
              { name: 'recurrentKernel', input: kernel.data, analytic: dKernel.data },
              { name: 'h0', input: h0.data, analytic: dh0.data },
              { name: 'c0', input: c0.data, analytic: dc.data },
            ]);
          },
        ),
      );
    });
  });
}
