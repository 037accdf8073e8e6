import { expect, it } from 'vitest';

import { layOut } from '../../../src/nn/gpu/layout.ts';
import * as forwards from '../../../src/tensor/gpu/recurrent-forward.kernels.ts';
import { expectSame, expectWithin } from '../../support/tolerances.ts';
import { sigmoid, tanh } from '../conformance/naive.ts';
import { entriesFor, expectEach, range, Sum, sumOf, type KernelsUnderTest } from './judged.ts';
import { Operands, type TestArray } from './run-kernel.ts';

/** From the input to the activations of all gates. */
export function describeForward({ mode, run, forAnyShape }: KernelsUnderTest): void {
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

  it('projectBelow is an affine map of the outputs below', () =>
    forAnyShape(async ({ layout, T, B, H, operands }) => {
      const { rows, constants } = layout.layers[1];
      const { planes } = constants;
      const [pack, below] = [operands.array([4 * H, rows, 3]), operands.array([H, B, planes * T])];
      const out = await run(forwards.projectBelow, [4 * H, B, T], constants, [pack, below]);
      const judge = (t: number, b: number, x: number): Sum =>
        sumOf([pack.at(0, 2 * H, x), ...range(H).map((k) => below.at(planes * t, b, k) * pack.at(0, k, x))]);
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
      const size = [H, B, 2 * slots];
      const pack = operands.array([4 * H, rows, 3]);
      const projected = operands.array([4 * H, B, T], () => 4 * (2 * operands.random() - 1));
      const block = operands.array(size);
      const zs = (t: number, b: number, j: number, h?: (k: number) => number): Sum[] =>
        range(4).map((gate) => {
          const recurrent = h ? range(H).map((k) => h(k) * pack.at(0, H + k, gate * H + j)) : [];
          return sumOf([projected.at(t, b, gate * H + j), ...recurrent]);
        });
      const first = await run(forwards.startCell, size, constants, [projected]);
      const judgeFirst = (z: number, b: number, j: number): Sum => {
        if (z > 1) return new Sum();
        const { h, c } = cell(zs(0, b, j), 0);
        return z === 0 ? h : c;
      };
      expectEach('the first step', first, judgeFirst, 8);
      for (const [slot, from] of [
        [0, 2],
        [2, 1],
      ] as const) {
        const t = T - 1;
        const next = await run(forwards.stepCell, size, constants, [pack, projected, block, t, slot, from]);
        const judge = (z: number, b: number, j: number): Sum => {
          if (z < 2 * slot) return new Sum().add(block.at(z, b, j));
          if (z > 2 * slot + 1) return new Sum();
          const { h, c } = cell(
            zs(t, b, j, (k) => block.at(2 * from, b, k)),
            block.at(2 * from + 1, b, j),
          );
          return z === 2 * slot ? h : c;
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
    const { data } = await run(forwards.startCell, [3, 1, 2], constants, [projected]);
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
    const [values, masks] = [operands.array([3, 3, 8]), operands.array([6, 3, 9])];
    const out = await run(forwards.dropout, [3, 3, 4], { planes: 2 }, [values, masks, 5, 3]);
    expectEach('dropped', out, (t, b, x) => new Sum().add(values.at(2 * t, b, x) * masks.at(5 + t, b, 3 + x)), 1);
  });

  it('activateGates gives the activations of all steps', () =>
    forAnyShape(async ({ layout, T, B, H, operands }) => {
      const { rows, constants } = layout.layers[1];
      const [pack, projected, history] = [[4 * H, rows, 3], [4 * H, B, T], [H, B, 2 * T]].map((s) => operands.array(s)); // prettier-ignore
      const out = await run(forwards.activateGates, [4 * H, B, T], constants, [pack, projected, history]);
      const judge = (t: number, b: number, x: number): Sum => {
        const recurrent = t > 0 ? range(H).map((k) => history.at(2 * t - 2, b, k) * pack.at(0, H + k, x)) : [];
        const z = sumOf([projected.at(t, b, x), ...recurrent]);
        const value = (Math.floor(x / H) === 2 ? tanh : sigmoid)(z.value);
        return Object.assign(new Sum(), { value, magnitude: 4 + z.magnitude });
      };
      expectEach('gates', out, judge, H + 4);
    }));
}
