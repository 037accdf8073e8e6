import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { layOut, type GpuLayout } from '../../../src/nn/gpu/layout.ts';
import type { ModelSpec } from '../../../src/nn/spec.ts';
import { GpuDevice } from '../../../src/tensor/gpu/device.ts';
import * as headKernels from '../../../src/tensor/gpu/heads.kernels.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import * as optimizer from '../../../src/tensor/gpu/optimizer.kernels.ts';
import * as backwards from '../../../src/tensor/gpu/recurrent-backward.kernels.ts';
import * as forwards from '../../../src/tensor/gpu/recurrent-forward.kernels.ts';
import { seed } from '../../support/generators.ts';
import { expectSame, expectWithin } from '../../support/tolerances.ts';
import { sigmoid, tanh } from '../conformance/naive.ts';
import { Operands, runKernel, type TestArray } from './run-kernel.ts';

/** A sum in double precision with the magnitudes of its terms. */
class Sum {
  value = 0;
  magnitude = 0;

  add(term: number): this {
    this.value += term;
    this.magnitude += Math.abs(term);
    return this;
  }
}

const sumOf = (terms: Iterable<number>): Sum => {
  const sum = new Sum();
  for (const term of terms) sum.add(term);
  return sum;
};

const range = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

/** Half an ulp of 1 in float32. */
const UNIT = 2 ** -24;

/** Expects every number of `actual` to be `judge(z, y, x)` within `units` roundings of its magnitude. */
function expectEach(what: string, actual: TestArray, judge: (z: number, y: number, x: number) => Sum, units: number) {
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

interface Shape {
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
    seed,
  })
  .filter(({ categories, features }) => categories.length + features > 0);

/**
 * Every kernel of gpu.js against its definition in double precision, in one mode: for any sizes, within a stated number of
 * roundings of the magnitudes that go into each number.
 *
 * @param runs how many shapes of each kernel
 */
