import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { initialValues } from '../../src/nn/initializers.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import { parameterSpecs } from '../../src/nn/spec.ts';
import { HeapArena, Random, ShapeError, sizeOf } from '../../src/tensor/index.ts';
import { anySpec, smallSpec, tutorialSpec } from '../support/model-specs.ts';
import { initialise } from '../../src/nn/initialise.ts';

describe('a set of parameters', () => {
  it('has a view for every parameter of the model, in order, in one flat tensor, none over another', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const set = new ParameterSet(new HeapArena(), spec);
        const views = [...set.entries()];
        expect(views.map(([name, { shape }]) => ({ name, shape }))).toEqual(
          parameterSpecs(spec).map(({ name, shape }) => ({ name, shape })),
        );
        views.forEach(([, view], number) => view.data.fill(number + 1));
        views.forEach(([name, view], number) => {
          expect(set.get(name)).toBe(view);
          expect(view.data.every((x: number) => x === number + 1)).toBe(true);
          expect(view.data.buffer).toBe(set.flat.data.buffer);
          expect((view.byteOffset - set.flat.byteOffset) % 16, `${name} starts at a whole vector`).toBe(0);
        });
        const trainable = views.reduce((sum, [, { size }]) => sum + size, 0);
        expect([...set.flat.data].filter((x) => x === 0)).toHaveLength(set.flat.size - trainable);
        expect(set.flat.size - trainable).toBeLessThan(4 * views.length);
      }),
    );
  });

  it('draws its starting values in order from one stream', () => {
    const set = new ParameterSet(new HeapArena('float64'), smallSpec());
    initialise(set, Random.stream(5, 'init'));
    const random = Random.stream(5, 'init');
    for (const spec of parameterSpecs(smallSpec())) {
      expect([...set.get(spec.name).data], spec.name).toEqual([...initialValues(spec, random)]);
    }
  });

  it('goes into arrays and back, which are copies without padding', () => {
    const arena = new HeapArena();
    const [one, two] = [new ParameterSet(arena, smallSpec()), new ParameterSet(arena, smallSpec())];
    initialise(one, Random.stream(1, 'init'));
    const arrays = one.toArrays();
    two.fromArrays(arrays);
    expect([...two.flat.data]).toEqual([...one.flat.data]);
    expect(Object.entries(arrays).map(([name, { length }]) => [name, length])).toEqual(
      parameterSpecs(smallSpec()).map(({ name, shape }) => [name, sizeOf(shape)]),
    );
    arrays['lstm.0.bias'].fill(99);
    expect([...one.get('lstm.0.bias').data]).not.toContain(99);
  });

  it('refuses arrays that do not fit, and names the parameter', () => {
    const set = new ParameterSet(new HeapArena(), smallSpec());
    const missing = Object.fromEntries(Object.entries(set.toArrays()).filter(([name]) => name !== 'lstm.1.bias'));
    expect(() => {
      set.fromArrays(missing);
    }).toThrow('"lstm.1.bias" needs 16 numbers, got nothing');
    expect(() => {
      set.fromArrays({ ...set.toArrays(), 'heads.step.kernel': new Float32Array(3) });
    }).toThrow(ShapeError);
    expect(() => set.get('lstm.9.kernel')).toThrow('no "lstm.9.kernel"; there are lstm.0.kernel');
  });

  it('of the tutorial’s model holds 84,354 numbers', () => {
    const set = new ParameterSet(new HeapArena(), tutorialSpec());
    expect([...set.entries()].reduce((sum, [, { size }]) => sum + size, 0)).toBe(84_354);
  });
});
