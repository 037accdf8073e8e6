import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../src/errors.ts';
import { Schedule, type ScheduleSpec } from '../../src/nn/schedule.ts';

const base = fc.double({ min: 1e-6, max: 1, noNaN: true });
const totalSteps = fc.integer({ min: 1, max: 1000 });

describe('a constant schedule', () => {
  it('gives the base rate at every step', () => {
    fc.assert(
      fc.property(base, fc.nat(10_000), (rate, step) => {
        expect(new Schedule({ kind: 'constant' }, rate, 100).rate(step)).toBe(rate);
      }),
    );
  });
});

describe('a cosine schedule', () => {
  it('falls from the base rate to its final part, and stays there', () => {
    fc.assert(
      fc.property(base, totalSteps, fc.double({ min: 0, max: 1, noNaN: true }), (rate, steps, final) => {
        const schedule = new Schedule({ kind: 'cosine', final }, rate, steps);
        expect(schedule.rate(0)).toBeCloseTo(rate, 12);
        if (steps > 1) expect(schedule.rate(steps - 1)).toBeCloseTo(rate * final, 12);
        if (steps > 1) expect(schedule.rate(steps + 50)).toBe(schedule.rate(steps - 1));
        let before = Infinity;
        for (let step = 0; step < steps; step++) {
          expect(schedule.rate(step)).toBeLessThanOrEqual(before + 1e-15);
          before = schedule.rate(step);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is half way down at the middle', () => {
    const schedule = new Schedule({ kind: 'cosine', final: 0.2 }, 1, 101);
    expect(schedule.rate(50)).toBeCloseTo(0.6, 12);
    expect(schedule.rate(25)).toBeCloseTo(0.2 + (0.8 * (1 + Math.SQRT1_2)) / 2, 12);
  });
});

describe('a plateau schedule', () => {
  const spec: ScheduleSpec = { kind: 'plateau', factor: 0.5, patience: 2, minDelta: 0.1, minimum: 0.2 };
  const after = (losses: number[], options: Partial<ScheduleSpec> = {}): number => {
    const schedule = new Schedule({ ...spec, ...options } as ScheduleSpec, 1, 100);
    losses.forEach((loss) => {
      schedule.epochEnded(loss);
    });
    return schedule.rate(0);
  };

  it('keeps the rate while the loss falls by more than minDelta', () => {
    expect(after([5, 4, 3, 2, 1])).toBe(1);
    expect(after([])).toBe(1);
  });

  it('lowers it when the loss has not fallen enough for as many epochs as it has patience', () => {
    expect(after([5, 5])).toBe(1);
    expect(after([5, 5, 5])).toBe(0.5);
    expect(after([5, 4.95, 4.92])).toBe(0.5);
    expect(after([5, 5, 4, 4.5])).toBe(1);
    expect(after([5, 5, 5, 5, 5])).toBe(0.25);
    expect(after([5, 5, 5, 5, 4, 4])).toBe(0.5);
  });

  it('does not go below the minimum, nor above a base rate that is below it', () => {
    expect(after(Array<number>(50).fill(5))).toBe(0.2);
    expect(new Schedule(spec, 0.1, 100).rate(0)).toBe(0.1);
  });

  it('goes on from a saved state', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }), fc.nat(20), (losses, at) => {
        const whole = new Schedule(spec, 1, 100);
        losses.forEach((loss) => {
          whole.epochEnded(loss);
        });
        const first = new Schedule(spec, 1, 100);
        losses.slice(0, at).forEach((loss) => {
          first.epochEnded(loss);
        });
        const second = new Schedule(spec, 1, 100);
        second.restore(JSON.parse(JSON.stringify(first.state())) as ReturnType<Schedule['state']>);
        losses.slice(at).forEach((loss) => {
          second.epochEnded(loss);
        });
        expect(second.state()).toEqual(whole.state());
        expect(second.rate(3)).toBe(whole.rate(3));
      }),
    );
  });
});

describe('any schedule', () => {
  it('refuses a rate that is none', () => {
    for (const rate of [0, -1, NaN, Infinity]) {
      expect(() => new Schedule({ kind: 'constant' }, rate, 10)).toThrow(UsageError);
    }
  });

  it('hears of epochs without minding, unless it watches for plateaus', () => {
    const schedule = new Schedule({ kind: 'cosine', final: 0 }, 1, 10);
    const before = schedule.rate(5);
    for (let epoch = 0; epoch < 10; epoch++) schedule.epochEnded(7);
    expect(schedule.rate(5)).toBe(before);
  });
});
