import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Dropout } from '../../src/nn/dropout.ts';
import { HeapArena, Random, ReferenceKernels } from '../../src/tensor/index.ts';
import { dimension, seed } from '../support/generators.ts';

const rates = fc.constantFrom(0.1, 0.3, 0.5, 0.9);

/** Dropout over a matrix of ones. */
function dropoutOverOnes(rate: number, rows: number, columns: number) {
  const kernels = new ReferenceKernels(new HeapArena('float64'));
  const [input, dInput] = [kernels.arena.tensor([rows, columns]), kernels.arena.tensor([rows, columns])];
  kernels.fill(input, 1);
  return { kernels, input, dInput, dropout: new Dropout(kernels, rate, input, dInput) };
}

describe('dropout', () => {
  it('drops a number or scales it by 1 / (1 - rate), nothing else', () => {
    fc.assert(
      fc.property(dimension, dimension, rates, seed, (rows, columns, rate, s) => {
        const { dropout } = dropoutOverOnes(rate, rows, columns);
        dropout.forward(Random.stream(s, 'dropout'));
        expect(dropout.output.shape).toEqual([rows, columns]);
        expect([...dropout.output.data].every((x) => x === 0 || x === 1 / (1 - rate))).toBe(true);
      }),
    );
  });

  it('drops as often as its rate says, so that the mean stays', () => {
    for (const rate of [0.1, 0.3, 0.5, 0.9]) {
      const { dropout } = dropoutOverOnes(rate, 200, 200);
      dropout.forward(Random.stream(1, 'dropout'));
      const dropped = [...dropout.output.data].filter((x) => x === 0).length;
      // Six deviations of a binomial distribution.
      expect(Math.abs(dropped - 40_000 * rate)).toBeLessThan(6 * Math.sqrt(40_000 * rate * (1 - rate)));
    }
  });

  it('draws a new mask each time, and the same from the same state of its stream', () => {
    const { dropout } = dropoutOverOnes(0.5, 10, 10);
    const random = Random.stream(2, 'dropout');
    const state = random.state();
    const draw = (): number[] => {
      dropout.forward(random);
      return [...dropout.output.data];
    };
    const [first, second] = [draw(), draw()];
    expect(second).not.toEqual(first);
    random.restore(state);
    expect(draw()).toEqual(first);
  });

  it('sends gradients back where numbers went forward, scaled alike, and adds them', () => {
    fc.assert(
      fc.property(dimension, dimension, rates, seed, (rows, columns, rate, s) => {
        const { kernels, dInput, dropout } = dropoutOverOnes(rate, rows, columns);
        dropout.forward(Random.stream(s, 'dropout'));
        kernels.fill(dInput, 5);
        kernels.fill(dropout.dOutput, 2);
        dropout.backward();
        const expected = [...dropout.output.data].map((x) => 5 + 2 * x);
        expect([...dInput.data]).toEqual(expected);
      }),
    );
  });
});