export function describeGpuKernels(mode: GpuMode, runs: number): void {
  describe(`the kernels of gpu.js in the mode ${mode}`, () => {
    let device: GpuDevice;
    beforeAll(async () => {
      device = await GpuDevice.open(mode);
    });
    afterAll(async () => {
      await device.dispose();
    });

    const forAnyShape = (check: (shape: Shape) => Promise<void>): Promise<void> =>
      fc.assert(
        fc.asyncProperty(anyShape, async ({ T, B, H, categories, features, lossOn, seed }) => {
          const spec: ModelSpec = {
            inputs: {
              categories: categories.map((size, k) => ({ name: `c${k}`, size })),
              features: range(features).map((f) => `f${f}`),
            },
            lstm: { layers: 2, hiddenSize: H, dropout: 0 },
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
    const run = (...args: Parameters<typeof runKernel> extends [unknown, ...infer Rest] ? Rest : never) =>
      runKernel(device, ...args);

    /** Classes as rows of the pack, then features, for two batches. */
    const entriesFor = ({ layout: { spec, entries }, T, B, operands }: Shape): TestArray => {
      const C = spec.inputs.categories.length;
      return operands.array([entries, B, 2 * T], (at) => {
        const column = at % entries;
        if (column >= C) return 2 * operands.random() - 1;
        const before = spec.inputs.categories.slice(0, column).reduce((sum, { size }) => sum + size, 0);
        return before + Math.floor(operands.random() * spec.inputs.categories[column].size);
      });
    };

    it('projectInput adds bias, one-hot rows and features', () =>
      forAnyShape(async (shape) => {
        const { layout, T, B, H, operands } = shape;
        const [{ rows, constants }] = layout.layers;
        const C = constants.categories;
        const [pack, entries] = [operands.array([4 * H, rows, 3]), entriesFor(shape)];
        const out = await run(forwards.projectInput, [4 * H, B, T], constants, [pack, entries, T]);
        expectEach(
          'projected',
          out,
          (t, b, x) =>
            sumOf([
              pack.at(0, rows - 1, x),
              ...range(C).map((c) => pack.at(0, entries.at(T + t, b, c), x)),
              ...range(constants.features).map(
                (f) => entries.at(T + t, b, C + f) * pack.at(0, constants.featureRow + f, x),
              ),
            ]),
          8,
        );
      }));

    it('projectBelow is an affine map of the first columns of what is below', () =>
      forAnyShape(async ({ layout, T, B, H, operands }) => {
        const { rows, constants } = layout.layers[1];
        const [pack, below] = [operands.array([4 * H, rows, 3]), operands.array([2 * H, B, T])];
        const out = await run(forwards.projectBelow, [4 * H, B, T], constants, [pack, below]);
        const judge = (t: number, b: number, x: number): Sum =>
          sumOf([pack.at(0, 2 * H, x), ...range(H).map((k) => below.at(t, b, k) * pack.at(0, k, x))]);
        expectEach('projected', out, judge, H + 2);
      }));

    /** h and c of a unit from its pre-activations, with what rounding in z does to them. */
    const cell = (z: Sum[], cBefore: number): { h: Sum; c: Sum } => {
      const noise = Math.max(...z.map(({ magnitude }) => magnitude)) + 4;
      const [i, f, g, o] = z.map(({ value }, gate) => (gate === 2 ? tanh : sigmoid)(value));
      const c = { value: f * cBefore + i * g, magnitude: noise * (1 + Math.abs(cBefore)) };
      return { c: Object.assign(new Sum(), c), h: Object.assign(new Sum(), { value: o * tanh(c.value), magnitude: noise * (2 + Math.abs(cBefore)) }) }; // prettier-ignore
    };

    it('startCell and stepCell fill one slot of a block and keep those before', () =>
      forAnyShape(async ({ layout, T, B, H, operands }) => {
        const { rows, constants } = layout.layers[1];
        const slots = 3;
        const size = [2 * H, B, slots];
        const pack = operands.array([4 * H, rows, 3]);
        const projected = operands.array([4 * H, B, T], () => 4 * (2 * operands.random() - 1));
        const block = operands.array(size);
        const zs = (t: number, b: number, j: number, h?: (k: number) => number): Sum[] =>
          range(4).map((gate) => {
            const recurrent = h ? range(H).map((k) => h(k) * pack.at(0, H + k, gate * H + j)) : [];
            return sumOf([projected.at(t, b, gate * H + j), ...recurrent]);
          });
        const first = await run(forwards.startCell, size, constants, [projected]);
        const judgeFirst = (z: number, b: number, x: number): Sum => {
          if (z > 0) return new Sum();
          const { h, c } = cell(zs(0, b, x % H), 0);
          return x < H ? h : c;
        };
        expectEach('the first step', first, judgeFirst, 8);
        for (const [slot, from] of [
          [0, 2],
          [2, 1],
        ] as const) {
          const t = T - 1;
          const next = await run(forwards.stepCell, size, constants, [pack, projected, block, t, slot, from]);
          const judge = (z: number, b: number, x: number): Sum => {
            if (z < slot) return new Sum().add(block.at(z, b, x));
            if (z > slot) return new Sum();
            const { h, c } = cell(zs(t, b, x % H, (k) => block.at(from, b, k)), block.at(from, b, H + (x % H))); // prettier-ignore
            return x < H ? h : c;
          };
          expectEach('a later step', next, judge, H + 8);
        }
      }));

    it('the cell saturates where the pre-activations are huge, and lets NaN through', async () => {
      const { constants } = layOut(
        { inputs: { categories: [], features: ['f'] }, lstm: { layers: 1, hiddenSize: 3, dropout: 0 }, heads: [], lossOn: 'last' }, // prettier-ignore
        { batchSize: 1, steps: 1 },
      ).layers[0];
      const gates = [
        [1e6, -1e6, NaN],
        [0, 0, 0],
        [1e6, 1e6, 0],
        [1e6, 1e6, 1e6],
      ].flat();
      const projected = new Operands(1).array([12, 1, 1], (at) => gates[at]);
      const { data } = await run(forwards.startCell, [6, 1, 1], constants, [projected]);
      expectWithin('saturated', [data[0], data[1], data[3], data[4]], [Math.tanh(1), 0, 1, 0], () => 1e-6);
      // Whether a GPU keeps NaN is its own affair: the engine looks at what goes in as well.
      if (mode === 'cpu' || mode === 'webasm') expect([data[2], data[5]]).toEqual([NaN, NaN]);
    });

    it('join puts up to six arrays one behind the other', async () => {
      for (const [each, count, total] of [
        [1, 6, 6],
        [3, 6, 16],
        [5, 2, 7],
      ]) {
        const operands = new Operands(each);
        const blocks = range(count).map(() => operands.array([4, 3, each]));
        const six = [...blocks, ...Array<TestArray>(6 - count).fill(blocks[count - 1])];
        const { data } = await run(forwards.join, [4, 3, total], { each }, six);
        const all = blocks.flatMap((block) => [...block.data]);
        expectSame('joined', data, all.slice(0, 12 * total));
      }
    });

    it('dropout multiplies by the masks of its layer and batch', async () => {
      const operands = new Operands(5);
      const [values, masks] = [operands.array([6, 3, 4]), operands.array([6, 3, 9])];
      const out = await run(forwards.dropout, [3, 3, 4], {}, [values, masks, 5, 3]);
      expectEach('dropped', out, (t, b, x) => new Sum().add(values.at(t, b, x) * masks.at(5 + t, b, 3 + x)), 1);
    });

    it('activateGates gives the activations of all steps', () =>
      forAnyShape(async ({ layout, T, B, H, operands }) => {
        const { rows, constants } = layout.layers[1];
        const [pack, projected, history] = [[4 * H, rows, 3], [4 * H, B, T], [2 * H, B, T]].map((s) => operands.array(s)); // prettier-ignore
        const out = await run(forwards.activateGates, [4 * H, B, T], constants, [pack, projected, history]);
        const judge = (t: number, b: number, x: number): Sum => {
          const recurrent = t > 0 ? range(H).map((k) => history.at(t - 1, b, k) * pack.at(0, H + k, x)) : [];
          const z = sumOf([projected.at(t, b, x), ...recurrent]);
          const value = (Math.floor(x / H) === 2 ? tanh : sigmoid)(z.value);
          return Object.assign(new Sum(), { value, magnitude: 4 + z.magnitude });
        };
        expectEach('gates', out, judge, H + 4);
      }));

    it('the way back through time gives dL/dz as the chain rule has it', () =>
      forAnyShape(async ({ layout, T, B, H, operands }) => {
        const { rows, constants: sizes } = layout.layers[1];
        const firstAbove = layout.heads.constants.first;
        const constants = { ...sizes, firstAbove, recurrentColumn: H };
        const pack = operands.array([4 * H, rows, 3]);
        const gates = operands.array([4 * H, B, T], (at) => {
          const isG = Math.floor((at % (4 * H)) / H) === 2;
          return isG ? 2 * operands.random() - 1 : operands.random();
        });
        const [history, above] = [operands.array([2 * H, B, T]), operands.array([H, B, T - firstAbove])];
        const slopes = await run(backwards.gateSlopes, [6 * H, B, T], constants, [gates, history]);
        const transposed = await run(backwards.transpose, [2 * H, 4 * H], { firstRow: 0 }, [pack]);
        expectEach('transposed', transposed, (_, y, x) => new Sum().add(pack.at(0, x, y)), 0);
        const back = await backThroughTime({ constants, T, slots: T }, { transposed, slopes, above });
        const dz = await run(backwards.gateGradients, [4 * H, B, T], constants, [slopes, back]);
        expectEach('dz', dz, naiveBack({ T, B, H, firstAbove }, { pack, gates, history, above }), 4 * H + 16 * T);
      }));

    /** `startBack` and every `stepBack`, with room for all steps in one block. */
    const backThroughTime = async (
      { constants, T, slots }: { constants: Record<string, number>; T: number; slots: number },
      { transposed, slopes, above }: Record<'transposed' | 'slopes' | 'above', TestArray>,
    ): Promise<TestArray> => {
      const size = [constants.H2, constants.B, slots];
      let block = await run(backwards.startBack, size, constants, [above]);
      for (let r = 1; r < T; r++) {
        const args = [transposed, slopes, above, block, T - 1 - r, r, r - 1];
        block = await run(backwards.stepBack, size, constants, args);
      }
      return block;
    };

    it('inputLayerGradient sums over all rows for one-hot rows, features, recurrent rows and bias', () =>
      forAnyShape(async (shape) => {
        const { layout, T, B, H, operands } = shape;
        const [{ rows, constants }] = layout.layers;
        const { recurrentRow, biasRow, featureRow, categories } = constants;
        const [entries, history, dz] = [entriesFor(shape), operands.array([2 * H, B, T]), operands.array([4 * H, B, T])]; // prettier-ignore
        const out = await run(backwards.inputLayerGradient, [4 * H, rows], constants, [entries, history, dz, T]);
        const input = (t: number, b: number, y: number): number => {
          if (y === biasRow) return 1;
          if (y >= recurrentRow) return t > 0 ? history.at(t - 1, b, y - recurrentRow) : 0;
          if (y >= featureRow) return entries.at(T + t, b, categories + y - featureRow);
          return range(categories).filter((c) => entries.at(T + t, b, c) === y).length;
        };
        const judge = (_: number, y: number, x: number): Sum =>
          sumOf(range(T).flatMap((t) => range(B).map((b) => input(t, b, y) * dz.at(t, b, x))));
        expectEach('gradient', out, judge, T * B + 1);
      }));

    it('upperLayerGradient and belowGradient are the products of a layer above another', () =>
      forAnyShape(async ({ layout, T, B, H, operands }) => {
        const { rows, constants } = layout.layers[1];
        const [below, history, dz] = [[2 * H, B, T], [2 * H, B, T], [4 * H, B, T]].map((s) => operands.array(s)); // prettier-ignore
        const out = await run(backwards.upperLayerGradient, [4 * H, rows], constants, [below, history, dz]);
        const input = (t: number, b: number, y: number): number => {
          if (y === 2 * H) return 1;
          return y < H ? below.at(t, b, y) : t > 0 ? history.at(t - 1, b, y - H) : 0;
        };
        const judge = (_: number, y: number, x: number): Sum =>
          sumOf(range(T).flatMap((t) => range(B).map((b) => input(t, b, y) * dz.at(t, b, x))));
        expectEach('gradient', out, judge, T * B + 1);
        const transposed = operands.array([2 * H, 4 * H]);
        const down = await run(backwards.belowGradient, [H, B, T], constants, [transposed, dz]);
        const judgeDown = (t: number, b: number, x: number): Sum =>
          sumOf(range(4 * H).map((k) => dz.at(t, b, k) * transposed.at(0, k, x)));
        expectEach('below', down, judgeDown, 4 * H + 1);
      }));

    it('heads: outputs, losses, and their gradients', () =>
      forAnyShape(async ({ layout, T, B, H, operands }) => {
        const { columns: Q, constants, starts } = layout.heads;
        const { seen, first } = constants;
        const sizes = [1, 5, 3];
        const scales = [0.3, 0.2, 1.5];
        const pack = operands.array([Q, H + 1, 3]);
        const hidden = operands.array([2 * H, B, T]);
        const outputs = await run(headKernels.headOutputs, [Q, B, seen], constants, [pack, hidden]);
        const judgeOutputs = (s: number, b: number, x: number): Sum =>
          sumOf([pack.at(0, H, x), ...range(H).map((k) => hidden.at(first + s, b, k) * pack.at(0, k, x))]);
        expectEach('outputs', outputs, judgeOutputs, H + 2);

        const described = operands.array([5, 3], (at) => {
          const head = Math.floor(at / 5);
          return [starts[head], sizes[head], Number(head === 0), head === 0 ? 10 : 0, scales[head]][at % 5];
        });
        const targets = operands.array([3, B, 2 * seen], (at) => {
          const head = at % 3;
          return head === 0 ? 2 * operands.random() - 1 : Math.floor(operands.random() * sizes[head]);
        });
        const softmax = (s: number, b: number, head: number) => {
          const logits = range(sizes[head]).map((k) => outputs.at(s, b, starts[head] + k));
          const most = Math.max(...logits);
          return { logits, lse: most + Math.log(sumOf(logits.map((z) => Math.exp(z - most))).value) };
        };
        const rows = await run(headKernels.rowLosses, [6, B, seen], constants, [outputs, targets, described, seen]);
        const loss = (s: number, b: number, head: number): number => {
          const target = targets.at(seen + s, b, head);
          const p = outputs.at(s, b, starts[head]);
          if (head === 0) return (target - p) ** 2 + 10 * Math.max(-p, 0);
          const { logits, lse } = softmax(s, b, head);
          return lse - logits[target];
        };
        const judgeRows = (s: number, b: number, x: number): Sum => {
          const value = x >= 3 ? loss(s, b, x - 3) : x === 0 ? 0 : softmax(s, b, x).lse;
          return Object.assign(new Sum(), { value, magnitude: 8 + 4 * Math.abs(value) });
        };
        expectEach('rows', rows, judgeRows, 8);
        const sums = await run(headKernels.stepLosses, [3, seen], constants, [rows]);
        expectEach('losses', sums, (_, s, head) => sumOf(range(B).map((b) => rows.at(s, b, 3 + head))), B + 1);

        const headOf = operands.array([1, Q], (x) => starts.findLastIndex((start) => start <= x));
        const args = [outputs, rows, targets, described, headOf, seen];
        const slopes = await run(headKernels.outputGradients, [Q, B, seen], constants, args);
        const judgeSlopes = (s: number, b: number, x: number): Sum => {
          const head = headOf.at(0, x, 0);
          const target = targets.at(seen + s, b, head);
          const value = outputs.at(s, b, x);
          const slope =
            head === 0
              ? 2 * (value - target) - (value < 0 ? 10 : 0)
              : Math.exp(value - softmax(s, b, head).lse) - Number(x === starts[head] + target);
          return Object.assign(new Sum(), { value: scales[head] * slope, magnitude: scales[head] * 12 });
        };
        expectEach('slopes', slopes, judgeSlopes, 16);

        const gradient = await run(headKernels.headGradients, [Q, H + 1], constants, [hidden, slopes]);
        const judgeGradient = (_: number, y: number, x: number): Sum =>
          sumOf(range(seen).flatMap((s) => range(B).map((b) => (y === H ? 1 : hidden.at(first + s, b, y)) * slopes.at(s, b, x)))); // prettier-ignore
        expectEach('gradient', gradient, judgeGradient, seen * B + 1);
        const above = await run(headKernels.hiddenGradients, [H, B, seen], constants, [pack, slopes]);
        const judgeAbove = (s: number, b: number, x: number): Sum =>
          sumOf(range(Q).map((q) => slopes.at(s, b, q) * pack.at(0, x, q)));
        expectEach('above', above, judgeAbove, Q + 1);
      }));

    it('sumSquares and foldSums add up the squares of gradients of any size', () =>
      fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 20 }),
          fc.integer({ min: 1, max: 70 }),
          seed,
          async (rows, columns, s) => {
            // prettier-ignore
            const [gradient, others] = [new Operands(s).array([columns, rows]), new Operands(s + 1).array([24, 8])];
            const each = { columnsEach: Math.ceil(columns / 24), rowsEach: Math.ceil(rows / 8) };
            const constants = { rows, columns, sums: 24, parts: 8, ...each };
            const many = await run(optimizer.sumSquares, [24, 8], constants, [gradient, others]);
            const few = await run(optimizer.foldSums, [7], { sums: 24, parts: 8, fewer: 7, each: 4 }, [many]);
            const expected = sumOf([...gradient.data].map((g) => g * g).concat([...others.data]));
            const found = sumOf(few.data);
            expectWithin('sum', [found.value], [expected.value], () => rows * columns * UNIT * expected.magnitude);
          },
        ),
        { numRuns: runs },
      ));

    it('clipAndAdam clips by the norm and moves moments and weights as Adam does', () =>
      fc.assert(
        fc.asyncProperty(seed, fc.constantFrom(-1, 0.5, 1e6), async (s, clip) => {
          const operands = new Operands(s);
          const pack = operands.array([5, 4, 3], (at) => (at < 40 ? 2 * operands.random() - 1 : operands.random()));
          const gradient = operands.array([5, 4]);
          const squares = operands.array([6], () => operands.random());
          const row = [0.01, 1e-7, 0.9, 0.1, 0.999, 0.001, clip];
          const rates = operands.array([7, 3], (at) => (at >= 14 ? row[at - 14] : 0));
          const out = await run(optimizer.clipAndAdam, [5, 4, 3], { fewer: 6 }, [pack, gradient, squares, rates, 2]);
          const norm = Math.sqrt(sumOf(squares.data).value);
          const shrink = clip >= 0 && norm > clip ? clip / norm : 1;
          const judge = (z: number, y: number, x: number): Sum => {
            const g = gradient.at(0, y, x) * shrink;
            const m = new Sum().add(0.9 * pack.at(1, y, x)).add(0.1 * g);
            const v = new Sum().add(0.999 * pack.at(2, y, x)).add(0.001 * g * g);
            if (z > 0) return z === 1 ? m : v;
            const update = 0.01 / (Math.sqrt(v.value) + 1e-7);
            return Object.assign(new Sum(), {
              value: pack.at(0, y, x) - update * m.value,
              magnitude: Math.abs(pack.at(0, y, x)) + update * m.magnitude,
            });
          };
          expectEach('pack', out, judge, 24);
        }),
        { numRuns: runs },
      ));
  });
}

