import { describe, expect, it } from 'vitest';
import { lossWords, standingOf, standingWords } from '../../../src/music/evaluation/standing.ts';

const nats = (loss: number, baseline: number | null, guess?: number) => ({ loss, baseline, unit: 'nats' as const, guess }); // prettier-ignore
const squared = (loss: number, baseline: number) => ({ loss, baseline, unit: 'squared error' as const });

describe('how a head stands beside its baseline', () => {
  it('is better by a margin, in nats or in parts of a squared error, however small that is', () => {
    expect(standingOf(nats(2, 2.1))).toBe('better');
    expect(standingOf(nats(2, 2.004))).toBe('no better');
    expect(standingOf(squared(0.002, 0.004))).toBe('better');
    expect(standingOf(squared(0.00399, 0.004))).toBe('no better');
    expect(standingOf(nats(2, null))).toBe('unknown');
    expect(standingOf(nats(0, 0.005))).toBe('nothing to predict');
  });

  it('is not clear within two standard errors, and no better than a blind guess', () => {
    expect(standingOf(nats(2, 2.1), 0.06)).toBe('unclear');
    expect(standingOf(nats(2, 2.1), 0.04)).toBe('better');
    expect(standingOf(nats(3.49, 4.2, 3.48))).toBe('no better');
  });
});

describe('in words', () => {
  const head = (name: string, standing: ReturnType<typeof standingOf>) => ({ name, ...nats(2, 2.5), standing });
  it('each head is named once, the better ones first', () => {
    expect(standingWords([head('pitch', 'no better'), head('step', 'better'), head('duration', 'unclear')], 'X')).toBe(
      'beats X in time to the next note (2.00 against 2.50 nats, +20 %), but not clearly in duration (2.00 against 2.50 nats, +20 %), ' +
        'and not in pitch (2.00 against 2.50 nats, +20 %)',
    );
    expect(standingWords([head('pitch', 'unclear')], 'X')).toMatch(/^does not clearly beat X in pitch/);
    expect(standingWords([head('pitch', 'better'), head('velocity', 'nothing to predict')], 'X')).toMatch(/; velocity hardly varies: nothing to predict$/); // prettier-ignore
    expect(standingWords([head('velocity', 'nothing to predict')], 'X')).toBe('has nothing to predict: velocity hardly varies'); // prettier-ignore
    expect(standingWords([], 'X')).toBe('');
  });

  it('losses have their unit', () => {
    expect(lossWords([{ name: 'step', ...squared(0.05, 1) }])).toBe('time to the next note 0.0500 (squared error)');
  });
});
