import { describe, expect, it } from 'vitest';
import { nextPromotion, rungsOf, type Standing } from '../../src/distributed/asha.ts';
import { UsageError } from '../../src/errors.ts';
import { Random } from '../../src/tensor/index.ts';

const NOBODY = new Map<number, number>();

describe('rungsOf', () => {
  it('multiplies up to the most steps', () => {
    expect(rungsOf({ leastSteps: 10, mostSteps: 160, reduction: 4 })).toEqual([10, 40, 160]);
    expect(rungsOf({ leastSteps: 10, mostSteps: 100, reduction: 4 })).toEqual([10, 40, 100]);
    expect(rungsOf({ leastSteps: 10, mostSteps: 10, reduction: 2 })).toEqual([10]);
    expect(() => rungsOf({ leastSteps: 11, mostSteps: 10, reduction: 2 })).toThrow(UsageError);
    expect(() => rungsOf({ leastSteps: 1, mostSteps: 10, reduction: 1 })).toThrow(UsageError);
  });
});

describe('nextPromotion', () => {
  const ladder = { rungs: [1, 2, 4], reduction: 2 };
  const at = (...losses: number[]): Standing => ({ losses, ended: false });

  it('begins runs in order while nothing can be promoted', () => {
    expect(nextPromotion([at(), at()], NOBODY, ladder)).toEqual({ run: 0, rung: 0 });
    expect(nextPromotion([at(), at()], new Map([[0, 0]]), ladder)).toEqual({ run: 1, rung: 0 });
    expect(nextPromotion([at(3), at()], NOBODY, ladder)).toEqual({ run: 1, rung: 0 });
    expect(nextPromotion([at(3)], NOBODY, ladder)).toBeUndefined();
  });

  it('promotes the best of the highest rung first, and nobody twice', () => {
    expect(nextPromotion([at(3), at(2), at()], NOBODY, ladder)).toEqual({ run: 1, rung: 1 });
    expect(nextPromotion([at(3), at(2), at()], new Map([[1, 1]]), ladder)).toEqual({ run: 2, rung: 0 });
    const two = [at(3, 2.5), at(2, 1.5), at(9), at(8)];
    expect(nextPromotion(two, NOBODY, ladder)).toEqual({ run: 1, rung: 2 });
    expect(nextPromotion([at(3, 2.5), at(2, 1.5, 1), at(9), at(8)], NOBODY, ladder)).toBeUndefined();
  });

  it('takes what has ended as it stands, and no loss that is infinite', () => {
    const stopped: Standing = { losses: [1], ended: true };
    // It has the place on the second rung that was to be given, and is there the worse of two.
    expect(nextPromotion([stopped, at(5)], NOBODY, ladder)).toBeUndefined();
    expect(nextPromotion([stopped, at(2, 0.5), at(5), at(5)], NOBODY, ladder)).toEqual({ run: 1, rung: 2 });
    const diverged: Standing = { losses: [Infinity], ended: true };
    expect(nextPromotion([diverged, diverged], NOBODY, ladder)).toBeUndefined();
  });

  it('leaves out what has failed', () => {
    const failed: Standing = { losses: [], ended: false, failed: true };
    expect(nextPromotion([failed, at(2), at(3)], NOBODY, ladder)).toEqual({ run: 1, rung: 1 });
    expect(nextPromotion([failed], NOBODY, ladder)).toBeUndefined();
  });
});

/** Runs of a planted objective on so many machines: a run's loss falls to its own floor, some slower than others. */
function sweep(runs: number, machines: number, seed: number): { best: number; steps: number; standings: Standing[] } {
  const random = Random.stream(seed, 'planted');
  const ladder = { rungs: rungsOf({ leastSteps: 10, mostSteps: 270, reduction: 3 }), reduction: 3 };
  const floors = Array.from({ length: runs }, (_, run) => (run === 40 ? 1 : 1.5 + random.uniform()));
  const speeds = Array.from({ length: runs }, () => 1 + random.uniform());
  const loss = (run: number, steps: number): number => floors[run] + (2 * speeds[run]) / steps;
  const standings: { losses: number[]; ended: boolean }[] = floors.map(() => ({ losses: [], ended: false }));
  const atWork = new Map<number, number>();
  const done: { run: number; rung: number; at: number }[] = [];
  let [now, steps] = [0, 0];
  for (;;) {
    while (atWork.size < machines) {
      const next = nextPromotion(standings, atWork, ladder);
      if (!next) break;
      const taken = ladder.rungs[next.rung] - (ladder.rungs[next.rung - 1] ?? 0);
      expect(standings[next.run].losses).toHaveLength(next.rung); // Goes on from the rung below, never anew.
      steps += taken;
      atWork.set(next.run, next.rung);
      done.push({ ...next, at: now + taken * (0.5 + random.uniform()) });
    }
    done.sort((a, b) => a.at - b.at);
    const ended = done.shift();
    if (!ended) break;
    now = ended.at;
    atWork.delete(ended.run);
    standings[ended.run].losses.push(loss(ended.run, ladder.rungs[ended.rung]));
  }
  const last = standings.map(({ losses }, run) => ({ run, loss: losses.at(-1)! }));
  return { best: last.reduce((a, b) => (b.loss < a.loss ? b : a)).run, steps, standings };
}

describe('a sweep by ASHA', () => {
  it.each([1, 4, 25])('finds the best that was planted, on %i machines, with a fraction of the steps', (machines) => {
    for (const seed of [1, 2, 3]) {
      const { best, steps, standings } = sweep(81, machines, seed);
      expect(best).toBe(40);
      expect(standings.every(({ losses }) => losses.length >= 1)).toBe(true);
      expect(standings[40].losses).toHaveLength(4);
      expect(steps).toBeLessThan((81 * 270) / 4);
    }
  });
});
