import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkGradients, numericGradient, randomBatch, type GradientCheckRow } from '../../src/nn/gradient-check.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import { parameterSpecs } from '../../src/nn/spec.ts';
import { HeapArena, Random, ReferenceKernels, sizeOf, type Tensor } from '../../src/tensor/index.ts';
import { seed } from '../support/generators.ts';
import { anySequenceShape, anySpec, smallSpec, tutorialSpec } from '../support/model-specs.ts';
import { initialise } from '../../src/nn/initialise.ts';

const TOLERANCE = 1e-6;
const SHAPE = { batchSize: 2, steps: 3, seed: 1, samples: 1000 };

function expectAgreement(rows: GradientCheckRow[]): void {
  for (const row of rows) {
    if (!(row.error <= TOLERANCE)) {
      expect.fail(`${row.name}[${row.at}]: ${row.analytic} by the backward pass, ${row.numeric} by differences`);
    }
  }
}

describe('the gradients of a whole model', () => {
  it('are those of numeric differences, for any architecture', () => {
    fc.assert(
      fc.property(anySpec, anySequenceShape, fc.constantFrom(1, 8), seed, (spec, shape, weightScale, s) => {
        expectAgreement(checkGradients(spec, { ...shape, seed: s, samples: 6, weightScale }));
      }),
    );
  });

  it.each(['last', 'all'] as const)('are so for every single weight of a small model (loss on %s)', (lossOn) => {
    const rows = checkGradients(smallSpec({ lossOn, lstm: { dropout: 0.3 } }), SHAPE);
    expect(rows.map(({ checked }) => checked)).toEqual(parameterSpecs(smallSpec()).map(({ shape }) => sizeOf(shape)));
    expectAgreement(rows);
  });

  it('are so for the tutorial’s model over its window of 25 notes', () => {
    expectAgreement(checkGradients(tutorialSpec(16, 12), { batchSize: 4, steps: 25, seed: 2, samples: 20 }));
  });

  it('are so for one sequence of one step through one unit', () => {
    const spec = { ...tutorialSpec(1, 2), lossOn: 'all' as const };
    expectAgreement(checkGradients(spec, { batchSize: 1, steps: 1, seed: 3, samples: 100 }));
  });
});

