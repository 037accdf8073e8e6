import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../src/errors.ts';
import { EarlyStopping } from '../../src/nn/early-stopping.ts';

/** What it says after each loss: whether that was a best, and whether to stop. */
function watch(patience: number, losses: number[]): string {
  const stopping = new EarlyStopping(patience);
  return losses
    .map((loss, epoch) => `${stopping.observe(epoch, loss) ? 'best' : '-'}${stopping.shouldStop ? '!' : ''}`)
    .join(' ');
}

describe('early stopping', () => {
  it('knows each new best and stops when there was none for as long as it has patience', () => {
    expect(watch(2, [5, 4, 4, 4])).toBe('best best - -!');
    expect(watch(2, [5, 6, 4, 5, 3, 9, 8, 7])).toBe('best - best - best - -! -!');
    expect(watch(1, [5, 5])).toBe('best -!');
    expect(watch(Infinity, [1, 2, 3, 4, 5, 6])).toBe('best - - - - -');
  });

  it('does not stop before it has seen anything', () => {
    expect(new EarlyStopping(1).shouldStop).toBe(false);
  });

  it('takes NaN for no improvement, even as the first loss', () => {
    expect(watch(2, [NaN, 5, NaN, 4, NaN, NaN])).toBe('- best - best - -!');
  });

  it('remembers the best loss of any order, and its epoch', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), (losses) => {
        const stopping = new EarlyStopping(3);
        losses.forEach((loss, epoch) => stopping.observe(epoch, loss));
        const best = Math.min(...losses);
        const bestEpoch = losses.indexOf(best);
        expect(stopping.state()).toEqual({ best, bestEpoch, wait: losses.length - 1 - bestEpoch });
      }),
    );
  });

  it('goes on from a saved state, a copy of its own', () => {
    const one = new EarlyStopping(2);
    one.observe(0, 3);
    one.observe(1, 4);
    const saved = one.state();
    one.observe(2, 5);
    expect(saved.wait).toBe(1);
    const two = new EarlyStopping(2);
    two.restore(saved);
    expect(two.shouldStop).toBe(false);
    expect(two.observe(2, 3)).toBe(false);
    expect(two.shouldStop).toBe(true);
    expect(saved.wait).toBe(1);
  });

  it('refuses to have no patience', () => {
    for (const patience of [0, -1, NaN]) expect(() => new EarlyStopping(patience)).toThrow(UsageError);
  });
});
