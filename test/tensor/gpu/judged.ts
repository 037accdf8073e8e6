import fc from 'fast-check';

import { layOut, type GpuLayout } from '../../../src/nn/gpu/layout.ts';
import type { ModelSpec } from '../../../src/nn/spec.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { seed } from '../../support/generators.ts';
import { expectWithin } from '../../support/tolerances.ts';
import { Operands, type runKernel, type TestArray } from './run-kernel.ts';

/** A sum in double precision with the magnitudes of its terms. */
export class Sum {
  value = 0;
  magnitude = 0;

  add(term: number): this {
    this.value += term;
    this.magnitude += Math.abs(term);
    return this;
  }
}

export const sumOf = (terms: Iterable<number>): Sum => {
  const sum = new Sum();
  for (const term of terms) sum.add(term);
  return sum;
};

export const range = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

/** Half an ulp of 1 in float32. */
export const UNIT = 2 ** -24;

/** Expects every number of `actual` to be `judge(z, y, x)` within `units` roundings of its magnitude. */
export function expectEach(
  what: string,
  actual: TestArray,
  judge: (z: number, y: number, x: number) => Sum,
  units: number,
) {
  const [columns, rows = 1] = actual.size;
  const judged = range(actual.data.length).map((at) =>
    judge(Math.floor(at / (columns * rows)), Math.floor(at / columns) % rows, at % columns),
  );
  expectWithin(
    what,
    actual.data,
    judged.map(({ value }) => value),
    (at) => units * UNIT * judged[at].magnitude + 1e-30,
  );
}

export interface Shape {
  layout: GpuLayout;
  T: number;
  B: number;
  H: number;
  operands: Operands;
}

/** Sizes that fill no group of four and some that do. */
const anyShape = fc
  .record({
    T: fc.integer({ min: 1, max: 9 }),
    B: fc.integer({ min: 1, max: 9 }),
    H: fc.integer({ min: 1, max: 9 }),
    categories: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
    features: fc.integer({ min: 0, max: 3 }),
    lossOn: fc.constantFrom('last' as const, 'all' as const),
    dropout: fc.constantFrom(0, 0.5),
    seed,
  })
  .filter(({ categories, features }) => categories.length + features > 0);

/** `runKernel` on the device under test. */
export type Run = (
  ...args: Parameters<typeof runKernel> extends [unknown, ...infer Rest] ? Rest : never
) => Promise<TestArray>;

/** What the tests of a group of kernels are given. */
export interface KernelsUnderTest {
  mode: GpuMode;
  run: Run;
  /** How many shapes of each kernel. */
  runs: number;
  forAnyShape(check: (shape: Shape) => Promise<void>): Promise<void>;
}

/** Checks a kernel of a model with every kind of part at `runs` shapes. */
export const forAnyShape = (runs: number, check: (shape: Shape) => Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anyShape, async ({ T, B, H, categories, features, lossOn, dropout, seed }) => {
      const spec: ModelSpec = {
        inputs: {
          categories: categories.map((size, k) => ({ name: `c${k}`, size })),
          features: range(features).map((f) => `f${f}`),
        },
        lstm: { layers: 2, hiddenSize: H, dropout },
        heads: [
          { name: 'a', kind: 'scalar', lossWeight: 0.5, positivePressure: 10 },
          { name: 'b', kind: 'categorical', size: 5, lossWeight: 2 },
          { name: 'c', kind: 'categorical', size: 3, lossWeight: 1 },
        ],
        lossOn,
      };
      const layout = layOut(spec, { batchSize: B, steps: T });
      await check({ layout, T, B, H, operands: new Operands(seed) });
    }),
    { numRuns: runs },
  );
/** Classes as rows of the pack, then features, for two batches. */
export const entriesFor = ({ layout: { spec, entries }, T, B, operands }: Shape): TestArray => {
  const C = spec.inputs.categories.length;
  return operands.array([entries, B, 2 * T], (at) => {
    const column = at % entries;
    if (column >= C) return 2 * operands.random() - 1;
    const before = spec.inputs.categories.slice(0, column).reduce((sum, { size }) => sum + size, 0);
    return before + Math.floor(operands.random() * spec.inputs.categories[column].size);
  });
};
