import { describe, expect, it } from 'vitest';
import { describeQuality } from '../../../src/music/evaluation/quality.ts';

const pitch = { name: 'pitch', loss: Math.log(12), baseline: Math.log(30), unit: 'nats' } as const;
const step = { name: 'step', loss: 0.2, baseline: 0.3, unit: 'squared error' } as const;

describe('how good a model is, in words', () => {
  it('says among how many keys it is unsure, and among how many without context', () => {
    const words = describeQuality({ heads: [step, pitch], windows: 1000, music: 'in 3 pieces' });
    expect(words).toBe(
      'Predicting the next note at 1,000 places in 3 pieces, it is as uncertain of the pitch as among 12.0 equally likely keys; ' +
        'knowing only how often each key is struck in its training music would leave 30.0. (Loss 2.485 against 3.401 nats.)',
    );
  });

  it('does not hide that it is no better than that', () => {
    for (const loss of [pitch.baseline, pitch.baseline + 1, pitch.baseline - 0.004]) {
      const words = describeQuality({ heads: [{ ...pitch, loss }], windows: 1, music: 'in 1 piece' });
      expect(words).toContain(
        'that is no better than knowing only how often each key is struck in its training music (30.0)',
      );
    }
  });

  it('compares with nothing where the model is too old to know how often', () => {
    const words = describeQuality({ heads: [{ ...pitch, baseline: null }], windows: 1, music: 'in 1 piece' });
    expect(words).toBe(
      'Predicting the next note at 1 place in 1 piece, it is as uncertain of the pitch as among 12.0 equally likely keys. (Loss 2.485 nats.)',
    );
  });

  it('names no number of keys that no keyboard has', () => {
    const words = describeQuality({ heads: [{ ...pitch, loss: 622 }], windows: 1, music: 'in 1 piece' });
    expect(words).toBe(
      'Predicting the next note at 1 place in 1 piece, it does worse than a blind guess among all 128 keys: nothing was ' +
        'learned that holds there. (Loss 622.000 against 3.401 nats.)',
    );
  });

  it('says nothing where there is nothing to say', () => {
    expect(describeQuality({ heads: [step], windows: 1, music: '' })).toBe('');
    expect(describeQuality({ heads: [{ ...pitch, loss: NaN }], windows: 1, music: '' })).toBe('');
  });
});
