import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Head } from '../../src/nn/heads.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import { headSize, type HeadSpec, type ModelSpec } from '../../src/nn/spec.ts';
import { HeapArena, ReferenceKernels } from '../../src/tensor/index.ts';
import { expectGradients } from '../support/differences.ts';
import { mulberry32, noise, seed, smallDimension } from '../support/generators.ts';
import { expectWithin } from '../support/tolerances.ts';

const anyHead: fc.Arbitrary<HeadSpec> = fc.oneof(
  fc.record({
    name: fc.constant('out'),
    kind: fc.constant('categorical' as const),
    size: fc.integer({ min: 2, max: 7 }),
    lossWeight: fc.constantFrom(0, 0.05, 1, 3),
  }),
  fc.record({
    name: fc.constant('out'),
    kind: fc.constant('scalar' as const),
    lossWeight: fc.constantFrom(0, 0.05, 1, 3),
    positivePressure: fc.constantFrom(0, 10),
  }),
);

/** A head in float64 over N rows of H random numbers, its targets set. */
function randomHead(spec: HeadSpec, N: number, H: number, s: number) {
  const random = mulberry32(s);
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const model: ModelSpec = {
    inputs: { categories: [], features: ['x'] },
    lstm: { layers: 1, hiddenSize: H, dropout: 0 },
    heads: [spec],
    lossOn: 'last',
  };
  const parameters = new ParameterSet(kernels.arena, model);
  const gradients = new ParameterSet(kernels.arena, model);
  for (const [, { data }] of parameters.entries()) data.set(noise(data.length, random));
  const hidden = kernels.arena.tensor([N, H]);
  hidden.data.set(noise(N * H, random));
  const dHidden = kernels.arena.tensor([N, H]);
  const head = new Head(kernels, spec, hidden, parameters, { training: { dHidden, gradients } });
  const size = headSize(spec);
  head.targetClasses?.data.set(Array.from({ length: N }, () => Math.floor(random() * size)));
  head.targetValues?.data.set(noise(N, random));
  const kernel = parameters.get('heads.out.kernel');
  const bias = parameters.get('heads.out.bias');
  return { kernels, parameters, gradients, hidden, dHidden, head, kernel, bias, size };
}

describe('a head', () => {
  it('gives hidden · kernel + bias for every row', () => {
    fc.assert(
      fc.property(anyHead, smallDimension, smallDimension, seed, (spec, N, H, s) => {
        const { head, hidden, kernel, bias, size } = randomHead(spec, N, H, s);
        head.forward();
        const expected = Array.from({ length: N * size }, (_, at) => {
          const [row, k] = [Math.floor(at / size), at % size];
          return Array.from({ length: H }, (_, j) => hidden.data[row * H + j] * kernel.data[j * size + k]).reduce(
            (a, b) => a + b,
            bias.data[k],
          );
        });
        expect(head.out.shape).toEqual([N, size]);
        expectWithin('out', head.out.data, expected, () => 1e-14 * H);
      }),
    );
  });

  it('has the mean over the rows as its loss, unweighted', () => {
    fc.assert(
      fc.property(anyHead, smallDimension, smallDimension, seed, (spec, N, H, s) => {
        const { head, size } = randomHead(spec, N, H, s);
        head.forward();
        const out = Array.from({ length: N }, (_, row) => [...head.out.row(row).data]);
        const losses = out.map((row, at) => {
          if (spec.kind === 'scalar') {
            const [p] = row;
            return (p - head.targetValues!.data[at]) ** 2 + spec.positivePressure * Math.max(-p, 0);
          }
          return Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[head.targetClasses!.data[at]];
        });
        const mean = losses.reduce((a, b) => a + b, 0) / N;
        expect(head.meanLoss()).toBeCloseTo(mean, 12);
        expect([...head.out.data], 'the outputs survive the loss').toEqual(out.flat());
        expect(size).toBe(headSize(spec));
      }),
    );
  });

  it('has the gradients of lossWeight times that loss', () => {
    fc.assert(
      fc.property(anyHead, smallDimension, smallDimension, seed, (spec, N, H, s) => {
        const { head, gradients, hidden, dHidden, kernel, bias } = randomHead(spec, N, H, s);
        head.forward();
        // Away from the kink at 0, where there is no derivative.
        fc.pre(spec.kind === 'categorical' || [...head.out.data].every((p) => Math.abs(p) > 0.02));
        const loss = (): number => {
          head.forward();
          return spec.lossWeight * head.meanLoss();
        };
        loss();
        head.backward();
        expectGradients(loss, [
          { name: 'kernel', input: kernel.data, analytic: gradients.get('heads.out.kernel').data },
          { name: 'bias', input: bias.data, analytic: gradients.get('heads.out.bias').data },
          { name: 'hidden', input: hidden.data, analytic: dHidden.data },
        ]);
      }),
    );
  });

  it('adds its gradients to what other heads left', () => {
    const spec: HeadSpec = { name: 'out', kind: 'categorical', size: 4, lossWeight: 1 };
    const { head, gradients, dHidden } = randomHead(spec, 3, 5, 1);
    head.forward();
    head.meanLoss();
    head.backward();
    const once = [...gradients.flat.data, ...dHidden.data];
    head.backward();
    expectWithin('gradients', [...gradients.flat.data, ...dHidden.data], once.map((x) => 2 * x), () => 1e-14); // prettier-ignore
  });

  it('runs forward and gives losses without memory for gradients', () => {
    const spec: HeadSpec = { name: 'out', kind: 'scalar', lossWeight: 1, positivePressure: 0 };
    const { kernels, parameters, hidden, head } = randomHead(spec, 3, 5, 2);
    const before = kernels.arena.bytes;
    const alone = new Head(kernels, spec, hidden, parameters);
    expect(kernels.arena.bytes - before, 'outputs, targets and weights').toBe(8 * (3 + 3 + 3 + 1));
    alone.targetValues!.data.set(head.targetValues!.data);
    alone.forward();
    head.forward();
    expect(alone.meanLoss()).toBe(head.meanLoss());
  });
});