/** dL/dz [T, B, 4H] by the chain rule, each number with its magnitude. */
function naiveBack(
  { T, B, H, firstAbove }: { T: number; B: number; H: number; firstAbove: number },
  { pack, gates, history, above }: Record<'pack' | 'gates' | 'history' | 'above', TestArray>,
): (t: number, b: number, x: number) => Sum {
  const dz = range(T).map(() => range(B).map(() => range(4 * H).map(() => new Sum())));
  const carried = range(B).map(() => range(H).map(() => new Sum()));
  const scaled = ({ value, magnitude }: Sum, factor: number, bound = factor): Sum =>
    Object.assign(new Sum(), { value: value * factor, magnitude: magnitude * Math.abs(bound) });
  for (let t = T - 1; t >= 0; t--) {
    for (const b of range(B)) {
      for (const j of range(H)) {
        const dh = new Sum();
        if (t >= firstAbove) dh.add(above.at(t - firstAbove, b, j));
        if (t < T - 1) {
          for (const k of range(4 * H)) {
            const later = dz[t + 1][b][k];
            dh.value += later.value * pack.at(0, H + j, k);
            dh.magnitude += later.magnitude * Math.abs(pack.at(0, H + j, k));
          }
        }
        const [i, f, g, o] = range(4).map((gate) => gates.at(t, b, gate * H + j));
        const squashed = tanh(history.at(t, b, H + j));
        const before = t > 0 ? history.at(t - 1, b, H + j) : 0;
        const dc = carried[b][j];
        const bent = scaled(dh, o * (1 - squashed ** 2), o);
        dc.value += bent.value;
        dc.magnitude += bent.magnitude;
        dz[t][b][j] = scaled(dc, g * i * (1 - i), g * i);
        dz[t][b][H + j] = scaled(dc, before * f * (1 - f), before * f);
        dz[t][b][2 * H + j] = scaled(dc, i * (1 - g * g), i);
        dz[t][b][3 * H + j] = scaled(dh, squashed * o * (1 - o), o);
        carried[b][j] = scaled(dc, f);
      }
    }
  }
  return (t, b, x) => dz[t][b][x];
}
