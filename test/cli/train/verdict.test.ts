import { describe, expect, it } from 'vitest';
import { describeEnding, describeStanding, perplexity } from '../../../src/cli/train/verdict.ts';
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

describe('how a run stands beside the frequencies of its training pieces', () => {
  const settings = { ...resolveSettings('songbook'), time: 'beats' as const };
  const epochs = (count: number) => Array.from({ length: count }, () => ({}) as EpochRecord);
  const still = { best: { epoch: 3, loss: 1 }, history: epochs(3) };
  const over = { best: { epoch: 1, loss: 1 }, history: epochs(3) };
  const bad = { ...pitch, loss: pitch.baseline - 0.004 };
  const said = (heads: HeadEvaluation[], more: object = {}) =>
    describeStanding({ heads, music: 'in 3 pieces', settings, trainingPieces: 22, result: over, ...more }).join(' ');

  it('is said of every head, the better ones first', () => {
    expect(said([pitch, step])).toBe(
      'Predicting the next note in 3 pieces, the model beats the frequencies of the training music in ' +
        'pitch (2.48 against 3.40 nats, +27 %) and time to the next note (0.200 against 0.300 in squared error, +33 %).',
    );
    expect(said([bad, step])).toMatch(/beats .* in time to the next note \(.*\), but not in pitch \(3.40 against 3.40 nats, \+0.1 %\)\. What to do, the most useful first: /); // prettier-ignore
    expect(said([bad, { ...step, loss: 0.4 }])).toMatch(/the model does not beat .*: pitch \(.*\) and time to the next note \(.*\)\./); // prettier-ignore
    expect(noBetterThanNothing([bad, step]).map(({ name }) => name)).toEqual(['pitch']);
  });

  it('is nothing to blame where the frequencies say nearly everything, and not known of old models', () => {
    expect(said([step, { ...bad, loss: 0, baseline: 0 }])).toMatch(/; pitch hardly varies: nothing to predict\.$/);
    const old = said([
      { ...bad, baseline: null },
      { ...step, baseline: null },
    ]);
    expect(old).toMatch(/^Losses in 3 pieces: pitch 3.40 nats, time to the next note 0.200 \(squared error\)\. This model was saved by an earlier version/); // prettier-ignore
  });

  it('is not better when guessing blindly costs less than the baseline, and the model no less than that', () => {
    const guess = Math.log(20);
    expect(said([{ ...pitch, loss: guess + 0.1, guess }])).toMatch(/does not beat .*: pitch \(3.10 against 3.40 nats, \+9.0 %; guessing blindly costs 3.00\)/); // prettier-ignore
    expect(said([{ ...pitch, guess }])).toMatch(/the model beats /);
  });

  it('comes with what to do, which is what it did not do yet', () => {
    expect(said([bad])).toMatch(/What to do, the most useful first: train on more music \(it had 22 pieces\); use fewer units \(--hidden-size 64\)\.$/); // prettier-ignore
    expect(said([bad], { result: still })).toContain('first: train longer, since it was still learning; train on');
    expect(said([bad], { result: { best: null, history: [] } })).toContain('train longer');
    const plain = { ...settings, transpose: 0, dropout: 0.1, hiddenSize: 16 };
    expect(said([bad], { settings: plain })).toMatch(
      /\(it had 22 pieces\); transpose it \(--transpose 6\); use more dropout \(--dropout 0.3\)\.$/,
    );
    expect(said([bad], { settings: { ...plain, instrument: 'drums' } })).not.toContain('--transpose');
    expect(said([bad], { settings: { ...plain, time: 'seconds', tempo: 0 } })).toContain(
      'vary its tempo (--tempo 0.1)',
    );
  });
});

describe('overfitting', () => {
  const settings = { ...resolveSettings('quick'), time: 'seconds' as const, patience: null };
  const record = (epoch: number, loss: number, validation: number | null): EpochRecord => ({
    ...({} as EpochRecord),
    epoch,
    loss,
    validation: validation === null ? null : { loss: validation, losses: {} },
  });
  const said = (best: number, ...history: EpochRecord[]) =>
    describeStanding({
      heads: [step],
      music: '',
      settings,
      trainingPieces: 3,
      result: { best: { epoch: best, loss: 1 }, history },
    })
      .slice(1)
      .join(' ');

  it('is named when the validation loss rises while the training loss falls, with what was not done', () => {
    const text = said(1, record(1, 3, 3.2), record(2, 2.6, 3.3), record(3, 2.2, 3.6));
    expect(text).toMatch(/^Overfitting: after epoch 1 the validation loss rose from 3.20 to 3.60 while the training loss fell from 3.00 to 2.20\. What to do, the most useful first: train on more music \(it had 3 pieces\)/); // prettier-ignore
    expect(text).toContain('stop early (--patience 5)');
  });

  it('is named when the kept weights know the training music far better', () => {
    const text = said(2, record(1, 3, 3.2), record(2, 2, 3.1));
    expect(text).toMatch(/^Overfitting: at epoch 2 the training loss is 2.00 where the validation loss is 3.10\. /);
    expect(text).not.toContain('stop early');
  });

  it('is not named where both losses fall together, a rise is of one epoch, or nothing was held back', () => {
    expect(said(2, record(1, 3, 3.2), record(2, 2.6, 2.9))).toBe('');
    expect(said(1, record(1, 3, 3.2), record(2, 2.9, 3.3))).toBe('');
    expect(said(1, record(1, 3, null), record(3, 0.1, null))).toBe('');
    expect(said(1)).toBe('');
  });
});
