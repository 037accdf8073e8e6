import { describe, expect, it } from 'vitest';
import { describeEnding, describeNothing, perplexity } from '../../../src/cli/train/verdict.ts';
import { noBetterThanNothing } from '../../../src/music/evaluation/quality.ts';
import { resolveSettings, type HeadEvaluation } from '../../../src/music/index.ts';
import type { EpochRecord, TrainingResult } from '../../../src/nn/index.ts';

const pitch = { name: 'pitch', loss: Math.log(12), baseline: Math.log(30), unit: 'nats' } as const;
const step = { name: 'step', loss: 0.2, baseline: 0.3, unit: 'squared error' } as const;

it('has a perplexity for classes only', () => {
  expect(perplexity(pitch)).toBeCloseTo(12);
  expect(perplexity(step)).toBeNull();
});

it.each([
  ['completed', 'Trained for 2 epochs (80 steps); the weights of epoch 1 are kept.'],
  [
    'early stopping',
    'Stopped early after 2 epochs (80 steps), since the validation loss no longer improved; the weights of epoch 1 are kept.',
  ],
  ['max steps', 'Stopped after 80 steps, as requested; the weights of epoch 1 are kept.'],
  ['interrupted', 'Interrupted after 80 steps; the weights of epoch 1 are kept.'],
] as const)('a training that ends by %s says so', (reason, expected) => {
  const history = [{}, {}] as TrainingResult['history'];
  expect(describeEnding({ reason, history, step: 80, best: { epoch: 1, loss: 2 } })).toBe(expected);
  expect(describeEnding({ reason, history, step: 80, best: null })).not.toContain('kept');
});

describe('a run that came to nothing', () => {
  const settings = resolveSettings('songbook');
  const epochs = (count: number) => Array.from({ length: count }, () => ({}) as EpochRecord);
  const still = { best: { epoch: 3, loss: 1 }, history: epochs(3) };
  const over = { best: { epoch: 1, loss: 1 }, history: epochs(3) };
  const bad = { ...pitch, loss: pitch.baseline - 0.004 };
  const said = (heads: HeadEvaluation[], more: object = {}) =>
    describeNothing({ heads, music: 'in 3 pieces', settings, result: over, ...more });

  it('is one in which a head is no better than the frequencies, not one that beats them', () => {
    expect(said([pitch, step])).toBeUndefined();
    expect(said([bad, step])).toMatch(/^No better than knowing nothing: in 3 pieces, .* predicts pitch as well \(pitch 3.397 against 3.401\)\./); // prettier-ignore
    expect(said([bad, { ...step, loss: 0.4 }])).toMatch(/pitch and step/);
    expect(noBetterThanNothing([bad, step]).map(({ name }) => name)).toEqual(['pitch']);
  });

  it('is not one whose frequencies say nearly everything, or are not known', () => {
    expect(said([{ ...bad, loss: 0, baseline: 0 }])).toBeUndefined();
    expect(said([{ ...bad, baseline: null }])).toBeUndefined();
  });

  it('is told what to do, which is what it did not do yet', () => {
    expect(said([bad])).toMatch(/What to do: more music helps most, then fewer units \(--hidden-size 64\)\.$/);
    expect(said([bad], { result: still })).toContain(
      'What to do: train longer, since it was still learning, then more',
    );
    expect(said([bad], { result: { best: null, history: [] } })).toContain('train longer');
    const plain = { ...settings, transpose: 0, dropout: 0.1, hiddenSize: 16 };
    expect(said([bad], { settings: plain })).toMatch(
      /more music helps most, then every key \(--transpose 6\), then more dropout \(--dropout 0.3\)\.$/,
    );
    expect(said([bad], { settings: { ...plain, instrument: 'drums' } })).not.toContain('--transpose');
  });
});
