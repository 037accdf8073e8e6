import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isEnough, median, quantile, sampleRuns, summarise, TINY, warmUp } from '../../bench/timing.ts';

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('quantile', () => {
  it('lies between the neighbours, in proportion', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([10, 20, 30], 0.25)).toBe(15);
    expect(quantile([7], 0.9)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('goes from the least to the greatest without falling', () => {
    fc.assert(
      fc.property(
        numbers,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, p, q) => {
          const sorted = all.toSorted((a, b) => a - b);
          expect(quantile(sorted, 0)).toBe(sorted[0]);
          expect(quantile(sorted, 1)).toBe(sorted.at(-1));
          const [low, high] = [Math.min(p, q), Math.max(p, q)];
          expect(quantile(sorted, low)).toBeLessThanOrEqual(quantile(sorted, high) + 1e-6);
        },
      ),
    );
  });
});

describe('summarise', () => {
  it('gives the median and the spread whatever the order', () => {
    const samples = Array.from({ length: 101 }, (_, index) => (index * 37) % 101);
    expect(summarise(samples)).toEqual({ medianMs: 50, p10Ms: 10, p90Ms: 90, samples: 101 });
    expect(median(samples)).toBe(50);
  });
});

describe('isEnough', () => {
  const ago = (seconds: number): number => performance.now() - seconds * 1000;

  it('is a number of samples and a time, both', () => {
    expect(isEnough(3, ago(0), { seconds: 1, samples: 3 })).toBe(false);
    expect(isEnough(2, ago(9), { seconds: 1, samples: 3 })).toBe(false);
    expect(isEnough(3, ago(2), { seconds: 1, samples: 3 })).toBe(true);
  });

  it('does not wait for more samples beyond its patience, but for one', () => {
    const effort = { seconds: 1, samples: 3, patience: 5 };
    expect(isEnough(1, ago(4), effort)).toBe(false);
    expect(isEnough(1, ago(6), effort)).toBe(true);
    expect(isEnough(0, ago(6), effort)).toBe(false);
  });
});

describe('sampleRuns', () => {
  it('takes as many samples as asked for', () => {
    expect(sampleRuns({ run: () => undefined }, TINY)).toHaveLength(TINY.samples);
  });

  it('restores before every run, and times only the run', () => {
    const log: string[] = [];
    const wait = (ms: number): void => {
      for (const end = performance.now() + ms; performance.now() < end;);
    };
    const timed = {
      run: () => {
        log.push('run');
        wait(1);
      },
      restore: () => {
        log.push('restore');
        wait(10);
      },
    };
    const samples = sampleRuns(timed, { seconds: 0, samples: 3 });
    expect(log).toEqual(['restore', 'run', 'restore', 'run', 'restore', 'run']);
    expect(Math.min(...samples)).toBeGreaterThanOrEqual(1);
    // A sample that held a wait of 10 ms could not be shorter, whatever else the machine does.
    expect(Math.min(...samples)).toBeLessThan(10);
  });

  it('puts quick runs together until a sample can be measured', () => {
    let [runs, now] = [0, 0];
    // A clock of its own, on which a run takes a microsecond: on a busy machine a single one can take longer than a sample.
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => {
      clock.mockRestore();
    });
    const run = (): void => {
      now += 0.001;
      runs++;
    };
    const samples = sampleRuns({ run }, { seconds: 0, samples: 2 });
    for (const ms of samples) expect(ms).toBeCloseTo(0.001, 9);
    expect(runs).toBeGreaterThan(100);
  });

  it('warms up without fewer runs than asked for', () => {
    let runs = 0;
    warmUp({ run: () => runs++ }, { seconds: 0, samples: 7 });
    expect(runs).toBe(7);
  });
});
