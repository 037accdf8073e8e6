import { describe, expect, it } from 'vitest';
import { recordSequence } from '../../src/nn/index.ts';
import { memorySpans } from '../../src/study/spans.ts';
import { Random } from '../../src/tensor/index.ts';
import { plainMedianSpan } from '../support/plain-study.ts';
import { bitSequence, rememberingNetwork } from '../support/wired-networks.ts';

/** One unit whose gates are given step by step; a note every half second. */
function spanOf(steps: { i?: number; f?: number; g?: number }[]) {
  const column = (of: (step: (typeof steps)[number]) => number): number[] => steps.map(of);
  const gates = { i: column(({ i = 1 }) => i), f: column(({ f = 1 }) => f), g: column(({ g = 1 }) => g) };
  return memorySpans({ size: 1, gates }, steps.map((_, t) => t / 2))![0]; // prettier-ignore
}

const constant = (length: number, f: number): { f: number }[] => Array.from({ length }, () => ({ f }));

describe('memorySpans', () => {
  it('finds the unit that was wired to remember for a hundred steps, and its span within a twentieth', () => {
    const { spec, parameters, unit } = rememberingNetwork(100);
    const sequence = bitSequence(600, [0, 110, 230, 340, 450].map((at, k) => ({ at, bit: (k % 2) as 0 | 1 }))); // prettier-ignore
    const { layers } = recordSequence(spec, parameters, sequence);
    const spans = memorySpans(
      layers[0],
      Float64Array.from({ length: 600 }, (_, t) => t / 4),
    )!;
    const longest = spans.reduce((best, { steps }, k) => ((steps ?? 0) > (spans[best].steps ?? 0) ? k : best), 0);
    expect(longest).toBe(unit);
    expect(Math.abs(spans[unit].steps! - 100)).toBeLessThanOrEqual(5);
    expect(Math.abs(spans[unit].seconds! - 25)).toBeLessThanOrEqual(1.25);
    expect(spans[unit].meanHalfLife).toBeCloseTo(100, 0);
    for (const [k, { steps }] of spans.entries()) if (k !== unit) expect(steps).toBeLessThanOrEqual(4);
  });

  it.each([1, 2, 7, 40])('gives %i steps to a forget gate whose half-life that is', (steps) => {
    const span = spanOf(constant(400, 0.5 ** (1 / steps)));
    expect(span.steps).toBe(steps);
    expect(span.seconds).toBe(steps / 2);
    expect(span.meanHalfLife).toBeCloseTo(steps, 6);
  });

  it('is that of the update gate of a GRU, which writes what it does not keep, and an RNN has none', () => {
    const start = Array.from({ length: 400 }, (_, t) => t);
    const column = (value: number): number[] => start.map(() => value);
    const z = 0.5 ** (1 / 7);
    expect(memorySpans({ size: 1, gates: { r: column(1), z: column(z), n: column(0.5) } }, start)).toMatchObject([
      { steps: 7, seconds: 7 },
    ]);
    // Kept throughout but for one step, at which all is written anew: nothing else is written.
    const once = start.map((t) => (t === 100 || t === 150 ? 0 : 1));
    expect(memorySpans({ size: 1, gates: { r: column(1), z: once, n: column(0.5) } }, start)![0].steps).toBe(50);
    expect(memorySpans({ size: 1, gates: {} }, start)).toBeUndefined();
  });

  it('says "at least" of what is never forgotten', () => {
    expect(spanOf(constant(50, 1))).toEqual({
      steps: null,
      seconds: null,
      atLeastSteps: 49,
      atLeastSeconds: 24.5,
      meanHalfLife: null,
    });
  });

  it('counts writings that the end cuts off as kept, not as forgotten', () => {
    // Half-life 60 in 100 steps: four in ten writings are seen to go, the others are cut off at every length up to 60.
    expect(spanOf(constant(100, 0.5 ** (1 / 60))).steps).toBe(60);
  });

  it('weighs what is written: noise that is soon forgotten does not hide the one thing that is kept', () => {
    const steps = Array.from({ length: 200 }, (_, t) => ({ i: t === 10 ? 1 : 0.001, f: t === 90 ? 0 : 1 }));
    expect(spanOf(steps).steps).toBe(80);
  });

  it('takes a gate that shuts entirely, and a unit that writes nothing', () => {
    expect(spanOf(constant(20, 0))).toMatchObject({ steps: 1, seconds: 0.5 });
    expect(spanOf(Array.from({ length: 20 }, () => ({ i: 0, f: 0.5 })))).toMatchObject({
      steps: null,
      atLeastSteps: 0,
    });
  });

  it('is what sorting all lives one by one gives, with ties, writings of nothing and gates that are nearly shut', () => {
    const random = Random.stream(5, 'spans');
    const [size, steps] = [9, 400];
    const gate = (): Float32Array => Float32Array.from({ length: size * steps }, () => random.uniform());
    const gates = { i: gate().map((value) => (value < 0.1 ? 0 : value)), g: gate(), f: gate() };
    const layer = { size, gates };
    gates.f = gates.f.map((value, k) =>
      k % size < 3 ? 0.5 + value / 2 : value ** 0.05 * (k % size === 8 ? 1 : 0.999),
    );
    // Times of a dozen values: many lives last alike.
    const start = Float64Array.from({ length: steps }, (_, t) => Math.round(t / 3) / 4);
    const counting = start.map((_, t) => t);
    memorySpans(layer, start)!.forEach((span, unit) => {
      expect(span.steps, `unit ${unit}`).toBe(plainMedianSpan(layer, unit, counting));
      expect(span.seconds, `unit ${unit}`).toBe(plainMedianSpan(layer, unit, start));
    });
  });
});
