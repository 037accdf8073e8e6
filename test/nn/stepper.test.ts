import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Network, ParameterSet, randomBatch, Stepper, WindowRunner, type ModelSpec } from '../../src/nn/index.ts';
import { createKernels, Random } from '../../src/tensor/index.ts';
import { TOY_SPEC } from '../support/toy-model.ts';
import { initialise } from '../../src/nn/initialise.ts';

/** Random weights for a spec. */
function weightsOf(spec: ModelSpec, seed: number) {
  const { arena } = createKernels('reference');
  const set = new ParameterSet(arena, spec);
  initialise(set, Random.stream(seed, 'init'));
  return { set, arrays: set.toArrays() };
}

describe.each(['reference', 'simd'])('the stateful step on %s kernels', (backend) => {
  it('says after n steps what a run over the window of those n steps says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(1000), (steps, seed) => {
        const { arrays } = weightsOf(TOY_SPEC, seed);
        const batch = randomBatch({ ...TOY_SPEC, lossOn: 'all' }, 1, steps, Random.stream(seed, 'batch'));
        const window = new WindowRunner(TOY_SPEC, arrays, steps, createKernels(backend));
        window.run(batch.categories, batch.features);
        const stepper = new Stepper(TOY_SPEC, arrays, createKernels(backend));
        for (let t = 0; t < steps; t++) stepper.step([batch.categories[0][t]], [batch.features[t]]);
        TOY_SPEC.heads.forEach((_, head) => {
          const [one, other] = [[...stepper.output(head)], [...window.output(head)]];
          one.forEach((value, j) => expect(Math.abs(value - other[j])).toBeLessThan(2e-6));
        });
      }),
    );
  });

  it('starts anew after reset', () => {
    const stepper = new Stepper(TOY_SPEC, weightsOf(TOY_SPEC, 1).arrays, createKernels(backend));
    stepper.step([1], [0.5]);
    const first = [...stepper.output(0)];
    stepper.step([2], [0.1]);
    expect([...stepper.output(0)]).not.toEqual(first);
    stepper.reset();
    stepper.step([1], [0.5]);
    expect([...stepper.output(0)]).toEqual(first);
  });
});

describe('a network laid out for whole sequences', () => {
  it('goes on where carryState left it', () => {
    const kernels = createKernels('reference');
    const parameters = new ParameterSet(kernels.arena, TOY_SPEC);
    initialise(parameters, Random.stream(5, 'init'));
    const all = randomBatch(TOY_SPEC, 1, 6, Random.stream(5, 'batch'));
    const whole = new Network(kernels, TOY_SPEC, { batchSize: 1, steps: 6 }, parameters);
    whole.load(all);
    whole.forward();
    const half = new Network(kernels, TOY_SPEC, { batchSize: 1, steps: 3 }, parameters);
    for (const from of [0, 3]) {
      const part = (values: ArrayLike<number>) => Array.from(values).slice(from, from + 3);
      half.load({ size: 1, steps: 3, categories: all.categories.map(part), features: part(all.features) });
      half.forward();
      half.carryState();
    }
    expect([...half.layers[1].h.row(3).data]).toEqual([...whole.layers[1].h.row(6).data]);
  });
});
