import { it } from 'vitest';

import * as backwards from '../../../src/tensor/gpu/recurrent-backward.kernels.ts';
import * as weights from '../../../src/tensor/gpu/weight-gradients.kernels.ts';
import { tanh } from '../conformance/naive.ts';
import { entriesFor, expectEach, range, Sum, sumOf, type KernelsUnderTest } from './judged.ts';
import type { TestArray } from './run-kernel.ts';

/** The way back through time, and the gradients of weights and inputs. */
export function describeBackward({ run, forAnyShape }: KernelsUnderTest): void {
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
      const [history, above] = [operands.array([H, B, 2 * T]), operands.array([H, B, T - firstAbove])];
      const slopes = await run(backwards.gateSlopes, [H, B, 6 * T], constants, [gates, history]);
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
    const size = [constants.H, constants.B, 2 * slots];
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
      const [entries, history, dz] = [entriesFor(shape), operands.array([H, B, 2 * T]), operands.array([4 * H, B, T])]; // prettier-ignore
      const out = await run(weights.inputLayerGradient, [4 * H, rows], constants, [entries, history, dz, T]);
      const input = (t: number, b: number, y: number): number => {
        if (y === biasRow) return 1;
        if (y >= recurrentRow) return t > 0 ? history.at(2 * t - 2, b, y - recurrentRow) : 0;
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
      const [below, history, dz] = [[H, B, constants.planes * T], [H, B, 2 * T], [4 * H, B, T]].map((s) => operands.array(s)); // prettier-ignore
      const out = await run(weights.upperLayerGradient, [4 * H, rows], constants, [below, history, dz]);
      const input = (t: number, b: number, y: number): number => {
        if (y === 2 * H) return 1;
        return y < H ? below.at(constants.planes * t, b, y) : t > 0 ? history.at(2 * t - 2, b, y - H) : 0;
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
        const squashed = tanh(history.at(2 * t + 1, b, j));
        const before = t > 0 ? history.at(2 * t - 1, b, j) : 0;
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
