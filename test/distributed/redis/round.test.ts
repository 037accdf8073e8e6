import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastOf, OpenRound } from '../../../src/distributed/redis/rounds/round.ts';
import type { Contribution } from '../../../src/distributed/rounds/machines.ts';

const found = (machine: number): Contribution => ({ machine, difference: new Float32Array(1), steps: [], beganAnew: false }); // prettier-ignore

function roundOf(count: number, expected = Array.from({ length: count }, (_, k) => k)): OpenRound {
  const round = new OpenRound({ round: 7, weights: 'w' }, { count, expected, patience: 1000 });
  round.begin(5000);
  return round;
}

describe('a round that is open', () => {
  it('waits for all machines, and is over when the last has answered', () => {
    const round = roundOf(3);
    for (const machine of [2, 0]) round.take(`m${machine}`, found(machine), 5100 + machine);
    expect([round.isOver(5999), round.missing]).toEqual([false, [1]]);
    round.take('m1', found(1), 5500);
    expect(round.isOver(5500)).toBe(true);
    const { names, contributions, waitedSeconds } = round.end(5602);
    expect([names, contributions.map(({ machine }) => machine), waitedSeconds]).toEqual([['m0', 'm1', 'm2'], [0, 1, 2], 0.5]); // prettier-ignore
  });

  it('is over with half of them when the patience is, and with fewer not at all', () => {
    const round = roundOf(4);
    round.take('m0', found(0), 5100);
    expect([round.patienceLeft(5400), round.patienceLeft(9000), round.isOver(1e9)]).toEqual([600, 0, false]);
    round.take('m3', found(3), 9000);
    expect(round.isOver(9000)).toBe(true);
  });

  it('is patient anew where nobody could answer', () => {
    const round = roundOf(2);
    round.take('m0', found(0), 5100);
    round.begin(5900);
    expect([round.isOver(6500), round.isOver(6900)]).toEqual([false, true]);
  });

  it('does not wait for those that are not expected, but takes what they found, and needs half of all', () => {
    const round = roundOf(4, [0]);
    round.take('m0', found(0), 5100);
    expect(round.isOver(5100)).toBe(false);
    round.take('m2', found(2), 5200);
    expect([round.isOver(5200), round.missing]).toEqual([true, []]);
  });

  it('is over exactly when enough are there, and either nobody is missing or the patience is at its end', () => {
    const numbers = fc.integer({ min: 1, max: 9 }).chain((count) => {
      const some = fc.uniqueArray(fc.nat(count - 1));
      return fc.record({ count: fc.constant(count), expected: some, came: some, after: fc.nat(2000) });
    });
    fc.assert(
      fc.property(numbers, ({ count, expected, came, after }) => {
        const round = roundOf(count, expected);
        for (const machine of came) round.take('m', found(machine), 5000);
        const complete = expected.every((machine) => came.includes(machine));
        const over = 2 * came.length >= count && (complete || after >= 1000);
        expect(round.isOver(5000 + after)).toBe(over);
        expect(leastOf(count)).toBe(Math.round(count / 2));
      }),
    );
  });
});
