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

describe('a linear schedule', () => {
  it('falls by the same amount at each step', () => {
    const schedule = new Schedule({ kind: 'linear', final: 0.2 }, 2, 5);
    const rates = [0, 1, 2, 3, 4, 5].map((step) => schedule.rate(step));
    [2, 1.6, 1.2, 0.8, 0.4, 0.4].forEach((rate, step) => expect(rates[step]).toBeCloseTo(rate, 12));
  });
});

describe('a schedule with a warm-up and a flat part', () => {
  const falling = fc.record({
    kind: fc.constantFrom('cosine' as const, 'linear' as const),
    final: fc.double({ min: 0, max: 1, noNaN: true }),
    flat: fc.double({ min: 0, max: 0.95, noNaN: true }),
    warmup: fc.nat(50),
  });

  it('has the rates that a hand gives', () => {
    const schedule = (kind: 'cosine' | 'linear') => new Schedule({ kind, final: 0, flat: 0.6, warmup: 4 }, 8, 11);
    // Ten steps from the first to the last, of which the last four fall.
    const rates = (kind: 'cosine' | 'linear') => Array.from({ length: 11 }, (_, step) => schedule(kind).rate(step));
    [2, 4, 6, 8, 8, 8, 8, 6, 4, 2, 0].forEach((rate, step) => expect(rates('linear')[step]).toBeCloseTo(rate, 12));
    const [a, b] = [4 + 4 * Math.SQRT1_2, 4 - 4 * Math.SQRT1_2];
    [2, 4, 6, 8, 8, 8, 8, a, 4, b, 0].forEach((rate, step) => expect(rates('cosine')[step]).toBeCloseTo(rate, 12));
  });

  it('has no leap at its joints or anywhere else, rises while it warms up and never again', () => {
    fc.assert(
      fc.property(falling, fc.integer({ min: 200, max: 500 }), (spec, steps) => {
        const schedule = new Schedule(spec, 1, steps);
        // A cosine is at its steepest pi / 2 times as steep as the line; the warm-up is the steeper of the two here.
        const steepest = Math.PI / 2 / (1 - spec.flat) / (steps - 1) + (spec.warmup > 0 ? 1 / spec.warmup : 0);
        for (let step = 1; step < steps + 5; step++) {
          const change = schedule.rate(step) - schedule.rate(step - 1);
          expect(Math.abs(change)).toBeLessThanOrEqual(steepest + 1e-12);
          if (step >= spec.warmup) expect(change).toBeLessThanOrEqual(1e-15);
          if (step >= spec.warmup && step <= spec.flat * (steps - 1)) expect(schedule.rate(step)).toBe(1);
        }
        expect(schedule.rate(steps - 1)).toBeCloseTo(spec.final, 12);
      }),
      { numRuns: 30 },
    );
  });

  it('is to the bit what it was before there were such parts, without them', () => {
    fc.assert(
      fc.property(base, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(99), (rate, final, step) => {
        const cosine = rate * (final + ((1 - final) * (1 + Math.cos(Math.PI * (step / 99)))) / 2);
        expect(new Schedule({ kind: 'cosine', final }, rate, 100).rate(step)).toBe(cosine);
        expect(new Schedule({ kind: 'cosine', final, flat: 0, warmup: 0 }, rate, 100).rate(step)).toBe(cosine);
      }),
    );
  });

  it('falls by the clock where it is given a time', () => {
    const schedule = new Schedule({ kind: 'linear', final: 0, flat: 0.5, warmup: 2 }, 1, 1000, 60);
    expect([0, 30, 45, 60, 90].map((seconds) => schedule.rate(500, seconds))).toEqual([1, 1, 0.5, 0, 0]);
    expect(schedule.rate(0, 45)).toBe(0.25);
    schedule.startAt({ step: 500, scale: 0.8, seconds: 40 });
    expect(schedule.rate(500, 50)).toBeCloseTo(0.8, 12);
    expect(schedule.rate(500, 55)).toBeCloseTo(0.4, 12);
  });

  it('begins at the rate that it is laid anew from, even in its warm-up', () => {
    const schedule = new Schedule({ kind: 'linear', final: 0, warmup: 10 }, 1, 21);
    schedule.startAt({ step: 4, scale: 0.4 });
    expect(schedule.rate(4)).toBe(0.4);
    expect(schedule.rate(12)).toBeCloseTo(0.2, 12);
  });

  it('refuses parts that make no sense', () => {
    for (const flat of [-0.1, 1, NaN]) {
      expect(() => new Schedule({ kind: 'linear', final: 0, flat }, 1, 9)).toThrow(/flat: expected/);
    }
    for (const warmup of [-1, 0.5, NaN]) {
      expect(() => new Schedule({ kind: 'constant', warmup }, 1, 9)).toThrow(/warmup: expected/);
    }
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
