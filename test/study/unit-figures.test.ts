import { describe, expect, it } from 'vitest';
import { unitFigures } from '../../src/study/unit-figures.ts';

const STEPS = 10;
/** A layer of units whose outputs are given as functions of the step; gates likewise for the first. */
function figures(outputs: ((step: number) => number)[], gate: (step: number) => number = () => 0.5) {
  const size = outputs.length;
  const each = (of: (step: number, unit: number) => number): number[] => Array.from({ length: STEPS * size }, (_, k) => of(Math.floor(k / size), k % size)); // prettier-ignore
  const values = each(gate);
  const gates = { i: values, f: values, g: values.map((value) => 2 * value - 1), o: values };
  const h = each((step, unit) => outputs[unit](step));
  return unitFigures({ size, gates, c: h, h });
}

describe('unitFigures', () => {
  it('counts the steps at which a gate is nearly shut and nearly open', () => {
    const [{ saturation }] = figures([() => 1], (step) => (step < 2 ? 0.05 : step < 5 ? 0.96 : 0.5));
    expect(saturation.f).toMatchObject({ low: 0.2, high: 0.3 });
    expect(saturation.g).toMatchObject({ low: 0, high: 0.3 });
    expect(saturation.i!.mean).toBeCloseTo((2 * 0.05 + 3 * 0.96 + 5 * 0.5) / 10, 10);
  });

  it('tells dead units, those that are always on, and those that speak', () => {
    const all = figures([() => 0.009, (step) => -0.5 - 0.04 * step, (step) => 0.1 * step, (step) => (step % 2 ? 0.3 : -0.3)]); // prettier-ignore
    expect(all.map(({ dead }) => dead)).toEqual([true, false, false, false]);
    expect(all.map(({ alwaysOn }) => alwaysOn)).toEqual([false, true, false, false]);
  });

  it('names the notes after which the output is largest, either sign, the earlier of equals', () => {
    const outputs = [0.1, -0.9, 0.2, 0.8, -0.9, 0, 0.3, 0.3, 0.1, 0];
    const [{ top, h }] = figures([(step) => outputs[step]]);
    expect(top.map(({ note }) => note)).toEqual([1, 4, 3, 6, 7]);
    expect(h).toMatchObject({ min: -0.9, max: 0.8 });
  });
});