/** Kernels with an error of one in a thousand in one backward operation. */
class Faulty extends ReferenceKernels {
  readonly #fault: string;
  constructor(fault: string) {
    super(new HeapArena('float64'));
    this.#fault = fault;
  }
  override matmulBackwardA(da: Tensor, dOut: Tensor, b: Tensor): void {
    super.matmulBackwardA(da, dOut, b);
    if (this.#fault === 'matmulBackwardA') da.data[da.size - 1] *= 1.001;
  }
  override matmulBackwardB(db: Tensor, a: Tensor, dOut: Tensor): void {
    super.matmulBackwardB(db, a, dOut);
    if (this.#fault === 'matmulBackwardB') db.data[db.size - 1] *= 1.001;
  }
  override biasBackward(dBias: Tensor, dOut: Tensor): void {
    super.biasBackward(dBias, dOut);
    if (this.#fault === 'biasBackward') dBias.data[0] *= 1.001;
    if (this.#fault === 'NaN') dBias.data[0] = NaN;
  }
}

describe('checkGradients', () => {
  it('goes through every parameter once, in order, and no further than asked', () => {
    const spec = smallSpec();
    const rows = checkGradients(spec, { ...SHAPE, samples: 7 });
    expect(rows.map(({ name }) => name)).toEqual(parameterSpecs(spec).map(({ name }) => name));
    expect(rows.map(({ checked }) => checked)).toEqual(
      parameterSpecs(spec).map(({ shape }) => Math.min(7, sizeOf(shape))),
    );
  });

  it('checks at the weights and on the batch that it is given', () => {
    const spec = smallSpec({ lstm: { dropout: 0 } });
    const kernels = new ReferenceKernels(new HeapArena('float64'));
    const set = new ParameterSet(kernels.arena, spec);
    initialise(set, Random.stream(9, 'init'));
    const parameters = set.toArrays();
    const batch = randomBatch(spec, SHAPE.batchSize, SHAPE.steps, Random.stream(9, 'batch'));
    const ask = (s: number, other: object = {}) => checkGradients(spec, { ...SHAPE, seed: s, parameters, batch, ...other }); // prettier-ignore
    const [one, two] = [ask(1), ask(2)];
    expectAgreement(one);
    // All numbers are compared: with weights and batch given, nothing of the seed is left.
    expect(two.map(({ name, error }) => [name, error])).toEqual(one.map(({ name, error }) => [name, error]));
    const more = { ...parameters, 'lstm.0.bias': parameters['lstm.0.bias'].map((b) => b + 0.5) };
    expect(ask(1, { parameters: more })[0].analytic).not.toBe(one[0].analytic);
  });

  it('tells of each number that it compared', () => {
    const names: string[] = [];
    const rows = checkGradients(smallSpec(), { ...SHAPE, samples: 2, onCompared: (name) => names.push(name) });
    expect(names).toEqual(rows.flatMap(({ name, checked }) => Array<string>(checked).fill(name)));
  });

  it('says the same each time', () => {
    expect(checkGradients(smallSpec(), { ...SHAPE, samples: 3 })).toEqual(
      checkGradients(smallSpec(), { ...SHAPE, samples: 3 }),
    );
  });

  it.each(['matmulBackwardA', 'matmulBackwardB', 'biasBackward'])('reports a fault planted into %s', (fault) => {
    const rows = checkGradients(smallSpec(), { ...SHAPE, kernels: new Faulty(fault) });
    expect(Math.max(...rows.map(({ error }) => error))).toBeGreaterThan(1e-5);
  });

  it('names the weight that is wrong, with both values', () => {
    const rows = checkGradients(smallSpec(), { ...SHAPE, kernels: new Faulty('biasBackward') });
    for (const { name, error, at, analytic, numeric } of rows) {
      if (!name.endsWith('.bias')) expect(error).toBeLessThanOrEqual(TOLERANCE);
      else {
        expect(error).toBeCloseTo(0.001, 5);
        expect(at).toBe(0);
        expect(analytic / numeric).toBeCloseTo(1.001, 5);
      }
    }
  });

  it('counts a gradient that is not a number as the worst error', () => {
    const rows = checkGradients(smallSpec(), { ...SHAPE, kernels: new Faulty('NaN') });
    expect(rows.find(({ name }) => name === 'lstm.0.bias')!.error).toBe(Infinity);
  });

  it('finds a gradient right beside the kink of the positive pressure', () => {
    // Models with 400 predictions in all; now and then one lies within the first stencil around 0.
    const spec = tutorialSpec(2, 2);
    for (let s = 0; s < 40; s++) {
      expectAgreement(checkGradients(spec, { batchSize: 5, steps: 2, seed: s, samples: 4 }));
    }
  });
});

describe('numericGradient', () => {
  it('is exact for polynomials of the fourth degree and leaves the weight alone', () => {
    const weights = Float64Array.of(5, 1.5, 7);
    const loss = (): number => weights[1] ** 4 - 3 * weights[1] ** 3 + weights[1];
    expect(numericGradient(loss, weights, 1)).toBeCloseTo(4 * 1.5 ** 3 - 9 * 1.5 ** 2 + 1, 9);
    expect([...weights]).toEqual([5, 1.5, 7]);
  });
});

describe('randomBatch', () => {
  it('fits the model: shapes, classes, numbers', () => {
    fc.assert(
      fc.property(anySpec, anySequenceShape, seed, (spec, { batchSize, steps }, s) => {
        const batch = randomBatch(spec, batchSize, steps, Random.stream(s, 'batch'));
        const rows = batchSize * steps;
        batch.categories.forEach((indices, k) => {
          expect(indices).toHaveLength(rows);
          expect(Array.from(indices).every((i) => i >= 0 && i < spec.inputs.categories[k].size)).toBe(true);
        });
        expect(batch.features).toHaveLength(rows * spec.inputs.features.length);
        for (const head of spec.heads) {
          const targets = Array.from(batch.targets![head.name]);
          expect(targets).toHaveLength(spec.lossOn === 'last' ? batchSize : rows);
          if (head.kind === 'categorical') expect(targets.every((i) => i >= 0 && i < head.size)).toBe(true);
        }
      }),
    );
  });
});
