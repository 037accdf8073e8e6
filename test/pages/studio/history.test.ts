import { describe, expect, it } from 'vitest';
import { LossHistory, Pace } from '../../../src/pages/studio/history.ts';

function news(step: number, loss: number) {
  return {
    step,
    epoch: 1,
    losses: [loss, 2 * loss],
    loss: 3 * loss,
    gradientNorm: loss / 2,
    clipped: false,
    learningRate: 0.1,
    milliseconds: 1,
  };
}

describe('the history of losses', () => {
  it('keeps every step while there is room', () => {
    const history = new LossHistory(['pitch', 'step']);
    for (let step = 1; step <= 5; step++) history.add(news(step, step));
    const x = [1, 2, 3, 4, 5];
    expect(history.losses).toEqual({ x, lines: [x, [2, 4, 6, 8, 10]] });
    expect(history.norms).toEqual({ x, lines: [[0.5, 1, 1.5, 2, 2.5]] });
  });

  it('goes on from what was kept as if it had never been away', () => {
    const [whole, first] = [new LossHistory(['pitch', 'step']), new LossHistory(['pitch', 'step'])];
    for (let step = 1; step <= 3000; step++) whole.add(news(step, step));
    for (let step = 1; step <= 1600; step++) first.add(news(step, step));
    const second = LossHistory.from(structuredClone(first.curves), ['pitch', 'step']);
    for (let step = 1601; step <= 3000; step++) second.add(news(step, step));
    expect([second.losses, second.norms, second.stride]).toEqual([whole.losses, whole.norms, whole.stride]);
    expect(LossHistory.from(first.curves, ['pitch']).length).toBe(0);
  });

  it('stays small however long the run, and its points are the means of the steps they stand for', () => {
    const history = new LossHistory(['pitch', 'step']);
    for (let step = 1; step <= 50_000; step++) history.add(news(step, step));
    expect(history.length).toBeLessThan(1200);
    const { x: steps, lines } = history.losses;
    const { stride } = history;
    expect(stride).toBeGreaterThan(1);
    steps.forEach((step, k) => {
      // The mean of step - stride + 1 to step.
      expect(lines[0][k]).toBeCloseTo(step - (stride - 1) / 2, 6);
    });
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});

describe('the pace', () => {
  it('is the median of the last hundred steps', () => {
    const pace = new Pace();
    expect(pace.median).toBeNaN();
    for (let k = 0; k < 100; k++) pace.add(1000);
    for (let k = 0; k < 60; k++) pace.add(5);
    expect(pace.median).toBe(5);
  });
});
